"""Sources that change again within a second are read as they are, though Python keeps byte code of them."""

from __future__ import annotations

import os
import time

import pytest
from rig import Worker, make_project, text_entry

PIPELINES = """
from .answers import ANSWER
def register_pipelines(): return {"__default__": pipeline([node(lambda: ANSWER, None, "out", name="say")])}
"""
WRITES = {"PYTHONDONTWRITEBYTECODE": ""}


@pytest.fixture
def project(tmp_path):
    files = {"src/toy/answers.py": 'ANSWER = "one"\n'}
    return make_project(
        tmp_path / "project", catalog={"out": text_entry("data/out.txt")}, pipelines=PIPELINES, files=files
    )


def say(project, state) -> str:
    worker = Worker(project, state, **WRITES)
    try:
        return open(worker.succeed().outputs["out"]["location"]).read()
    finally:
        worker.close()


def set_time(path, seconds: float) -> None:
    os.utime(path, (seconds, seconds))


def test_a_source_of_the_same_size_and_second_is_another_one(project, tmp_path):
    answers = project / "src/toy/answers.py"
    # As if nothing took any time: it is younger than what reads it, however busy the machine.
    second = int(time.time()) + 3600
    set_time(answers, second + 0.25)
    assert say(project, tmp_path / "first") == "one"
    answers.write_text('ANSWER = "two"\n')
    set_time(answers, second + 0.75)
    assert say(project, tmp_path / "second") == "two"


def test_byte_code_of_older_sources_is_kept(project, tmp_path):
    set_time(project / "src/toy/answers.py", time.time() - 60)
    say(project, tmp_path / "state")
    assert list(project.glob("src/toy/__pycache__/answers.*.pyc"))
