"""Hooks of a project and of a plugin, in the order in which Kedro alone calls them; what a plugin may implement too."""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path

import pytest
from facts import KedroProject
from rig import WORKER, text_entry

PIPELINES = """
def register_pipelines():
    return {"__default__": pipeline([node(lambda: "1", None, "out", name="make")])}
"""
WATCHER = """
from kedro.framework.hooks import hook_impl

class Watcher:
    def __init__(self, name):
        self.name, self.calls = name, 0
    def note(self, hook):
        self.calls += 1
        print("CALLED", hook, self.name, self.calls, flush=True)
    @hook_impl
    def after_context_created(self, context): self.note("after_context_created")
    @hook_impl
    def after_catalog_created(self, catalog): self.note("after_catalog_created")
    @hook_impl
    def before_pipeline_run(self, run_params): self.note("before_pipeline_run")
    @hook_impl
    def before_node_run(self, node): self.note("before_node_run")
    @hook_impl
    def after_node_run(self, node): self.note("after_node_run")
    @hook_impl
    def after_pipeline_run(self, run_params): self.note("after_pipeline_run")
"""
SETTINGS = f"""{WATCHER}
class First(Watcher):
    @hook_impl(tryfirst=True)
    def before_node_run(self, node): self.note("before_node_run")

HOOKS = (Watcher("one"), First("two"), Watcher("three"))
"""
PLUGIN = f"""{WATCHER}
class Plugin(Watcher):
    @hook_impl
    def after_session_run(self, run_params, error):
        self.note("after_session_run")
        print("ENDED", run_params["session_id"], run_params["run_id"], error, flush=True)
    @hook_impl
    def after_all_runs(self, session_id, status, runs):
        self.note("after_all_runs")
        print("ALL", session_id, status, [run["run"] for run in runs], flush=True)

hooks = Plugin("plugin")
"""


@pytest.fixture(scope="module")
def plugin_path(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "watching.py").write_text(PLUGIN)
    about = folder / "watching-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: watching\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[kedro.hooks]\nwatching = watching:hooks\n")
    return str(folder)


@pytest.fixture(scope="module")
def worker(workers, plugin_path):
    path = os.pathsep.join([str(WORKER), plugin_path])
    catalog = {"out": text_entry("data/out.txt")}
    made = workers(catalog=catalog, pipelines=PIPELINES, settings=SETTINGS, env={"PYTHONPATH": path})
    made.told = made.ready()
    assert made.told["event"] == "ready", made.told
    return made


def calls(log: str) -> list[str]:
    return re.findall(r"^CALLED (.*)$", log, re.MULTILINE)


def test_the_order_is_that_of_kedro_alone(worker, plugin_path, tmp_path, monkeypatch):
    monkeypatch.setenv("RUNWEAVE_TEST_PATH", plugin_path)
    alone = KedroProject(
        tmp_path / "p", catalog={"out": text_entry("data/out.txt")}, pipelines=PIPELINES, settings=SETTINGS
    ).run(
        """
import contextlib, io
heard = io.StringIO()
with contextlib.redirect_stdout(heard):
    session().run()
tell(heard.getvalue())
"""
    )
    names = {call.split()[1] for call in calls(alone)}
    assert names == {"one", "two", "three", "plugin"}
    ours = [call for call in calls(worker.succeed().log.read_text()) if "after_session_run" not in call]
    assert ours == calls(alone)


def test_a_hook_that_counts_begins_anew_in_every_run(worker):
    first, second = (worker.succeed() for _ in range(2))
    assert calls(first.log.read_text()) == calls(second.log.read_text())
    assert "after_session_run plugin 7" in calls(second.log.read_text())


def test_a_plugin_is_told_of_ends_too(worker):
    run = worker.succeed()
    assert f"ENDED s1 {run.run_id} None" in run.log.read_text()
    assert worker.told["awaits_end"] is True
    log = worker.state / "session.log"
    summary = {"session_id": "s1", "status": "success", "runs": [{"run": "r"}]}
    assert worker.request(op="finish", summary=summary, log=str(log), limit_s=60)["exit_code"] == 0
    assert "ALL s1 success ['r']" in log.read_text()
    assert calls(log.read_text()) == ["after_all_runs plugin 1"]


def test_a_hook_that_asks_for_what_it_is_not_given_is_refused_before_any_run(workers):
    settings = """
from kedro.framework.hooks import hook_impl
class Wrong:
    @hook_impl
    def after_session_run(self, run_params, catalog): pass
HOOKS = (Wrong(),)
"""
    told = workers(catalog={}, pipelines=PIPELINES, settings=settings).ready()
    assert told["event"] == "failed"
    assert told["error"]["code"] == "project-import"
    assert "after_session_run" in told["error"]["message"]
    assert "catalog" in told["error"]["message"]


def test_the_example_of_the_documentation(workers):
    page = Path(__file__).parents[4] / "docs/kedro.md"
    (example,) = re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    settings = f"from kedro.framework.hooks import hook_impl\n{textwrap.dedent(example)}\nHOOKS = (Notify(),)\n"
    made = workers(catalog={}, pipelines=PIPELINES, settings=settings)
    assert made.ready()["awaits_end"] is True
    log = made.state / "session.log"
    runs = [{"run": "prep", "status": "success"}, {"run": "train", "status": "failed"}]
    summary = {"session_id": "s1", "status": "failed", "runs": runs}
    assert made.request(op="finish", summary=summary, log=str(log), limit_s=60)["exit_code"] == 0
    assert "s1: failed, failed: ['train']" in log.read_text()
