"""Tells which runner can run a slice, and how: Kedro would only find out in the middle of the run, or not at all."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from typing import Any

from runweave_worker.compat import (
    AbstractRunner,
    EntryFinder,
    ParallelRunner,
    Pipeline,
    ThreadRunner,
    dataset_class,
    runner_class,
)
from runweave_worker.data.base_name import base_name
from runweave_worker.data.locate import is_memory
from runweave_worker.errors import Problem
from runweave_worker.project.slices import data_names


@dataclass(frozen=True)
class Wanted:
    """Manner in which a run is to be executed, and its datasets that are not what the catalog says."""

    runner: str
    is_async: bool
    replaced: frozenset[str] = frozenset()
    """Consumed datasets and declared outputs, without `@` side: their entries are settled when the run starts."""


def parse_wanted(raw: dict[str, Any]) -> Wanted:
    """Return what a probe's question says of the runner; what it leaves out is Kedro's default."""
    names = [*(raw.get("supplied") or ()), *(raw.get("outputs") or ())]
    replaced = frozenset(base_name(name) for name in names)
    return Wanted(raw.get("runner") or "SequentialRunner", bool(raw.get("is_async")), replaced)


def runner_problems(wanted: Wanted, pipeline: Pipeline, finder: EntryFinder) -> list[Problem]:
    """Return what keeps a runner from running a slice as it is wanted."""
    try:
        kind = runner_class(wanted.runner)
    except Exception as error:  # noqa: BLE001 - whatever a project's module raises
        return [Problem("runner", f"the runner {wanted.runner} can't be imported: {error}", _NAMED)]
    problems = _class_problems(wanted.runner, kind)
    if problems:
        return problems
    problems = _async_problems(wanted, kind, pipeline)
    if issubclass(kind, ParallelRunner):
        problems += _node_problems(wanted.runner, pipeline) + _dataset_problems(wanted, pipeline, finder)
    return problems


_NAMED = "`runner` names one of Kedro's, or a class of the project by its dotted path"
_OTHER = "use `runner: ThreadRunner` or SequentialRunner"


def _class_problems(name: str, kind: Any) -> list[Problem]:
    if not inspect.isclass(kind) or not issubclass(kind, AbstractRunner):
        return [Problem("runner", f"{name} is not a class of runners", "it must inherit kedro.runner.AbstractRunner")]
    if inspect.isabstract(kind):
        missing = ", ".join(sorted(kind.__abstractmethods__))
        return [Problem("runner", f"the runner {name} is abstract: it lacks {missing}", "implement them")]
    try:
        inspect.signature(kind).bind(is_async=True)
    except TypeError as error:
        hint = "give the others a default: Kedro makes a runner with `is_async` alone"
        return [Problem("runner", f"the runner {name} can't be made with `is_async` alone: {error}", hint)]
    return []


def _async_problems(wanted: Wanted, kind: type, pipeline: Pipeline) -> list[Problem]:
    if not wanted.is_async:
        return []
    if issubclass(kind, ThreadRunner):
        message = f"{wanted.runner} loads and saves in its threads already, and ignores `async`"
        return [Problem("async-ignored", message, "leave `async` out")]
    streaming = [node.name for node in pipeline.nodes if inspect.isgeneratorfunction(node.func)]
    return [
        Problem(
            "async-generator",
            f"node '{name}' is a generator, which can't be saved asynchronously",
            "leave `async` out for this run",
        )
        for name in streaming
    ]


def _node_problems(runner: str, pipeline: Pipeline) -> list[Problem]:
    problems = []
    for node in pipeline.nodes:
        try:
            ForkingPickler.dumps(node)
        except Exception as error:  # noqa: BLE001 - whatever a node's function holds
            message = f"node '{node.name}' can't be sent to the processes of {runner}: {error}"
            problems.append(Problem("unpicklable-node", message, f"give it a function of a module, or {_OTHER}"))
    return problems


def _dataset_problems(wanted: Wanted, pipeline: Pipeline, finder: EntryFinder) -> list[Problem]:
    passed_on = set(data_names(pipeline.all_outputs())) & set(data_names(pipeline.all_inputs()))
    problems = []
    for name in data_names(pipeline.datasets()):
        entry = finder.find(name)
        if not entry or base_name(name) in wanted.replaced:
            continue
        kind = entry.get("type")
        found = dataset_class(kind) if isinstance(kind, str) else kind
        if getattr(found, "_SINGLE_PROCESS", False):
            message = f"'{name}' ({kind}) can't be used by the processes of {wanted.runner}"
            problems.append(Problem("single-process-dataset", message, _OTHER))
        elif name in passed_on and is_memory(entry) and "Shared" not in str(kind):
            # Kedro would hand the reading node an empty `object()`, without a word.
            message = f"'{name}' is a {kind} in the catalog, which the processes of {wanted.runner} don't share"
            hint = f"leave '{name}' out of the catalog, declare it among the outputs, or {_OTHER}"
            problems.append(Problem("unshared-dataset", message, hint))
    return problems
