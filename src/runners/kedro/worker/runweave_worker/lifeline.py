"""Ends this process together with the one that started it, while it is busy and could not notice that by itself."""

from __future__ import annotations

import contextlib
import ctypes
import signal
from collections.abc import Iterator

PR_SET_PDEATHSIG = 1


@contextlib.contextmanager
def bound_to_parent() -> Iterator[None]:
    """Be killed as soon as the parent is gone (Linux): what a project does when it is imported or asked may never end.

    Not while there are runs: they outlive who asked for them, and somebody has to record how they end.
    """
    _signal_on_death(signal.SIGKILL)
    try:
        yield
    finally:
        _signal_on_death(0)


def _signal_on_death(number: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
