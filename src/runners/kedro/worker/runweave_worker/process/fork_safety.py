"""Tells whether this process may be forked."""

from __future__ import annotations

import sys
import threading


def is_fork_safe() -> bool:
    """Tell whether children of this process are sound: a thread of Python is not in them, but what it has locked is."""
    return sys.platform == "linux" and threading.active_count() == 1
