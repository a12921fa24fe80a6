"""What a run writes gets a place of its own, by resolved location (F13, F16, F22, F23, F28 to F31)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rig import json_entry, text_entry

PIPELINES = """
import json
def one(): return "1"
def copy(data): return data
def to_json(data): return {"v": data}
def as_text(data, _): return json.dumps(json.loads(data))
def partitions(): return {"a": "A", "b": "B"}
def read_partitions(parts): return {name: load() for name, load in sorted(parts.items())}
def stream():
    for chunk in ("x", "y", "z"):
        yield chunk
def names(parts): return ",".join(sorted(parts))
def loaded(parts): return ",".join(sorted(parts))
def table(): return "t"

def one_node(name, func, inputs, outputs, **more):
    return {name: pipeline([node(func, inputs, outputs, name=name, **more)])}

def register_pipelines():
    found = {
        "alias": pipeline([
            node(lambda: {"v": "new"}, None, "plain", name="write"),
            node(lambda plain: "done", "plain", "barrier", name="barrier"),
            node(as_text, ["alias_of_plain", "barrier"], "from_alias", name="read"),
        ]),
        "stale": pipeline([
            node(lambda old: old, "alias_of_plain", "kept", name="read_old"),
            node(lambda kept: {"v": kept}, "kept", "plain", name="write"),
        ]),
        "parts": pipeline([
            node(partitions, None, "parts", name="write"),
            node(lambda parts: "done", "parts", "written", name="barrier"),
            node(lambda one, _: one, ["one_part", "written"], "single", name="read_one"),
        ]),
        "part_into_folder": pipeline([
            node(lambda: "A", None, "one_part", name="write"),
            node(lambda one: "done", "one_part", "written", name="barrier"),
            node(lambda parts, _: names(parts), ["parts", "written"], "listed", name="list"),
        ]),
        "other_suffix": pipeline([
            node(partitions, None, "parts", name="write"),
            node(lambda parts: names(parts), "logs", "listed", name="list"),
        ]),
        "transcoded": pipeline([
            node(lambda: '{"v": 1}', None, "tc@text", name="write"),
            node(lambda data: data, "tc@json", "out_json", name="read"),
        ]),
        "transcoded_versioned": pipeline([
            node(lambda: '{"v": 2}', None, "tv@text", name="write"),
            node(lambda data: data, "tv@json", "out_json", name="read"),
        ]),
        "factory": pipeline([node(one, None, "space.thing", name="write", namespace="space"),
                             node(copy, "space.thing", "other.thing", name="again")]),
        "catch_all_free": pipeline([node(one, None, "thing", name="write")]),
        "incremental": pipeline([node(loaded, "incoming", "arrived", name="take", confirms="incoming")]),
        "no_path": pipeline([node(table, None, "unplaced", name="write")]),
        "memory": pipeline([node(one, None, "unlisted", name="write"),
                            node(copy, "unlisted", "explicit", name="copy")]),
        "unpicklable": pipeline([node(lambda: (lambda: 1), None, "unlisted", name="write")]),
        "outside": pipeline([node(one, None, "seen_by_hook", name="write")]),
    }
    for found_more in (
        one_node("stream", stream, None, "streamed"),
        one_node("cached", one, None, "cached"),
        one_node("cached_versioned", one, None, "cached_versioned"),
        one_node("nested", one, None, "nested"),
        one_node("templated", one, None, "templated"),
        one_node("versioned", one, None, "own_versioned"),
        one_node("folder", one, None, "deep"),
        one_node("remote", one, None, "remote"),
    ):
        found.update(found_more)
    return found
"""
APPEND = """
from kedro.io import AbstractDataset
class AppendDataset(AbstractDataset):
    "Saves chunk by chunk, takes no version and makes no folder."
    def __init__(self, filepath): self._filepath = filepath
    def load(self):
        with open(self._filepath) as f: return f.read()
    def save(self, data):
        with open(self._filepath, "a") as f: f.write(data)
    def _describe(self): return {"filepath": self._filepath}
class NestedDataset(AbstractDataset):
    def __init__(self, where): self._where = where
    def load(self):
        with open(self._where["io"]["filepath"]) as f: return f.read()
    def save(self, data):
        with open(self._where["io"]["filepath"], "w") as f: f.write(data)
    def _describe(self): return self._where
class TableDataset(AbstractDataset):
    "As an SQL table: no path."
    def __init__(self, table_name, connection): self._table = connection["file"]
    def load(self):
        with open(self._table) as f: return f.read()
    def save(self, data):
        with open(self._table, "w") as f: f.write(data)
    def _describe(self): return {}
"""
PARTS = {"type": "partitions.PartitionedDataset", "path": "data/parts", "dataset": "text.TextDataset"}
CATALOG = {
    "plain": json_entry("data/shared.json"),
    "alias_of_plain": text_entry("data/../data/shared.json"),
    "from_alias": text_entry("data/from_alias.txt"),
    "kept": text_entry("data/kept.txt"),
    "parts": {**PARTS, "filename_suffix": ".txt"},
    "logs": {**PARTS, "filename_suffix": ".log"},
    "one_part": text_entry("data/parts/a.txt"),
    "single": text_entry("data/single.txt"),
    "listed": text_entry("data/listed.txt"),
    "tc@text": text_entry("data/tc.json"),
    "tc@json": json_entry("data/tc.json"),
    "tv@text": text_entry("data/tv.json", versioned=True),
    "tv@json": json_entry("data/tv.json", versioned=True),
    "out_json": json_entry("data/out.json"),
    "{ns}.thing": text_entry("data/{ns}/thing.txt"),
    "incoming": {"type": "partitions.IncrementalDataset", "path": "data/incoming", "dataset": "text.TextDataset"},
    "arrived": text_entry("data/arrived.txt"),
    "streamed": {"type": "toy.io.AppendDataset", "filepath": "data/streamed.txt"},
    "cached": {"type": "CachedDataset", "dataset": text_entry("data/cached.txt")},
    "cached_versioned": {"type": "CachedDataset", "versioned": True, "dataset": text_entry("data/cv.txt")},
    "nested": {"type": "toy.io.NestedDataset", "where": {"io": {"filepath": "data/nested.txt"}}},
    "templated": text_entry("data/${runtime_params:place,plain}/t.txt"),
    "own_versioned": text_entry("data/own.txt", versioned=True),
    "deep": {"type": "toy.io.AppendDataset", "filepath": "data/a/b/c/deep.txt"},
    "unplaced": {"type": "toy.io.TableDataset", "table_name": "t", "connection": {"file": "/tmp/none"}},
    "explicit": {"type": "MemoryDataset"},
    "remote": text_entry("memory://bucket/remote.txt"),
    "seen_by_hook": text_entry("data/seen.txt"),
    "twin_of_seen": text_entry("data/seen.txt"),
}
SETTINGS = """
from kedro.framework.hooks import hook_impl
class ReadsTwin:
    @hook_impl
    def after_pipeline_run(self, run_params, catalog):
        if "outside" in (run_params["pipeline_names"] or []):
            print("TWIN", catalog.load("twin_of_seen"))
HOOKS = (ReadsTwin(),)
"""


@pytest.fixture(scope="module")
def worker(workers):
    files = {
        "src/toy/io.py": APPEND,
        "data/shared.json": '{"v": "old"}',
        "data/parts/old.log": "log",
        "data/incoming/p1": "1",
        "data/incoming/p2": "2",
    }
    made = workers(catalog=CATALOG, pipelines=PIPELINES, files=files, settings=SETTINGS)
    assert made.ready()["event"] == "ready"
    return made


def snapshot(folder: Path) -> dict[str, str]:
    return {str(path): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def plain_paths_untouched(worker):
    """No isolated run may write a plain path: versions are the only new files."""
    before = snapshot(worker.project / "data")
    yield
    after = snapshot(worker.project / "data")
    assert {path: after.get(path) for path in before} == before
    assert [path for path in set(after) - set(before) if "2026-11-23T21" not in path] == []


def test_alias_moves_with_its_file(worker):
    run = worker.succeed("alias")
    assert run.data("from_alias") == '{"v": "new"}'
    assert [each["version"] for each in run.of("dataset.loaded") if each["dataset"] == "alias_of_plain"] == [run.run_id]


def test_stale_read_is_refused(worker):
    run = worker.fail("stale")
    assert "ISOLATION_CONFLICT" in run.error()
    assert "'plain'" in run.error()
    assert "'alias_of_plain'" in run.error()
    assert "shared.json" in run.error()


def test_planning_refuses_a_stale_read_as_the_run_would(worker):
    said = {"isolate": "all", "floating": [], "outputs": [], "supplied": []}

    def problems(pipeline="stale", **changes):
        found = worker.probe([pipeline], **{**said, **changes})["problems"]
        return [(each["code"], each["hint"]) for each in found]

    both = "give 'plain' another path in the catalog, say `floating: [alias_of_plain, plain]`"
    assert problems() == [("ISOLATION_CONFLICT", f"{both}, or use `isolate: declared`")]
    assert problems(isolate="declared", outputs=["plain"]) == [("ISOLATION_CONFLICT", both)]
    assert [code for code, _ in problems(floating=["alias_of_plain"])] == ["ISOLATION_CONFLICT"]
    for fine in (
        {"isolate": "declared"},
        {"isolate": "none"},
        {"floating": ["plain"]},
        {"floating": ["plain", "alias_of_plain"]},
        {"supplied": ["alias_of_plain"]},
        {"pipeline": "alias"},
        {"pipeline": "part_into_folder"},
    ):
        assert problems(**fine) == []


def test_stale_read_is_allowed_with_floating(worker):
    before = (worker.project / "data/shared.json").read_text()
    worker.succeed("stale", floating=["plain", "alias_of_plain"])
    (worker.project / "data/shared.json").write_text(before)


def test_file_in_a_written_partition_folder_moves(worker):
    run = worker.succeed("parts")
    assert run.data("single") == "A"
    folder = Path(run.outputs["parts"]["location"])
    assert sorted(os.listdir(folder)) == ["a.txt", "b.txt"]
    assert run.outputs["parts"]["bytes"] == 2
    assert not (worker.project / "data/parts/a.txt").exists()


def test_partition_folder_moves_with_a_written_file(worker):
    run = worker.succeed("part_into_folder")
    assert run.data("listed") == "a"


def test_partition_folder_with_files_of_others_is_refused(worker):
    foreign = worker.project / "data/parts/foreign.txt"
    foreign.write_text("f")
    try:
        assert "ISOLATION_CONFLICT" in worker.fail("part_into_folder").error()
    finally:
        foreign.unlink()


def test_other_suffix_in_the_same_folder_stays(worker):
    assert worker.succeed("other_suffix").data("listed") == "old"


def test_transcoded_siblings_move_together(worker):
    run = worker.succeed("transcoded")
    assert run.data("out_json").replace("\n", "").replace(" ", "") == '{"v":1}'


def test_transcoded_versioned_siblings_are_pinned_together(worker):
    run = worker.succeed("transcoded_versioned")
    assert run.data("out_json").replace("\n", "").replace(" ", "") == '{"v":2}'
    load = run.manifest["loads"]["tv@json"]
    assert load["version"] == run.run_id
    assert "did not match" not in run.log.read_text()


def test_factory_entries(worker):
    run = worker.succeed("factory")
    assert run.data("space.thing") == "1"
    assert run.data("other.thing") == "1"
    assert run.outputs["space.thing"]["plain_location"].endswith("data/space/thing.txt")


def test_checkpoint_of_what_floats_advances_in_place(worker):
    folder, checkpoint = worker.project / "data/incoming", worker.project / "data/incoming/CHECKPOINT"
    try:
        run = worker.succeed("incremental", floating=["incoming"])
        assert checkpoint.read_text() == "p2"
        assert run.manifest["checkpoints"] == {}
        (folder / "p3").write_text("3")
        worker.succeed("incremental", floating=["incoming"])
        assert checkpoint.read_text() == "p3"
    finally:
        checkpoint.unlink(missing_ok=True)
        (folder / "p3").unlink(missing_ok=True)


def test_checkpoint_goes_to_the_store(worker):
    run = worker.succeed("incremental")
    assert run.data("arrived") == "p1,p2"
    checkpoint = run.manifest["checkpoints"]["incoming"]
    assert Path(checkpoint["location"]).read_text() == "p2"
    assert checkpoint["plain_location"] == str(worker.project / "data/incoming/CHECKPOINT")
    assert not (worker.project / "data/incoming/CHECKPOINT").exists()


def test_stream_is_saved_chunk_by_chunk(worker):
    run = worker.succeed("stream")
    assert run.data("streamed") == "xyz"
    assert [each["node"] for each in run.of("node.finished")] == ["stream"]
    assert len(run.of("dataset.saved")) == 1


@pytest.mark.parametrize("name", ["cached", "nested", "templated", "deep"])
def test_wherever_the_path_is(worker, name):
    pipeline = {"deep": "folder"}.get(name, name)
    run = worker.succeed(pipeline)
    assert run.data(name) == "1"
    assert run.outputs[name]["location"].startswith(str(run.store))


def test_cached_versioned_keeps_its_versioning(worker):
    run = worker.succeed("cached_versioned")
    place = worker.project / "data/cv.txt" / run.run_id / "cv.txt"
    assert run.outputs["cached_versioned"]["location"] == str(place)
    assert place.read_text() == "1"


def test_paths_by_runtime_params(worker):
    run = worker.succeed("templated", runtime_params={"place": "elsewhere"})
    assert run.outputs["templated"]["plain_location"] == str(worker.project / "data/elsewhere/t.txt")


def test_no_path_is_refused_before_any_node_runs(worker):
    run = worker.fail("no_path")
    assert "NOT_ISOLATABLE" in run.error()
    assert "'unplaced'" in run.error()
    assert run.of("node.started") == []


def test_no_path_can_float(worker, tmp_path):
    run = worker.run("no_path", floating=["unplaced"])
    assert run.exit["exit_code"] == 0
    assert run.outputs == {}
    Path("/tmp/none").unlink()


def test_declared_memory_output_becomes_a_pickle(worker):
    run = worker.succeed("memory", outputs=["unlisted", "explicit"])
    for name in ("unlisted", "explicit"):
        assert run.outputs[name]["entry"]["config"]["type"] == "runweave_worker.datasets.PickleDataset"
        assert Path(run.outputs[name]["location"]).name == f"{name}.pickle"
        assert run.outputs[name]["plain_location"] is None


def test_unpicklable_output_is_named(worker):
    run = worker.fail("unpicklable", outputs=["unlisted"])
    assert "unlisted" in run.error()
    exception = run.manifest["exception"]
    assert exception["node"] == "write"
    told = "'unlisted' is a declared output in no catalog, and its value of type function can't be pickled"
    assert told in exception["message"]
    # Kedro wraps it.
    assert "NotPicklable" in {exception["type"], (exception["cause"] or {}).get("type")}
    assert worker.succeed("unpicklable").outputs == {}


def test_entries_outside_the_slice_follow_for_hooks(worker):
    run = worker.succeed("outside")
    assert "TWIN 1" in run.log.read_text()


def test_isolate_declared(worker):
    run = worker.succeed("parts", isolate="declared", outputs=["single"])
    plain = worker.project / "data/parts"
    assert run.outputs["single"]["location"].startswith(str(run.store))
    assert run.outputs["parts"]["location"] == str(plain)
    for name in ("a.txt", "b.txt"):
        (plain / name).unlink()


def test_isolate_none(worker):
    run = worker.succeed("stream", isolate="none")
    plain = worker.project / "data/streamed.txt"
    assert run.outputs["streamed"]["location"] == str(plain)
    assert run.outputs["streamed"]["version"] == run.run_id
    plain.unlink()


def test_two_runs_at_once_do_not_meet(worker):
    runs = [worker.start("alias") for _ in range(3)]
    for run in runs:
        run.wait()
        assert run.data("from_alias") == '{"v": "new"}', run.story()
    assert len({run.outputs["plain"]["location"] for run in runs}) == 3


def test_remote_data_stay_remote(worker):
    run = worker.succeed("remote", remote_stores={"memory": "memory://bucket/store"})
    remote = run.outputs["remote"]
    assert remote["location"].startswith("memory://bucket/store/remote.txt-")
    assert remote["hash"].startswith("memory:")
    assert remote["bytes"] == 1
