"""Events from every runner, and from the processes that a ParallelRunner makes (P4, P13)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from rig import text_entry

NODES = """
import os
def one(): return "1"
def two(): return "2"
def join(a, b): return a + b
def fail(a, b): raise ValueError("bad data") from KeyError("inner")
def nothing(joined): return None
def unsaved(joined): return object()
"""
PIPELINES = """
from toy.steps import *
def register_pipelines():
    start = [node(one, None, "a", name="one"), node(two, None, "b", name="two")]
    return {
        "good": pipeline([*start, node(join, ["a", "b"], "joined", name="join"),
                          node(nothing, "joined", None, name="end")]),
        "bad": pipeline([*start, node(fail, ["a", "b"], "joined", name="fail")]),
        "unsaved": pipeline([node(one, None, "joined", name="one"), node(unsaved, "joined", "refused", name="save")]),
        "unloaded": pipeline([node(nothing, "missing", None, name="load")]),
    }
"""
RUNNERS = ["SequentialRunner", "ThreadRunner", "ParallelRunner", "kedro.runner.SequentialRunner"]


@pytest.fixture(scope="module")
def project():
    names = ("a", "joined", "refused", "missing")
    return {
        "catalog": {name: text_entry(f"data/{name}.txt") for name in names},
        "pipelines": PIPELINES,
        "files": {"src/toy/steps.py": NODES},
    }


@pytest.fixture(scope="module")
def worker(workers, project):
    made = workers(**project)
    assert made.ready()["event"] == "ready"
    return made


def check_good(run):
    assert run.data("joined") == "12"
    assert sorted(each["node"] for each in run.of("node.started")) == ["end", "join", "one", "two"]
    assert sorted(each["node"] for each in run.of("node.finished")) == ["end", "join", "one", "two"]
    assert {each["dataset"]: each["version"] for each in run.of("dataset.loaded")}["a"] == run.run_id
    assert run.outputs["a"]["version"] == run.run_id
    for load in run.of("dataset.loaded"):
        if load["location"] is not None:
            output = run.outputs[load["dataset"]]
            seen = (load["bytes"], load["hash"], load["location"])
            assert seen == (output["bytes"], output["hash"], output["location"])


@pytest.mark.parametrize("runner", RUNNERS)
def test_every_event_of_every_runner(worker, runner):
    check_good(worker.succeed("good", runner=runner))


@pytest.mark.parametrize("runner", RUNNERS[:3])
def test_asynchronous_loads_and_saves(worker, runner):
    check_good(worker.succeed("good", runner=runner, is_async=True))


@pytest.mark.parametrize("runner", RUNNERS[:3])
def test_failing_node_is_named_with_its_causes(worker, runner):
    run = worker.fail("bad", runner=runner)
    assert [each["node"] for each in run.of("node.failed")] == ["fail"]
    found = run.manifest["exception"]
    assert (found["type"], found["message"], found["node"]) == ("ValueError", "bad data", "fail")
    assert found["classes"] == ["ValueError", "Exception", "BaseException"]
    causes = []
    while found:
        causes.append(found["type"])
        found = found["cause"]
    assert "KeyError" in causes or "_RemoteTraceback" in causes
    assert "bad data" in run.manifest["exception"]["traceback"]
    assert run.outputs["a"]["hash"].startswith("sha256:")


@pytest.mark.parametrize(("pipeline", "node"), [("unsaved", "save"), ("unloaded", "load")])
def test_node_that_fails_to_load_or_save_is_named(worker, pipeline, node):
    """Kedro calls on_node_error for neither."""
    run = worker.fail(pipeline)
    assert [each["node"] for each in run.of("node.failed")] == [node]
    assert run.manifest["exception"]["node"] == node


@pytest.mark.parametrize("context", ["spawn", "forkserver"])
def test_parallel_runner_with_other_start_methods(workers, project, context):
    starter = f"import multiprocessing\nmultiprocessing.set_start_method({context!r}, force=True)\n"
    more = {**project, "settings": starter}
    worker = workers(**more, env={"KEDRO_MP_CONTEXT": context})
    worker.ready()
    check_good(worker.succeed("good", runner="ParallelRunner"))


def test_nothing_is_left_of_a_parallel_runner(worker):
    run = worker.succeed("good", runner="ParallelRunner")
    pid = run.reply["pid"]
    left = [each for each in os.listdir("/proc") if each.isdigit() and process_group(each) == pid]
    assert left == []


def process_group(pid: str) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat[stat.rindex(")") + 2 :].split()[2])


def test_bell_rings(worker):
    while True:
        try:
            if not os.read(worker.bell, 65536):
                break
        except BlockingIOError:
            break
    run = worker.succeed("good")
    assert len(os.read(worker.bell, 65536)) >= len(run.events)
    assert all(json.dumps(event) for event in run.events)
