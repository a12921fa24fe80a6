"""Byte code that Python would take for that of a source that has changed since."""

from __future__ import annotations

import marshal
import os
import time
from importlib.machinery import SourceFileLoader

# Python compares the size of a source and the second of its last change (importlib, `_validate_timestamp_pyc`).
_SETTLED_AFTER_S = 2.0
_HEADER_BYTES = 16


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


def source_of_byte_code(path: str) -> str | None:
    """Return the source of a file in a `__pycache__`; None for any other."""
    folder, name = os.path.split(path)
    if not name.endswith(".pyc") or os.path.basename(folder) != "__pycache__":
        return None
    return os.path.join(os.path.dirname(folder), f"{name.partition('.')[0]}.py")


def is_byte_code_of(path: str, source: str) -> bool:
    """Tell whether byte code is that of a source as it is now. Python itself compares its size and a second alone."""
    try:
        if os.stat(path).st_ctime_ns > os.stat(source).st_ctime_ns:
            return True
        with open(path, "rb") as kept, open(source, "rb") as text:
            kept.seek(_HEADER_BYTES)
            return marshal.load(kept) == compile(text.read(), source, "exec", dont_inherit=True)
    except FileNotFoundError:
        # Python is about to make it.
        return True
    except (OSError, ValueError, EOFError, TypeError, SyntaxError):
        return False
