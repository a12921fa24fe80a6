"""Imports without passes of the garbage collector: each would look at all that was imported before it, which stays."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

_NEVER = 1_000_000_000


@contextlib.contextmanager
def without_collecting() -> Iterator[None]:
    """Pause the collector meanwhile; then it collects only later objects: children share the pages of the rest."""
    before = gc.get_threshold()
    gc.set_threshold(_NEVER)
    try:
        yield
    finally:
        gc.freeze()
        # A project may have set thresholds of its own.
        if gc.get_threshold()[0] == _NEVER:
            gc.set_threshold(*before)
