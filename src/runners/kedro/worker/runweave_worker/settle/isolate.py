"""A place of its own for what a run writes, by resolved location. Pure but for a look at folders that are only read."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from runweave_worker.data.locate import Location, is_inside, overlaps, resolve
from runweave_worker.data.stores import Stores
from runweave_worker.data.walk_data import is_staging
from runweave_worker.errors import Problem

# A component of a path has 255 bytes at most; the end of a name says what kind of file it is.
MAX_FILE = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True)
class Member:
    """One path of one dataset of the slice."""

    name: str
    location: Location
    written: bool
    movable: bool
    """True if it is to get a place of its own: written, not versioned, in scope."""
    declared: bool = False
    """True if it has one under `isolate: declared` too."""


@dataclass
class Moves:
    """Places that moved in this run, and where they are now."""

    stores: Stores
    run_id: str
    roots: list[tuple[Location, str]] = field(default_factory=list)

    def target(self, location: Location) -> str | None:
        """Return the new path of a location that moved, or that is the same files as one that did."""
        for root, path in self.roots:
            if not overlaps(root, location):
                continue
            if location.key == root.key:
                return path
            if is_inside(location.key, root.key):
                return posixpath.join(path, os.path.relpath(location.key, root.key))
        return None

    def is_own(self, path: str) -> bool:
        """Tell whether a path already is one of this run's own places."""
        return any(path == root or is_inside(path, root) for _, root in self.roots)

    def add(self, root: Location) -> str:
        """Give a place its own path in the store and return it."""
        path = store_path(self.stores.of(root), self.run_id, root.key)
        self.roots.append((root, path))
        return path


def store_path(store: str, run_id: str, key: str, file: str | None = None) -> str:
    """Return `<store>/<file>-<hash8 of its full path>/<run_id>/<file>`."""
    file = _UNSAFE.sub("_", file or posixpath.basename(key))[-MAX_FILE:]
    digest = hashlib.sha256(key.encode()).hexdigest()[:8]
    return posixpath.join(store, f"{file}-{digest}", run_id, file)


def move(members: list[Member], moves: Moves, goes_before: Callable[[str, str], bool]) -> list[Problem]:
    """Move every movable member together with all that shares its files; return what can't move.

    `goes_before(reader, written)` tells whether a read of `reader` is bound to come before `written` is saved.
    """
    problems: list[Problem] = []
    for group in _movable_groups(members):
        found = _problems(group, goes_before)
        problems += found
        if not found:
            _move_group(group, moves)
    return problems


def find_conflicts(members: list[Member], goes_before: Callable[[str, str], bool]) -> list[Problem]:
    """Return what `move` would say can't move."""
    return [problem for group in _movable_groups(members) for problem in _problems(group, goes_before)]


def _movable_groups(members: list[Member]) -> list[list[Member]]:
    return [group for group in group_by_files(members) if any(member.movable for member in group)]


def _move_group(group: list[Member], moves: Moves) -> None:
    roots = sorted({member.location for member in group}, key=lambda location: len(location.key))
    path = moves.add(roots[0])
    for root in roots[1:]:
        # Same place, or below it, under another suffix: what is mapped must not depend on the order.
        inside = path if root.key == roots[0].key else posixpath.join(path, os.path.relpath(root.key, roots[0].key))
        moves.roots.append((root, inside))


def group_by_files(members: Iterable[Member]) -> list[list[Member]]:
    """Return the members in groups; no file belongs to two groups."""
    by_key: dict[str, list[int]] = defaultdict(list)
    everyone = list(members)
    for index, member in enumerate(everyone):
        by_key[member.location.key].append(index)
    parent = list(range(len(everyone)))

    def find(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for index, member in enumerate(everyone):
        for key in _self_and_ancestors(member.location.key):
            for other in by_key.get(key, ()):
                if other != index and overlaps(member.location, everyone[other].location):
                    parent[find(index)] = find(other)
    groups: dict[int, list[Member]] = defaultdict(list)
    for index, member in enumerate(everyone):
        groups[find(index)].append(member)
    return list(groups.values())


def _self_and_ancestors(key: str) -> Iterable[str]:
    while True:
        yield key
        shorter = key.rpartition("/")[0]
        if not shorter or shorter == key:
            return
        key = shorter


def _problems(group: list[Member], goes_before: Callable[[str, str], bool]) -> list[Problem]:
    written = [member for member in group if member.written]
    is_free = not any(member.movable and member.declared for member in group)
    other_way = ", or use `isolate: declared`" if is_free else ""
    problems: list[Problem] = []
    for reader in (member for member in group if not member.written):
        for writer in written:
            if not overlaps(reader.location, writer.location):
                continue
            if goes_before(reader.name, writer.name):
                problems.append(_conflict(reader, writer, "reads it before the run has saved it", other_way))
            elif is_inside(writer.location.key, reader.location.key) and _has_other_files(reader, written):
                why = "also reads files there that this run does not write"
                problems.append(_conflict(reader, writer, why, other_way))
    return problems


def _conflict(reader: Member, writer: Member, why: str, other_way: str) -> Problem:
    # One name alone does not do: the other would stay tied to the files of both.
    names = ", ".join(sorted({reader.name, writer.name}))
    return Problem(
        "isolation-conflict",
        f"'{writer.name}' ({writer.location.path}) needs its own path, "
        f"but '{reader.name}' ({reader.location.path}) shares its files and {why}",
        f"give '{writer.name}' another path in the catalog, say `floating: [{names}]`{other_way}",
    )


def _has_other_files(reader: Member, written: list[Member]) -> bool:
    own = [member.location.key for member in written]
    for folder, folders, files in os.walk(reader.location.key):
        folders[:] = [name for name in folders if not is_staging(name)]
        for file in files:
            path = os.path.join(folder, file)
            is_own = any(path == key or is_inside(path, key) for key in own)
            if path.endswith(reader.location.suffix or "") and not is_own and not is_staging(file):
                return True
    return False


def store_in_data(members: Iterable[Member], stores: Stores, others: Iterable[Location] = ()) -> list[Problem]:
    """Return a problem for each folder of partitions that would list a store's files as its own.

    `others` are the places that some run of the project may move.
    """
    folders = [member for member in members if member.location.suffix is not None]
    if not folders:
        return []
    moved = [location for location in others if location.protocol is not None]
    return [
        Problem(
            "store-in-data",
            f"the store {store} is inside '{folder.name}' ({folder.location.path}), which would list it as its own",
            "set `store` to a folder or prefix that no dataset of the project reads",
        )
        for folder in folders
        if (store := _store_inside(folder.location, stores, moved)) is not None
    ]


def _store_inside(folder: Location, stores: Stores, moved: list[Location]) -> str | None:
    if folder.protocol is None:
        return stores.local if is_inside(resolve(stores.local), folder.key) else None
    fixed = stores.remote.get(folder.protocol)
    if fixed is not None:
        return fixed if is_inside(fixed, folder.key) else None
    listed = (each for each in moved if each.key != folder.key and each.key.endswith(folder.suffix or ""))
    return next((store for each in listed if is_inside(store := stores.of(each), folder.key)), None)
