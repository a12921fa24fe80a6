"""Byte code that Python would take for that of a source that has changed since."""

from __future__ import annotations

import time
from importlib.machinery import SourceFileLoader

# Python compares the size of a source and the second of its last change (importlib, `_validate_timestamp_pyc`).
_SETTLED_AFTER_S = 2.0


def keep_settled_byte_code_only() -> None:
    """Let imports keep no byte code of a source that may change once more within the second of its last change."""
    write = SourceFileLoader.set_data

    def set_data(self: SourceFileLoader, path: str, data: bytes, *, _mode: int = 0o666) -> None:
        try:
            changed = self.path_stats(self.path)["mtime"]
        except OSError:
            return
        if time.time() - changed > _SETTLED_AFTER_S:
            write(self, path, data, _mode=_mode)

    SourceFileLoader.set_data = set_data
