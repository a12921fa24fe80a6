"""Digest of what the result of one node depends on besides its data: it tells that something changed, not what."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from runweave_worker.compat import EntryFinder, Pipeline, dataset_class, is_parameter, kedro_version
from runweave_worker.data.digest import digest
from runweave_worker.process.environment import packages

from .code_digest import ProjectCode
from .work_parts import entry_and_wrapped, parameter_value, portable_entry, wiring


@dataclass(frozen=True)
class NodeSurroundings:
    """The configuration that all nodes of a run have in common."""

    parameters: dict[str, Any]
    hook_reads: dict[str, str]


class ProjectWork:
    """Reads code once, when the worker has just imported it; its children inherit what was read."""

    def __init__(self) -> None:
        self._code = ProjectCode()
        self._functions: dict[str, tuple[Any, str | None]] = {}
        self._classes: dict[Any, str] = {}
        self._surroundings = ""

    def read_ahead(self, pipelines: Iterable[Pipeline], plugins: Iterable[object]) -> None:
        """Read what every node of the project reaches, and what surrounds all of them."""
        for pipeline in pipelines:
            for node in pipeline.nodes:
                self._function_digest(node)
        hooks = self._digest_of([type(plugin) for plugin in plugins])
        self._surroundings = digest([kedro_version(), platform.python_version(), packages(), hooks])

    def digests(self, pipeline: Pipeline, finder: EntryFinder, around: NodeSurroundings, base: str) -> dict[str, str]:
        """Return a digest per node of a slice; none for a node whose function carries what can't be compared."""
        entries: dict[str, str] = {}
        for name in pipeline.datasets():
            if not is_parameter(name):
                entries[name] = self._entry_digest(finder.find(name), base)
        return {
            node.name: digest(
                [
                    [self._surroundings, around.hook_reads],
                    self._function_digest(node),
                    wiring(node),
                    {name: parameter_value(around.parameters, name) for name in node.inputs if is_parameter(name)},
                    [entries[name] for name in (*node.inputs, *node.outputs) if name in entries],
                ]
            )
            for node in pipeline.nodes
            if self._function_digest(node) is not None
        }

    def _function_digest(self, node: Any) -> str | None:
        known = self._functions.get(node.name)
        if known is None or known[0] is not node.func:
            found, obstacles = self._code.digests([node.func])
            known = node.func, None if obstacles else digest(found)
            self._functions[node.name] = known
        return known[1]

    def _entry_digest(self, entry: dict[str, Any] | None, base: str) -> str:
        if entry is None:
            return ""
        kinds = [part.get("type") for part in entry_and_wrapped(entry)]
        return digest([portable_entry(entry, base), [self._class_digest(kind) for kind in kinds]])

    def _class_digest(self, kind: Any) -> str:
        if not isinstance(kind, str):
            return repr(kind)
        if kind not in self._classes:
            found = dataset_class(kind)
            self._classes[kind] = "" if found is None else self._digest_of([found])
        return self._classes[kind]

    def _digest_of(self, functions: list[Any]) -> str:
        return digest(self._code.digests(functions)[0])
