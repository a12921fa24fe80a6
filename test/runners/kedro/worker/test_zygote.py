"""Whatever a child does, the zygote survives, tells the truth about it and leaves nothing behind (P7)."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
from rig import PATIENCE_S, Worker, make_project, text_entry

SLEPT_S = 0.3
NODES = """
import os, signal, subprocess, sys, threading, time, atexit, logging
def obey(word, where):
    "Say that it is there, then wait for the test to write what to do."
    with open(where + ".tmp", "w") as ready: ready.write(str(os.getpid()))
    os.rename(where + ".tmp", where + ".ready")
    with open(where, "r") as fifo: order = fifo.read().strip()
    exec(ORDERS.get(order, "pass"))
    return word
ORDERS = {
    "exit": "os._exit(3)",
    "sysexit": "sys.exit(0)",
    "kill": "os.kill(os.getpid(), signal.SIGKILL)",
    "close": "os.closerange(3, 256)",
    "garbage": "os.write(1, bytes([255, 0]) + b'{garbage'); print(chr(0xdcff))",
    "child": "open(where + '.child', 'w').write(str(subprocess.Popen(['sleep', '600']).pid))",
    "fork": "os.fork() == 0 and time.sleep(600)",
    "ignore": "signal.signal(signal.SIGTERM, signal.SIG_IGN); open(where + '.deaf', 'w').close(); time.sleep(600)",
    "sleep": "open(where + '.asleep', 'w').close(); time.sleep(600)",
    "thread": "threading.Thread(target=lambda: (time.sleep(0.2), print('THREAD DONE'))).start()",
    "atexit": "atexit.register(print, 'EXIT HANDLER'); print('no newline', end='')",
    "deep": "raise RuntimeError('deep') from OSError('disk')",
}
"""
PIPELINES = """
from toy.steps import obey
def register_pipelines():
    return {
        "obey": pipeline([node(obey, ["params:word", "params:where"], "out", name="obey")]),
        "quick": pipeline([node(lambda word: word, "params:word", "out", name="quick")]),
    }
"""
PROJECT = {
    "catalog": {"out": text_entry("data/out.txt")},
    "pipelines": PIPELINES,
    "parameters": {"word": "w", "where": ""},
    "files": {"src/toy/steps.py": NODES},
}


@pytest.fixture(scope="module")
def worker(workers):
    made = workers(**PROJECT)
    assert made.ready()["event"] == "ready"
    return made


class Obedient:
    """A run whose node waits for an order."""

    def __init__(self, worker, tmp_path, **fields):
        self.where = tmp_path / "order"
        os.mkfifo(self.where)
        self.run = worker.start("obey", runtime_params={"where": str(self.where)}, **fields)
        self.pid = int(self.wait_for(".ready"))

    def wait_for(self, suffix: str) -> str:
        path = Path(f"{self.where}{suffix}")
        deadline = time.monotonic() + PATIENCE_S
        while not path.exists():
            assert time.monotonic() < deadline, self.run.story()
            time.sleep(0.005)
        return path.read_text()

    def order(self, order: str):
        self.where.write_text(order)
        return self.run


@pytest.fixture
def obedient(worker, tmp_path):
    return Obedient(worker, tmp_path)


def test_exit_code_of_a_node(obedient):
    run = obedient.order("exit")
    assert run.wait()["exit_code"] == 3
    assert run.exit["exit_code"] == 3
    assert not (run.folder / "manifest").exists()


def test_sys_exit_is_a_failure(obedient):
    run = obedient.order("sysexit")
    run.wait()
    assert run.exit["exit_code"] == 1
    assert run.manifest["exception"]["type"] == "SystemExit"


def test_killed(obedient):
    run = obedient.order("kill")
    assert run.wait()["signal"] == "SIGKILL"
    assert run.exit["signal"] == "SIGKILL"
    assert run.exit["exit_code"] is None


@pytest.mark.parametrize("order", ["close", "garbage", "thread", "atexit", "go"])
def test_odd_but_successful(worker, tmp_path, order):
    obedient = Obedient(worker, tmp_path)
    run = obedient.order(order)
    run.wait()
    assert run.exit["exit_code"] == 0, run.story()
    assert run.manifest["status"] == "success"
    log = run.log.read_bytes()
    wanted = {"atexit": [b"no newline", b"EXIT HANDLER"], "thread": [b"THREAD DONE"], "garbage": [b"{garbage"]}
    assert all(text in log for text in wanted.get(order, ()))


@pytest.mark.parametrize("order", ["child", "fork"])
def test_grandchildren_end_with_the_run(worker, tmp_path, order):
    obedient = Obedient(worker, tmp_path)
    run = obedient.order(order)
    run.wait()
    with pytest.raises(ProcessLookupError):
        os.killpg(run.reply["pid"], 0)
    assert run.exit["exit_code"] == 0


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("runner", ["SequentialRunner", "ThreadRunner", "ParallelRunner"])
def test_graceful_stop(worker, tmp_path, name, runner):
    """With threads too, which no signal reaches."""
    obedient = Obedient(worker, tmp_path, runner=runner)
    run = obedient.order("sleep")
    obedient.wait_for(".asleep")
    time.sleep(SLEPT_S)
    run.stop(name)
    run.wait()
    assert run.exit["exit_code"] == 1
    assert run.manifest["status"] == "failed"
    assert run.manifest["exception"]["type"] in {"Interrupted", "BrokenProcessPool"}
    assert runner == "ParallelRunner" or name in run.error()
    (failed,) = run.of("node.failed")
    assert failed["node"] == "obey"
    assert failed["duration_ms"] >= SLEPT_S * 1000


def test_deaf_child_is_killed(obedient):
    run = obedient.order("ignore")
    obedient.wait_for(".deaf")
    run.stop("SIGTERM")
    run.stop("SIGKILL")
    run.wait()
    assert run.exit["signal"] == "SIGKILL"


def test_stop_of_an_ended_run(worker):
    run = worker.succeed("quick")
    run.stop("SIGTERM")


def test_claimed_by_somebody_else(worker):
    run = worker.prepare("quick")
    (run.folder / "claim").write_text(json.dumps({"pid": 1, "start_time": 1, "boot_id": "b"}))
    run.start()
    assert run.wait()["exit_code"] == 75
    assert not (run.folder / "exit").exists()
    assert not (run.folder / "manifest").exists()


def test_started_twice(worker):
    run = worker.succeed("quick")
    before = {file.name: file.read_bytes() for file in run.folder.iterdir()}
    run.start()
    assert run.wait()["exit_code"] == 75
    assert {file.name: file.read_bytes() for file in run.folder.iterdir()} == before


def test_claim_says_who(worker):
    run = worker.succeed("quick")
    claim = run.read("claim")
    assert claim["pid"] == run.reply["pid"]
    assert claim["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert isinstance(claim["start_time"], int)


def test_wrong_requests_are_answered(worker):
    assert worker.request(op="start", folder="/none", log="/none")["error"]["code"] == "start-failed"
    assert worker.request(op="dance")["ok"] is False
    assert worker.request(op="stop", run_id="r", signal="SIGSTOP")["ok"] is False
    worker.control.sendall(b"no json\n[]\n")
    assert worker.succeed("quick").exit["exit_code"] == 0


def test_spec_of_another_run(worker):
    run = worker.prepare("quick")
    spec = run.read("spec.json")
    (run.folder / "spec.json").write_text(json.dumps({**spec, "reads": {"out": {"rule": "own", "version": "../x"}}}))
    run.start()
    run.wait()
    assert run.exit["exit_code"] == 1
    assert "'../x'" in run.error()


def test_child_has_a_process_group_and_the_log(obedient):
    assert os.getpgid(obedient.pid) == obedient.pid
    assert os.readlink(f"/proc/{obedient.pid}/fd/0") == "/dev/null"
    for fd in (1, 2):
        assert os.readlink(f"/proc/{obedient.pid}/fd/{fd}") == str(obedient.run.log)
    assert "3" not in os.listdir(f"/proc/{obedient.pid}/fd") or "socket" not in os.readlink(
        f"/proc/{obedient.pid}/fd/3"
    )
    obedient.order("go").wait()


def test_two_at_once(worker, tmp_path):
    places = [tmp_path / "1", tmp_path / "2"]
    for place in places:
        place.mkdir()
    both = [Obedient(worker, place) for place in places]
    for each in both:
        each.order("go").wait()
        assert each.run.exit["exit_code"] == 0


@pytest.fixture
def own_worker(tmp_path):
    root = make_project(tmp_path / "project", **PROJECT)
    made = Worker(root, tmp_path / "state")
    assert made.ready()["event"] == "ready"
    yield made
    made.process.kill()


def test_closed_channel_waits_for_children(own_worker, tmp_path):
    obedient = Obedient(own_worker, tmp_path)
    own_worker.control.close()
    run = obedient.order("go")
    assert own_worker.process.wait(PATIENCE_S) == 0
    assert run.exit["exit_code"] == 0
    assert run.manifest["status"] == "success"


def test_zygote_told_to_end_stops_its_children(own_worker, tmp_path):
    obedient = Obedient(own_worker, tmp_path)
    obedient.order("sleep")
    obedient.wait_for(".asleep")
    own_worker.process.send_signal(signal.SIGTERM)
    assert own_worker.process.wait(PATIENCE_S) == 0
    assert obedient.run.manifest["exception"]["type"] == "Interrupted"
    assert obedient.run.exit["exit_code"] == 1


def test_a_thread_that_an_answer_has_begun_is_told_before_it(workers):
    # A resolver is called when parameters are read, which nobody does before.
    settings = """
    import threading, time
    def begin():
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        return 1
    CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "custom_resolvers": {"begin": begin}}
    """
    made = workers(**{**PROJECT, "parameters": {"word": "${begin:}", "where": ""}, "settings": settings})
    assert made.ready()["fork_safe"] is True
    for _ in range(2):
        assert made.request(op="probe", runtime_params={}, slices={})["ok"]
        made.probe(["quick"])
    assert made.inbox == [{"event": "fork_unsafe"}]
