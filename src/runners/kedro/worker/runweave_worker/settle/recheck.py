"""The second look: every dataset of the slice as hooks left it. Moves what they added, refuses the rest."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any

from runweave_worker.compat import AbstractDataset, Pipeline, Version, dataset_of, put_dataset
from runweave_worker.data.instances import arguments, is_in_memory, place_by_entry, place_of, rebuild, version_of
from runweave_worker.data.locate import Location, remote_protocol, version_path
from runweave_worker.datasets import EachDataset, PickleDataset, ValueDataset
from runweave_worker.errors import Problem, SettleError
from runweave_worker.project.slices import data_names, read_before_written
from runweave_worker.protocol.spec import Input, Spec, Value

from .checkpoint import keep_checkpoint_apart
from .isolate import Member, move, store_path
from .scope import is_declared, is_in_scope
from .settlement import Settled, Settlement


@dataclass
class Recheck:
    """The state of one second look."""

    catalog: Any
    pipeline: Pipeline
    settlement: Settlement
    spec: Spec
    written: set[str]
    stray: dict[str, tuple[AbstractDataset, Location]] = field(default_factory=dict)
    """Unversioned datasets at a place that was not settled for this run."""
    problems: list[Problem] = field(default_factory=list)


def recheck(catalog: Any, pipeline: Pipeline, settlement: Settlement, spec: Spec) -> None:
    """Make the catalog's datasets what was settled. Raises SettleError."""
    state = Recheck(catalog, pipeline, settlement, spec, set(data_names(pipeline.all_outputs())))
    for name in data_names(pipeline.datasets()):
        dataset = dataset_of(catalog, name)
        if name not in spec.floating and not isinstance(dataset, (EachDataset, ValueDataset)):
            _look_at(state, name, dataset)
    _move_strays(state)
    if state.problems:
        raise SettleError(state.problems)
    for name, path in settlement.checkpoints.items():
        keep_checkpoint_apart(catalog, name, path)


def _look_at(state: Recheck, name: str, dataset: AbstractDataset | None) -> None:
    settled = state.settlement.datasets.setdefault(name, Settled(name))
    if state.spec.find(name, Value):
        state.problems.append(_replaced_by_hook(name, "the workflow gives as a value"))
        return
    place = (place_of(dataset) or place_by_entry(dataset, settled.entry)) if dataset is not None else None
    if dataset is None or place is None:
        _look_at_placeless(state, settled, dataset)
    elif version_of(dataset) is not None:
        _look_at_versioned(state, settled, dataset, place)
    elif settled.versioned or place.path != settled.location:
        _look_at_replaced(state, settled, dataset, place)
    elif not _is_settled(state, settled, place):
        state.stray[name] = (dataset, place)


def _is_settled(state: Recheck, settled: Settled, place: Location) -> bool:
    return (
        _is_consumed(state, settled.name)
        or state.settlement.moves.is_own(place.path)
        or (
            settled.entry is not None
            and settled.version == state.spec.run_id
            and settled.location != settled.plain_location
        )
    )


def _is_consumed(state: Recheck, name: str) -> bool:
    return (
        state.settlement.datasets[name].version is not None
        and name not in state.written
        and state.spec.find(name, Input) is not None
    )


def _look_at_placeless(state: Recheck, settled: Settled, dataset: AbstractDataset | None) -> None:
    name = settled.name
    in_memory = dataset is None or is_in_memory(dataset)
    if _is_consumed(state, name):
        state.problems.append(_replaced_by_hook(name, "is consumed from another run"))
    elif in_memory and name in state.written and is_declared(name, state.spec):
        path = store_path(state.spec.stores.local, state.spec.run_id, name, f"{name}.pickle")
        _put(state, settled, PickleDataset(filepath=path, output=name), path)
    elif dataset is not None and not in_memory and name in state.written and is_in_scope(name, state.spec):
        state.problems.append(_not_isolatable(name, dataset, state.spec))
    else:
        if dataset is not None and not in_memory and name not in state.written:
            state.problems.append(_unsettled(name, dataset, "has no path, so no version of it can be pinned"))
        settled.location = settled.version = None


def _not_isolatable(name: str, dataset: AbstractDataset, spec: Spec) -> Problem:
    """Return why a dataset that is written has no place; an output without one can't be declared either."""
    kind = arguments(dataset)["type"]
    message = f"this run writes '{name}' ({kind}), which has no path: it can't have its own path in each run"
    if is_declared(name, spec):
        hint = f"leave it out of `outputs`, list '{name}' under `floating`, and let its readers say `needs`"
    else:
        hint = f"list '{name}' under `floating`, or use `isolate: declared`"
    return Problem("not-isolatable", message, hint)


def _unsettled(name: str, dataset: AbstractDataset, why: str) -> Problem:
    kind = arguments(dataset)["type"]
    hint = f"list '{name}' under `floating` if any version will do, or consume it from a run"
    return Problem("unsettled", f"this run reads '{name}' ({kind}), which {why}", hint)


def _replaced_by_hook(name: str, why: str) -> Problem:
    return Problem("hook-replaced", f"a hook replaced '{name}', which {why}", "leave that dataset alone in this run")


def _look_at_versioned(state: Recheck, settled: Settled, dataset: AbstractDataset, place: Location) -> None:
    own = settled.name in state.written
    pin = state.spec.run_id if own else settled.version or state.spec.pin_of(settled.name)
    found = version_of(dataset)
    settled.versioned, settled.plain_location = True, place.path
    if settled.entry is None:
        settled.entry = _entry_of(dataset)
    if pin is None:
        why = f"is versioned, and the plan knew of no version of it ({place.path})"
        state.problems.append(_unsettled(settled.name, dataset, why))
        return
    if _is_consumed(state, settled.name) and version_path(place.path, pin) != settled.location:
        state.problems.append(_replaced_by_hook(settled.name, "is consumed from another run"))
        return
    settled.version, settled.location = pin, version_path(place.path, pin)
    if found.load != pin or (own and found.save != pin):
        _try(state, settled.name, lambda: rebuild(dataset, version=Version(pin, state.spec.run_id)))


def _look_at_replaced(state: Recheck, settled: Settled, dataset: AbstractDataset, place: Location) -> None:
    """Take in a dataset that a hook has added or replaced."""
    if not _is_consumed(state, settled.name):
        settled.versioned, settled.version, settled.suffix = False, None, place.suffix or ""
        settled.entry, settled.location, settled.plain_location = _entry_of(dataset), place.path, place.path
        if state.settlement.moves.is_own(place.path):
            settled.version = state.spec.run_id
        else:
            state.stray[settled.name] = (dataset, place)
        return
    location = settled.location or ""
    if _try(state, settled.name, lambda: rebuild(dataset, place.keys, location)):
        settled.entry = _entry_of(state.catalog[settled.name])


def _move_strays(state: Recheck) -> None:
    moves = state.settlement.moves
    members = [
        Member(
            name,
            place,
            name in state.written,
            name in state.written and is_in_scope(name, state.spec),
            is_declared(name, state.spec),
        )
        for name, (_, place) in state.stray.items()
        if moves.target(place) is None
    ]
    state.problems += move(members, moves, read_before_written(state.pipeline))
    for name, (dataset, place) in state.stray.items():
        target = moves.target(place)
        if target is not None:
            _put_at(state, name, dataset, place, target)
        elif name in state.written:
            state.settlement.datasets[name].version = state.spec.run_id


def _put_at(state: Recheck, name: str, dataset: AbstractDataset, place: Location, target: str) -> None:
    if remote_protocol(target) is None:
        os.makedirs(os.path.dirname(target), exist_ok=True)
    if _try(state, name, lambda: rebuild(dataset, place.keys, target)):
        settled = state.settlement.datasets[name]
        settled.entry, settled.location, settled.version = _entry_of(state.catalog[name]), target, state.spec.run_id


def _put(state: Recheck, settled: Settled, dataset: AbstractDataset, path: str) -> None:
    put_dataset(state.catalog, settled.name, dataset)
    settled.entry, settled.location, settled.version = _entry_of(dataset), path, state.spec.run_id


def _try(state: Recheck, name: str, make: Any) -> bool:
    try:
        put_dataset(state.catalog, name, make())
    except Exception as error:  # noqa: BLE001 - whatever a dataset's class raises
        state.problems.append(
            Problem(
                "not-isolatable",
                f"'{name}' was added by a hook and can't be built for its own path: {error}",
                f"list '{name}' under `floating`, or give it a catalog entry",
            )
        )
        return False
    return True


def _entry_of(dataset: AbstractDataset) -> dict[str, Any] | None:
    """Return a catalog entry for a dataset that came from none; its credentials are values, so they stay out."""
    entry = {key: value for key, value in arguments(dataset).items() if key != "credentials" and value is not None}
    try:
        return json.loads(json.dumps(entry))
    except (TypeError, ValueError):
        return None
