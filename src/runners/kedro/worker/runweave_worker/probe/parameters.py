"""Parameters that are given and not read, which are most likely misspelt, and those that are read and not there."""

from __future__ import annotations

import difflib
import functools
import os
import re
from collections.abc import Callable, Iterator
from itertools import starmap
from typing import Any

from runweave_worker.compat import MissingConfigException, Pipeline
from runweave_worker.errors import Problem
from runweave_worker.project.parameter_keys import read_number

_UNREAD = "only hooks and code of the project could read it"
_REFERENCE = re.compile(r"runtime_params:\s*([^\s,}'\"]+)")
_INTERPOLATION = re.compile(r"\$\{\s*([A-Za-z_][\w.]*)\s*\}")
_PREFIX = "params:"
_LISTED = 5


class ParameterCheck:
    """Compares the parameters that a run is given with those that its project has and its nodes read."""

    def __init__(self, make_loader: Callable[[dict[str, Any]], Any], runtime_params: dict[str, Any]) -> None:
        """Take what makes a configuration loader with some runtime parameters."""
        self._make_loader = make_loader
        self._given = runtime_params

    def problems(self, pipeline: Pipeline) -> list[Problem]:
        """Return what is wrong with the runtime parameters, for a slice."""
        if not self._given or self._known is None or "parameters" in pipeline.datasets():
            return []
        read = _read_by(pipeline)
        found = list(_walk(self._known, self._given, read | self._references, ""))
        told = {path for path, *_ in found}
        unused = [path for path in _leaves(self._given, "") if not self._reaches(path, read | told)]
        texts = _numbers_as_texts(self._known, self._given, "")
        return [*starmap(_problem, found), *(_unused(path, read) for path in unused), *map(_text_key, texts)]

    def missing(self, pipeline: Pipeline) -> list[str]:
        """Return which parameters the nodes read, as `params:model.alpha`, and configuration does not have."""
        wanted = sorted(f"{_PREFIX}{path}" for path in _read_by(pipeline))
        if not wanted or self._there is None:
            return []
        return [name for name in wanted if name.removeprefix(_PREFIX) not in self._there]

    def missing_problem(self, name: str) -> Problem:
        """Return the problem of a parameter that has no value."""
        path = name.removeprefix(_PREFIX)
        close = difflib.get_close_matches(path, sorted(self._there or ()), n=1)
        add = f"add '{path}' to the project's parameters, or give it under `params`"
        hint = f"did you mean '{_PREFIX}{close[0]}'? else {add}" if close else add
        return Problem("missing-parameter", f"a node reads '{name}', which the project does not have", hint, path)

    def _reaches(self, path: str, read: set[str]) -> bool:
        """Tell whether a node, or the configuration, reads the parameter, a part of it, or what it is part of."""
        return any(_overlap(path, other) for other in read | self._references | self._interpolations)

    @functools.cached_property
    def _known(self) -> dict[str, Any] | None:
        try:
            return self._make_loader({})["parameters"]
        except Exception:  # noqa: BLE001 - one that can't be read without runtime parameters tells nothing
            return None

    @functools.cached_property
    def _there(self) -> set[str] | None:
        """The paths of all parameters that configuration gives a run; None if it can't be read."""
        try:
            return set(_paths(self._make_loader(self._given)["parameters"], ""))
        except MissingConfigException:
            return set(_paths(self._given, ""))
        except Exception:  # noqa: BLE001 - what is wrong with the files is told by whoever needs them
            return None

    @functools.cached_property
    def _references(self) -> set[str]:
        return {found for text in self._configuration for found in _REFERENCE.findall(text)}

    @functools.cached_property
    def _interpolations(self) -> set[str]:
        return {found for text in self._configuration for found in _INTERPOLATION.findall(text)}

    @functools.cached_property
    def _configuration(self) -> list[str]:
        """The texts of all configuration files, read once for both."""
        return list(_file_texts(self._make_loader({})))


def _read_by(pipeline: Pipeline) -> set[str]:
    return {name.removeprefix(_PREFIX) for name in pipeline.inputs() if name.startswith(_PREFIX)}


def _paths(parameters: dict[Any, Any], prefix: str) -> Iterator[str]:
    """Yield the paths of all parameters, as Kedro names them: of mappings, and of what is in them."""
    for key, value in parameters.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _paths(value, f"{prefix}{key}.")


def _leaves(parameters: dict[Any, Any], prefix: str) -> Iterator[str]:
    for key, value in parameters.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _overlap(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _walk(known: dict[str, Any], given: dict[str, Any], read: set[str], prefix: str) -> Iterator[tuple[str, str, str]]:
    """Yield the path of each unknown parameter, the code of the problem, and what to do."""
    names = {*known, *(path.removeprefix(prefix).partition(".")[0] for path in read if path.startswith(prefix))}
    for key, value in given.items():
        path = f"{prefix}{key}"
        if key in known:
            if isinstance(value, dict) and isinstance(known[key], dict) and known[key]:
                yield from _walk(known[key], value, read, f"{path}.")
        elif key not in names and path not in read:
            close = difflib.get_close_matches(str(key), [str(name) for name in names], n=1)
            # A mapping that a node takes whole may well have more keys than the project gives it.
            if _is_nested(known, str(key)):
                yield path, "unknown-parameter", f"a dot does not nest: write `{_nest(str(key))}`"
            elif close:
                yield path, "unknown-parameter", f"did you mean '{prefix}{close[0]}'?"
            elif not prefix:
                yield path, "unread-parameter", _hint_below(known, str(key))


def _hint_below(known: dict[str, Any], key: str) -> str:
    """Name the parameter of that name inside a mapping, which may have been meant."""
    below = next((path for path in sorted(_paths(known, "")) if path.endswith(f".{key}")), None)
    return _UNREAD if below is None else f"did you mean '{below}'? Else {_UNREAD}"


def _is_nested(known: dict[str, Any], key: str) -> bool:
    """Return whether the way that a dotted key names leads into mappings of the project."""
    first, _, rest = key.partition(".")
    below = known.get(first)
    return bool(rest) and isinstance(below, dict) and (rest in below or "." not in rest or _is_nested(below, rest))


def _nest(key: str) -> str:
    first, _, rest = key.partition(".")
    return f"{first}: {{ {_nest(rest)} }}" if rest else f"{first}: ..."


def _numbers_as_texts(known: Any, given: Any, prefix: str) -> Iterator[str]:
    """Yield new keys that look like numbers: they were those in a workflow of YAML, and are texts by now."""
    if not isinstance(given, dict):
        return
    for key, value in given.items():
        is_known = isinstance(known, dict) and key in known
        if prefix and isinstance(key, str) and not is_known and read_number(key) is not None:
            yield f"{prefix}{key}"
        else:
            yield from _numbers_as_texts(known[key] if is_known else None, value, f"{prefix}{key}.")


def _text_key(path: str) -> Problem:
    message = f"the key of the parameter '{path}' is a string: the project has no mapping with numbers there"
    return Problem(
        "number-as-text", message, "for a number, put a mapping with such keys into the project's parameters"
    )


def _file_texts(loader: Any) -> Iterator[str]:
    """Yield the text of each configuration file."""
    for folder in {str(loader.base_env), str(loader.env or loader.default_run_env)}:
        for root, _, files in os.walk(os.path.join(str(loader.conf_source), folder)):
            for file in files:
                try:
                    with open(os.path.join(root, file), encoding="utf-8") as text:
                        yield text.read()
                except (OSError, UnicodeDecodeError):
                    continue


def _problem(path: str, code: str, hint: str) -> Problem:
    return Problem(code, f"no parameter of the project is called '{path}'", hint, path)


def _unused(path: str, read: set[str]) -> Problem:
    names = [f"'{_PREFIX}{name}'" for name in sorted(read)]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    hint = f"its nodes read {', '.join(names[:_LISTED])}{more}" if names else "its nodes read no parameter"
    return Problem("unused-parameter", f"no node that it runs reads the parameter '{path}'", hint, path)
