"""Drives a real worker as Node would: a socketpair on fd 3, a pipe on fd 4, one folder per attempt."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import select
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import yaml
from reads_rig import make_reads

WORKER = Path(__file__).parents[4] / "src/runners/kedro/worker"
PYTHON = os.environ.get("RUNWEAVE_TEST_PYTHON", sys.executable)
# Ends what hangs: however slow the machine, it is far more than what is waited for takes.
PATIENCE_S = 240.0


def poll(condition) -> bool:
    """Tell whether a condition comes true that nobody announces, as the end of a process that is nobody's child."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


FILTERS = {
    name: [] for name in ("tags", "node_names", "from_nodes", "to_nodes", "from_inputs", "to_outputs", "namespaces")
}
_counter = itertools.count(1)


def new_run_id() -> str:
    return f"2026-11-23T21.04.{next(_counter):02d}.666Z-{os.urandom(4).hex()}"


def make_project(root: Path, *, catalog, pipelines: str, parameters=None, settings="", files=None) -> Path:
    """Write a minimal Kedro project; `pipelines` is the body of pipeline_registry.py."""
    package = root / "src" / "toy"
    package.mkdir(parents=True)
    (root / "pyproject.toml").write_text(
        '[tool.kedro]\npackage_name = "toy"\nproject_name = "toy"\nkedro_init_version = "1.4.0"\nsource_dir = "src"\n'
    )
    (package / "__init__.py").write_text("")
    (package / "settings.py").write_text(textwrap.dedent(settings))
    (package / "pipeline_registry.py").write_text(
        "from kedro.pipeline import Pipeline, node, pipeline\n" + textwrap.dedent(pipelines)
    )
    for env in ("base", "local"):
        (root / "conf" / env).mkdir(parents=True)
    text = textwrap.dedent(catalog) if isinstance(catalog, str) else yaml.safe_dump(catalog)
    (root / "conf/base/catalog.yml").write_text(text)
    (root / "conf/base/parameters.yml").write_text(yaml.safe_dump(parameters or {}))
    for name, content in (files or {}).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content))
    return root


def text_entry(path: str, **more) -> dict:
    return {"type": "text.TextDataset", "filepath": path, **more}


def json_entry(path: str, **more) -> dict:
    return {"type": "json.JSONDataset", "filepath": path, **more}


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RUNWEAVE", "KEDRO"))}
    path = os.pathsep.join(filter(None, [str(WORKER), os.environ.get("RUNWEAVE_TEST_PATH", "")]))
    return {**kept, "PYTHONPATH": path, "KEDRO_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", **more}


class Worker:
    """One worker process and the test's end of its channels."""

    def __init__(self, project: Path, state: Path, *options: str, python: str = PYTHON, **env: str) -> None:
        self.project, self.state = project, state
        (state / "attempts").mkdir(parents=True, exist_ok=True)
        (state / "logs").mkdir(exist_ok=True)
        self.control, theirs = socket.socketpair()
        self.bell, bell_write = os.pipe()
        os.set_blocking(self.bell, False)
        self._ids = itertools.count(1)
        self._pending = b""
        self.inbox: list[dict] = []
        self.log = state / f"worker-{next(_counter)}.log"
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 60) for fd in (theirs.fileno(), bell_write)]

        def place() -> None:
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [python, "-m", "runweave_worker", "--project", str(project), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(**env),
                pass_fds=(3, 4),
                preexec_fn=place,  # noqa: PLW1509 - the only way to numbers of our choice; no threads here
                start_new_session=True,
            )
        for fd in (*high, bell_write):
            os.close(fd)
        theirs.close()

    def next_message(self, timeout_s: float = PATIENCE_S) -> dict:
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self._pending:
            ready, _, _ = select.select([self.control], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no message in {timeout_s} s; log:\n{self.log.read_text()[-3000:]}"
            data = self.control.recv(1 << 16)
            assert data, f"the worker closed its channel; log:\n{self.log.read_text()[-3000:]}"
            self._pending += data
        line, self._pending = self._pending.split(b"\n", 1)
        return json.loads(line)

    def wait_for(self, matches, timeout_s: float = PATIENCE_S) -> dict:
        for index, message in enumerate(self.inbox):
            if matches(message):
                return self.inbox.pop(index)
        while True:
            message = self.next_message(timeout_s)
            if matches(message):
                return message
            self.inbox.append(message)

    def send(self, **message) -> int:
        message["id"] = next(self._ids)
        self.control.sendall(json.dumps(message).encode() + b"\n")
        return message["id"]

    def request(self, **message) -> dict:
        number = self.send(**message)
        return self.wait_for(lambda each: each.get("id") == number)

    def ready(self) -> dict:
        return self.wait_for(lambda each: each.get("event") in {"ready", "failed"})

    def probe(self, pipeline_names=(), runtime_params=None, **filters) -> dict:
        said = {key: filters.pop(key) for key in ("isolate", "floating", "outputs", "supplied") if key in filters}
        slices = {"s": {"pipeline_names": list(pipeline_names), "filters": filters, **said}}
        reply = self.request(op="probe", runtime_params=runtime_params or {}, slices=slices)
        assert reply["ok"], reply
        return reply["facts"]["slices"]["s"]

    def prepare(self, *pipelines: str, **fields) -> Attempt:
        return Attempt(self, list(pipelines), fields)

    def start(self, *pipelines: str, **fields) -> Attempt:
        attempt = self.prepare(*pipelines, **fields)
        attempt.start()
        return attempt

    def run(self, *pipelines: str, **fields) -> Attempt:
        """Start a run and wait for its end."""
        attempt = self.start(*pipelines, **fields)
        attempt.wait()
        return attempt

    def succeed(self, *pipelines: str, **fields) -> Attempt:
        attempt = self.run(*pipelines, **fields)
        assert attempt.exit["exit_code"] == 0, attempt.story()
        return attempt

    def fail(self, *pipelines: str, **fields) -> Attempt:
        attempt = self.run(*pipelines, **fields)
        assert attempt.exit["exit_code"] == 1, attempt.story()
        assert attempt.manifest["status"] == "failed"
        return attempt

    def close(self) -> int:
        self.control.close()
        code = self.process.wait(PATIENCE_S)
        os.close(self.bell)
        return code


class Attempt:
    """One attempt's folder, as Node would see it."""

    def __init__(self, worker: Worker, pipelines: list[str], fields: dict) -> None:
        self.worker = worker
        self.run_id = fields.pop("run_id", None) or new_run_id()
        self.folder = worker.state / "attempts" / self.run_id
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.log = worker.state / "logs" / f"run_{self.run_id}.log"
        self.store = worker.state / "data"
        spec = {
            "protocol": 2,
            "run_id": self.run_id,
            "session_id": "s1",
            "run": "r",
            "attempt": 1,
            "run_index": 0,
            "total_runs": 1,
            "project_path": str(worker.project),
            "env": None,
            "conf_source": None,
            "pipeline_names": pipelines,
            "filters": FILTERS,
            "runtime_params": {},
            "runner": "SequentialRunner",
            "is_async": False,
            "isolate": "all",
            "store": str(self.store),
            "floating": [],
            "reads": make_reads(fields.pop("inputs", {}), fields.pop("load_versions", {}), fields.pop("seen", {})),
            "outputs": [],
            **fields,
        }
        (self.folder / "spec.json").write_text(json.dumps(spec))

    def start(self) -> dict:
        self.reply = self.worker.request(op="start", folder=str(self.folder), log=str(self.log))
        assert self.reply["ok"], self.reply
        return self.reply

    def wait(self, timeout_s: float = PATIENCE_S) -> dict:
        self.end = self.worker.wait_for(
            lambda each: each.get("event") == "exit" and each["run_id"] == self.run_id, timeout_s
        )
        return self.end

    def stop(self, signal: str) -> None:
        assert self.worker.request(op="stop", run_id=self.run_id, signal=signal)["ok"]

    def read(self, name: str):
        return json.loads((self.folder / name).read_text())

    @property
    def exit(self) -> dict:
        return self.read("exit")

    @property
    def manifest(self) -> dict:
        return self.read("manifest")

    @property
    def outputs(self) -> dict:
        return self.manifest["outputs"]

    @property
    def events(self) -> list[dict]:
        file = self.folder / "events"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def of(self, kind: str) -> list[dict]:
        return [event for event in self.events if event["type"] == kind]

    def data(self, name: str) -> str:
        return Path(self.outputs[name]["location"]).read_text()

    def as_input(self, name: str, **more) -> dict:
        output = self.outputs[name]
        return {
            "version": self.run_id,
            "dataset": name,
            "location": output["location"],
            "entry": output["entry"],
            "plain_location": output["plain_location"],
            "as": "upstream",
            **more,
        }

    def loaded(self, name: str) -> dict:
        """Return which version of a dataset the run loaded, and where."""
        load = self.manifest["loads"][name]
        return {"version": load["version"], "location": load["location"]}

    def error(self) -> str:
        found = self.manifest["exception"]
        return f"{found['type']}: {found['message']}"

    def story(self) -> str:
        parts = [f"end: {getattr(self, 'end', None)}", self.log.read_text()[-4000:]]
        if (self.folder / "manifest").exists():
            parts.append(json.dumps(self.manifest["exception"], indent=1))
        return "\n".join(parts)
