"""A worker that can't start says why, with a code, before it imports what fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rig import PATIENCE_S, Worker, make_project, text_entry

GOOD = "def register_pipelines():\n    return {'__default__': pipeline([node(lambda: '1', None, 'out', name='n')])}\n"


def failed(root: Path, state: Path, *options: str, **more) -> dict:
    worker = Worker(root, state, *options, **more)
    message = worker.ready()
    assert message["event"] == "failed", message
    assert worker.process.wait(PATIENCE_S) == 3
    worker.close()
    return message["error"]


def project(root: Path, pipelines: str = GOOD, **more) -> Path:
    return make_project(root, catalog={"out": text_entry("data/out.txt")}, pipelines=pipelines, **more)


@pytest.fixture
def bare_python(tmp_path, monkeypatch) -> str:
    """Make an interpreter without packages."""
    monkeypatch.delenv("RUNWEAVE_TEST_PATH", raising=False)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    return str(tmp_path / "bare/bin/python")


def test_no_kedro(tmp_path, bare_python):
    error = failed(project(tmp_path / "p"), tmp_path / "s", python=bare_python)
    assert error["code"] == "kedro-missing"
    assert error["message"].startswith(f"{bare_python} has no Kedro")
    assert "python" in error["hint"]


@pytest.mark.parametrize(
    ("version", "code"), [("0.19.9", "kedro-too-old"), ("1.3.1", "kedro-too-old"), ("1.7.0", "kedro-missing")]
)
def test_old_kedro(tmp_path, bare_python, version, code):
    package = next((tmp_path / "bare/lib").iterdir()) / "site-packages/kedro"
    (package / "framework/session").mkdir(parents=True)
    (package / "__init__.py").write_text(f'__version__ = "{version}"\n')
    (package / "framework/__init__.py").write_text("")
    (package / "framework/session/__init__.py").write_text("")
    error = failed(project(tmp_path / "p"), tmp_path / "s", python=bare_python)
    assert error["code"] == code
    assert version in error["message"]


OLD_PYTHON = os.environ.get("RUNWEAVE_TEST_OLD_PYTHON")


if OLD_PYTHON:

    def test_old_kedro_that_is_a_real_one(tmp_path):
        """Only `npm run test:kedro-versions` has such an environment."""
        error = failed(project(tmp_path / "p"), tmp_path / "s", python=OLD_PYTHON)
        assert error["code"] == "kedro-too-old"
        assert "has Kedro 1.3." in error["message"]
        assert error["hint"] == "pip install 'kedro>=1.4'"


@pytest.mark.parametrize("content", [None, "[project]\nname = 'x'\n", "[tool.kedro]\npackage_name = 'toy'\n"])
def test_no_project(tmp_path, content):
    root = project(tmp_path / "p")
    (root / "pyproject.toml").unlink()
    if content:
        (root / "pyproject.toml").write_text(content)
    assert failed(root, tmp_path / "s")["code"] == "project-not-found"


def test_f21_project_of_another_major_version_is_refused(tmp_path):
    root = project(tmp_path / "p")
    file = root / "pyproject.toml"
    file.write_text(file.read_text().replace("1.4.0", "0.19.0"))
    error = failed(root, tmp_path / "s")
    assert error["code"] == "project-import"
    assert "0.19.0" in error["message"]


@pytest.mark.parametrize(
    ("pipelines", "text"),
    [
        ("import not_there\n" + GOOD, "install 'not_there'"),
        ("import not_there.inner\n" + GOOD, "install 'not_there'"),
        ("import kedro.pipeline.not_there\n" + GOOD, "written for another version"),
        ("raise SystemExit(2)\n" + GOOD, "SystemExit"),
        ("def register_pipelines(): return 1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_project_that_fails_to_import(tmp_path, pipelines, text):
    error = failed(project(tmp_path / "p", pipelines), tmp_path / "s")
    assert error["code"] == "project-import"
    assert text in error["message"] + error["hint"]
    assert sys.executable in error["message"]
    assert "Traceback" in error["traceback"]


def test_cause_of_what_find_pipelines_raises(tmp_path):
    """Kedro's own message only names the module that it could not import."""
    pipelines = """
    from kedro.framework.project import find_pipelines
    def register_pipelines():
        return find_pipelines(raise_errors=True)
    """
    files = {"src/toy/pipelines/bad/__init__.py": "\n\nimport not_there\n"}
    error = failed(project(tmp_path / "p", pipelines, files=files), tmp_path / "s")
    assert error["code"] == "project-import"
    assert "'toy.pipelines.bad' module" in error["message"]
    assert "ModuleNotFoundError: No module named 'not_there'" in error["message"]
    assert error["hint"] == "install 'not_there' in the project's Python"
    assert 'bad/__init__.py", line 3' in error["traceback"]


def test_pipeline_that_find_pipelines_would_only_warn_of(tmp_path):
    """It must not be missing from `__default__` in silence, and it must not keep the others from running."""
    pipelines = """
    from kedro.framework.project import find_pipelines
    def register_pipelines():
        found = find_pipelines()
        found["__default__"] = sum(found.values())
        return found
    """
    good = "from kedro.pipeline import node, pipeline\n"
    good += "def create_pipeline(): return pipeline([node(lambda: '1', None, 'out', name='n')])\n"
    files = {"src/toy/pipelines/bad/__init__.py": "import not_there\n", "src/toy/pipelines/good/__init__.py": good}
    worker = Worker(project(tmp_path / "p", pipelines, files=files), tmp_path / "s")
    assert "not_there" in worker.ready()["failed_pipelines"]["bad"]
    worker.succeed("good")
    for names in (["bad"], [], ["__default__", "good"]):
        assert [each["code"] for each in worker.probe(names)["problems"]] == ["pipeline-import"]
    assert "pipeline-import" in worker.fail().error()
    worker.close()


def test_unknown_environment(tmp_path):
    error = failed(project(tmp_path / "p"), tmp_path / "s", "--env", "prod")
    assert error["code"] == "env-not-found"
    assert error["hint"] == "environments: base, local"
    assert failed(project(tmp_path / "q"), tmp_path / "s", "--env", "lcoal")["hint"] == "did you mean 'local'?"


def test_environment_that_leads_out_of_the_configuration(tmp_path):
    (tmp_path / "outside").mkdir()
    error = failed(project(tmp_path / "p"), tmp_path / "s", "--env", "../../outside")
    assert error["code"] == "env-not-found"
    assert "not the name of a folder" in error["message"]


def test_unknown_configuration(tmp_path):
    error = failed(project(tmp_path / "p"), tmp_path / "s", "--conf-source", "/none")
    assert error["code"] == "conf-source-not-found"


@pytest.mark.parametrize("name", ["runweave-worker", "runweave_worker"])
def test_hooks_disabled(tmp_path, name):
    root = project(tmp_path / "p", settings=f"DISABLE_HOOKS_FOR_PLUGINS = ({name!r},)\n")
    assert failed(root, tmp_path / "s")["code"] == "hooks-disabled"


def test_settings_that_fail_to_import(tmp_path):
    root = project(tmp_path / "p", settings="import not_there\n")
    assert failed(root, tmp_path / "s")["code"] == "project-import"


def test_environment_and_configuration_elsewhere(tmp_path):
    root = project(tmp_path / "p")
    (root / "conf/prod").mkdir()
    (root / "conf/prod/catalog.yml").write_text("out: {type: text.TextDataset, filepath: data/prod.txt}\n")
    shutil.move(root / "conf", tmp_path / "elsewhere")
    worker = Worker(root, tmp_path / "s", "--env", "prod", "--conf-source", str(tmp_path / "elsewhere"))
    assert worker.ready()["event"] == "ready"
    run = worker.succeed(env="prod", conf_source=str(tmp_path / "elsewhere"))
    assert run.outputs["out"]["plain_location"].endswith("data/prod.txt")
    other = worker.fail(env="base")
    assert "env prod" in other.error()
    worker.close()
