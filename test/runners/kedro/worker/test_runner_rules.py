"""What the probe says of runners is what Kedro does: each rule beside the run that it forbids."""

from __future__ import annotations

import pytest
from rig import text_entry

STEPS = """
def one(): return "1"
def copy(text): return text
def stream(): yield "1"
"""
RUNNERS = """
from abc import abstractmethod
from kedro.runner import ParallelRunner, SequentialRunner, ThreadRunner
class Own(SequentialRunner): pass
class OwnParallel(ParallelRunner): pass
class Picky(SequentialRunner):
    def __init__(self, size, is_async=False): super().__init__(is_async)
class Unfinished(SequentialRunner):
    @abstractmethod
    def finish(self): ...
nothing = 1
"""
PIPELINES = """
from toy.steps import *
def register_pipelines():
    return {
        "good": pipeline([node(one, None, "a", name="one"), node(copy, "a", "b", name="copy")]),
        "stream": pipeline([node(stream, None, "a", name="stream")]),
        "lambda": pipeline([node(lambda: "1", None, "a", name="anonymous")]),
        "cached": pipeline([node(one, None, "cached", name="one")]),
        "memory": pipeline([node(one, None, "memory", name="one"), node(copy, "memory", "b", name="copy")]),
        "free": pipeline([node(one, None, "free", name="one"), node(copy, "free", "b", name="copy")]),
    }
"""
CATALOG = {
    "a": text_entry("data/a.txt"),
    "b": text_entry("data/b.txt"),
    "cached": {"type": "CachedDataset", "dataset": text_entry("data/cached.txt")},
    "memory": {"type": "MemoryDataset"},
}
PARALLEL = ["ParallelRunner", "kedro.runner.ParallelRunner", "toy.runners.OwnParallel"]
OTHERS = ["SequentialRunner", "ThreadRunner", "toy.runners.Own"]


@pytest.fixture(scope="module")
def worker(workers):
    files = {"src/toy/steps.py": STEPS, "src/toy/runners.py": RUNNERS}
    made = workers(catalog=CATALOG, pipelines=PIPELINES, files=files)
    assert made.ready()["event"] == "ready"
    return made


def codes(worker, pipeline: str, **wanted) -> list[str]:
    slices = {"s": {"pipeline_names": [pipeline], "filters": {}, **wanted}}
    reply = worker.request(op="probe", runtime_params={}, slices=slices)
    return [problem["code"] for problem in reply["facts"]["slices"]["s"]["problems"]]


ALLOWED = [
    *(("good", runner, is_async) for runner in [*PARALLEL, *OTHERS] for is_async in (False, True)),
    *(("stream", runner, False) for runner in [PARALLEL[0], *OTHERS]),
    *((pipeline, runner, False) for pipeline in ("lambda", "cached", "memory") for runner in OTHERS),
    *(("free", runner, False) for runner in [PARALLEL[0], *OTHERS]),
    ("stream", "ThreadRunner", True),
]


@pytest.mark.parametrize(("pipeline", "runner", "is_async"), ALLOWED)
def test_what_is_allowed_runs(worker, pipeline, runner, is_async):
    assert codes(worker, pipeline, runner=runner, is_async=is_async) in ([], ["async-ignored"])
    worker.succeed(pipeline, runner=runner, is_async=is_async)


REFUSED = [
    *(("stream", runner, True, "async-generator", "Async data loading") for runner in [PARALLEL[0], OTHERS[0]]),
    *(("lambda", runner, False, "unpicklable-node", "cannot be serialised") for runner in PARALLEL),
    *(
        ("cached", runner, False, "single-process-dataset", "cannot be used with multiprocessing")
        for runner in PARALLEL
    ),
    *(("memory", runner, False, "unshared-dataset", "not object") for runner in PARALLEL),
    ("good", "toy.runners.Nobody", False, "runner", "has no attribute 'Nobody'"),
    ("good", "nowhere.Runner", False, "runner", "No module named 'nowhere'"),
    ("good", "toy.runners.nothing", False, "runner", "not callable"),
    ("good", "toy.runners.Picky", False, "runner", "missing 1 required positional argument: 'size'"),
    ("good", "toy.runners.Unfinished", False, "runner", "abstract"),
]


@pytest.mark.parametrize(("pipeline", "runner", "is_async", "code", "message"), REFUSED)
def test_what_is_refused_would_fail(worker, pipeline, runner, is_async, code, message):
    assert codes(worker, pipeline, runner=runner, is_async=is_async) == [code]
    assert message in worker.fail(pipeline, runner=runner, is_async=is_async).error()


def test_asynchronous_threads_are_as_synchronous_ones(worker):
    """Kedro says so as a Python warning in the middle of the run."""
    assert codes(worker, "good", runner="ThreadRunner", is_async=True) == ["async-ignored"]
    run = worker.succeed("good", runner="ThreadRunner", is_async=True)
    assert "kedro/runner/thread_runner.py:" in run.log.read_text()


def test_what_gets_an_entry_of_its_own_is_not_judged_by_the_catalog(worker):
    runner = "ParallelRunner"
    assert codes(worker, "memory", runner=runner, outputs=["memory"]) == []
    worker.succeed("memory", runner=runner, outputs=["memory"])
    assert codes(worker, "cached", runner=runner, supplied=["cached"]) == []
