"""What a worker notes of its reading with each answer, and what makes an answer one that nobody can keep."""

import os
import subprocess

from rig import Worker, text_entry

PIPELINES = """
import datetime, random, time
from toy.readers import work

def late(raw):
    return f"{datetime.datetime.now()}{random.random()}{time.time()}"

def register_pipelines():
    return {"__default__": pipeline([node(late, "raw", "out"), node(work, "out", "done")])}
"""
UNSEEN = "of which nobody sees what it reads"
KEEPING = {"PYTHONDONTWRITEBYTECODE": ""}
CATALOG = {"raw": text_entry("data/raw.txt", versioned=True), "out": text_entry("data/out.txt")}


READING = """
from toy.readers import work

def register_pipelines():
    return {"__default__": pipeline([node(work, ["raw", "params:given"], "out")])}
"""


def ask(worker: Worker, **fields) -> dict:
    slices = {"s": {"pipeline_names": [], "filters": {}}}
    reply = worker.request(op="probe", runtime_params={}, slices=slices, work=True, **fields)
    assert reply["ok"], reply
    return reply["reads"]


def seen_reasons(reads: dict) -> list[str]:
    """Return what was seen to happen, without what is only named."""
    return [reason for reason in reads["reasons"] if not reason.endswith(UNSEEN)]


def found_of(reads: dict) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for how, path, value in reads["rows"]:
        found.setdefault(path, set()).add((how, value))
    return found


def mark(path) -> str:
    found = os.stat(path)
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def test_every_way_to_look_at_a_path_is_noted_and_what_is_not_there_too(workers):
    readers = """
    import logging, os, pathlib, sys

    ROOT = pathlib.Path(__file__).parents[2]
    open(ROOT / "opened.txt").close()
    (ROOT / "asked.txt").exists()
    os.path.isdir(ROOT / "missing")
    os.path.getmtime(ROOT / "timed.txt")
    os.listdir(ROOT / "listed")
    os.path.realpath(ROOT / "link.txt")
    os.access(ROOT / "opened.txt", os.R_OK)
    os.environ.get("GREETING")
    try:
        import toy_is_not_there
    except ImportError:
        pass
    logging.getLogger("toy").warning("log lines carry the time")

    def work(out):
        return out
    """
    files = {
        "src/toy/readers.py": readers,
        **{f"{name}.txt": "text" for name in ("opened", "asked", "timed")},
        "listed/one/two.txt": "",
    }
    worker = workers(catalog=CATALOG, pipelines=PIPELINES, files=files)
    root = worker.project
    worker.ready()
    reads = ask(worker)
    found = found_of(reads)
    assert reads["reasons"] == []
    assert ("content", mark(root / "opened.txt")) in found[str(root / "opened.txt")]
    assert found[str(root / "asked.txt")] == {("kind", "file")}
    assert found[str(root / "missing")] == {("kind", "")}
    timed = root / "timed.txt"
    assert found[str(timed)] == {("stat", f"{mark(timed)}:{timed.stat().st_mode}")}
    assert {how for how, _ in found[str(root / "listed")]} == {"names"}
    assert found[str(root / "link.txt")] == {("link", "")}
    assert "toy_is_not_there" in reads["searches"][str(root / "src")]["modules"]
    assert "GREETING" in reads["variables"]
    assert ("content", mark(root / "src/toy/readers.py")) in found[str(root / "src/toy/readers.py")]
    assert ("content", mark(root / "conf/base/parameters.yml")) in found[str(root / "conf/base/parameters.yml")]
    assert ("kind", "") in found[str(root / "conf/logging.yml")]
    of_data = {path: looks for path, looks in found.items() if path.startswith(str(root / "data"))}
    assert {how for looks in of_data.values() for how, _ in looks} == {"link"}, "data are looked at by who asks"
    more = ask(worker, reads_known=3)
    assert (more["known"], more["rows"]) == (3, reads["rows"][3:]), "what is known is not told again"


def test_a_file_that_is_another_one_when_it_is_read_again_is_a_reason_not_to_keep_the_answer(workers):
    readers = """
    import pathlib
    TEXT = pathlib.Path(__file__).parents[2] / "text.txt"

    def text():
        return TEXT.read_text()

    def work(raw, given):
        return raw
    """
    settings = """
    from .readers import text
    CONFIG_LOADER_ARGS = {
        "base_env": "base", "default_run_env": "local", "custom_resolvers": {"text": lambda: text()},
    }
    """
    files = {"src/toy/readers.py": readers, "text.txt": "one"}
    parameters = {"given": "${text:}"}
    worker = workers(catalog=CATALOG, pipelines=READING, files=files, settings=settings, parameters=parameters)
    worker.ready()
    assert ask(worker)["reasons"] == []
    (worker.project / "text.txt").write_text("two")
    assert ask(worker)["reasons"] == [f"{worker.project / 'text.txt'} changed meanwhile"]


def test_what_no_later_look_can_tell_is_a_reason_not_to_keep_the_answer(workers):
    readers = """
    import contextlib, datetime, os, random, socket, sqlite3, subprocess, time, uuid

    subprocess.run(["true"], check=True)
    sqlite3.connect(":memory:").close()
    with contextlib.suppress(OSError):
        socket.getaddrinfo("127.0.0.1", 9)
    NOW = datetime.datetime.now()
    TODAY = datetime.date.today()
    TIME = time.time()
    DRAWN = random.random()
    NAMED = uuid.uuid4()
    PROCESS = os.getpid()
    with open("/proc/self/stat") as file:
        file.read()
    AGE = os.path.getmtime("conf")

    def work(out):
        return out
    """
    worker = workers(catalog=CATALOG, pipelines=PIPELINES, files={"src/toy/readers.py": readers})
    worker.ready()
    reasons = seen_reasons(ask(worker))
    file = worker.project / "src/toy/readers.py"
    assert f"asks for the times or the mode of {worker.project}/conf" in reasons
    assert {"starts a program", "opens a database", "uses the network", "reads /proc/self/stat"} <= set(reasons)
    lines = sorted(
        (int(reason.split(":")[1].split()[0]), reason) for reason in reasons if reason.startswith(f"{file}:")
    )
    assert [reason.split(" ", 1)[1] for _, reason in lines] == [
        "asks the clock",
        "asks the clock",
        "asks the clock",
        "draws random numbers",
        "asks for its process",
    ]
    assert any("uuid.py" in reason and "draws random numbers" in reason for reason in reasons)


def test_a_resolver_that_asks_the_clock_is_a_reason_and_one_that_reads_a_variable_is_none(workers):
    settings = """
    import datetime, os
    CONFIG_LOADER_ARGS = {
        "base_env": "base", "default_run_env": "local",
        "custom_resolvers": {
            "today": lambda: str(datetime.date.today()), "folder": lambda: os.environ.get("PWD", ""),
        },
    }
    """
    files = {"src/toy/readers.py": "def work(raw, given):\n    return raw\n"}
    parameters = {"given": {"today": "${today:}", "folder": "${folder:}"}}
    worker = workers(catalog=CATALOG, pipelines=READING, files=files, settings=settings, parameters=parameters)
    worker.ready()
    reads = ask(worker)
    assert [reason.partition(" ")[2] for reason in seen_reasons(reads)] == ["asks the clock"]
    assert "PWD" in reads["variables"]


def test_clocks_that_are_asked_in_other_ways_are_reasons_too(workers):
    settings = """
    import datetime, pathlib, threading, time, uuid
    from concurrent.futures import ThreadPoolExecutor
    from kedro.io.core import generate_timestamp

    STAMP = generate_timestamp()
    GOT = time.clock_gettime(0)
    NAMED = uuid.uuid1()
    with ThreadPoolExecutor() as pool:
        LATER = pool.submit(datetime.datetime.now).result()
    PIPED = (pathlib.Path(__file__).parents[2] / "piped").open().read()
    CONFIG_LOADER_ARGS = {
        "base_env": "base", "default_run_env": "local", "custom_resolvers": {"now": time.time},
    }
    """
    files = {"src/toy/readers.py": "def work(raw, given):\n    return raw\n"}
    worker = workers(
        catalog=CATALOG, pipelines=READING, files=files, settings=settings, parameters={"given": "${now:}"}
    )
    pipe = worker.project / "piped"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["sh", "-c", f"echo secret > {pipe}"])
    worker.ready()
    reasons = ask(worker)["reasons"]
    writer.wait()
    assert f"reads {pipe}, which is no file" in reasons
    told = [reason.partition(":")[0].rpartition("/")[2] + reason.partition(" ")[2] for reason in reasons]
    assert {"core.pyasks the clock", "settings.pyasks the clock", "clock_watch.pyasks the clock"} <= set(told)
    assert "uuid.pyasks the clock" in told
    assert any("starts a thread" in reason for reason in reasons)


def test_byte_code_of_another_source_is_a_reason_not_to_keep_the_answer(workers):
    """Python takes it for that of a source with the same size and second of change."""
    files = {"src/toy/readers.py": "def work(out):\n    return 1\n"}
    first = workers(catalog=CATALOG, pipelines=PIPELINES, files=files, env=KEEPING)
    file = first.project / "src/toy/readers.py"
    os.utime(file, (1_700_000_000, 1_700_000_000))
    first.ready()
    assert ask(first)["reasons"] == []
    again = Worker(first.project, first.state, **KEEPING)
    again.ready()
    assert ask(again)["reasons"] == []
    again.close()
    file.write_text(file.read_text().replace("1", "2"))
    os.utime(file, (1_700_000_000, 1_700_000_000))
    stale = Worker(first.project, first.state, **KEEPING)
    stale.ready()
    [reason] = ask(stale)["reasons"]
    assert reason.endswith("may be of another readers.py")
    stale.close()


def test_asking_for_paths_is_as_before_when_nobody_watches_any_more(workers):
    readers = """
    import os, posix, shutil

    def work(out):
        return repr([os.stat is posix.stat, type(os.stat).__name__, shutil._use_fd_functions])
    """
    worker = workers(
        catalog=CATALOG | {"done": text_entry("data/done.txt")},
        pipelines=PIPELINES,
        files={"src/toy/readers.py": readers, "data/raw.txt/2024-01-01T00.00.00.000Z/raw.txt": "1"},
    )
    worker.ready()
    attempt = worker.succeed(load_versions={"raw": "2024-01-01T00.00.00.000Z"}, outputs=["done"])
    with open(attempt.manifest["outputs"]["done"]["location"]) as file:
        assert file.read() == "[True, 'builtin_function_or_method', True]"
