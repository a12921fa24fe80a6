"""Tells where a catalog entry keeps its data: pure functions over its configuration."""

from __future__ import annotations

import functools
import os
import posixpath
import re
from dataclasses import dataclass
from typing import Any

PATH_KEYS = ("filepath", "path")
# Keys whose values hold arguments or other stores, never this entry's own data.
OPAQUE_KEYS = frozenset(
    {"load_args", "save_args", "fs_args", "credentials", "metadata", "checkpoint", "validator", "connection", "kwargs"}
)
# Classes whose `filepath` names a query: it is read, never data.
QUERY_CLASSES = frozenset({"SQLQueryDataset", "GBQQueryDataset"})
MEMORY_CLASSES = frozenset({"MemoryDataset", "SharedMemoryDataset"})
# The storage of fsspec that is gone with the process that has written there.
IN_PROCESS = "memory"
# Protocols that are no stores: their servers keep no version of ours.
WEB = frozenset({"http", "https"})
_REMOTE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(:?/)")


@dataclass(frozen=True)
class Location:
    """One path of an entry: where in its configuration, and which files it means."""

    keys: tuple[str, ...]
    path: str
    """Path as the entry has it, absolute."""
    key: str
    """Normalised, symlinks resolved: equal for equal files."""
    suffix: str | None
    """Ending of the names of partitions, for a folder of them; None for one file or one folder."""

    @property
    def protocol(self) -> str | None:
        """The scheme of a remote location, None for a local one."""
        return remote_protocol(self.path)


def class_name(entry: dict[str, Any]) -> str:
    """Return the last part of an entry's type."""
    kind = entry.get("type")
    return kind.rpartition(".")[2] if isinstance(kind, str) else getattr(kind, "__name__", "")


def is_memory(entry: dict[str, Any]) -> bool:
    """Tell whether an entry is one of Kedro's own datasets in memory."""
    return class_name(entry) in MEMORY_CLASSES


def remote_protocol(path: str) -> str | None:
    """Return the scheme of a remote path, None for a local one."""
    match = _REMOTE.match(path)
    return match.group(1) if match and match.group(1) != "file" else None


def locate(entry: dict[str, Any], base: str) -> list[Location]:
    """Return every path of an entry. Relative ones are below `base`. A query file is none."""
    if class_name(entry) in QUERY_CLASSES:
        return []
    for key in PATH_KEYS:
        value = _text(entry.get(key))
        if value is not None:
            suffix = _text(entry.get("filename_suffix")) or "" if key == "path" and "dataset" in entry else None
            return [_location((key,), value, base, suffix)]
    found: list[Location] = []
    for key, value in entry.items():
        if key not in OPAQUE_KEYS and isinstance(value, dict):
            found += [
                Location((key, *inner.keys), inner.path, inner.key, inner.suffix) for inner in locate(value, base)
            ]
    return found


def _text(value: Any) -> str | None:
    return os.fspath(value) if isinstance(value, (str, os.PathLike)) else None


def _location(keys: tuple[str, ...], value: str, base: str, suffix: str | None) -> Location:
    path = absolute(value, base)
    return Location(keys, path, path if remote_protocol(path) else resolve(path), suffix)


def absolute(value: str, base: str) -> str:
    """Return a path without scheme `file`, absolute and normalised; remote ones lose only a final slash."""
    if remote_protocol(value):
        return value.rstrip("/")
    return os.path.normpath(os.path.join(base, value.removeprefix("file://")))


def resolve(path: str) -> str:
    """Return a local path with its symlinks resolved, whether or not it exists."""
    if os.path.islink(path):
        return os.path.realpath(path)
    return os.path.join(_resolve_folder(os.path.dirname(path)), os.path.basename(path))


@functools.lru_cache(maxsize=4096)
def _resolve_folder(path: str) -> str:
    return os.path.realpath(path)


def is_inside(inner: str, outer: str) -> bool:
    """Tell whether one normalised path is below another."""
    return inner.startswith(outer.rstrip("/") + "/")


def overlaps(one: Location, other: Location) -> bool:
    """Tell whether two locations can share a file: equal, or nested and selected by the folder's suffix."""
    if one.key == other.key:
        return _suffixes_meet(one.suffix, other.suffix)
    outer, inner = (one, other) if is_inside(other.key, one.key) else (other, one)
    if not is_inside(inner.key, outer.key):
        return False
    if outer.suffix is None:
        return True
    if inner.suffix is not None:
        return _suffixes_meet(outer.suffix, inner.suffix)
    return inner.key.endswith(outer.suffix)


def _suffixes_meet(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one.endswith(other) or other.endswith(one)


def replace_path(entry: Any, keys: tuple[str, ...], path: str) -> Any:
    """Return an entry with one of its paths replaced; what is not on the way to it is shared, not copied."""
    key, *rest = keys
    if isinstance(entry, (list, tuple)):
        at = int(key)
        return [*entry[:at], replace_path(entry[at], tuple(rest), path) if rest else path, *entry[at + 1 :]]
    return {**entry, key: replace_path(entry[key], tuple(rest), path) if rest else path}


def move_place(entry: dict[str, Any], keys: tuple[str, ...], path: str) -> dict[str, Any]:
    """Return an entry with its data at another path, which holds one version of them alone.

    A dataset that it wraps does not version them there.
    """
    moved = replace_path(entry, keys, path)
    return _unversioned(moved, keys[:-1]) if len(keys) > 1 else moved


def _unversioned(entry: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    if not keys:
        return {key: value for key, value in entry.items() if key != "versioned"}
    return {**entry, keys[0]: _unversioned(entry[keys[0]], keys[1:])}


def version_path(base: str, version: str) -> str:
    """Return where Kedro keeps one version of the data at `base`."""
    return posixpath.join(base, version, posixpath.basename(base))
