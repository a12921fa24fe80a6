"""The command line of a worker names the environment: an import that has looked at it may be good for that alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

# Methods that make a list, and do not look at it.
_MADE_BY = {"__new__", "__init__", "__getattribute__", "__class_getitem__"}


class _Watched(list[str]):
    """A list that notes whether anything of it was read."""

    is_read = False

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("__"):
            _Watched.is_read = True
        return super().__getattribute__(name)


def _noting(name: str) -> Callable[..., Any]:
    """Return a method of lists that notes that it was called: Python looks for it in the class, and not by name."""
    method = getattr(list, name)

    def look(*given: Any) -> Any:
        _Watched.is_read = True
        return method(*given)

    return look


for _name, _found in vars(list).items():
    if callable(_found) and _name.startswith("__") and _name not in _MADE_BY:
        setattr(_Watched, _name, _noting(_name))


def watch_arguments() -> None:
    """Note from now on whether the command line is read."""
    sys.argv = _Watched(sys.argv)
    sys.orig_argv = _Watched(sys.orig_argv)


def unwatch_arguments() -> None:
    """Put the lists back; a module that keeps one of the others goes on being noted."""
    sys.argv = list.copy(sys.argv)
    sys.orig_argv = list.copy(sys.orig_argv)


def are_arguments_read() -> bool:
    """Tell whether the command line was read while it was watched."""
    return _Watched.is_read


def name_environment(env: str | None) -> None:
    """Make the command line say another environment, as that of a worker of its own would."""
    for arguments in (sys.argv, sys.orig_argv):
        if "--env" in arguments:
            at = arguments.index("--env")
            del arguments[at : at + 2]
        if env is not None:
            arguments += ["--env", env]
