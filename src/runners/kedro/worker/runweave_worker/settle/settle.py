"""Settles a slice: catalog configuration and spec -> which data each of its datasets means in this run."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from runweave_worker.compat import EntryFinder, Pipeline
from runweave_worker.data.base_name import base_name
from runweave_worker.data.locate import (
    Location,
    class_name,
    is_memory,
    locate,
    move_place,
    remote_protocol,
    replace_path,
    version_path,
)
from runweave_worker.errors import Problem, SettleError
from runweave_worker.project.slices import data_names, read_before_written
from runweave_worker.protocol.spec import SUPPLIED, Each, Input, Spec, Value

from .consume import is_versioned, supply
from .isolate import Member, Moves, move, store_in_data, store_path
from .other_paths import other_paths
from .scope import is_declared, is_in_scope, memory_problems
from .settlement import Settled, Settlement

PICKLE_TYPE = "runweave_worker.datasets.PickleDataset"


@dataclass
class Work:
    """The state of settling one slice."""

    spec: Spec
    pipeline: Pipeline
    base: str
    finder: EntryFinder
    read: set[str]
    written: set[str]
    datasets: dict[str, Settled] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def settle(entries: dict[str, Any], pipeline: Pipeline, spec: Spec, base: str) -> Settlement:
    """Settle every dataset of the slice. `entries` have absolute paths and credentials by name. Raises SettleError."""
    written = set(data_names(pipeline.all_outputs()))
    read = set(data_names(pipeline.all_inputs()))
    work = Work(spec, pipeline, base, EntryFinder(entries), read, written)
    _check_names(work)
    _settle_inputs(work)
    _settle_own(work)
    moves = Moves(spec.stores, spec.run_id)
    _isolate(work, moves)
    _settle_memory_outputs(work)
    checkpoints = _checkpoints(work)
    if work.problems:
        raise SettleError(work.problems)
    _make_folders(work)
    settled = {name: part.entry for name, part in work.datasets.items() if part.entry is not None}
    return Settlement({**entries, **settled}, work.datasets, moves, checkpoints)


def _check_names(work: Work) -> None:
    spec = work.spec
    for name in spec.outputs:
        if name not in work.written and not any(base_name(each) == name for each in work.written):
            work.problems.append(
                _not_in_slice("output-not-written", f"'{name}' is a declared output", name, work.written)
            )
    for name in sorted(spec.supplied()):
        siblings = _siblings(name, work.read | work.written)
        if any(sibling in work.written for sibling in siblings):
            message = f"'{name}' is consumed from another run, but this slice writes it"
            work.problems.append(
                Problem("consumed-and-written", message, "leave the node that writes it out of the run")
            )
        elif not siblings and name not in work.finder.listed:
            work.problems.append(_not_in_slice("consumed-not-read", f"'{name}' is consumed", name, work.read))


def _not_in_slice(code: str, what: str, name: str, names: set[str]) -> Problem:
    verb = "saves" if code == "output-not-written" else "reads"
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"it {verb}: {', '.join(sorted(names)[:20]) or 'nothing'}"
    return Problem(code, f"{what}, but no node of this slice {verb} it", hint)


def _siblings(name: str, names: set[str]) -> list[str]:
    if name in names and "@" not in name:
        return [name]
    plain = base_name(name)
    return sorted(each for each in names if base_name(each) == plain)


def _settle_inputs(work: Work) -> None:
    reads = work.spec.reads
    for name, read in reads.items():
        if not isinstance(read, SUPPLIED):
            continue
        siblings = [] if isinstance(read, Each) else _siblings(name, work.read)
        for sibling in siblings or [name]:
            # A sibling with an input of its own is settled by that.
            if sibling == name or not isinstance(reads.get(sibling), SUPPLIED):
                _supply(work, sibling, read)


def _supply(work: Work, name: str, read: Input | Each | Value) -> None:
    if work.problems:
        return
    try:
        work.datasets[name] = supply(name, read, work.finder, work.base)
    except SettleError as error:
        work.problems += error.problems


def _settle_own(work: Work) -> None:
    """Settle what is not consumed: versioned entries by their pins, plain ones where the catalog has them."""
    for name in sorted((work.read | work.written) - set(work.datasets)):
        entry = work.finder.find(name)
        settled = Settled(name, entry)
        work.datasets[name] = settled
        places = locate(entry, work.base) if entry and not is_memory(entry) else []
        if entry is None or not places:
            continue
        settled.location = settled.plain_location = places[0].path
        settled.suffix = places[0].suffix or ""
        settled.versioned = is_versioned(entry)
        if settled.versioned:
            _pin(work, settled)
        elif name in work.written:
            settled.version = work.spec.run_id
    _pin_aliases(work)


def _pin(work: Work, settled: Settled) -> None:
    plain = settled.plain_location or ""
    own = settled.name in work.written
    version = work.spec.run_id if own else work.spec.pin_of(settled.name)
    if version is None:
        return
    settled.version = version
    settled.location = version_path(plain, version)


def _pin_aliases(work: Work) -> None:
    """Pin every versioned entry that is only read to what this run writes to the same place."""
    own = {
        part.plain_location: part.location
        for name, part in work.datasets.items()
        if part.versioned and name in work.written
    }
    for name, part in work.datasets.items():
        is_alias = part.versioned and name not in work.written and part.plain_location in own
        if is_alias and not isinstance(work.spec.reads.get(name), Input):
            part.version = work.spec.run_id
            part.location = own[part.plain_location]


def _isolate(work: Work, moves: Moves) -> None:
    members = [member for name in sorted(work.datasets) for member in _members(work, name)]
    work.problems += memory_problems(sorted(work.written), work.spec, work.finder.find, work.base)
    work.problems += store_in_data(members, work.spec.stores, _movable_places(work))
    work.problems += move(members, moves, read_before_written(work.pipeline))
    for name, part in work.datasets.items():
        if part.entry is None or _is_consumed(name, work.spec):
            continue
        if not part.versioned:
            _follow(part, moves, work)
        _follow_others(part, moves, work)
    _move_twins(work, moves)


def _movable_places(work: Work) -> Iterator[Location]:
    for entry in work.finder.listed.values():
        if isinstance(entry, dict) and not is_versioned_flag(entry):
            yield from locate(entry, work.base)


def _is_consumed(name: str, spec: Spec) -> bool:
    supplied = spec.supplied()
    return name in supplied or bool("@" in name and _siblings(name, supplied))


def _members(work: Work, name: str) -> list[Member]:
    part = work.datasets[name]
    if part.entry is None or part.versioned or part.location is None or _is_consumed(name, work.spec):
        return []
    written = name in work.written
    movable, declared = written and is_in_scope(name, work.spec), is_declared(name, work.spec)
    return [Member(name, place, written, movable, declared) for place in locate(part.entry, work.base)]


def _follow(part: Settled, moves: Moves, work: Work) -> None:
    for index, place in enumerate(locate(part.entry or {}, work.base)):
        target = moves.target(place)
        if target is None:
            continue
        part.entry = move_place(part.entry or {}, place.keys, target)
        if index == 0:
            part.location = target
            part.version = work.spec.run_id


def _follow_others(part: Settled, moves: Moves, work: Work) -> None:
    """Have a class read what this run has written where its entry names such a place besides its own."""
    for other in other_paths(part.entry, work.base):
        target = moves.target(other.location)
        if target is not None and not moves.is_own(other.location.path):
            part.entry = replace_path(part.entry or {}, other.location.keys, target)


def _move_twins(work: Work, moves: Moves) -> None:
    """Move entries outside the slice that name the same files, so that hooks which read them see this run's data."""
    if not moves.roots:
        return
    keys = {root.key for root, _ in moves.roots}
    for name, entry in work.finder.listed.items():
        if name in work.datasets or not isinstance(entry, dict) or is_versioned_flag(entry):
            continue
        places = [place for place in locate(entry, work.base) if place.key in keys]
        for place in places:
            target = moves.target(place)
            if target is not None:
                moved = move_place(entry, place.keys, target)
                work.datasets[name] = Settled(name, moved, target, work.spec.run_id, False, place.path)


def is_versioned_flag(entry: dict[str, Any]) -> bool:
    """Tell whether an entry says that it is versioned, without importing its class."""
    return bool(entry.get("versioned"))


def _settle_memory_outputs(work: Work) -> None:
    """Give declared outputs that would stay in memory a pickle in the store."""
    for name in sorted(work.written):
        part = work.datasets[name]
        in_memory = part.entry is None or is_memory(part.entry)
        if in_memory and is_declared(name, work.spec):
            part.location = store_path(work.spec.stores.local, work.spec.run_id, name, f"{name}.pickle")
            part.entry = {"type": PICKLE_TYPE, "filepath": part.location, "output": name}
            part.version = work.spec.run_id


def _checkpoints(work: Work) -> dict[str, str]:
    """Return a place in the store for each checkpoint that the slice confirms and that lies beside an input.

    That of what floats stays there.
    """
    if work.spec.isolate == "none":
        return {}
    confirmed = {name for node in work.pipeline.nodes for name in node.confirms}
    found = {}
    for name in sorted(confirmed & set(work.datasets) - work.spec.floating):
        part = work.datasets[name]
        if part.location and class_name(part.entry or {}) == "IncrementalDataset" and name not in work.written:
            found[name] = store_path(work.spec.stores.local, work.spec.run_id, f"{part.location}/CHECKPOINT")
    return found


def _make_folders(work: Work) -> None:
    for name in work.written:
        part = work.datasets[name]
        if part.entry is None or part.location == part.plain_location or part.versioned:
            continue
        for place in locate(part.entry, work.base):
            if remote_protocol(place.path) is None:
                os.makedirs(_folder_of(part, place), exist_ok=True)


def _folder_of(part: Settled, place: Location) -> str:
    was_folder = place.keys[-1] == "path" and os.path.isdir(part.plain_location or "")
    return place.path if was_folder else os.path.dirname(place.path)
