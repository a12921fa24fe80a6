"""Attempts that go on where one was killed, with their data on a real S3 server of the test's own."""

from __future__ import annotations

import pytest
from resume_rig import CATALOG, begin, contents, held, killed, nodes_of, resumed, resuming
from s3 import credentials_file

LOCAL = {"raw", "log", "incoming"}
# Per pipeline: the node at which it is killed, and the nodes that run then.
EXPECTED = {
    "files": {"one": "one two three", "two": "two three", "three": "three"},
    "memory": {"two": "one two three four", "three": "three four"},
    "several": {"one": "one both", "both": "both"},
    "dying": {"save dying.txt": "one both", "both": "both"},
    "cached": {"two": "two three", "three": "three"},
    "parts": {"two": "two three", "three": "three"},
    "transcoded": {"two": "two three", "three": "three"},
    "alias": {"b_two": "b_two c_three", "c_three": "c_three"},
    "factory": {"two": "two"},
    "versioned": {"two": "two three", "three": "three"},
}


def on_s3(entry: dict) -> dict:
    """Return a catalog entry with its data in the bucket."""
    for key in ("filepath", "path"):
        if key in entry:
            return {**entry, key: f"s3://bucket/{entry[key]}", "credentials": "store"}
    return {**entry, "dataset": on_s3(entry["dataset"])}


@pytest.fixture(scope="module")
def worker(workers, server):
    catalog = {name: entry if name in LOCAL else on_s3(entry) for name, entry in CATALOG.items()}
    return begin(workers, catalog, **credentials_file(server))


def saved(attempt, dataset):
    return next(event["location"] for event in attempt.of("dataset.saved") if event["dataset"] == dataset)


@pytest.mark.parametrize("pipeline", EXPECTED)
def test_goes_on_at_the_node_where_it_was_killed(worker, fs, pipeline):
    whole = worker.succeed(pipeline)
    for at, expected in EXPECTED[pipeline].items():
        first = killed(worker, pipeline, at)
        second = resumed(worker, pipeline, first)
        assert contents(second) == contents(whole), (at, second.story())
        assert nodes_of(second) == expected, (at, second.story())
        taken = {event["dataset"]: event["version"] for event in second.of("dataset.resumed")}
        assert set(taken.values()) <= {first.run_id}
        assert {name: output["version"] for name, output in second.outputs.items() if name in taken} == taken
        for output in second.outputs.values():
            assert output["hash"].startswith("s3:")
            assert output["version"] in output["location"]
            assert fs.exists(output["location"])


def test_a_chain_of_attempts_takes_over_from_all_of_them(worker):
    first = killed(worker, "files", "two")
    second = killed(worker, "files", "three", **resuming(first))
    third = resumed(worker, "files", first, second)
    assert nodes_of(third) == "three"
    versions = {name: output["version"] for name, output in third.outputs.items()}
    assert versions == {"a": first.run_id, "b": second.run_id, "c": third.run_id}


def test_nodes_that_finished_in_threads_are_all_taken_over(worker):
    whole = contents(worker.succeed("wide", runner="ThreadRunner"))
    first = killed(worker, "wide", "all", runner="ThreadRunner")
    second = resumed(worker, "wide", first, runner="ThreadRunner")
    assert contents(second) == whole
    assert nodes_of(second) == "all"


@pytest.mark.parametrize("damage", ["gone", "changed", "cut"])
@pytest.mark.parametrize(("pipeline", "dataset"), [("files", "a"), ("versioned", "kept"), ("parts", "parts")])
def test_what_is_not_as_it_was_saved_is_made_again(worker, fs, pipeline, dataset, damage):
    first = killed(worker, pipeline, "three")
    location = saved(first, dataset)
    path = f"{location}/p2.txt" if dataset == "parts" else location
    if damage == "gone":
        fs.rm(path)
    else:
        fs.pipe(path, b"raw?" if damage == "changed" else b"r")
    second = resumed(worker, pipeline, first)
    assert contents(second) == contents(worker.succeed(pipeline))
    assert nodes_of(second) == "one three", second.story()
    assert f"'one' runs again: what it saved as '{dataset}' is gone, or has changed" in second.log.read_text()


@pytest.mark.parametrize("how", ["changed", "gone"])
def test_what_was_taken_over_and_changes_while_the_rest_runs_fails_the_attempt(worker, fs, how):
    first = killed(worker, "files", "three")
    location = saved(first, "a")
    with held(worker) as node_holds:
        second = worker.start("files", **resuming(first))
        with node_holds():
            fs.rm(location) if how == "gone" else fs.pipe(location, b"other")
    second.wait()
    assert second.error() == f"PinMismatch: 'a' was taken over from {first.run_id}, and {location} has changed since"


@pytest.mark.parametrize("kind", ["isolate", "floating"])
def test_data_at_plain_paths_are_taken_over_by_their_content_too(worker, kind):
    fields = {"isolate": "none"} if kind == "isolate" else {"floating": ["b"]}
    first = killed(worker, "files", "three", **fields)
    second = resumed(worker, "files", first, **fields)
    assert contents(second) == contents(worker.succeed("files"))
    assert nodes_of(second) == "three"


def test_no_secret_in_anything_that_is_written(worker, server):
    resumed(worker, "files", killed(worker, "files", "three"))
    told = b"".join(path.read_bytes() for path in worker.state.rglob("*") if path.is_file())
    assert server["secret"].encode() not in told
    assert server["key"].encode() not in told
