"""One attempt from start to manifest."""

from __future__ import annotations

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
    assert "UNKNOWN_PIPELINE" in worker.fail("preq").error()


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
        "latest_version": None,
        "by_params": False,
        "is_missing": False,
        "appends": False,
    }
    assert facts["datasets"]["cleaned"]["location"] == str(worker.project / "data/cleaned.txt")
    assert json_entry("x")["type"] == "json.JSONDataset"


def test_what_memory_datasets_import_is_there_before_the_run(workers):
    pytest.importorskip("pandas")
    pipelines = """
import sys

def look(): return sorted({"numpy", "pandas"} & set(sys.modules))

def register_pipelines():
    return {"__default__": pipeline([node(look, None, "found", name="look")])}
"""
    made = workers(catalog={"found": json_entry("data/found.json")}, pipelines=pipelines)
    made.ready()
    assert json.loads(made.succeed(outputs=["found"]).data("found")) == ["numpy", "pandas"]


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
