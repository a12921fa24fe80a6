"""Work that may start threads, done in a process of its own so that the zygote stays fit to be forked."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

LIMIT_S = 60.0
_CHUNK = 1 << 16


def do_apart(work: Callable[[], Any]) -> Any:
    """Return what `work` returns, by way of JSON. Raises TimeoutError, or what `work` raises as text."""
    if sys.platform != "linux":
        return work()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _answer(work, writer)
    os.close(writer)
    try:
        data = _read(reader)
    except TimeoutError:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        os.close(reader)
        os.waitpid(pid, 0)
    if not data:
        raise ChildProcessError("the process that looked ended without an answer")
    answer = json.loads(data)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["result"]


def _answer(work: Callable[[], Any], writer: int) -> NoReturn:
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        try:
            answer = {"result": work()}
        except BaseException as error:  # noqa: BLE001 - whatever it is, the other side hears of it
            answer = {"error": f"{type(error).__name__}: {error}"}
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(answer).encode())
    finally:
        os._exit(0)


def _read(reader: int) -> bytes:
    deadline = time.monotonic() + LIMIT_S
    data = b""
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError(f"no answer in {LIMIT_S:.0f} s")
        chunk = os.read(reader, _CHUNK)
        if not chunk:
            return data
        data += chunk
