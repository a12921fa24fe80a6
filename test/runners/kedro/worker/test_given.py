"""What a run is given instead of what another run has saved: a value, or a file."""

from __future__ import annotations

import json

import pytest
from rig import json_entry, text_entry

PIPELINES = """
def same(data): return data
def keep(data): return {"got": data}
def spoil(data):
    data["list"].append("spoilt")
    return data

def register_pipelines():
    return {
        "add_to": pipeline([node(spoil, "options", "used", name="spoil"), node(keep, "options", "kept", name="keep")]),
        "use": pipeline([node(same, "model", "used", name="use")]),
        "sides": pipeline([node(keep, "tc@json", "kept", name="a"), node(keep, "tc@text", "used", name="b")]),
        "unlisted": pipeline([node(keep, "unlisted", "kept", name="keep")]),
    }
"""
CATALOG = {
    "model": json_entry("data/model.json", versioned=True),
    "used": json_entry("data/used.json"),
    "kept": json_entry("data/kept.json"),
    "tc@text": text_entry("data/tc.json"),
    "tc@json": json_entry("data/tc.json"),
}


@pytest.fixture(scope="module")
def worker(workers):
    made = workers(catalog=CATALOG, pipelines=PIPELINES)
    assert made.ready()["event"] == "ready"
    return made


def given(value, version="value-0123456789abcdef"):
    return {"value": value, "version": version}


@pytest.mark.parametrize("runner", ["SequentialRunner", "ThreadRunner", "ParallelRunner"])
def test_a_value_is_loaded_anew_by_each_node(worker, runner):
    value = {"list": [1], "credentials": "no secret of mine", "nothing": None}
    run = worker.succeed("add_to", inputs={"options": given(value)}, runner=runner)
    assert json.loads(run.data("used"))["list"] == [1, "spoilt"]
    assert json.loads(run.data("kept")) == {"got": value}
    loads = run.loaded("options")
    assert loads == {"version": "value-0123456789abcdef", "location": None}


@pytest.mark.parametrize("value", [None, False, 0, "", [], {}, "text", 0.5])
def test_any_json_value(worker, value):
    run = worker.succeed("unlisted", inputs={"unlisted": given(value)})
    assert json.loads(run.data("kept")) == {"got": value}


def test_a_value_takes_the_place_of_a_catalog_entry(worker):
    run = worker.succeed("use", inputs={"model": given({"seed": "given"})})
    assert '"seed": "given"' in run.data("used")


def test_a_value_for_all_siblings(worker):
    run = worker.succeed("sides", inputs={"tc": given("both")})
    assert "both" in run.data("kept")
    assert "both" in run.data("used")


def test_a_value_that_is_not_read(worker):
    assert "did you mean 'model'?" in worker.fail("use", inputs={"modell": given(1)}).error()


def test_a_file_is_read_through_the_own_entry(worker, tmp_path):
    path = tmp_path / "other.json"
    path.write_text('{"seed": "of the file"}')
    source = {"version": "file-0123456789abcdef", "dataset": str(path), "location": str(path), "entry": None,
              "as": "downstream"}  # fmt: skip
    run = worker.succeed("use", inputs={"model": source}, load_versions={"model": "file-0123456789abcdef"})
    assert '"seed": "of the file"' in run.data("used")
    assert run.loaded("model") == {"version": "file-0123456789abcdef", "location": str(path)}
    missing = worker.fail("unlisted", inputs={"unlisted": source})
    assert f"'unlisted' is consumed from {path}, which is a file" in missing.error()


REPLACING_HOOK = """
    from kedro.framework.hooks import hook_impl
    from kedro.io import MemoryDataset
    class Replacing:
        @hook_impl
        def after_catalog_created(self, catalog):
            catalog["model"] = MemoryDataset({"seed": "of the hook"})
    HOOKS = (Replacing(),)
"""


def test_a_hook_may_not_replace_a_value(workers):
    worker = workers(catalog=CATALOG, pipelines=PIPELINES, settings=REPLACING_HOOK)
    worker.ready()
    run = worker.fail("use", inputs={"model": given({"seed": "given"})})
    assert "hook-replaced: a hook replaced 'model', which the workflow gives as a value" in run.error()
