"""Record that an attempt writes before its first node, so that a later one can tell what of it still holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from runweave_worker.code.hook_reads import digest_hook_reads
from runweave_worker.code.node_work import NodeSurroundings, ProjectWork
from runweave_worker.compat import EntryFinder, Pipeline
from runweave_worker.data.base_name import base_name
from runweave_worker.data.locate import is_memory
from runweave_worker.project.slices import data_names
from runweave_worker.protocol.spec import Spec
from runweave_worker.remote.remote import RemoteData

from .places import GivenData, find_places
from .resume_plan import NodeShape

RECORD_FILE = "work.json"


@dataclass
class Configuration:
    """The configuration of a run before any hook has seen it."""

    loader: Any
    entries: dict[str, Any]
    """Entries of the catalog, with absolute paths."""
    base: str
    remote: RemoteData
    plugins: Collection[object]
    """Objects whose hooks are called."""


@dataclass
class AttemptRecord:
    """The work of a whole slice, of which the attempt may execute a part."""

    work: dict[str, str]
    """Node -> digest of its code, parameters and settings."""
    given: dict[str, str | None]
    """Data that the slice reads from outside: place -> content."""
    places: dict[str, str]
    """Dataset -> place."""

    def to_json(self) -> dict[str, Any]:
        """Return what is written."""
        return dict(vars(self))


def make_record(work: ProjectWork, spec: Spec, pipeline: Pipeline, configuration: Configuration) -> AttemptRecord:
    """Return what there is to write down of a slice."""
    finder, base = EntryFinder(configuration.entries), configuration.base
    places = find_places(pipeline, finder, spec, base)
    written = {places[name] for name in data_names(pipeline.all_outputs())}
    data = GivenData(spec, finder, base, configuration.remote)
    outside = [name for name in data_names(pipeline.inputs()) if places[name] not in written]
    parameters = _parameters(configuration.loader, pipeline)
    around = digest_hook_reads(configuration.loader, configuration.plugins)
    return AttemptRecord(
        work=work.digests(pipeline, finder, NodeSurroundings(parameters, around), base),
        given={places[name]: data.identify(name) for name in outside},
        places=places,
    )


def node_shapes(pipeline: Pipeline, places: dict[str, str]) -> list[NodeShape]:
    """Return the nodes of a slice in the order in which Kedro executes them."""

    def of(names: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(places[name] for name in names if name in places))

    return [NodeShape(node.name, of(node.inputs), of(node.outputs)) for node in pipeline.nodes]


def find_compared(pipeline: Pipeline, entries: dict[str, Any]) -> frozenset[str]:
    """Return the datasets in memory whose content would tell whether a finished node has to run again.

    If all that a node makes goes to one other node, both run again or neither.
    """
    finder = EntryFinder(entries)
    readers: dict[str, set[str]] = defaultdict(set)
    for node in pipeline.nodes:
        for name in node.inputs:
            readers[base_name(name)].add(node.name)
    found: set[str] = set()
    for node in pipeline.nodes:
        if len(set().union(*(readers[base_name(name)] for name in node.outputs))) > 1:
            found.update(name for name in node.outputs if _is_in_memory(finder.find(name)))
    return frozenset(found)


def _is_in_memory(entry: dict[str, Any] | None) -> bool:
    return entry is None or is_memory(entry)


def _parameters(loader: Any, pipeline: Pipeline) -> dict[str, Any]:
    """Return the parameters, read only if a node of the slice takes any."""
    takes = any(name == "parameters" or name.startswith("params:") for name in pipeline.inputs())
    return loader["parameters"] if takes else {}
