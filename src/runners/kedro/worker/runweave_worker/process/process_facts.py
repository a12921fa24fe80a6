"""Facts of the system about a process: identity and memory. Linux first, null elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

STATE = 0
FLAGS = 6
START_TIME = 19


def stat_fields(pid: int) -> list[str] | None:
    """Return what /proc/PID/stat says from the state on (field 3 of proc_pid_stat(5)), or None if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return stat[stat.rindex(")") + 2 :].split()


def start_time(pid: int) -> int | None:
    """Return the start of a process in clock ticks since boot."""
    fields = stat_fields(pid)
    return int(fields[START_TIME]) if fields else None


def boot_id() -> str | None:
    """Return the id of this boot of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def identity() -> dict[str, int | str | None]:
    """Return what tells this process from every other one, now and after a reboot."""
    return {"pid": os.getpid(), "start_time": start_time(os.getpid()), "boot_id": boot_id()}


def memory_bytes(field: str) -> int | None:
    """Return `VmHWM` (peak) or `VmRSS` (now) of this process."""
    try:
        with Path("/proc/self/status").open() as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return None
    return None
