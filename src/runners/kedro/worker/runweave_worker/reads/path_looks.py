"""Looks at paths as they are, by the original functions, not those that the watch has put in their place."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

_stat, _readlink, _scandir = os.stat, os.readlink, os.scandir


def absolute(path: Any) -> str | None:
    """Return a path from the root, its links and dots as they are; None for a descriptor, and for what is no path."""
    if isinstance(path, int):
        return None
    try:
        text = os.fsdecode(path)
    except TypeError:
        return None
    if text.startswith("/"):
        return text
    return os.getcwd() if text == "." else os.path.join(os.getcwd(), text)


def candidates(names: Iterable[str], module: str) -> tuple[str, ...]:
    """Return those of the names in a folder that could be a module."""
    return tuple(sorted(name for name in names if name.partition(".")[0] == module))


def list_names(folder: str) -> list[str]:
    """Return the names in a folder; none if it can't be listed."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


def list_kinds(folder: str) -> list[str]:
    """Return the names in a folder, those of folders with a slash; one slash for a folder that can't be listed."""
    try:
        with _scandir(folder) as entries:
            return [f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries]
    except OSError:
        return ["/"]


def follow(path: str) -> os.stat_result | None:
    """Return what is at a path, links followed; None for a path that leads to no entry."""
    try:
        return _stat(path)
    except OSError:
        return None


def target(path: str) -> str:
    """Return where a link leads; empty for what is none."""
    try:
        return _readlink(path)
    except OSError:
        return ""
