"""One attempt from start to manifest."""

from __future__ import annotations

import gc
import hashlib
import json
from pathlib import Path

import pytest
from rig import json_entry, text_entry

PIPELINES = """
def clean(raw): return raw.upper()
def count(cleaned): return {"n": len(cleaned)}
def note(cleaned, counts): return cleaned + str(counts["n"])

def register_pipelines():
    prep = pipeline([node(clean, "raw", "cleaned", name="clean"), node(count, "cleaned", "counts", name="count")])
    report = pipeline([node(note, ["cleaned", "counts"], "summary", name="note")])
    return {"__default__": prep + report, "prep": prep, "report": report}
"""
CATALOG = {
    "raw": text_entry("data/raw.txt"),
    "cleaned": text_entry("data/cleaned.txt"),
    "summary": text_entry("data/summary.txt", versioned=True),
}


@pytest.fixture(scope="module")
def worker(workers):
    made = workers(catalog=CATALOG, pipelines=PIPELINES, files={"data/raw.txt": "abc"})
    ready = made.ready()
    assert ready["event"] == "ready", ready
    assert ready["pipelines"] == ["__default__", "prep", "report"]
    assert ready["fork_safe"] is True
    return made


def test_two_runs_chained(worker):
    prep = worker.succeed("prep", outputs=["cleaned", "counts"])
    assert prep.data("cleaned") == "ABC"
    assert not (worker.project / "data/cleaned.txt").exists()
    report = worker.succeed(
        "report",
        inputs={"cleaned": prep.as_input("cleaned"), "counts": prep.as_input("counts")},
        load_versions={"cleaned": prep.run_id, "counts": prep.run_id},
        outputs=["summary"],
    )
    assert report.data("summary") == "ABC3"
    assert report.loaded("cleaned") == {
        "version": prep.run_id,
        "location": prep.outputs["cleaned"]["location"],
    }
    summary = report.outputs["summary"]
    assert summary["location"] == str(worker.project / "data/summary.txt" / report.run_id / "summary.txt")
    assert summary["version"] == report.run_id
    assert summary["entry"]["versioned"] is True
    assert summary["hash"] == "sha256:" + hashlib.sha256(b"ABC3").hexdigest()
    assert summary["bytes"] == 4


def test_place_in_the_store(worker):
    run = worker.succeed("prep")
    place = Path(run.outputs["cleaned"]["location"])
    plain = str(worker.project / "data/cleaned.txt")
    digest = hashlib.sha256(plain.encode()).hexdigest()[:8]
    assert place == run.store / f"cleaned.txt-{digest}" / run.run_id / "cleaned.txt"
    assert run.outputs["cleaned"]["plain_location"] == plain
    assert "counts" not in run.outputs  # in no catalog and not declared: stays in memory


def test_events(worker):
    run = worker.succeed("prep")
    told = [(event["type"], event.get("dataset") or event.get("node")) for event in run.events]
    assert told == [
        ("pipeline.started", None),
        ("node.started", "clean"),
        ("dataset.loaded", "raw"),
        ("dataset.saved", "cleaned"),
        ("node.finished", "clean"),
        ("node.started", "count"),
        ("dataset.loaded", "cleaned"),
        ("dataset.saved", "counts"),
        ("node.finished", "count"),
    ]
    assert run.of("pipeline.started")[0]["total_nodes"] == 2
    assert set(run.manifest["node_durations_ms"]) == {"clean", "count"}
    assert run.of("dataset.loaded")[1]["version"] == run.run_id


def test_memory(worker):
    manifest = worker.succeed("prep").manifest
    assert manifest["base_memory_bytes"] > 10_000_000
    assert manifest["peak_memory_bytes"] > 10_000_000


def test_unknown_pipeline(worker):
    assert "unknown-pipeline" in worker.fail("preq").error()


def test_probe(worker):
    facts = worker.probe(["prep"])
    assert facts["problems"] == []
    assert facts["inputs"] == ["raw"]
    assert facts["outputs"] == ["cleaned", "counts"]
    assert facts["datasets"]["counts"] == {
        "type": "MemoryDataset",
        "in_catalog": False,
        "location": None,
        "places": [],
        "others": [],
        "versioned": False,
        "by_params": False,
        "appends": False,
        "alone": False,
        "entry": None,
    }
    assert facts["datasets"]["cleaned"]["location"] == str(worker.project / "data/cleaned.txt")
    assert json_entry("x")["type"] == "json.JSONDataset"


KEPT_IN_MEMORY = """
import sys

class DataFrame: pass

def numbers(): return [1, 2]
def spoil(given):
    given[0] = "spoilt"
    return True
def frame(): return DataFrame()
def table():
    import pandas
    return pandas.DataFrame({"a": [1, 2]})
def spoil_table(given):
    given.loc[0, "a"] = 7
    return True
def look(_, numbers, *frames): return [numbers, len({id(each) for each in frames}), "pandas" in sys.modules]
def look_at_table(_, given): return given["a"].tolist()

def register_pipelines():
    plain = [
        node(numbers, None, "numbers", name="numbers"),
        node(spoil, "numbers", "spoilt", name="spoil"),
        node(frame, None, "frame", name="frame"),
        node(lambda frame: frame, "frame", "again", name="hand_on"),
        node(look, ["spoilt", "numbers", "frame", "again"], "found", name="look"),
    ]
    table_nodes = [
        node(table, None, "table", name="table"),
        node(spoil_table, "table", "spoilt", name="spoil_table"),
        node(look_at_table, ["spoilt", "table"], "found", name="look_at_table"),
    ]
    return {"plain": pipeline(plain), "pandas": pipeline(table_nodes), "__default__": pipeline([])}
"""


@pytest.mark.parametrize(("name", "expected"), [("plain", [[1, 2], 1, False]), ("pandas", [1, 2])])
def test_memory_datasets_copy_as_kedro_does_and_import_nothing(workers, name, expected):
    pytest.importorskip("pandas")
    made = workers(catalog={"found": json_entry("data/found.json")}, pipelines=KEPT_IN_MEMORY)
    made.ready()
    assert json.loads(made.succeed(name, outputs=["found"]).data("found")) == expected


@pytest.mark.parametrize(
    ("own", "expected"), [("pass", gc.get_threshold()), ("gc.set_threshold(5000, 20, 30)", (5000, 20, 30))]
)
def test_garbage_is_not_collected_while_the_project_is_imported_and_then_as_it_wants(workers, own, expected):
    pipelines = f"""
import gc
def count(): return sum(each["collections"] for each in gc.get_stats())
BEFORE = count()
MADE = [[] for _ in range(100_000)]
PASSES = count() - BEFORE
{own}

def look(): return [PASSES, gc.isenabled(), list(gc.get_threshold()), gc.get_freeze_count() > 10_000]

def register_pipelines():
    return {{"__default__": pipeline([node(look, None, "found", name="look")])}}
"""
    made = workers(catalog={"found": json_entry("data/found.json")}, pipelines=pipelines)
    made.ready()
    assert json.loads(made.succeed(outputs=["found"]).data("found")) == [0, True, list(expected), True]


def test_what_datasets_import_when_they_are_first_used_is_there_before_the_run(workers):
    pytest.importorskip("pyarrow")
    names = ["fsspec.implementations.chained", "pandas.io.formats.csvs", "pyarrow.dataset", "pyarrow.parquet"]
    pipelines = f"""
import sys

def look(): return sorted(set({names}) & set(sys.modules))

def register_pipelines():
    return {{"__default__": pipeline([node(look, None, "found", name="look")])}}
"""
    unused = {
        "csv": {"type": "pandas.CSVDataset", "filepath": "data/a.csv"},
        "parts": {
            "type": "partitions.PartitionedDataset",
            "path": "data/parts",
            "dataset": "kedro_datasets.pandas.ParquetDataset",
        },
    }
    made = workers(catalog={"found": json_entry("data/found.json"), **unused}, pipelines=pipelines)
    assert made.ready()["fork_safe"]
    assert json.loads(made.succeed(outputs=["found"]).data("found")) == names
