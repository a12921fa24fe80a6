"""Does something to a module as soon as it is imported, and imports no module by itself."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any


def when_imported(name: str, act: Callable[[Any], None]) -> None:
    """Call `act` with the module, now if it is there already, else when its own code has been executed."""
    if name in sys.modules:
        act(sys.modules[name])
    else:
        sys.meta_path.insert(0, _Finder(name, act))


class _Finder:
    def __init__(self, name: str, act: Callable[[Any], None]) -> None:
        self._name = name
        self._act = act

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002 - as called
        """Return the module's own spec, whose loader acts after it has executed it."""
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        loader = spec.loader if spec else None
        if loader is None or not hasattr(loader, "exec_module"):
            return spec
        execute = loader.exec_module

        def execute_and_act(module: Any) -> None:
            execute(module)
            self._act(module)

        loader.exec_module = execute_and_act
        return spec
