"""A project whose nodes can be killed at any point, and attempts over it that go on where one was."""

from __future__ import annotations

import contextlib
import os
import time

from rig import PATIENCE_S, json_entry, text_entry

STEPS = """
import functools, inspect, os, signal
from pathlib import Path

DIE = Path(__file__).parents[2] / "die"

def die_if(told):
    if DIE.exists() and DIE.read_text() == told:
        os.kill(os.getpid(), signal.SIGKILL)

def step(name, work):
    if inspect.isgeneratorfunction(work):
        @functools.wraps(work)
        def run(*data):
            for number, chunk in enumerate(work(*data)):
                yield chunk
                die_if(f"{name}/{number}")
    else:
        @functools.wraps(work)
        def run(*data):
            die_if(name)
            meddle = DIE.with_name("meddle")
            if meddle.exists():
                Path(meddle.read_text()).write_text("meddled")
            hold = DIE.with_name("hold")
            if hold.exists():
                hold.read_bytes()
            return work(*data)
    return run

def grow(text): return text + "."
def join(*texts): return "+".join(texts)
def two(text): return text + "1", text + "2"
def length(text): return {"length": len(text)}
def show(data): return repr(data)
def parts(text): return {f"p{n}": text * n for n in range(1, 4)}
def gather(loaded): return "".join(f"{name}={loaded[name]()};" for name in sorted(loaded))
def gather_new(loaded): return "".join(f"{name}={loaded[name]};" for name in sorted(loaded))
def pieces(text):
    for n in range(3):
        yield f"{text}{n} "
def scaled(text, factor): return text * factor
def secret(text): return text + os.urandom(4).hex()
def nothing(text): return None
def last(*texts):
    die_if("all")
    return join(*texts)
"""
DATASETS = """
import os
from kedro_datasets.text import TextDataset
from toy.steps import die_if

class AppendingDataset(TextDataset):
    def _save(self, data):
        with open(self._get_save_path(), "a") as file:
            file.write(data)

    save = _save

class DyingDataset(TextDataset):
    # Dies with half of its file written.
    def save(self, data):
        super().save(data[: len(data) // 2])
        die_if("save " + os.path.basename(str(self._filepath)))
        super().save(data)
"""
PIPELINES = """
from toy.steps import *
def n(name, work, inputs, outputs, **more):
    return node(step(name, work), inputs, outputs, name=name, **more)
def register_pipelines():
    return {
        "files": pipeline([n("one", grow, "raw", "a"), n("two", grow, "a", "b"), n("three", grow, "b", "c")]),
        "memory": pipeline([n("one", grow, "raw", "m1"), n("two", grow, "m1", "a"), n("three", grow, "a", "m2"),
                            n("four", join, ["m2", "a"], "b")]),
        "shared": pipeline([n("split", two, "raw", ["m1", "m2"]), n("fit", grow, "m1", "a"),
                            n("score", join, ["a", "m2"], "b")]),
        "several": pipeline([n("one", two, "raw", ["a", "b"]), n("both", join, ["a", "b"], "c")]),
        "dying": pipeline([n("one", two, "raw", ["a", "dying"]), n("both", join, ["a", "dying"], "c")]),
        "cached": pipeline([n("one", grow, "raw", "cached"), n("two", grow, "cached", "a"),
                            n("three", join, ["cached", "a"], "b")]),
        "uncatalogued": pipeline([n("one", length, "raw", "found"), n("two", show, "found", "a"),
                                  n("three", length, "a", "left")]),
        "stream": pipeline([n("one", pieces, "raw", "log"), n("two", grow, "log", "a"), n("three", grow, "a", "b")]),
        "parts": pipeline([n("one", parts, "raw", "parts"), n("two", gather, "parts", "a"),
                           n("three", grow, "a", "b")]),
        "confirmed": pipeline([n("one", gather_new, "incoming", "a", confirms="incoming"), n("two", grow, "a", "b")]),
        "transcoded": pipeline([n("one", length, "raw", "pair@json"), n("two", grow, "pair@text", "a"),
                                n("three", grow, "a", "b")]),
        "alias": pipeline([n("a_one", grow, "raw", "plain"), n("b_two", grow, "alias", "a"),
                           n("c_three", grow, "a", "b")]),
        "factory": pipeline([n("one", grow, "raw", "x.made"), n("two", grow, "x.made", "y.made")]),
        "spaced": pipeline([n("one", grow, "raw", "a"), n("two", grow, "a", "b")], namespace="sp", inputs={"raw"}),
        "versioned": pipeline([n("one", grow, "raw", "kept"), n("two", grow, "kept", "a"), n("three", grow, "a", "b")]),
        "silent": pipeline([n("one", grow, "raw", "a"), n("two", nothing, "a", None), n("three", grow, "a", "b")]),
        "scaled": pipeline([n("one", grow, "raw", "a"), n("two", scaled, ["a", "params:factor"], "b"),
                            n("three", grow, "b", "c"), n("aside", grow, "a", "d"), n("zz", grow, "d", "e")]),
        "random": pipeline([n("split", lambda text: (secret(text), text), "raw", ["m1", "m2"]),
                            n("fit", grow, "m1", "a"), n("score", join, ["a", "m2", "m1"], "b")]),
        "wide": pipeline([node(grow, "raw", f"f{i}.made", name=f"w{i}") for i in range(4)]
                         + [node(last, [f"f{i}.made" for i in range(4)], "a", name="all")]),
    }
"""
CATALOG = {
    **{name: text_entry(f"data/{name}.txt") for name in ("raw", "a", "b", "c", "d", "e", "sp.a", "sp.b")},
    "plain": text_entry("data/plain.txt"),
    "alias": text_entry("data/plain.txt"),
    "kept": text_entry("data/kept.txt", versioned=True),
    "cached": {"type": "CachedDataset", "dataset": text_entry("data/cached.txt")},
    "log": {"type": "toy.kinds.AppendingDataset", "filepath": "data/log.txt"},
    "dying": {"type": "toy.kinds.DyingDataset", "filepath": "data/dying.txt"},
    "parts": {
        "type": "partitions.PartitionedDataset",
        "path": "data/parts",
        "dataset": "text.TextDataset",
        "filename_suffix": ".txt",
    },
    "incoming": {
        "type": "partitions.IncrementalDataset",
        "path": "data/incoming",
        "dataset": "text.TextDataset",
        "filename_suffix": ".txt",
    },
    "pair@json": json_entry("data/pair.json"),
    "pair@text": text_entry("data/pair.json"),
    "{name}.made": text_entry("data/{name}.made.txt"),
}
HOOKS = """
from kedro.framework.hooks import hook_impl
from toy.steps import die_if
class Hooks:
    @hook_impl
    def before_pipeline_run(self, pipeline):
        print("the hook sees", *(node.name for node in pipeline.nodes))
    @hook_impl
    def after_pipeline_run(self):
        die_if("end")
"""


def begin(workers, catalog=CATALOG, **more):
    files = {"src/toy/steps.py": STEPS, "src/toy/kinds.py": DATASETS, "src/toy/hooks.py": HOOKS, "data/raw.txt": "raw"}
    files |= {f"data/incoming/{n}.txt": n for n in "abc"} | more
    settings = "from toy.hooks import Hooks\nHOOKS = (Hooks(),)\n"
    project = {"catalog": catalog, "pipelines": PIPELINES, "parameters": {"factor": 2}}
    made = workers(**project, settings=settings, files=files)
    assert made.ready()["event"] == "ready", made.log.read_text()
    return made


def killed(worker, pipeline, at, **fields):
    (worker.project / "die").write_text(at)
    attempt = worker.run(pipeline, **fields)
    (worker.project / "die").unlink()
    assert attempt.exit["signal"] == "SIGKILL", attempt.story()
    return attempt


def resumed(worker, pipeline, *earlier, trusting=True, **fields):
    resumes = {"run_ids": [each.run_id for each in reversed(earlier)], "trusting": trusting}
    return worker.run(pipeline, resumes=resumes, **fields)


@contextlib.contextmanager
def held(worker):
    """Hold a node that has just begun, as long as the context lasts."""
    fifo = worker.project / "hold"
    os.mkfifo(fifo)
    try:
        yield lambda: _await_reader(fifo)
    finally:
        fifo.unlink(missing_ok=True)


@contextlib.contextmanager
def _await_reader(fifo):
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            # Only with a reader can it be opened so.
            writer = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError:
            assert time.monotonic() < deadline, "no node has begun"
            time.sleep(0.01)
    yield
    fifo.unlink()
    os.close(writer)


def nodes_of(attempt):
    return " ".join(event["node"] for event in attempt.of("node.started"))


def contents(attempt):
    assert attempt.exit["exit_code"] == 0, attempt.story()
    return {name: output["hash"] for name, output in attempt.outputs.items()}


def resuming(*earlier, trusting=True):
    return {"resumes": {"run_ids": [each.run_id for each in reversed(earlier)], "trusting": trusting}}


def killed_in_any_process(worker, pipeline, at, runner):
    """A process of a ParallelRunner that dies is a failure of the run; the last word is that of its parent."""
    (worker.project / "die").write_text(at)
    attempt = worker.run(pipeline, runner=runner)
    (worker.project / "die").unlink()
    assert attempt.exit["exit_code"] != 0, attempt.story()
    return attempt
