"""Work that may start threads, done in a process of its own so that the zygote stays fit to be forked."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from .read_watch import WATCH

LIMIT_S = 60.0
_CHUNK = 1 << 16


def do_apart(work: Callable[[], Any], limit_s: float = LIMIT_S, *, alone: bool = False) -> Any:
    """Return what `work` returns, by way of JSON. Raises TimeoutError, or what `work` raises as text.

    With `alone`, no process that it starts outlives it, and where this process can't be forked, the work is not done.
    """
    if sys.platform != "linux":
        if alone:
            raise NotImplementedError("this process can't be forked here")
        return work()
    reader, writer = os.pipe()
    pid = WATCH.fork()
    if pid == 0:
        os.close(reader)
        if alone:
            os.setsid()
        _answer(work, writer)
    os.close(writer)
    try:
        data = _read(reader, limit_s)
    except TimeoutError:
        WATCH.reads.doubt("a process of its own gave no answer in time")
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        os.close(reader)
        _end(pid, alone=alone)
    if not data:
        WATCH.reads.doubt("a process of its own ended without an answer")
        raise ChildProcessError("the process that looked ended without an answer")
    answer = json.loads(data)
    WATCH.reads.merge(answer["reads"])
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["result"]


def _answer(work: Callable[[], Any], writer: int) -> NoReturn:
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        before = WATCH.reads.position()
        try:
            answer = {"result": work()}
        except BaseException as error:  # noqa: BLE001 - whatever it is, the other side hears of it
            answer = {"error": f"{type(error).__name__}: {error}"}
        answer["reads"] = WATCH.since(before)
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(answer).encode())
    finally:
        os._exit(0)


def _end(pid: int, *, alone: bool) -> None:
    """Wait for the process; as long as it is a zombie, no other process can have its group."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    if alone:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _read(reader: int, limit_s: float) -> bytes:
    deadline = time.monotonic() + limit_s
    data = b""
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError(f"no answer in {limit_s:.0f} s")
        chunk = os.read(reader, _CHUNK)
        if not chunk:
            return data
        data += chunk
