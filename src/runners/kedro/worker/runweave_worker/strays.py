"""Processes that a run leaves behind, wherever they went: all of them are descendants of the zygote (Linux)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from .attempt_folder import FOLDER_VARIABLE
from .process_facts import start_time

PR_SET_CHILD_SUBREAPER = 36
MAX_COMMAND = 200
# Unlinks the semaphores and the shared memory of processes that ended without doing so, then ends by itself.
TRACKER = "multiprocessing.resource_tracker"
_FOLDER = re.compile(rb"(?:^|\0)" + FOLDER_VARIABLE.encode() + rb"=([^\0]*)")


@dataclass(frozen=True)
class Stray:
    """A process that outlived its run."""

    pid: int
    command: str
    folder: str | None
    """The attempt that it was started in, where it says so: a process that was only forked does not."""

    @property
    def is_tracker(self) -> bool:
        """Tell whether it only cleans up."""
        return TRACKER in self.command


class Strays:
    """Tells what runs left behind from the processes that the zygote itself has started."""

    def __init__(self) -> None:
        self._own: set[tuple[int, int | None]] = set()
        adopt_orphans()

    def keep_present(self, running: Collection[int]) -> None:
        """Take what is there now for the zygote's own: whoever imports a project may start processes."""
        self._own = {(pid, start_time(pid)) for pid in _children(os.getpid()) if pid not in running}

    def find(self, running: Collection[int]) -> list[Stray]:
        """Return the living processes that no running child is responsible for.

        While a run is alive its orphans are its own, for it adopts them; the zygote gets them when it has ended.
        """
        roots = [
            pid for pid in _children(os.getpid()) if pid not in running and (pid, start_time(pid)) not in self._own
        ]
        return [Stray(pid, _command(pid), _folder(pid)) for pid in _with_descendants(roots) if _is_alive(pid)]


def adopt_orphans() -> None:
    """Become the parent of what children leave behind, so that nothing is lost or stays a zombie (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_strays(strays: list[Stray], *, trackers: bool) -> None:
    """Kill all of them; those that clean up only if they had their time."""
    for stray in strays:
        if trackers or not stray.is_tracker:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(stray.pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(each) for each in task.read_text().split()]
    return found


def _with_descendants(roots: list[int]) -> Iterator[int]:
    pending = list(roots)
    while pending:
        pid = pending.pop()
        yield pid
        pending += _children(pid)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _folder(pid: int) -> str | None:
    try:
        found = _FOLDER.search(Path(f"/proc/{pid}/environ").read_bytes())
    except OSError:
        return None
    return os.fsdecode(found.group(1)) if found else None


def _is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] not in "ZX"
