"""Tells what a function of Python's wants to know of a path, by which function it is: times and sizes matter to few."""

from __future__ import annotations

import genericpath
import importlib.metadata
import pathlib
import posixpath
from importlib import _bootstrap_external
from importlib.machinery import FileFinder
from types import CodeType, FrameType
from typing import Any, Literal

Asks = Literal["all", "kind", "link", "installed", "nothing"]
"""`kind`: whether there is something, and what; `link`: where a link leads; `installed`: names of distributions."""


def what_is_asked(caller: FrameType) -> Asks:
    """Return what the function that asks wants to know; `all` if that is unknown."""
    found = _ASKS.get(id(caller.f_code))
    if found is None and id(caller.f_code) in _PASSING_ON and caller.f_back is not None:
        found = _ASKS.get(id(caller.f_back.f_code))
    return found or "all"


def _codes(owner: Any, *names: str) -> list[CodeType]:
    """Return the code of functions; other releases of Python have others of them, or have them in C."""
    found = (getattr(getattr(owner, name, None), "__code__", None) for name in names)
    return [code for code in found if code is not None]


def _installed_codes() -> list[CodeType]:
    from runweave_worker.process import environment

    return [*_codes(getattr(importlib.metadata, "FastPath", None), "children"), *_codes(environment, "packages")]


_TABLE: tuple[tuple[Asks, list[CodeType]], ...] = (
    # Each name that it finds is noted by itself.
    ("nothing", _codes(FileFinder, "_fill_cache")),
    ("installed", _installed_codes()),
    ("kind", _codes(_bootstrap_external, "_path_stat")),
    ("kind", _codes(genericpath, "exists", "isfile", "isdir", "lexists")),
    ("kind", _codes(posixpath, "lexists", "ismount")),
    ("kind", _codes(pathlib.Path, "exists", "is_file", "is_dir", "resolve")),
    ("link", _codes(posixpath, "islink", "_joinrealpath", "realpath")),
    ("link", _codes(genericpath, "islink")),
    ("link", _codes(pathlib.Path, "is_symlink")),
)
_ASKS: dict[int, Asks] = {id(code): asks for asks, codes in _TABLE for code in codes}
_PASSING_ON = {id(code) for code in _codes(pathlib.Path, "stat", "lstat")}
