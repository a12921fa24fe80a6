"""Where fork is not safe: a process that imported the project ahead of time and is used for one run."""

from __future__ import annotations

import pytest
from rig import PATIENCE_S, text_entry

PIPELINES = """
def register_pipelines():
    return {"quick": pipeline([node(lambda word: word, "params:word", "out", name="quick")])}
"""


@pytest.fixture
def worker(workers):
    made = workers(
        "--mode", "once", catalog={"out": text_entry("data/out.txt")}, pipelines=PIPELINES, parameters={"word": "w"}
    )
    assert made.ready()["event"] == "ready"
    return made


def test_probes_then_becomes_the_attempt(worker):
    assert worker.probe(["quick"])["outputs"] == ["out"]
    assert worker.request(op="start", folder="/none", log="/none")["ok"] is False
    run = worker.start("quick")
    assert run.reply["pid"] == worker.process.pid
    assert worker.process.wait(PATIENCE_S) == 0
    assert run.manifest["status"] == "success"
    assert run.data("out") == "w"
    assert not (run.folder / "exit").exists()  # whoever waits for the process writes it


def test_ends_when_nobody_starts_it(worker):
    assert worker.close() == 0
