"""Leads from a node's function to the names in modules that define it, and to the values that it carries along."""

from __future__ import annotations

import functools
import hashlib
import inspect
import pickle
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_HEX_DIGITS = 16
_OF_C = (
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    types.MethodWrapperType,
)
_PLAIN_TYPES = (type(None), bool, int, float, complex, str, bytes)


@dataclass(frozen=True)
class Root:
    """A top-level name of a module, None for all of it; `state` is a digest of values that the source does not show."""

    module: str
    name: str | None
    state: str = ""


def find_roots(function: Any, obstacles: list[str]) -> Iterator[Root]:
    """Yield where a callable is defined. What can't be told is added to `obstacles` as a clause for people."""
    if isinstance(function, functools.partial):
        yield from find_roots(function.func, obstacles)
        yield from _values((*function.args, *function.keywords.items()), function.func, obstacles)
    elif inspect.ismethod(function):
        yield from find_roots(function.__func__, obstacles)
        if not inspect.isclass(function.__self__):
            yield from _values((function.__self__,), function.__func__, obstacles)
    elif inspect.isfunction(function):
        yield from _function(function, obstacles)
    elif inspect.isclass(function):
        yield _named(function)
    elif isinstance(function, _OF_C):
        yield from _of_c(function, obstacles)
    elif hasattr(function, "__wrapped__"):
        # A cache, or another object round a function: what it keeps besides, no result depends on.
        yield from find_roots(function.__wrapped__, obstacles)
        yield _named(type(function))
    elif callable(function):
        yield _named(type(function))
        yield from _digested(function, type(function), obstacles)


def _of_c(function: Any, obstacles: list[str]) -> Iterator[Root]:
    """Yield the class of `str.strip`; and of `", ".join` what it is bound to."""
    bound = getattr(function, "__self__", None)
    if bound is None or inspect.ismodule(bound) or inspect.isclass(bound):
        yield _named(getattr(function, "__objclass__", function))
    else:
        yield from _digested(bound, type(bound), obstacles)


def _function(function: Any, obstacles: list[str]) -> Iterator[Root]:
    yield _named(function)
    wrapped = getattr(function, "__wrapped__", None)
    if wrapped is not None:
        yield from find_roots(wrapped, obstacles)
        code = getattr(function, "__code__", None)
        module = function.__globals__.get("__name__") if code is not None else None
        if module:
            # functools.wraps gives the wrapper the name of what it wraps: its own code is where its globals are.
            yield Root(module, code.co_qualname.partition(".")[0] if hasattr(code, "co_qualname") else None)
    is_inner = "<locals>" in function.__qualname__ or wrapped is not None
    if not is_inner and function.__name__ != "<lambda>":
        return
    closure = inspect.getclosurevars(function).nonlocals if function.__closure__ else {}
    carried = [(name, value) for name, value in closure.items() if value is not wrapped]
    for _, value in list(carried):
        if inspect.isfunction(value):
            yield from find_roots(value, obstacles)
    values = [pair for pair in carried if not inspect.isfunction(pair[1])]
    defaults = (function.__defaults__, sorted((function.__kwdefaults__ or {}).items()))
    yield from _values((*values, *([defaults] if any(defaults) else [])), function, obstacles)


def _named(thing: Any) -> Root:
    module = getattr(thing, "__module__", None) or ""
    name = getattr(thing, "__qualname__", "").partition(".")[0]
    return Root(module, None if name in {"", "<lambda>"} else name)


def _values(values: tuple[Any, ...], owner: Any, obstacles: list[str]) -> Iterator[Root]:
    for value in values:
        if inspect.isroutine(value):
            yield from find_roots(value, obstacles)
        else:
            yield from _digested(value, owner, obstacles)


def _digested(value: Any, owner: Any, obstacles: list[str]) -> Iterator[Root]:
    root, digest = _named(owner), _digest(value)
    if digest is None:
        owner_name = f"{root.module}.{root.name or '<lambda>'}"
        obstacles.append(f"{owner_name} carries a {type(value).__name__}, which can't be compared")
    else:
        yield Root(root.module, root.name, digest)


def _digest(value: Any) -> str | None:
    text = repr(value).encode() if isinstance(value, _PLAIN_TYPES) else _pickled(value)
    return None if text is None else hashlib.sha256(text).hexdigest()[:_HEX_DIGITS]


def _pickled(value: Any) -> bytes | None:
    try:
        return pickle.dumps(value, protocol=4)
    except Exception:  # noqa: BLE001 - whatever a class does when it is pickled
        return None
