"""One process, one run: for systems where a process that imported the project can't be forked safely."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from typing import Any

from runweave_worker.attempt.child import run_attempt
from runweave_worker.errors import WorkerError
from runweave_worker.process.ending import leave
from runweave_worker.process.lifeline import bound_to_orchestrator
from runweave_worker.process.process_facts import memory_bytes
from runweave_worker.process.streams import LOG_FLAGS, redirect
from runweave_worker.project.project import Project
from runweave_worker.protocol.attempt_folder import AttemptFolder
from runweave_worker.protocol.control import Control, refuse, reply

from .questions import answer_of
from .session_end import call_after_all_runs


def serve_once(project: Project, control: Control) -> None:
    """Answer probes until the first start, then become that attempt; ends with it, or when the channel closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while control.open:
        select.select([control.fd], [], [])
        for request in control.receive():
            try:
                _handle(project, control, request)
            except WorkerError as error:
                refuse(control, request, error)
            except (OSError, KeyError) as error:
                refuse(control, request, WorkerError("start-failed", f"{type(error).__name__}: {error}"))


def _handle(project: Project, control: Control, request: dict[str, Any]) -> None:
    op = request.get("op")
    with bound_to_orchestrator():
        answer = answer_of(project, request)
    if answer is not None:
        reply(control, request, **answer)
    elif op == "start":
        _become_attempt(project, control, request)
    elif op == "finish":
        _finish(project, control, request)
    elif op == "stop":
        reply(control, request)
    else:
        raise WorkerError("start-failed", f"there is no operation {op!r}")


def _finish(project: Project, control: Control, request: dict[str, Any]) -> None:
    redirect(os.open(request["log"], LOG_FLAGS, 0o600))
    code = call_after_all_runs(project, request["summary"], int(request["limit_s"]))
    reply(control, request, exit_code=code)
    leave(code, wait_for_threads=code == 0)


def _become_attempt(project: Project, control: Control, request: dict[str, Any]) -> None:
    folder = AttemptFolder(request["folder"], request.get("seals"))
    if not (folder.path / "spec.json").is_file():
        raise WorkerError("start-failed", f"there is no spec.json in {folder.path}")
    log = os.open(request["log"], LOG_FLAGS, 0o600)
    with contextlib.suppress(PermissionError):
        os.setsid()
    reply(control, request, pid=os.getpid())
    control.close()
    redirect(log)
    code = run_attempt(project, folder, memory_bytes("VmRSS"))
    leave(code, wait_for_threads=code == 0)
