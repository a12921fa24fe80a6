"""What a run loads is gone with it: the zygote stays as it was. All of it: `npm run bench -- --only memory`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rig import text_entry

PIPELINES = """
def register_pipelines():
    return {"__default__": pipeline([node(len, "large", "length", name="measure")])}
"""
MB = 1_000_000
LOADED_MB = 50
RUNS = 25


@pytest.fixture(scope="module")
def worker(workers):
    files = {"data/large.txt": "x" * LOADED_MB * MB}
    made = workers(catalog={"large": text_entry("data/large.txt")}, pipelines=PIPELINES, files=files)
    assert made.ready()["event"] == "ready"
    return made


def resident(pid: int) -> int:
    found = re.search(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def test_runs_that_load_much_leave_the_zygote_flat(worker):
    worker.succeed()
    before = resident(worker.process.pid)
    for _ in range(RUNS):
        run = worker.succeed()
        assert run.manifest["peak_memory_bytes"] > LOADED_MB * MB
    assert resident(worker.process.pid) - before < 3 * MB
