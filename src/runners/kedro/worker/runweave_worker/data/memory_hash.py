"""A hash of data in memory, so that two executions of a node can be compared."""

from __future__ import annotations

import hashlib
import pickle
import time
from typing import Any

_PROTOCOL = 5


def hash_in_memory(value: Any, limit_s: float) -> str | None:
    """Return a hash that only equal values have; None if that takes longer, or the value can't be pickled."""
    sink = _Sink(time.perf_counter() + limit_s)
    try:
        pickle.Pickler(sink, protocol=_PROTOCOL, buffer_callback=sink.add_buffer).dump(value)
    except Exception:  # noqa: BLE001 - whatever a value raises when it is pickled; nothing depends on it
        return None
    return f"pickle:{sink.hash.hexdigest()}"


class _TooLong(Exception):  # noqa: N818 - seen by nobody
    pass


class _Sink:
    """Takes a pickle without keeping it."""

    _PART = 1 << 22

    def __init__(self, deadline: float) -> None:
        self.hash = hashlib.sha256()
        self._deadline = deadline

    def write(self, data: Any) -> None:
        view = memoryview(data).cast("B")
        for start in range(0, len(view), self._PART):
            if time.perf_counter() > self._deadline:
                raise _TooLong
            self.hash.update(view[start : start + self._PART])

    def add_buffer(self, buffer: pickle.PickleBuffer) -> None:
        view = buffer.raw()
        self.write(len(view).to_bytes(8, "little"))
        self.write(view)
