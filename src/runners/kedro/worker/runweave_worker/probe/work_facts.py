"""Parts that can change a result besides the slice's inputs: code, parameters, catalog entries, settings of nodes."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import math
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from runweave_worker.code.code_digest import ProjectCode
from runweave_worker.code.find_source import project_file
from runweave_worker.code.hook_reads import digest_hook_reads
from runweave_worker.code.work_parts import entry_and_wrapped, parameter_value, portable_entry, wiring
from runweave_worker.compat import (
    EntryFinder,
    Pipeline,
    config_loader,
    dataset_class,
    hook_manager,
    is_parameter,
    kedro_version,
)
from runweave_worker.data.digest import digest
from runweave_worker.project.parameter_origins import list_origins
from runweave_worker.project.project import Project
from runweave_worker.project.slices import data_names

_SHOWN_LENGTH = 60


@dataclass
class WorkFacts:
    """Digests by name. What can't be compared is an obstacle, a clause for people."""

    environment: dict[str, str]
    code: dict[str, str]
    parameters: dict[str, str]
    catalog: dict[str, str]
    nodes: dict[str, str]
    obstacles: list[str] = field(default_factory=list)
    shown: dict[str, Any] = field(default_factory=dict)
    """The values of those parameters that are short and plain; whole floats are texts, such as `1.0`."""
    origins: dict[str, list[str]] | None = None
    """Files of configuration, with the parameters that each may give."""
    modules: dict[str, str] = field(default_factory=dict)
    """Files of the modules, relative to the project; without those that are elsewhere."""

    def to_json(self) -> dict[str, Any]:
        """Return what goes over the wire."""
        return dict(vars(self))


class WorkReader:
    """Reads the work of the slices of one question; what they share is read once."""

    def __init__(self, project: Project, finder: EntryFinder, runtime_params: dict[str, Any]) -> None:
        self._project = project
        self._finder = finder
        self._runtime_params = runtime_params
        self._code = ProjectCode()
        self._parameters: dict[str, Any] | None = None
        self._read_by_hooks: dict[str, str] | None = None

    def read(self, pipeline: Pipeline) -> WorkFacts:
        """Return the facts of a slice. Raises what the project's configuration raises."""
        entries = {name: self._finder.find(name) for name in data_names(pipeline.datasets())}
        code, obstacles = self._code.digests(self._callables(pipeline, entries))
        parameters = {
            leaf: value
            for name in _parameter_names(pipeline)
            for leaf, value in _leaves(name.removeprefix("params:"), self._parameter(name))
        }
        parameters_digests = {leaf: digest(value) for leaf, value in parameters.items()}
        return WorkFacts(
            environment=dict(_environment()),
            code=code,
            parameters={**parameters_digests, **self._hook_reads()},
            catalog={
                name: digest(portable_entry(entry, str(self._project.path)))
                for name, entry in entries.items()
                if entry is not None
            },
            nodes={node.name: digest(wiring(node)) for node in pipeline.nodes},
            obstacles=obstacles,
            shown=_show(parameters),
            origins=self._origins,
            modules={name: place for name in code if (place := self._place(name)) is not None},
        )

    def _callables(self, pipeline: Pipeline, entries: dict[str, dict[str, Any] | None]) -> Iterator[object]:
        """Yield everything of the project that takes part: functions of nodes, dataset classes, hooks."""
        yield from (node.func for node in pipeline.nodes)
        for entry in entries.values():
            kinds = (part.get("type") for part in entry_and_wrapped(entry))
            yield from (found for kind in kinds if isinstance(kind, str) and (found := dataset_class(kind)) is not None)
        yield from (type(plugin) for plugin in hook_manager(self._project.session).get_plugins())

    def _place(self, module: str) -> str | None:
        path, base = project_file(module), self._project.path
        return path.relative_to(base).as_posix() if path is not None and path.is_relative_to(base) else None

    @functools.cached_property
    def _origins(self) -> dict[str, list[str]] | None:
        return list_origins(config_loader(self._project.session, self._runtime_params), self._project.path)

    def _hook_reads(self) -> dict[str, str]:
        if self._read_by_hooks is None:
            loader = config_loader(self._project.session, self._runtime_params)
            self._read_by_hooks = digest_hook_reads(loader, hook_manager(self._project.session).get_plugins())
        return self._read_by_hooks

    def _parameter(self, name: str) -> Any:
        if self._parameters is None:
            self._parameters = config_loader(self._project.session, self._runtime_params)["parameters"]
        return parameter_value(self._parameters, name)


@functools.cache
def _environment() -> tuple[tuple[str, str], ...]:
    installed = sorted({f"{dist.name}=={dist.version}" for dist in importlib.metadata.distributions()})
    return ("kedro", kedro_version()), ("python", platform.python_version()), ("packages", digest(installed))


def _parameter_names(pipeline: Pipeline) -> list[str]:
    return sorted({name for node in pipeline.nodes for name in node.inputs if is_parameter(name)})


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict) or not value or not all(isinstance(key, str) for key in value):
        yield name, value
        return
    for key, part in value.items():
        yield from _leaves(f"{name}.{key}", part)


def _show(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the values that are short, in a form in which no two of them are the same JSON."""
    return {leaf: _with_points(value) for leaf, value in parameters.items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    """Tell whether a value is short and has a form in JSON that no other value has."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(_is_plain(part) for part in value) and len(json.dumps(value)) <= _SHOWN_LENGTH
    if isinstance(value, str):
        return len(value) <= _SHOWN_LENGTH and not _reads_as_whole_float(value)
    return value is None or isinstance(value, (bool, int))


def _with_points(value: Any) -> Any:
    """Return whole floats as texts: JSON, as JavaScript reads it, has no `1.0` besides `1`."""
    if isinstance(value, list):
        return [_with_points(part) for part in value]
    return repr(value) if isinstance(value, float) and value.is_integer() else value


def _reads_as_whole_float(text: str) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return number.is_integer() and repr(number) == text
