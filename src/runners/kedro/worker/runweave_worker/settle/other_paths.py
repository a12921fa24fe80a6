"""Places that an entry names besides its own, by arguments that only its class knows to be paths."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from runweave_worker.compat import settings
from runweave_worker.data.locate import Location, absolute, is_inside, locate, remote_protocol, resolve

# Keys that hold no data of the entry: secrets, what plugins keep there, and what is settled in other ways.
_SKIPPED = frozenset({"type", "credentials", "metadata", "checkpoint", "connection", "filename_suffix"})
# Code and configuration, which are no data either.
_SOURCES = ("src",)
MAX_LENGTH = 1000
MAX_PATHS = 20


@dataclass(frozen=True)
class OtherPath:
    """A string of an entry that may be a path; what there is not may still be the place of another dataset."""

    location: Location
    is_there: bool
    """Within the project."""

    def to_json(self) -> dict[str, Any]:
        """Return the protocol's form."""
        argument = ".".join(self.location.keys)
        return {"argument": argument, "path": self.location.key, "is_there": self.is_there}


def other_paths(entry: dict[str, Any] | None, base: str) -> list[OtherPath]:
    """Return what an entry names besides its own data. A plain name counts only if there is such a file."""
    if entry is None:
        return []
    own = locate(entry, base)
    known = {place.keys for place in own}
    found: list[OtherPath] = []
    for keys, text in _strings(entry):
        other = None if keys in known else _as_path(keys, text, base)
        # A folder above its own data, or something below them, says where those are.
        if other is None or any(_are_nested(other.location.key, place.key) for place in own):
            continue
        found.append(other)
        if len(found) == MAX_PATHS:
            break
    return found


def _strings(entry: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for key, value in entry.items():
        if key in _SKIPPED or not isinstance(key, str):
            continue
        if isinstance(value, dict):
            yield from _strings(value, (*above, key))
        elif isinstance(value, (list, tuple)):
            yield from (((*above, key, str(at)), each) for at, each in enumerate(value) if isinstance(each, str))
        elif isinstance(value, (str, os.PathLike)):
            yield (*above, key), os.fspath(value)


def _as_path(keys: tuple[str, ...], text: str, base: str) -> OtherPath | None:
    if not text.strip("./") or len(text) > MAX_LENGTH or "\0" in text or "\n" in text or remote_protocol(text):
        return None
    location = Location(keys, path := absolute(text, base), resolve(path), None)
    root = resolve(base)
    if any(_is_part(location.key, os.path.join(root, each)) for each in (*_SOURCES, str(settings.CONF_SOURCE))):
        return None
    is_there = is_inside(location.key, root) and os.path.exists(location.key)
    if "/" not in text and not (is_there and os.path.isfile(location.key)):
        return None
    return OtherPath(location, is_there)


def _are_nested(one: str, other: str) -> bool:
    return _is_part(one, other) or _is_part(other, one)


def _is_part(key: str, place: str) -> bool:
    return key == place or is_inside(key, place)
