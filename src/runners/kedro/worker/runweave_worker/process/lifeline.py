"""Ends this process together with the one that uses it, while it is busy and could not notice that by itself."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import select
import signal
from collections.abc import Iterator

PR_SET_PDEATHSIG = 1


class _Orchestrator:
    """The connection of one that is not the parent: no message is ever sent over it, so that all it can do is end."""

    connection: int | None = None


def follow(connection: int) -> None:
    """Be bound to who is at the other end of a connection from now on, and no more to the parent."""
    _signal_on_death(0)
    if _Orchestrator.connection is not None:
        os.close(_Orchestrator.connection)
    _Orchestrator.connection = connection


@contextlib.contextmanager
def bound_to_orchestrator() -> Iterator[None]:
    """Let the system kill this process as soon as the orchestrator is gone (Linux).

    What a project does when it is imported or asked may never end.

    It is not bound while there are runs: they outlive their orchestrator, and this process records how they end.
    """
    bind = _signal_on_death if _Orchestrator.connection is None else _signal_on_hang_up
    bind(signal.SIGKILL)
    try:
        yield
    finally:
        bind(0)


def _signal_on_death(number: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def _signal_on_hang_up(number: int) -> None:
    connection = _Orchestrator.connection
    if connection is None:
        return
    flags = fcntl.fcntl(connection, fcntl.F_GETFL)
    if number == 0:
        fcntl.fcntl(connection, fcntl.F_SETFL, flags & ~os.O_ASYNC)
        return
    fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(connection, fcntl.F_SETSIG, number)
    fcntl.fcntl(connection, fcntl.F_SETFL, flags | os.O_ASYNC)
    # The orchestrator may have ended just before.
    if select.select([connection], [], [], 0)[0]:
        os.kill(os.getpid(), number)
