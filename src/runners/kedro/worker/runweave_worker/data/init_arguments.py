"""The arguments that a dataset was built with, by name, for any signatures that its class inherits."""

from __future__ import annotations

import inspect
from typing import Any

from runweave_worker.compat import AbstractDataset


def init_arguments(dataset: AbstractDataset) -> dict[str, Any]:
    """Return the arguments as a catalog entry would have them.

    Kedro notes them as the outermost `__init__` takes them: as `args` and `kwargs` for a class that inherits it.
    """
    given = dict(getattr(dataset, "_init_args", {}))
    noted = getattr(type(dataset).__init__, "__wrapped__", None)
    if noted is None:
        return given
    spec = inspect.getfullargspec(noted)
    positional = given.pop(spec.varargs, ()) if spec.varargs else ()
    named = given.pop(spec.varkw, {}) if spec.varkw else {}
    names = [name for name in _positional_names(type(dataset)) if name not in given][: len(positional)]
    given.update(zip(names, positional, strict=False))
    if len(positional) > len(names):
        given[str(spec.varargs)] = positional[len(names) :]
    return {**given, **named}


def construct(kind: type[AbstractDataset], given: dict[str, Any]) -> AbstractDataset:
    """Return a dataset of a class, built with arguments by name. Raises what its class raises."""
    rest = dict(given)
    positional: list[Any] = []
    for parameter in inspect.signature(kind.__init__).parameters.values():
        if parameter.kind is parameter.POSITIONAL_ONLY and parameter.name in rest:
            positional.append(rest.pop(parameter.name))
        elif parameter.kind is parameter.VAR_POSITIONAL:
            positional += rest.pop(parameter.name, ())
    return kind(*positional, **rest)


def _positional_names(kind: type) -> list[str]:
    """Return the names of positional arguments from the first `__init__` of the class's line that names them."""
    for each in kind.__mro__:
        init = each.__dict__.get("__init__")
        parameters = list(inspect.signature(inspect.unwrap(init)).parameters.values())[1:] if init else []
        if init and not any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
            by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            return [parameter.name for parameter in parameters if parameter.kind in by_position]
    return []
