"""What a run leaves behind is ended with it, and told: processes, shared memory, semaphores (P13)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rig import PATIENCE_S, environment, new_run_id, poll, text_entry

STEPS = """
import multiprocessing, os, subprocess, sys, time
from multiprocessing import shared_memory
def note(where, pid):
    with open(where + ".tmp", "w") as file: file.write(str(pid))
    os.rename(where + ".tmp", where)
def spawned(where): note(where, subprocess.Popen(["sleep", "600"]).pid)
def away(where): note(where, subprocess.Popen(["sleep", "600"], start_new_session=True).pid)
def daemon(where):
    "Forked twice, in a session of its own, without a mark in its environment."
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            note(where, os.getpid())
            time.sleep(600)
        os._exit(0)
    os.wait()
def family(where):
    code = "import os, subprocess, time; p = subprocess.Popen(['sleep', '600'], start_new_session=True);"
    code += f"open({where!r} + '.tmp', 'w').write(str(p.pid)); os.rename({where!r} + '.tmp', {where!r});"
    code += "time.sleep(600)"
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    wait_for(where)
def wait_for(where):
    while not os.path.exists(where): time.sleep(0.005)
def memory(where):
    "Leaves both to the process that cleans up after multiprocessing."
    block = shared_memory.SharedMemory(create=True, size=1000)
    lock = multiprocessing.get_context("spawn").Semaphore()
    note(where, f"{block._name} sem.{lock._semlock.name.strip('/')}")
    return block, lock
def late(where):
    "The same, but the process that cleans up begins its program only once somebody says so."
    from multiprocessing import util
    def spawn(path, args, passfds):
        pid = os.fork()
        if pid: return pid
        note(where + ".forked", os.getpid())
        wait_for(where + ".go")
        for fd in passfds: os.set_inheritable(fd, True)
        os.execv(path, [os.fsdecode(arg) for arg in args])
    util.spawnv_passfds = spawn
    kept = memory(where)
    wait_for(where + ".forked")
    return kept
def act(what, where, then):
    kept = globals()[what](where)
    if what not in ("memory", "late"): wait_for(where)
    if then == "fail": raise ValueError("as told")
    if then == "hang":
        note(where + ".hangs", 1)
        time.sleep(600)
    if then == "exit": os._exit(0)
    return "done"
"""
PIPELINES = """
from toy.steps import act
def register_pipelines():
    return {"act": pipeline([node(act, ["params:what", "params:where", "params:then"], "out", name="act")])}
"""
MARKED = """
import os, subprocess, sys
from runweave_worker.protocol.attempt_folder import name_ancestors
from runweave_worker.attempt.strays import Strays
strays = Strays()
outer = {"RUNWEAVE_RUN_ID": "command", "RUNWEAVE_ANCESTORS": "outermost:command"}
marked = {**os.environ, "RUNWEAVE_ANCESTORS": name_ancestors(outer, "own")}
assert marked["RUNWEAVE_ANCESTORS"] == "outermost:command:own"
assert name_ancestors({}, "own") == "own"
for env, expected in ((marked, {"outermost", "command", "own"}), (os.environ, set())):
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, env=env)
    while [each.command for each in strays.find(())] != ["cat"]: pass
    assert [each.run_ids for each in strays.find(())] == [expected]
    child.stdin.close()
    child.wait()
"""
EXITING = """
import subprocess
from runweave_worker.attempt.strays import Strays
strays = Strays()
for _ in range(200):
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    while [(each.command, each.is_exiting) for each in strays.find(())] != [("cat", False)]: pass
    child.stdin.close()
    while found := strays.find(()):
        left = [each.command for each in found if not each.is_exiting]
        assert left in ([], ["cat"]), left
    child.wait()
"""
PARAMETERS = {"what": "", "where": "", "then": ""}


@pytest.fixture(scope="module")
def worker(workers):
    made = workers(
        catalog={"out": text_entry("data/out.txt")},
        pipelines=PIPELINES,
        parameters=PARAMETERS,
        files={"src/toy/steps.py": STEPS},
    )
    assert made.ready()["event"] == "ready"
    return made


def start(worker, tmp_path, what: str, then: str = "return", **fields):
    where = tmp_path / what
    return worker.start("act", runtime_params={"what": what, "where": str(where), "then": then}, **fields), where


def shared_names() -> set[str]:
    """Return what multiprocessing shares by a name; whoever else is on the machine may have other things there."""
    return {name for name in os.listdir("/dev/shm") if name.startswith(("psm_", "sem."))}


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] not in "ZX"


@pytest.mark.parametrize("runner", ["SequentialRunner", "ParallelRunner"])
@pytest.mark.parametrize("what", ["spawned", "away", "daemon", "family"])
def test_processes_left_behind_are_ended_and_told(worker, tmp_path, what, runner):
    run, where = start(worker, tmp_path, what, runner=runner)
    end = run.wait()
    assert end["exit_code"] == 0, run.story()
    left = int(where.read_text())
    assert not is_alive(left)
    assert left in [each["pid"] for each in end["left_behind"]]
    assert run.exit["left_behind"] == end["left_behind"]
    if what != "daemon":
        assert "sleep 600" in [each["command"] for each in end["left_behind"]]


@pytest.mark.parametrize("then", ["fail", "exit"])
def test_those_of_a_failed_run_too(worker, tmp_path, then):
    run, where = start(worker, tmp_path, "away", then)
    end = run.wait()
    assert [each["pid"] for each in end["left_behind"]] == [int(where.read_text())]
    assert not is_alive(int(where.read_text()))


def test_those_of_a_killed_run_too(worker, tmp_path):
    run, where = start(worker, tmp_path, "daemon", "hang")
    assert poll(Path(f"{where}.hangs").exists)
    run.stop("SIGKILL")
    assert [each["pid"] for each in run.wait()["left_behind"]] == [int(where.read_text())]
    assert not is_alive(int(where.read_text()))


def test_processes_of_a_run_that_goes_on_are_left_alone(worker, tmp_path):
    other, theirs = start(worker, tmp_path, "daemon", "hang")
    assert poll(Path(f"{theirs}.hangs").exists)
    run, where = start(worker, tmp_path, "away")
    assert [each["pid"] for each in run.wait()["left_behind"]] == [int(where.read_text())]
    assert is_alive(int(theirs.read_text()))
    other.stop("SIGKILL")
    assert [each["pid"] for each in other.wait()["left_behind"]] == [int(theirs.read_text())]


def test_what_is_exiting_already_was_not_left_behind():
    """Between its memory and its entry a process that exits has no command: the look for it is repeated all along."""
    subprocess.run([sys.executable, "-c", EXITING], env=environment(), check=True, timeout=PATIENCE_S)


def test_a_process_says_for_which_attempts_it_was_started_however_many_are_around_each_other():
    clean = {name: value for name, value in environment().items() if not name.startswith("RUNWEAVE_")}
    subprocess.run([sys.executable, "-c", MARKED], env=clean, check=True, timeout=PATIENCE_S)


def test_what_a_run_forks_shows_its_mark_though_its_environment_was_never_set(workers, tmp_path):
    made = workers(
        catalog={"out": text_entry("data/out.txt")},
        pipelines=PIPELINES,
        parameters=PARAMETERS,
        files={"src/toy/steps.py": STEPS},
        env={"RUNWEAVE_ANCESTORS": "outer:" + 64 * "-"},
    )
    made.ready()
    for _ in range(2):
        folder = tmp_path / new_run_id()
        folder.mkdir()
        run, where = start(made, folder, "daemon", "hang")
        assert poll(Path(f"{where}.hangs").exists)
        for pid in (run.reply["pid"], int(where.read_text())):
            shown = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            assert f"RUNWEAVE_ANCESTORS=outer:{run.run_id}".encode() in [each.rstrip(b":") for each in shown]
        run.stop("SIGKILL")
        run.wait()
    run, where = start(made, tmp_path, "spawned", "hang")
    assert poll(Path(f"{where}.hangs").exists)
    started = Path(f"/proc/{int(where.read_text())}/environ")
    # Empty while the process begins its program.
    assert poll(started.read_bytes)
    assert f"RUNWEAVE_ANCESTORS=outer:{run.run_id}".encode() in started.read_bytes().split(b"\0")
    run.stop("SIGKILL")
    run.wait()


def test_a_run_that_leaves_nothing_is_told_nothing(worker, tmp_path):
    run, _ = start(worker, tmp_path, "memory", runner="ParallelRunner")
    assert run.wait()["left_behind"] == []


@pytest.mark.parametrize("then", ["return", "fail", "exit", "hang"])
@pytest.mark.parametrize("runner", ["SequentialRunner", "ParallelRunner"])
def test_shared_memory_and_semaphores_are_gone(worker, tmp_path, runner, then):
    run, where = start(worker, tmp_path, "memory", then, runner=runner)
    if then == "hang":
        assert poll(Path(f"{where}.hangs").exists)
        os.kill(run.reply["pid"], signal.SIGKILL)
    run.wait()
    names = where.read_text().split()
    assert len(names) == 2
    assert [name for name in names if os.path.exists(f"/dev/shm/{name.strip('/')}")] == []


@pytest.mark.parametrize("then", ["fail", "exit", "hang"])
def test_they_are_gone_though_what_cleans_up_was_only_being_started(worker, tmp_path, then):
    run, where = start(worker, tmp_path, "late", then)
    if then == "hang":
        assert poll(Path(f"{where}.hangs").exists)
        os.kill(run.reply["pid"], signal.SIGKILL)
    assert poll(lambda: Path(f"{where}.forked").exists() and not is_alive(run.reply["pid"]))
    Path(f"{where}.go").touch()
    run.wait()
    assert [name for name in where.read_text().split() if os.path.exists(f"/dev/shm/{name.strip('/')}")] == []


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("runner", ["SequentialRunner", "ThreadRunner", "ParallelRunner"])
def test_no_run_leaves_more_of_them_than_there_were(worker, tmp_path, runner, is_async):
    before = shared_names()
    run, where = start(worker, tmp_path, "memory", runner=runner, is_async=is_async)
    assert run.wait()["exit_code"] == 0, run.story()
    own = {name.strip("/") for name in where.read_text().split()}
    assert own & shared_names() == set()
    # Others on this machine may have theirs for a while.
    assert poll(lambda: not shared_names() - before)
    children = Path(f"/proc/{worker.process.pid}/task/{worker.process.pid}/children").read_text()
    assert children == "", run.story()


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_the_manager_of_a_parallel_runner_leaves_nothing(workers, tmp_path, context):
    before = shared_names()
    made = workers(
        catalog={"out": text_entry("data/out.txt")},
        pipelines=PIPELINES,
        parameters=PARAMETERS,
        files={"src/toy/steps.py": STEPS},
        env={"KEDRO_MP_CONTEXT": context},
    )
    made.ready()
    for then, how in (("return", None), ("fail", None), ("hang", "SIGINT"), ("hang", "SIGKILL")):
        folder = tmp_path / f"{then}{how}"
        folder.mkdir()
        run, where = start(made, folder, "spawned", then, runner="ParallelRunner")
        if how:
            assert poll(Path(f"{where}.hangs").exists)
            run.stop(how)
        run.wait()
        children = Path(f"/proc/{made.process.pid}/task/{made.process.pid}/children").read_text()
        assert children == "", run.story()
    # Others on this machine may have theirs for a while.
    assert poll(lambda: not shared_names() - before)
