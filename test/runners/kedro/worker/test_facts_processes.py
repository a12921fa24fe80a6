"""Facts of sessions, hooks and processes (numbers as the table of facts has them)."""

from __future__ import annotations

import inspect
from pathlib import Path

from facts import KedroProject
from kedro.config import OmegaConfigLoader
from kedro.framework.hooks.specs import DatasetSpecs
from omegaconf import OmegaConf
from rig import text_entry

TWO = """
def give(): return "1"
def use(x): return x + "!"
def register_pipelines():
    return {"__default__": pipeline([node(give, None, "x", name="give"), node(use, "x", "y", name="use")])}
"""
FILES = {"x": text_entry("data/x.txt"), "y": text_entry("data/y.txt")}


def test_f20_only_requested_pipelines_are_imported(tmp_path):
    registry = """
    from kedro.framework.project import find_pipelines
    def register_pipelines():
        found = find_pipelines()
        return {**found, "both": found["a"] + found["b"]}
    """
    body = "from kedro.pipeline import node, pipeline\n"
    body += "def create_pipeline(): return pipeline([node(lambda: '1', None, 'out_{0}', name='{0}')])\n"
    files = {f"src/toy/pipelines/{name}/__init__.py": body.format(name) for name in ("a", "b")}
    files["src/toy/pipelines/__init__.py"] = ""
    told = KedroProject(tmp_path / "p", pipelines=registry, files=files).run("""
from kedro.framework.project import pipelines
bootstrap_project(PROJECT)
if not hasattr(pipelines, "set_requested"):
    tell("no such thing in this Kedro")
else:
    pipelines.set_requested(["a"])
    try:
        tell(sorted(pipelines))
    except KeyError as error:
        tell(f"KeyError {error}")
""")
    assert told in ("KeyError 'b'", "no such thing in this Kedro")


def test_p2_the_resolver_of_parameters_is_global_to_the_process(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base/catalog.yml").write_text("x: {type: t, filepath: '${runtime_params:place}'}\n")

    def loader(place: str) -> OmegaConfigLoader:
        where = {"base_env": "base", "default_run_env": "base"}
        return OmegaConfigLoader(str(tmp_path), **where, runtime_params={"place": place})

    one, other = loader("one"), loader("other")
    assert one["catalog"]["x"]["filepath"] == "one"
    assert other["catalog"]["x"]["filepath"] == "other"
    # What the first one left to be looked up later is now looked up with the second one's parameters.
    assert OmegaConf.create({"place": "${runtime_params:place}"}).place == "other"


def test_p3_one_hook_object_serves_every_run_of_a_session(tmp_path):
    settings = """
    from kedro.framework.hooks import hook_impl
    class Count:
        runs = 0
        @hook_impl
        def before_pipeline_run(self):
            self.runs += 1
            print(f"RUNS {self.runs}")
    COUNT = Count()
    HOOKS = (COUNT,)
    """
    told = KedroProject(tmp_path / "p", catalog=FILES, pipelines=TWO, settings=settings).run("""
one = session()
for run_id in ("r1", "r2"):
    one.run(run_id=run_id)
from toy.settings import COUNT
tell(COUNT.runs)
""")
    assert told == 2


def test_p4_hooks_registered_on_a_session_miss_the_processes_of_a_parallel_runner(tmp_path):
    told = KedroProject(tmp_path / "p", catalog=FILES, pipelines=TWO).run("""
from kedro.runner import ParallelRunner
class Note:
    @hook_impl
    def before_node_run(self, node):
        open(os.path.join(PROJECT, "seen_" + node.name), "w").close()
if __name__ == "__main__":
    one = session()
    one._hook_manager.register(Note())
    one.run(run_id="r", runner=ParallelRunner())
    tell([name for name in os.listdir(PROJECT) if name.startswith("seen_")])
""")
    assert told == []


def test_p5_hooks_of_loads_get_name_and_data_but_no_version():
    names = set(inspect.signature(DatasetSpecs.after_dataset_loaded).parameters)
    assert names == {"self", "dataset_name", "data", "node"}


def test_p6_projects_print_to_stdout(tmp_path):
    printing = "print('NOISE')\n" + TWO
    told = KedroProject(tmp_path / "p", catalog=FILES, pipelines=printing).run("""
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as heard:
    one = session()
    one.run(run_id="r")
tell(heard.getvalue())
""")
    assert "NOISE" in told


def test_p7_a_parent_that_imported_everything_has_one_python_thread(tmp_path):
    told = KedroProject(tmp_path / "p", catalog=FILES, pipelines=TWO).run("""
import threading, pandas, sklearn.linear_model
session()
tell(threading.active_count())
""")
    assert told == 1


def test_p9_what_a_memory_dataset_needs_is_imported_when_it_is_first_saved(tmp_path):
    told = KedroProject(tmp_path / "p").run("""
session()
from kedro.io import MemoryDataset
before = "pandas" in sys.modules
MemoryDataset().save(1)
tell([before, "pandas" in sys.modules])
""")
    assert told == [False, True]


def test_p10_telemetry_can_be_refused_by_the_environment():
    import kedro_telemetry

    text = "".join(path.read_text() for path in Path(kedro_telemetry.__file__).parent.glob("*.py"))
    assert "KEDRO_DISABLE_TELEMETRY" in text
    assert "DO_NOT_TRACK" in text


def test_p11_the_raw_configuration_can_be_kept_from_1_7_on():
    import kedro

    has_it = hasattr(OmegaConfigLoader, "_read_raw_config")
    assert has_it is (tuple(int(part) for part in kedro.__version__.split(".")[:2]) >= (1, 7))


def test_p12_building_a_catalog_fires_the_hooks_of_the_project(tmp_path):
    settings = """
    from kedro.framework.hooks import hook_impl
    class Note:
        @hook_impl
        def after_catalog_created(self):
            print("HOOK")
    HOOKS = (Note(),)
    """
    told = KedroProject(tmp_path / "p", catalog=FILES, pipelines=TWO, settings=settings).run("""
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as heard:
    one = session()
    quiet = heard.getvalue()
    one.run(run_id="r")
tell(["HOOK" in quiet, "HOOK" in heard.getvalue()])
""")
    assert told == [False, True]


def test_p13_a_manager_process_stays_behind_a_child_that_leaves_at_once(tmp_path):
    project = KedroProject(tmp_path / "p", catalog=FILES, pipelines=TWO)
    told = project.run("""
import signal, ctypes
from kedro.runner import ParallelRunner
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
one = session()
child = os.fork()
if child == 0:
    os.setsid()
    # Its manager ends when the runner is collected, which os._exit never does.
    runner = ParallelRunner()
    one.run(run_id="r", runner=runner)
    os._exit(0)
os.waitpid(child, 0)
left = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        group = os.getpgid(int(pid))
    except OSError:
        continue
    if group == child:
        left.append(int(pid))
for pid in left:
    os.kill(pid, signal.SIGKILL)
tell(len(left))
""")
    assert told >= 1
