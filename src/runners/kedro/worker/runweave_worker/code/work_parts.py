"""Parts that can change a result: parameters, catalog entries and the wiring of nodes, in a form to be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runweave_worker.data.locate import is_memory, locate
from runweave_worker.secrets.secret_names import without_secrets


def parameter_value(parameters: dict[str, Any], name: str) -> Any:
    """Return what a node gets for `parameters` or `params:a.b`; None for what there is not."""
    value: Any = parameters
    for key in name.removeprefix("params:").split(".") if name != "parameters" else ():
        value = value.get(key) if isinstance(value, dict) else None
    return value


def portable_entry(entry: dict[str, Any], base: str) -> dict[str, Any]:
    """Return an entry without its secrets and the places of its data: their content counts by itself."""
    found = without_secrets(entry)
    if is_memory(entry):
        return found
    for place in locate(entry, base):
        part = found
        for key in place.keys[:-1]:
            part = part[key]
        part[place.keys[-1]] = ""
    return found


def entry_and_wrapped(entry: Any) -> Iterator[dict[str, Any]]:
    """Yield an entry, then the one that it wraps, and so on."""
    while isinstance(entry, dict):
        yield entry
        entry = entry.get("dataset")


def wiring(node: Any) -> dict[str, Any]:
    """Return how a node is put together, apart from the code of its function."""
    function = node.func
    name = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', type(function).__qualname__)}"
    return {"function": name, "inputs": node._inputs, "outputs": node._outputs, "confirms": list(node.confirms)}
