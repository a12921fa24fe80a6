"""Datasets that hooks add to the catalog are known when the plan is made (F15, P12)."""

from __future__ import annotations

import os
import subprocess

import pytest
from rig import poll

PIPELINES = """
def same(x): return x
def register_pipelines():
    def one(name): return pipeline([node(same, name, f"from_{name}", name=name)])
    names = ("added", "added_versioned", "added_value", "added_table", "nobodys")
    return {"__default__": one("added"), **{name: one(name) for name in names}, "listed": one("listed")}
"""
SETTINGS = """
import os, subprocess, sys
from kedro.framework.hooks import hook_impl
from kedro.io import MemoryDataset, Version
from kedro_datasets.text import TextDataset
class Adds:
    @hook_impl
    def after_catalog_created(self, catalog):
        with open("hooks.log", "a") as file:
            file.write(f"fired {os.environ.get('KEDRO_DISABLE_TELEMETRY')} {os.environ.get('DO_NOT_TRACK')}\\n")
        if os.path.exists("fail"):
            raise RuntimeError("no such server")
        if os.path.exists("linger"):
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "lingers-on"])
        data = os.path.join(os.getcwd(), "data")
        catalog["added"] = TextDataset(filepath=f"{data}/added.txt")
        catalog["added_versioned"] = TextDataset(filepath=f"{data}/av.txt", version=Version(None, None))
        catalog["added_value"] = MemoryDataset(1)
        from toy.io import TableDataset
        catalog["added_table"] = TableDataset("t")
HOOKS = (Adds(),)
"""
IO = """
from kedro.io import AbstractDataset
class TableDataset(AbstractDataset):
    def __init__(self, table_name): self._table_name = table_name
    def load(self): return "t"
    def save(self, data): pass
    def _describe(self): return {}
"""
CATALOG = "listed: {type: text.TextDataset, filepath: data/listed.txt}\n"


@pytest.fixture(scope="module")
def worker(workers):
    files = {
        "src/toy/io.py": IO,
        "data/listed.txt": "l",
        "data/added.txt": "a",
        "data/av.txt/2024-01-01T00.00.00.000Z/av.txt": "old",
        "data/av.txt/2024-01-02T00.00.00.000Z/av.txt": "new",
        "data/av.txt/2024-01-03T00.00.00.000Z/half.txt": "half",
    }
    made = workers(catalog=CATALOG, pipelines=PIPELINES, settings=SETTINGS, files=files)
    assert made.ready()["event"] == "ready"
    return made


@pytest.fixture
def order(worker):
    """Make the hook do what the test says, by a file, until the test ends."""
    made = []

    def give(name: str) -> None:
        made.append(worker.project / name)
        made[-1].write_text("")

    yield give
    for path in made:
        path.unlink()


def fired(worker) -> list[str]:
    log = worker.project / "hooks.log"
    return log.read_text().splitlines() if log.exists() else []


def test_no_hook_is_fired_if_the_catalog_says_all(worker):
    before = fired(worker)
    worker.probe(["listed"])
    assert fired(worker) == before


def test_a_dataset_added_by_a_hook(worker):
    facts = worker.probe(["added"])
    added = facts["datasets"]["added"]
    place = str(worker.project / "data/added.txt")
    assert (added["in_catalog"], added["versioned"], added["location"]) == (True, False, place)
    assert added["places"] == [{"path": place, "suffix": None}]
    assert added["type"].endswith("TextDataset")
    assert facts["problems"] == []


def test_the_newest_whole_version_of_one_that_is_versioned(worker):
    added = worker.probe(["added_versioned"])["datasets"]["added_versioned"]
    assert (added["versioned"], added["latest_version"]) == (True, "2024-01-02T00.00.00.000Z")


def test_what_is_in_memory_and_what_has_no_path(worker):
    assert worker.probe(["added_value"])["datasets"]["added_value"]["type"] == "MemoryDataset"
    table = worker.probe(["added_table"])["datasets"]["added_table"]
    assert (table["type"], table["in_catalog"], table["location"]) == ("toy.io.TableDataset", True, None)


def test_what_no_hook_adds_stays_unknown(worker):
    facts = worker.probe(["nobodys"])
    assert facts["datasets"]["nobodys"]["in_catalog"] is False
    assert facts["problems"] == []


def test_hooks_are_fired_once_per_question_in_a_process_of_their_own_with_telemetry_off(worker):
    before = fired(worker)
    slices = {name: {"pipeline_names": [name], "filters": {}} for name in ("added", "added_versioned", "listed")}
    reply = worker.request(op="probe", runtime_params={}, slices=slices)
    assert reply["ok"]
    assert fired(worker)[len(before) :] == ["fired 1 1"]


def test_what_the_workflow_gives_needs_no_hook(worker):
    before = fired(worker)
    slices = {"s": {"pipeline_names": ["added"], "filters": {}, "supplied": ["added"]}}
    assert worker.request(op="probe", runtime_params={}, slices=slices)["ok"]
    assert fired(worker) == before


def test_a_hook_that_fails_is_a_problem_of_the_slices_that_asked(worker, order):
    order("fail")
    slices = {name: {"pipeline_names": [name], "filters": {}} for name in ("added", "listed")}
    found = worker.request(op="probe", runtime_params={}, slices=slices)["facts"]["slices"]
    (problem,) = found["added"]["problems"]
    assert problem["code"] == "hooks-unknown"
    assert "'added'" in problem["message"]
    assert "no such server" in problem["message"]
    assert found["listed"]["problems"] == []


def test_nothing_that_a_hook_starts_outlives_the_question(worker, order):
    order("linger")
    worker.probe(["added"])

    def is_gone():
        found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        return "lingers-on" not in found

    assert poll(is_gone)


def test_the_run_gets_the_version_that_the_plan_saw(worker):
    pin = worker.probe(["added_versioned"])["datasets"]["added_versioned"]["latest_version"]
    later = worker.project / "data/av.txt/2024-02-02T00.00.00.000Z/av.txt"
    later.parent.mkdir()
    later.write_text("later")
    try:
        run = worker.succeed("added_versioned", load_versions={"added_versioned": pin})
    finally:
        later.unlink()
        os.rmdir(later.parent)
    (load,) = [each for each in run.of("dataset.loaded") if each["dataset"] == "added_versioned"]
    assert load["version"] == pin


def test_a_versioned_dataset_of_a_hook_is_never_read_without_a_pin(worker):
    assert "unsettled" in worker.fail("added_versioned").error()
    worker.succeed("added_versioned", floating=["added_versioned"])


def test_a_table_of_a_hook_is_read_only_if_it_floats(worker):
    assert "unsettled" in worker.fail("added_table").error()
    worker.succeed("added_table", floating=["added_table"])
