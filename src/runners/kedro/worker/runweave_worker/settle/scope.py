"""Tells which datasets of a slice get a place of their own, by what the workflow says; and which of them can't."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from runweave_worker.compat import Pipeline
from runweave_worker.data.base_name import base_name
from runweave_worker.data.locate import IN_PROCESS, is_memory, locate
from runweave_worker.errors import Problem
from runweave_worker.project.slices import data_names, read_before_written

from .consume import is_versioned
from .isolate import Member, find_conflicts


class Said(Protocol):
    """Rules for isolation in a workflow."""

    isolate: str
    floating: frozenset[str]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """The same, as the question of a plan has it."""

    isolate: str
    floating: frozenset[str]
    outputs: tuple[str, ...]
    supplied: frozenset[str]
    """Names without `@` side."""


def parse_scope(raw: dict[str, Any]) -> Scope:
    """Return what a question says of isolation; without a word about it, no dataset is isolated."""
    supplied = frozenset(base_name(name) for name in raw.get("supplied") or ())
    outputs = tuple(raw.get("outputs") or ())
    return Scope(raw.get("isolate") or "none", frozenset(raw.get("floating") or ()), outputs, supplied)


def is_declared(name: str, said: Said) -> bool:
    """Tell whether the workflow declares a dataset as an output; a name without `@` means all its siblings."""
    return name in said.outputs or base_name(name) in said.outputs


def is_in_scope(name: str, said: Said) -> bool:
    """Tell whether a dataset that the slice writes is to get a place of its own."""
    if name in said.floating or said.isolate == "none":
        return False
    return said.isolate == "all" or is_declared(name, said)


def isolation_problems(
    scope: Scope, pipeline: Pipeline, find: Callable[[str], dict[str, Any] | None], base: str
) -> list[Problem]:
    """Return what would keep a run of the slice from having its data to itself, as settling it would find out."""
    written = set(data_names(pipeline.all_outputs()))
    members: list[Member] = []
    problems = memory_problems(sorted(written), scope, find, base)
    for name in data_names(pipeline.datasets()):
        entry = find(name)
        if entry is None or is_memory(entry) or is_versioned(entry) or base_name(name) in scope.supplied:
            continue
        movable = name in written and is_in_scope(name, scope)
        members += [
            Member(name, place, name in written, movable, is_declared(name, scope)) for place in locate(entry, base)
        ]
    return problems + find_conflicts(members, read_before_written(pipeline))


def memory_problems(
    written: Iterable[str], said: Said, find: Callable[[str], dict[str, Any] | None], base: str
) -> list[Problem]:
    """Return a problem for each declared output that would be gone with the process that has saved it."""
    problems: list[Problem] = []
    for name in written:
        entry = find(name)
        if entry is None or is_memory(entry) or not is_declared(name, said):
            continue
        if is_in_scope(name, said) and not is_versioned(entry):
            continue
        place = next((place for place in locate(entry, base) if place.protocol == IN_PROCESS), None)
        if place is not None:
            message = f"'{name}' is a declared output, but {place.path} is in the memory of a process and ends with it"
            hint = "give it another path in the catalog; an entry without `versioned` gets a file under `isolate: all`"
            problems.append(Problem("place-in-memory", message, hint))
    return problems
