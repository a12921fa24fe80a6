"""Classes that build a dataset of another class, from configuration of which its arguments show nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

IO = """
import json
from kedro.io import AbstractDataset
from kedro.io.core import parse_dataset_definition
class Wrapping(AbstractDataset):
    def __new__(cls, dataset, tag=None):
        kind, given = parse_dataset_definition(dataset)
        class Wrapped(kind):
            def __init__(self, tag):
                super().__init__(**given)
                self.tag = tag
        return Wrapped(tag=tag)
    def load(self): raise NotImplementedError
    def save(self, data): raise NotImplementedError
    def _describe(self): return {}
class Elsewhere(Wrapping):
    def __new__(cls, dataset, tag=None):
        return Wrapping.__new__(cls, {**dataset, "filepath": dataset["filepath"] + ".really"}, tag)
"""
PIPELINES = """
def make(): return {"acc": 1}
def parts(): return {"a": "1", "b": "2"}
def listed(found): return ",".join(sorted(found))
def use(metrics): return str(metrics["acc"])
def register_pipelines():
    return {
        "make": pipeline([node(make, None, "metrics")]),
        "use": pipeline([node(use, "metrics", "out")]),
        "both": pipeline([node(make, None, "metrics"), node(use, "metrics", "out")]),
        "kept": pipeline([node(make, None, "kept"), node(use, "kept", "out")]),
        "parts": pipeline([node(parts, None, "parts"), node(listed, "parts", "out")]),
        "elsewhere": pipeline([node(make, None, "elsewhere")]),
        "__default__": pipeline([]),
    }
"""


def wrapping(path: str, kind: str = "Wrapping", **more) -> dict:
    return {"type": f"toy.io.{kind}", "tag": "t", "dataset": {"type": "json.JSONDataset", "filepath": path, **more}}


@pytest.fixture
def worker(workers):
    catalog = {
        "metrics": wrapping("data/metrics.json"),
        "kept": wrapping("data/kept.json", versioned=True),
        "elsewhere": wrapping("data/elsewhere.json", "Elsewhere"),
        "parts": {
            "type": "toy.io.Wrapping",
            "dataset": {
                "type": "partitions.PartitionedDataset",
                "path": "data/parts",
                "dataset": "text.TextDataset",
                "filename_suffix": ".txt",
            },
        },
        "out": {"type": "text.TextDataset", "filepath": "data/out.txt"},
    }
    files = {"src/toy/io.py": IO, "data/metrics.json": '{"acc": 7}'}
    return workers(catalog=catalog, pipelines=PIPELINES, files=files)


def plain(worker, name: str = "metrics.json"):
    return json.loads((worker.project / "data" / name).read_text())


def test_what_it_writes_has_a_place_of_its_own_and_is_consumed_from_there(worker):
    made = worker.succeed("make", outputs=["metrics"])
    assert json.loads(made.data("metrics")) == {"acc": 1}
    output = made.outputs["metrics"]
    assert output["location"].startswith(str(made.store))
    assert output["plain_location"] == str(worker.project / "data/metrics.json")
    assert plain(worker) == {"acc": 7}
    for reading in ("upstream", "downstream"):
        used = worker.succeed(
            "use",
            inputs={"metrics": made.as_input("metrics", **{"as": reading})},
            load_versions={"metrics": made.run_id},
        )
        assert used.data("out") == "1"
        assert used.loaded("metrics") == {"version": made.run_id, "location": output["location"]}


def test_within_one_run_it_is_read_from_where_it_was_written(worker):
    run = worker.succeed("both")
    assert run.data("out") == "1"
    assert run.loaded("metrics") == {"version": run.run_id, "location": run.outputs["metrics"]["location"]}


def test_what_it_only_reads_is_observed(worker):
    run = worker.succeed("use")
    assert run.data("out") == "7"
    assert run.loaded("metrics") == {"version": None, "location": str(worker.project / "data/metrics.json")}


@pytest.mark.parametrize("said", [{"floating": ["metrics"]}, {"isolate": "none"}])
def test_without_isolation_its_save_is_seen_at_the_plain_path(worker, said):
    run = worker.succeed("make", outputs=["metrics"], **said)
    assert plain(worker) == {"acc": 1}
    assert run.outputs["metrics"]["location"] == str(worker.project / "data/metrics.json")
    used = worker.succeed("use", inputs={"metrics": run.as_input("metrics")}, load_versions={"metrics": run.run_id})
    assert used.data("out") == "1"


@pytest.mark.parametrize("said", [{}, {"isolate": "none"}])
def test_a_wrapped_folder_of_partitions_is_known_too(worker, said):
    run = worker.succeed("parts", outputs=["parts"], **said)
    location = Path(run.outputs["parts"]["location"])
    assert sorted(each.name for each in location.iterdir()) == ["a.txt", "b.txt"]
    assert (location == worker.project / "data/parts") == bool(said)
    assert Path(run.outputs["out"]["location"]).read_text() == "a,b"


def test_versions_of_the_wrapped_dataset_give_way_to_the_place_of_the_run(worker):
    run = worker.succeed("kept", outputs=["kept"])
    assert Path(run.outputs["kept"]["location"]).is_file()
    assert run.outputs["kept"]["version"] == run.run_id
    assert run.data("out") == "1"
    assert not (worker.project / "data/kept.json").exists()


def test_one_that_is_not_where_its_entry_says_is_refused_with_a_way_out(worker):
    run = worker.fail("elsewhere", outputs=["elsewhere"])
    assert "not-isolatable" in run.error()
    assert "leave it out of `outputs`" in run.error()
    assert worker.succeed("elsewhere", floating=["elsewhere"])
