"""What the tests of facts share: catalogs at a place of their own, and projects run by Kedro alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from kedro.io import DataCatalog
from rig import PYTHON, environment, make_project, text_entry


def catalog(tmp_path: Path, save_version="v5", load_versions=None, **entries) -> DataCatalog:
    placed = {
        name: {**entry, "filepath": str(tmp_path / entry["filepath"])} if "filepath" in entry else entry
        for name, entry in entries.items()
    }
    return DataCatalog.from_config(placed, save_version=save_version, load_versions=load_versions)


def versioned(path="x.txt") -> dict:
    return text_entry(path, versioned=True)


class KedroProject:
    """A project, and Python that runs in a process of its own with it, without runweave."""

    def __init__(self, root: Path, **project) -> None:
        self.root = make_project(root, **{"catalog": {}, "pipelines": EMPTY, **project})

    def run(self, code: str):
        """Run code that calls `tell(value)` once; gives that value. `session` makes a new one."""
        script = f"PROJECT = {str(self.root)!r}\n{PRELUDE}\n{code}"
        made = subprocess.run(
            [PYTHON, "-c", script], cwd=self.root, env=environment(), capture_output=True, text=True, check=False
        )
        told = [line for line in made.stdout.splitlines() if line.startswith("TOLD ")]
        assert len(told) == 1, made.stdout[-2000:] + made.stderr[-3000:]
        return json.loads(told[0][5:])


EMPTY = "def register_pipelines():\n    return {'__default__': pipeline([])}\n"
PRELUDE = """
import json, os, sys
from kedro.framework.startup import bootstrap_project
from kedro.framework.session import KedroServiceSession
from kedro.framework.hooks import hook_impl

def tell(value):
    print("TOLD " + json.dumps(value), flush=True)

def session(**more):
    bootstrap_project(PROJECT)
    return KedroServiceSession.create(session_id="s", project_path=PROJECT, **more)
"""
