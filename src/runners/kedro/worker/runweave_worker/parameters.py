"""Runtime parameters that nobody reads: most likely misspelt."""

from __future__ import annotations

import difflib
import functools
import os
import re
from collections.abc import Callable, Iterator
from itertools import starmap
from typing import Any

from .compat import Pipeline
from .errors import Problem
from .parameter_keys import read_number

_UNREAD = "only hooks and code of the project could read it"
_REFERENCE = re.compile(r"runtime_params:\s*([^\s,}'\"]+)")


class ParameterCheck:
    """Compares runtime parameters with those that a project has without them."""

    def __init__(self, make_loader: Callable[[], Any], runtime_params: dict[str, Any]) -> None:
        self._make_loader = make_loader
        self._given = runtime_params

    def problems(self, pipeline: Pipeline) -> list[Problem]:
        """Return a warning per parameter that neither the project's configuration nor a node of the slice knows."""
        if not self._given or self._known is None or "parameters" in pipeline.datasets():
            return []
        read = {name.removeprefix("params:") for name in pipeline.inputs() if name.startswith("params:")}
        found = _walk(self._known, self._given, read | self._references, "")
        texts = _numbers_as_texts(self._known, self._given, "")
        return [*starmap(_problem, found), *map(_text_key, texts)]

    @functools.cached_property
    def _known(self) -> dict[str, Any] | None:
        try:
            return self._make_loader()["parameters"]
        except Exception:  # noqa: BLE001 - one that can't be read without runtime parameters tells nothing
            return None

    @functools.cached_property
    def _references(self) -> set[str]:
        return set(_references(self._make_loader()))


def _walk(known: dict[str, Any], given: dict[str, Any], read: set[str], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the path of each parameter that nobody knows, and what to do."""
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
                yield path, f"a dot does not nest: write `{_nest(str(key))}`"
            elif close or not prefix:
                yield path, f"did you mean '{prefix}{close[0]}'?" if close else _UNREAD


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
    message = f"the key of the parameter '{path}' is a text: the project has no mapping with numbers there to be like"
    return Problem(
        "NUMBER_AS_TEXT", message, "for a number, put a mapping with such keys into the project's parameters"
    )


def _references(loader: Any) -> Iterator[str]:
    """Yield what configuration files take from runtime parameters."""
    for folder in {str(loader.base_env), str(loader.env or loader.default_run_env)}:
        for root, _, files in os.walk(os.path.join(str(loader.conf_source), folder)):
            for file in files:
                try:
                    with open(os.path.join(root, file), encoding="utf-8") as text:
                        yield from _REFERENCE.findall(text.read())
                except (OSError, UnicodeDecodeError):
                    continue


def _problem(path: str, hint: str) -> Problem:
    return Problem("UNKNOWN_PARAMETER", f"no parameter of the project is called '{path}'", hint)
