"""The standard streams of a process that a worker forks."""

from __future__ import annotations

import os
import sys

LOG_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


def flush_streams() -> None:
    """Write what is in their buffers, before a fork that would write it twice."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def redirect(log: int | None) -> None:
    """Make stdin /dev/null and, if a log is given, stdout and stderr that log, to which each line goes in one piece."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    if log is not None:
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
    for stream in (sys.stdout, sys.stderr):
        # Written through, each part that `print` is given would go there alone, and the session's lines between them.
        stream.reconfigure(line_buffering=True, write_through=False, errors="backslashreplace")
