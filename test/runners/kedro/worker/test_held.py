"""What a project holds since it was imported is given up when its worker ends, and not when one of its runs does."""

from __future__ import annotations

import json
from pathlib import Path

from rig import text_entry

HOLDING = """
import atexit, json, os, tempfile
from pathlib import Path
PLACE = Path(os.environ["HOLDING"])
FILE = tempfile.NamedTemporaryFile(dir=PLACE)
FOLDER = tempfile.TemporaryDirectory(dir=PLACE)
NOTES = open(PLACE / "notes", "w")
NOTES.write("imported")
atexit.register(lambda: (PLACE / f"exit-{os.getpid()}").touch())
def look(word):
    return json.dumps([os.path.exists(FILE.name), os.path.isdir(FOLDER.name)])
"""
PROJECT = {
    "catalog": {"out": text_entry("data/out.txt")},
    "pipelines": """
from toy.steps import look
def register_pipelines():
    return {"look": pipeline([node(look, "params:word", "out", name="look")])}
""",
    "parameters": {"word": "w"},
    "files": {"src/toy/steps.py": HOLDING},
}


def exits_in(place: Path) -> int:
    """Return in how many processes the exit handler was called."""
    return len(list(place.glob("exit-*")))


def test_what_a_project_holds_is_given_up_once_at_the_end_of_its_worker(workers, tmp_path):
    worker = workers(env={"HOLDING": str(tmp_path)}, **PROJECT)
    assert worker.ready()["event"] == "ready"
    for _ in range(2):
        assert json.loads(worker.succeed("look").data("out")) == [True, True]
    assert exits_in(tmp_path) == 2
    assert worker.close() == 0
    assert exits_in(tmp_path) == 3
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith("exit-")} == {"notes"}
    assert (tmp_path / "notes").read_text() == "imported"
