"""Process groups of runs, each named by the process that leads it."""

from __future__ import annotations

import contextlib
import os


def signal_group(pid: int, number: int) -> None:
    """Signal a process group, if there is one that may be signalled."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def group_of(pid: int) -> int | None:
    """Return the process group of a process, None of one that has gone."""
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def group_exists(pid: int) -> bool:
    """Tell whether a process of a group is left, zombies included."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
