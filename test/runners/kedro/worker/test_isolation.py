"""What a run writes gets a place of its own, wherever its entry names its path (F13, F16, F22, F30, F31)."""

from __future__ import annotations

from pathlib import Path

import pytest
from isolation_rig import plain_paths_untouched
from rig import text_entry

PIPELINES = """
def one(): return "1"
def copy(data): return data
def stream():
    for chunk in ("x", "y", "z"):
        yield chunk
def loaded(parts): return ",".join(sorted(parts))
def table(): return "t"

def one_node(name, func, inputs, outputs, **more):
    return {name: pipeline([node(func, inputs, outputs, name=name, **more)])}

def register_pipelines():
    found = {
        "factory": pipeline([node(one, None, "space.thing", name="write", namespace="space"),
                             node(copy, "space.thing", "other.thing", name="again")]),
        "incremental": pipeline([node(loaded, "incoming", "arrived", name="take", confirms="incoming")]),
        "no_path": pipeline([node(table, None, "unplaced", name="write")]),
        "memory": pipeline([node(one, None, "unlisted", name="write"),
                            node(copy, "unlisted", "explicit", name="copy")]),
        "unpicklable": pipeline([node(lambda: (lambda: 1), None, "unlisted", name="write")]),
        "in_process": pipeline([
            node(one, None, "in_process", name="write"),
            node(lambda data: data, "in_process", "barrier", name="barrier"),
            node(lambda data, _: data, ["alias_in_process", "barrier"], "seen_in_process", name="read"),
        ]),
    }
    for found_more in (
        one_node("stream", stream, None, "streamed"),
        one_node("cached", one, None, "cached"),
        one_node("cached_versioned", one, None, "cached_versioned"),
        one_node("nested", one, None, "nested"),
        one_node("templated", one, None, "templated"),
        one_node("folder", one, None, "deep"),
        one_node("streamed_log", stream, None, "streamed_log"),
        one_node("appended_log", one, None, "appended_log"),
        one_node("in_process_versioned", one, None, "in_process_versioned"),
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
CATALOG = {
    "{ns}.thing": text_entry("data/{ns}/thing.txt"),
    "incoming": {"type": "partitions.IncrementalDataset", "path": "data/incoming", "dataset": "text.TextDataset"},
    "arrived": text_entry("data/arrived.txt"),
    "streamed": {"type": "toy.io.AppendDataset", "filepath": "data/streamed.txt"},
    "cached": {"type": "CachedDataset", "dataset": text_entry("data/cached.txt")},
    "cached_versioned": {"type": "CachedDataset", "versioned": True, "dataset": text_entry("data/cv.txt")},
    "nested": {"type": "toy.io.NestedDataset", "where": {"io": {"filepath": "data/nested.txt"}}},
    "templated": text_entry("data/${runtime_params:place,plain}/t.txt"),
    "deep": {"type": "toy.io.AppendDataset", "filepath": "data/a/b/c/deep.txt"},
    "unplaced": {"type": "toy.io.TableDataset", "table_name": "t", "connection": {"file": "table.db"}},
    "explicit": {"type": "MemoryDataset"},
    "streamed_log": text_entry("data/streamed.log", fs_args={"open_args_save": {"mode": "a"}}),
    "appended_log": text_entry("data/appended.log", fs_args={"open_args_save": {"mode": "a"}}),
    "in_process": text_entry("memory://bucket/kept.txt"),
    "alias_in_process": text_entry("memory://bucket/kept.txt"),
    "seen_in_process": text_entry("data/seen_in_process.txt"),
    "in_process_versioned": text_entry("memory://bucket/versions.txt", versioned=True),
}


@pytest.fixture(scope="module")
def worker(workers):
    files = {"src/toy/io.py": APPEND, "data/incoming/p1": "1", "data/incoming/p2": "2"}
    made = workers(catalog=CATALOG, pipelines=PIPELINES, files=files)
    assert made.ready()["event"] == "ready"
    return made


@pytest.fixture(autouse=True)
def plain_paths(worker):
    with plain_paths_untouched(worker.project):
        yield


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
    assert "not-isolatable" in run.error()
    assert "'unplaced'" in run.error()
    assert run.of("node.started") == []


def test_no_path_can_float(worker):
    run = worker.run("no_path", floating=["unplaced"])
    assert run.exit["exit_code"] == 0
    assert run.outputs == {}
    assert (worker.project / "table.db").read_text() == "t"


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


def test_isolate_none(worker):
    run = worker.succeed("stream", isolate="none")
    plain = worker.project / "data/streamed.txt"
    assert run.outputs["streamed"]["location"] == str(plain)
    assert run.outputs["streamed"]["version"] == run.run_id
    plain.unlink()


def test_what_a_generator_appends_is_no_history(worker):
    for name, appends in (("streamed_log", False), ("appended_log", True)):
        assert worker.probe([name])["datasets"][name]["appends"] is appends


@pytest.mark.parametrize("said", [{}, {"isolate": "declared", "outputs": ["in_process", "seen_in_process"]}])
def test_what_the_catalog_keeps_in_the_memory_of_a_process_outlives_it_as_a_file(worker, said):
    run = worker.succeed("in_process", **said)
    kept = run.outputs["in_process"]
    assert Path(kept["location"]).read_text() == "1"
    assert kept["plain_location"] == "memory://bucket/kept.txt"
    assert run.data("seen_in_process") == "1"


@pytest.mark.parametrize(
    ("pipeline", "said"),
    [
        ("in_process", {"isolate": "none"}),
        ("in_process", {"isolate": "all", "floating": ["in_process"]}),
        ("in_process_versioned", {"isolate": "all"}),
    ],
)
def test_an_output_that_would_end_with_its_process_is_refused(worker, pipeline, said):
    said = {"outputs": [pipeline], **said}
    assert [each["code"] for each in worker.probe([pipeline], supplied=[], **said)["problems"]] == ["place-in-memory"]
    assert "place-in-memory" in worker.fail(pipeline, **said).error()
    assert worker.probe([pipeline], supplied=[], **{**said, "outputs": []})["problems"] == []
