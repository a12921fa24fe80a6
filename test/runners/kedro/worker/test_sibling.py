"""A worker for another environment is forked from one that has imported the project, where that makes no difference."""

from __future__ import annotations

import itertools
import json
import os
import socket
from pathlib import Path

import pytest
from rig import Worker, poll, text_entry

STEPS = """
import json, os, random, sys, tempfile
open(os.environ["IMPORTS"], "a").write("imported ")
NUMBERS = random.Random()
FOLDER = tempfile.TemporaryDirectory()
def look(word):
    told = {"word": word, "argv": sys.argv[1:], "numbers": [random.random(), NUMBERS.random()]}
    return json.dumps({**told, "folder": os.path.isdir(FOLDER.name), "parent": os.getppid()})
"""
PROJECT = {
    "catalog": {"out": text_entry("data/out.txt")},
    "pipelines": """
from toy.steps import look
def register_pipelines():
    return {"look": pipeline([node(look, "params:word", "out", name="look")])}
""",
    "parameters": {"word": "base"},
    "files": {"src/toy/steps.py": STEPS, "conf/prod/parameters.yml": "word: prod\n", "conf/test/.gitkeep": ""},
}
_names = itertools.count(1)


class Sibling(Worker):
    """The test's end of the channels of a sibling."""

    def __init__(self, elder: Worker, env: str, folder: Path) -> None:
        self.project, self.state, self._ids, self._pending, self.inbox = elder.project, elder.state, elder._ids, b"", []
        self.env, self.log = env, elder.state / f"sibling-{next(_names)}.log"
        path = folder / f"{env}.socket"
        self.reply = elder.request(op="sibling", env=env, conf_source=None, socket=str(path), log=str(self.log))
        if self.reply["ok"]:
            self.pid = self.reply["pid"]
            self.bell, self.lifeline, self.control = (self.connect(path, role) for role in (b"b", b"l", b"c"))

    def connect(self, path: Path, role: bytes) -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        made.connect(str(path))
        made.sendall(role)
        return made

    def look(self) -> dict:
        return json.loads(self.succeed("look", env=self.env).data("out"))

    def hang_up(self) -> None:
        for each in (self.control, self.bell, self.lifeline):
            each.close()
        assert poll(lambda: not os.path.exists(f"/proc/{self.pid}"))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "workers"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def make(workers, tmp_path):
    def make(**project):
        return workers(env={"IMPORTS": str(tmp_path / "imports")}, **{**PROJECT, **project})

    return make


def imports(tmp_path) -> int:
    return (tmp_path / "imports").read_text().split().count("imported")


def test_the_project_is_imported_once_for_two_environments(make, folder, tmp_path):
    elder = make()
    sibling = Sibling(elder, "prod", folder)
    assert sibling.ready()["pid"] == sibling.pid
    assert elder.ready()["event"] == "ready"
    told = [json.loads(elder.succeed("look").data("out")), sibling.look(), sibling.look()]
    assert [each["word"] for each in told] == ["base", "prod", "prod"]
    assert "--env" not in told[0]["argv"]
    assert told[1]["argv"][-2:] == ["--env", "prod"]
    assert [each["parent"] for each in told] == [elder.process.pid, sibling.pid, sibling.pid]
    # Nobody has seeded them, so that no two runs draw the same.
    assert len({number for each in told for number in each["numbers"]}) == 6
    assert imports(tmp_path) == 1
    assert list(folder.iterdir()) == []
    assert sibling.probe(["look"])["problems"] == []
    sibling.hang_up()
    assert json.loads(elder.succeed("look").data("out"))["folder"] is True


def test_what_both_hold_is_there_until_the_last_of_them_has_ended(make, folder):
    elder = make()
    sibling = Sibling(elder, "prod", folder)
    sibling.ready()
    elder.ready()
    elder.control.close()
    assert sibling.look()["folder"] is True
    assert elder.process.poll() is None
    sibling.hang_up()
    assert elder.process.wait(60) == 0


LOADER = """
    from kedro.config import OmegaConfigLoader
    class Loader(OmegaConfigLoader):
        "It may keep what it has read, for whatever environment."
    CONFIG_LOADER_CLASS = Loader
"""
OWN_CLASS = {
    "catalog": {**PROJECT["catalog"], "own": {"type": "toy.own.Own", "filepath": "data/own.txt"}},
    "files": {
        **PROJECT["files"],
        "src/toy/own.py": "from kedro_datasets.text import TextDataset\nclass Own(TextDataset):\n    pass\n",
    },
}


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": "import sys; ENV = sys.argv[-1]"},
        {"settings": "import sys; ENV = ' '.join(sys.orig_argv)"},
        {"settings": LOADER},
        OWN_CLASS,
    ],
    ids=["argv", "orig_argv", "loader", "class"],
)
def test_a_project_in_which_the_environment_may_have_left_something_is_imported_anew(make, folder, tmp_path, changes):
    elder = make(**changes)
    assert not Sibling(elder, "prod", folder).reply["ok"]
    assert list(folder.iterdir()) == []
    own = Worker(elder.project, elder.state, "--env", "prod", IMPORTS=str(tmp_path / "imports"))
    assert own.ready()["event"] == "ready"
    assert json.loads(own.succeed("look", env="prod").data("out"))["argv"][-2:] == ["--env", "prod"]
    assert imports(tmp_path) == 2
    assert own.close() == 0


def test_one_that_has_answered_for_its_environment_forks_none(make, folder):
    elder = make()
    elder.ready()
    elder.probe(["look"])
    assert not Sibling(elder, "prod", folder).reply["ok"]


def test_nor_does_one_whose_socket_others_could_reach(make, folder):
    elder = make()
    folder.chmod(0o755)
    reply = Sibling(elder, "prod", folder).reply
    assert not reply["ok"]
    assert "is not for this user alone" in reply["error"]["message"]


def test_an_environment_that_there_is_not_is_told_as_by_any_worker(make, folder):
    elder = make()
    sibling = Sibling(elder, "nowhere", folder)
    assert sibling.ready()["error"]["code"] == "env-not-found"
    assert poll(lambda: not os.path.exists(f"/proc/{sibling.pid}"))
    assert json.loads(elder.succeed("look").data("out"))["word"] == "base"


def test_one_that_a_project_keeps_busy_for_ever_ends_with_its_orchestrator(make, folder, tmp_path):
    # A resolver is called by whoever reads the parameters: the sibling, when it is asked.
    settings = f"""
    def wait():
        open({str(tmp_path / "busy")!r}, "w").close()
        while True:
            pass
    CONFIG_LOADER_ARGS = {{"base_env": "base", "default_run_env": "local", "custom_resolvers": {{"wait": wait}}}}
    """
    elder = make(settings=settings, parameters={"word": "${wait:}"})
    elder.ready()
    sibling = Sibling(elder, "test", folder)
    sibling.ready()
    sibling.send(op="probe", runtime_params={}, slices={"s": {"pipeline_names": ["look"], "filters": {}}})
    assert poll((tmp_path / "busy").exists)
    sibling.hang_up()
