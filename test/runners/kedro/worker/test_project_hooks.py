"""Project hooks: what they see, and what they may do to the catalog (F15, P3, P4, P5)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rig import text_entry

PIPELINES = """
def one(): return "1"
def copy(data): return data
def empty(): yield from ()
def register_pipelines():
    print("REGISTERED")
    return {
        "added": pipeline([node(one, None, "added", name="make"), node(copy, "added", "copied", name="copy")]),
        "replaced": pipeline([node(one, None, "copied", name="make")]),
        "added_versioned": pipeline([node(one, None, "added_versioned", name="make"),
                                     node(copy, "added_versioned", "copied", name="copy")]),
        "swapped_input": pipeline([node(copy, "raw", "copied", name="copy")]),
        "sneaky": pipeline([node(copy, "raw", "copied", name="copy")]),
        "stubborn": pipeline([node(one, None, "stubborn", name="make")]),
        "unwritten": pipeline([node(empty, None, "copied", name="m")]),
    }
"""
SETTINGS = """
import json
from kedro.framework.hooks import hook_impl
from kedro.io import MemoryDataset
from kedro_datasets.text import TextDataset
from kedro.io.core import Version

class Early:
    "tryfirst: still sees settled entries."
    @hook_impl(tryfirst=True)
    def after_context_created(self, context):
        entry = context.config_loader["catalog"]["copied"]
        print("CONTEXT", entry["filepath"])
    @hook_impl
    def after_catalog_created(self, catalog, conf_catalog, save_version, load_versions):
        print("CATALOG", save_version)
        catalog["added"] = TextDataset(filepath="data/added.txt")
        catalog["added_versioned"] = TextDataset(filepath="data/av.txt", version=Version(None, save_version))
        catalog["stubborn"] = Stubborn("data/stubborn.txt")
    @hook_impl
    def before_pipeline_run(self, run_params, catalog):
        keys = ("session_id", "run_id", "run_index", "total_runs", "attempt")
        print("PARAMS", json.dumps({key: run_params[key] for key in keys}))
        names = run_params["pipeline_names"]
        if "replaced" in names:
            catalog["copied"] = TextDataset(filepath="data/replaced.txt")
        if "swapped_input" in names:
            catalog["raw"] = MemoryDataset("from a hook")
    @hook_impl
    def before_node_run(self, node, catalog):
        self.seen = getattr(self, "seen", 0) + 1
        print("SEEN", self.seen)
    @hook_impl
    def before_dataset_loaded(self, dataset_name, node):
        if dataset_name == "raw" and Early.sneak:
            Early.catalog["raw"] = TextDataset(filepath="data/raw.txt")
    sneak = False
    @hook_impl
    def after_pipeline_run(self, run_params):
        print("AFTER", run_params["attempt"])
    @hook_impl
    def on_pipeline_error(self, run_params, error):
        print("ERROR", run_params["attempt"])
    @hook_impl
    def after_session_run(self, run_params, error):
        print("SESSION", run_params["session_id"], error)
    @hook_impl
    def after_all_runs(self, session_id, status, runs):
        self.seen = getattr(self, "seen", 0) + 1
        print("ALL", session_id, status, [run["run"] for run in runs], "SEEN", self.seen)
        if status == "failed": raise RuntimeError("no such dashboard")

class Sneaky:
    @hook_impl
    def after_all_runs(self, session_id, runs):
        print("ALSO", session_id)
    @hook_impl
    def before_pipeline_run(self, run_params, catalog):
        Early.sneak = "sneaky" in run_params["pipeline_names"]
        Early.catalog = catalog

from kedro.io import AbstractDataset
class Stubborn(AbstractDataset):
    def __init__(self, filepath):
        if not filepath.startswith("data/"): raise ValueError("only below data")
        self._filepath = filepath
    def load(self): return 1
    def save(self, data): pass
    def _describe(self): return {}
HOOKS = (Early(), Sneaky())
"""


@pytest.fixture(scope="module")
def worker(workers):
    catalog = {"copied": text_entry("data/copied.txt"), "raw": text_entry("data/raw.txt")}
    made = workers(catalog=catalog, pipelines=PIPELINES, settings=SETTINGS, files={"data/raw.txt": "raw"})
    made.told = made.ready()
    assert made.told["event"] == "ready"
    return made


def test_hooks_see_settled_entries_and_the_run(worker):
    run = worker.succeed("added", attempt=2, run_index=3, total_runs=5)
    log = run.log.read_text()
    assert f"CONTEXT {run.outputs['copied']['location']}" in log
    assert f"CATALOG {run.run_id}" in log
    told = json.loads(log.split("PARAMS ")[1].splitlines()[0])
    assert told == {"session_id": "s1", "run_id": run.run_id, "run_index": 3, "total_runs": 5, "attempt": 2}
    assert "AFTER 2" in log
    assert "SESSION s1 None" in log


def test_hooks_start_pristine_in_every_run(worker):
    for _ in range(2):
        assert "SEEN 3" not in worker.succeed("added").log.read_text()


def test_pipelines_are_registered_once(worker):
    run = worker.succeed("added")
    assert "REGISTERED" not in run.log.read_text()
    assert worker.log.read_text().count("REGISTERED") == 1


def test_dataset_added_by_a_hook_moves(worker):
    run = worker.succeed("added")
    assert run.data("added") == run.data("copied") == "1"
    assert run.outputs["added"]["location"].startswith(str(run.store))
    assert run.outputs["added"]["plain_location"] == str(worker.project / "data/added.txt")
    assert run.outputs["added"]["entry"]["config"]["type"].endswith("TextDataset")
    assert not (worker.project / "data/added.txt").exists()


def test_dataset_replaced_by_a_hook_moves(worker):
    run = worker.succeed("replaced")
    assert run.outputs["copied"]["plain_location"].endswith("data/replaced.txt")
    assert run.outputs["copied"]["location"].startswith(str(run.store))


def test_versioned_dataset_added_by_a_hook_is_pinned(worker):
    run = worker.succeed("added_versioned")
    assert Path(run.outputs["added_versioned"]["location"]).parent.name == run.run_id
    assert run.manifest["loads"]["added_versioned"]["version"] == run.run_id


def test_consumed_input_swapped_by_a_hook_is_refused(worker):
    made = worker.succeed("replaced")
    source = made.as_input("copied")
    run = worker.fail("swapped_input", inputs={"raw": source})
    assert "hook-replaced" in run.error()
    worker.succeed("swapped_input")  # not consumed: the hook may


def test_loading_something_else_than_the_pin_fails_the_run(worker):
    made = worker.succeed("replaced")
    run = worker.fail("sneaky", inputs={"raw": made.as_input("copied")}, load_versions={"raw": made.run_id})
    assert run.manifest["exception"]["type"] == "PinMismatch"
    assert made.run_id in run.error()
    assert str(worker.project / "data/raw.txt") in run.error()


def test_hook_dataset_that_cannot_be_rebuilt_is_refused(worker):
    run = worker.fail("stubborn")
    assert "not-isolatable" in run.error()
    assert "only below data" in run.error()


def test_declared_output_that_was_never_saved(worker):
    run = worker.fail("unwritten", outputs=["copied"])
    assert run.manifest["exception"]["type"] == "OutputMissing"
    assert "'copied'" in run.error()
    worker.succeed("unwritten")


def finish(worker, status="success", limit_s=60):
    log = worker.state / "session.log"
    runs = [{"run": "prep", "run_id": "r1", "status": status}]
    summary = {"session_id": "s1", "status": status, "runs": runs}
    reply = worker.request(op="finish", summary=summary, log=str(log), limit_s=limit_s)
    assert reply["ok"]
    return reply["exit_code"], log.read_text()


def test_after_all_runs_is_called_on_pristine_hooks(worker):
    assert worker.request(op="probe", slices={})["ok"]
    worker.succeed("added")
    for _ in range(2):
        code, log = finish(worker)
        assert code == 0
        assert "ALL s1 success ['prep'] SEEN 1" in log
        assert "SEEN 2" not in log
        # As Kedro calls them: the last one registered first.
        assert log.index("ALSO s1") < log.index("ALL s1")


def test_after_all_runs_that_fails_is_told(worker):
    code, log = finish(worker, "failed")
    assert code == 1
    assert "RuntimeError: no such dashboard" in log
    worker.succeed("added")


def test_a_project_says_whether_it_waits_for_the_end(workers, worker):
    assert worker.told["awaits_end"] is True
    other = workers(catalog={}, pipelines="def register_pipelines(): return {'__default__': Pipeline([])}")
    assert other.ready()["awaits_end"] is False


def test_after_all_runs_where_nothing_is_forked(workers):
    catalog = {"copied": text_entry("data/copied.txt"), "raw": text_entry("data/raw.txt")}
    made = workers("--mode", "once", catalog=catalog, pipelines=PIPELINES, settings=SETTINGS)
    made.ready()
    code, log = finish(made)
    assert code == 0
    assert "ALL s1 success ['prep'] SEEN 1" in log
