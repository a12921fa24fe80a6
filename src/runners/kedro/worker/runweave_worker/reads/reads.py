"""Files and names that an answer was read from: a later look at them tells if it would be the same. Needs no Kedro."""

from __future__ import annotations

import hashlib
import os
import stat
import sysconfig
import time
from collections.abc import Iterable
from typing import Any

Row = tuple[str, str, str]
"""Manner in which a path was read, the path, and what was there: see docs/worker-protocol.md."""

_OWN = f"{os.path.dirname(os.path.dirname(os.path.realpath(__file__)))}/"
_LIBRARIES = ("/site-packages/", "/dist-packages/")
_OF_PYTHON = tuple(f"{os.path.realpath(sysconfig.get_path(key))}/" for key in ("stdlib", "platstdlib"))
# Devices that say the same to all, or that are empty.
_NO_FILES = frozenset({"/dev/null", "/dev/urandom", "/dev/random", "/dev/tty"})
# Byte code, which counts as its source does.
MADE_BY_PYTHON = "__pycache__"
_OF_SYSTEM = ("/proc/", "/sys/")
_DIGITS = 16
# Manners of reading that count for libraries, and the manner that each is told as.
_OF_LIBRARIES = {"content": "library", "installed": "installed", "names": "names"}


class Reads:
    """All that was looked at, in the order in which it was first seen."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], str] = {}
        self._searches: dict[str, dict[str, tuple[str, ...]]] = {}
        self._rows: list[Row] = []
        self._listed = 0
        """Number of those seen that are among the rows already, or do not count."""
        self._since_ms = time.time() * 1000
        self.variables: set[str] = set()
        """Variables of the environment that the project itself asked for."""
        self.reasons: dict[str, None] = {}
        """Reasons why a later look can't tell whether the answer would be the same, each a clause for people."""

    def note(self, how: str, path: str, value: str) -> None:
        """Note a look at a path. What was another one the time before can't be compared with anything."""
        before = self._seen.setdefault((how, path), value)
        if before != value:
            self.reasons[f"{path} changed meanwhile"] = None

    def note_search(self, folder: str, module: str, found: tuple[str, ...]) -> None:
        """Note that a module was looked for in a folder, and the names there that could be it."""
        before = self._searches.setdefault(folder, {}).setdefault(module, found)
        if before != found:
            self.reasons[f"{folder} changed meanwhile"] = None

    def doubt(self, reason: str) -> None:
        """Note something that can't be looked at again."""
        self.reasons[reason] = None

    def position(self) -> int:
        """Return how much was seen by now."""
        return len(self._seen)

    def since(self, position: int) -> dict[str, Any]:
        """Return what a process that was forked there has noted since, for `merge` in the one that forked it."""
        return {
            "seen": [(*key, value) for key, value in list(self._seen.items())[position:]],
            "searches": self._searches,
            "variables": sorted(self.variables),
            "reasons": list(self.reasons),
        }

    def merge(self, told: dict[str, Any]) -> None:
        """Note what another process has noted."""
        for how, path, value in told["seen"]:
            self.note(how, path, value)
        for folder, found in told["searches"].items():
            for module, names in found.items():
                self.note_search(folder, module, tuple(names))
        self.variables.update(told["variables"])
        self.reasons.update(dict.fromkeys(told["reasons"]))

    def tell(self, known: int) -> dict[str, Any]:
        """Return the rows after the first `known`, which who asks has already; all searches, variables and doubts.

        Of libraries what was opened, listed and searched is enough: what else there is changes with what is installed.
        """
        for (how, path), value in list(self._seen.items())[self._listed :]:
            self._listed += 1
            row = _row(how, path, value)
            if row is not None:
                self._rows.append(row)
        searches = {folder: _describe_search(found) for folder, found in self._searches.items()}
        variables, reasons = sorted(self.variables), list(self.reasons)
        return {
            "since_ms": self._since_ms,
            "known": known,
            "rows": self._rows[known:],
            "searches": searches,
            "variables": variables,
            "reasons": reasons,
        }


def _row(how: str, path: str, value: str) -> Row | None:
    if not is_library(path):
        return how, path, value
    return (_OF_LIBRARIES[how], path, value) if how in _OF_LIBRARIES else None


def _describe_search(found: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    return {"modules": sorted(found), "found": digest_names(name for names in found.values() for name in names)}


def is_library(path: str) -> bool:
    """Tell whether a path is Python's own, an installed package's or the worker's."""
    return any(part in path for part in _LIBRARIES) or path.startswith((*_OF_PYTHON, _OWN))


def is_of_python(path: str) -> bool:
    """Tell whether a file belongs to the installation of Python itself."""
    return path.startswith(_OF_PYTHON) and not any(part in path for part in _LIBRARIES)


def place_in_library(path: str) -> str | None:
    """Return where a file is among packages or Python's own modules, with a slash in front; None elsewhere."""
    for part in _LIBRARIES:
        if part in path:
            return f"/{path.rpartition(part)[2]}"
    root = next((root for root in _OF_PYTHON if path.startswith(root)), None)
    return None if root is None else f"/{path[len(root) :]}"


def is_ignored(path: str) -> bool:
    """Tell whether reads of a path are left out, as they tell no more about a project."""
    return path in _NO_FILES or MADE_BY_PYTHON in path.split("/")


def is_of_system(path: str) -> bool:
    """Tell whether a path shows the state of the machine, which no mark tells."""
    return path.startswith(_OF_SYSTEM)


def mark(found: os.stat_result) -> str:
    """Return what changes when a file is written, replaced or touched; Node's `markStats` says the same."""
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def kind(found: os.stat_result) -> str:
    """Return `folder`, `file` or `other`."""
    if stat.S_ISDIR(found.st_mode):
        return "folder"
    return "file" if stat.S_ISREG(found.st_mode) else "other"


def is_installed(name: str) -> bool:
    """Tell whether a name in a folder of packages tells of an installation, or adds to the search path."""
    return name.endswith(("-info", ".egg", ".pth"))


def digest_names(names: Iterable[str]) -> str:
    """Return a digest of names; those that Python itself makes are left out."""
    lines = sorted(os.fsencode(name) for name in names if name.rstrip("/") != MADE_BY_PYTHON)
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:_DIGITS]
