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

from runweave_worker.process.process_facts import FLAGS, STATE, start_time, stat_fields
from runweave_worker.protocol.attempt_folder import ANCESTORS_VARIABLE, SEPARATOR

PR_SET_CHILD_SUBREAPER = 36
# Set as soon as a process exits, before it gives up its memory, and with that its command (include/linux/sched.h).
PF_EXITING = 0x4
MAX_COMMAND = 200
# Unlinks the semaphores and the shared memory of processes that ended without doing so, then ends by itself.
TRACKER = "multiprocessing.resource_tracker"
TRACKER_BLOCKS = (signal.SIGINT, signal.SIGTERM)
_ANCESTORS = re.compile(rb"(?:^|\0)" + ANCESTORS_VARIABLE.encode() + rb"=([^\0]*)")


@dataclass(frozen=True)
class Stray:
    """A process that outlived its run."""

    pid: int
    command: str
    run_ids: frozenset[str]
    """The attempts that it was started for, outer ones too. A process that was only forked does not say so."""
    is_exiting: bool
    """True if it was already ending by itself when it was looked at: there, but not left behind."""
    is_tracker: bool
    """True if it only cleans up, or is about to."""


class Strays:
    """Tells what runs left behind from the processes that the zygote itself has started."""

    def __init__(self) -> None:
        self._own: set[tuple[int, int | None]] = set()
        self._command = _command(os.getpid())
        adopt_orphans()

    def keep_present(self, running: Collection[int]) -> None:
        """Take what is there now for the zygote's own: the import of a project may start processes."""
        self._own = {(pid, start_time(pid)) for pid in _children(os.getpid()) if pid not in running}

    def keep(self, pid: int) -> None:
        """Take a process for the zygote's own."""
        self._own.add((pid, start_time(pid)))

    def find(self, running: Collection[int]) -> list[Stray]:
        """Return the living processes that no running child is responsible for.

        While a run is alive its orphans are its own, for it adopts them; the zygote gets them when it has ended.
        """
        roots = [
            pid for pid in _children(os.getpid()) if pid not in running and (pid, start_time(pid)) not in self._own
        ]
        return [stray for pid in _with_descendants(roots) if (stray := self._look_at(pid)) is not None]

    def _look_at(self, pid: int) -> Stray | None:
        """Return what is known of a living process; its state is read last, so that it holds for all the rest."""
        command, run_ids = _command(pid), _run_ids(pid)
        # multiprocessing blocks these while it starts its tracker, which has our command, or none, until it runs.
        is_tracker = TRACKER in command or (command in {"", self._command} and _blocks(pid, TRACKER_BLOCKS))
        fields = stat_fields(pid)
        if fields is None or fields[STATE] in "ZX":
            return None
        is_exiting = bool(int(fields[FLAGS]) & PF_EXITING)
        return Stray(pid, command, run_ids, is_exiting=is_exiting, is_tracker=is_tracker)


def adopt_orphans() -> None:
    """Become the parent of what children leave behind, so that no process is lost or stays a zombie (Linux)."""
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


def _run_ids(pid: int) -> frozenset[str]:
    try:
        found = _ANCESTORS.search(Path(f"/proc/{pid}/environ").read_bytes())
    except OSError:
        return frozenset()
    return frozenset(os.fsdecode(found.group(1)).split(SEPARATOR)) if found else frozenset()


def _blocks(pid: int, numbers: Collection[int]) -> bool:
    """Tell whether a process blocks all these signals, by the mask in /proc/PID/status (proc_pid_status(5))."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    found = re.search(r"^SigBlk:\s*([0-9a-f]+)$", status, re.MULTILINE)
    mask = int(found.group(1), 16) if found else 0
    return all(mask >> (number - 1) & 1 for number in numbers)
