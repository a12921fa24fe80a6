"""Attempts that go on where one was killed: what runs again, and that it comes to what it would have come to."""

from __future__ import annotations

import os

import pytest
from resume_rig import begin, contents, killed, killed_in_any_process, nodes_of, resumed, resuming

# Per pipeline: its outputs for other runs, and per node at which it is killed the nodes that run then.
EXPECTED = {
    "files": {"one": "one two three", "two": "two three", "three": "three"},
    "memory": {"two": "one two three four", "three": "three four", "four": "three four"},
    "shared": {"fit": "split fit score", "score": "split score"},
    "several": {"one": "one both", "both": "both"},
    "dying": {"save dying.txt": "one both", "both": "both"},
    "cached": {"two": "two three", "three": "three"},
    "uncatalogued": {"two": "two three", "three": "three"},
    "stream": {"one/1": "one two three", "two": "two three", "three": "three"},
    "parts": {"two": "two three", "three": "three"},
    "confirmed": {"two": "two"},
    "transcoded": {"two": "two three", "three": "three"},
    "alias": {"b_two": "b_two c_three", "c_three": "c_three"},
    "factory": {"two": "two"},
    "spaced": {"two": "sp.two"},
    "versioned": {"two": "two three", "three": "three"},
    "silent": {"two": "two"},
}
OUTPUTS = {"uncatalogued": ["found", "left"], "transcoded": ["pair"], "memory": ["b"]}


@pytest.fixture(scope="module")
def worker(workers):
    return begin(workers)


def is_whole(attempt):
    for output in attempt.outputs.values():
        assert output["version"] in output["location"] or output["version"] == attempt.run_id
        assert os.path.exists(output["location"])


@pytest.mark.parametrize("pipeline", EXPECTED)
def test_goes_on_at_the_node_where_it_was_killed(worker, pipeline):
    fields = {"outputs": OUTPUTS.get(pipeline, [])}
    uninterrupted = contents(worker.succeed(pipeline, **fields))
    for at, expected in EXPECTED[pipeline].items():
        first = killed(worker, pipeline, at, **fields)
        second = resumed(worker, pipeline, first, **fields)
        assert contents(second) == uninterrupted, (at, second.story())
        assert nodes_of(second) == expected, (at, second.story())
        is_whole(second)
        taken = {event["dataset"]: event["version"] for event in second.of("dataset.resumed")}
        assert set(taken.values()) <= {first.run_id}
        assert {name: output["version"] for name, output in second.outputs.items() if name in taken} == taken


def test_hooks_see_the_nodes_that_are_left(worker):
    first = killed(worker, "files", "three")
    second = resumed(worker, "files", first)
    assert "the hook sees three\n" in second.log.read_text()
    assert second.of("pipeline.started")[0]["total_nodes"] == 1


def test_a_run_that_was_killed_after_its_last_node_executes_nothing(worker):
    first = killed(worker, "files", "end")
    second = resumed(worker, "files", first, outputs=["c"])
    assert contents(second) == contents(worker.succeed("files"))
    assert nodes_of(second) == ""
    assert second.outputs["c"]["version"] == first.run_id


@pytest.mark.parametrize("runner", ["ThreadRunner", "ParallelRunner"])
def test_nodes_that_finished_side_by_side_are_all_taken_over(worker, runner):
    first = killed_in_any_process(worker, "wide", "all", runner)
    second = resumed(worker, "wide", first, runner=runner)
    assert contents(second) == contents(worker.succeed("wide"))
    assert nodes_of(second) == "all"


def test_a_chain_of_attempts_takes_over_from_all_of_them(worker):
    first = killed(worker, "files", "two")
    second = killed(worker, "files", "three", **resuming(first))
    third = resumed(worker, "files", first, second)
    assert nodes_of(second) == "two three"
    assert nodes_of(third) == "three"
    versions = {name: output["version"] for name, output in third.outputs.items()}
    assert versions == {"a": first.run_id, "b": second.run_id, "c": third.run_id}
    assert contents(third) == contents(worker.succeed("files"))


def test_an_attempt_that_began_afresh_hides_those_before_it(worker):
    first = killed(worker, "files", "three")
    afresh = killed(worker, "files", "two")
    assert nodes_of(resumed(worker, "files", first, afresh)) == "two three"


def test_an_attempt_that_never_began_hides_nothing(worker):
    first = killed(worker, "files", "three")
    never = worker.prepare("files", **resuming(first))
    (never.folder / "spec.json").unlink()
    assert nodes_of(resumed(worker, "files", first, never)) == "three"


def test_every_byte_of_the_events_of_an_attempt_may_be_its_last(worker):
    first = killed(worker, "several", "both")
    events = (first.folder / "events").read_bytes()
    whole = contents(worker.succeed("several"))
    for size in range(0, len(events), 61):
        (first.folder / "events").write_bytes(events[:size])
        second = resumed(worker, "several", first)
        assert contents(second) == whole
        assert nodes_of(second) == ("both" if b"node.finished" in events[:size].rpartition(b"\n")[0] else "one both")
