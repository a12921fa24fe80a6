"""Finds where a module of the project's own comes from, without loading it."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from pathlib import Path

_LIBRARIES = {"site-packages", "dist-packages"}
_OUTSIDE = (
    *(Path(sysconfig.get_path(key)).resolve() for key in ("stdlib", "platstdlib")),
    Path(__file__).resolve().parents[1],
)


def project_file(name: str) -> Path | None:
    """Return the file of a module that is neither Python's, nor an installed package's, nor the worker's."""
    loaded = sys.modules.get(name)
    origin = _find_origin(name) if loaded is None else getattr(loaded, "__file__", None)
    if not origin or not Path(origin).is_file():
        return None
    path = Path(origin).resolve()
    if _LIBRARIES & set(path.parts) or any(root in path.parents for root in _OUTSIDE):
        return None
    return path


def own_modules() -> set[str]:
    """Return the names of the loaded modules that are, by the text of their paths, of the project's own."""
    origins = {name: str(getattr(module, "__file__", None) or "") for name, module in list(sys.modules.items())}
    # Libraries and Python itself are told by their text: to resolve every path would take longer than all the rest.
    roots = tuple(
        f"{root}{os.sep}" for root in (*_OUTSIDE, sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    )
    libraries = tuple(f"{os.sep}{each}{os.sep}" for each in _LIBRARIES)
    return {
        name
        for name, origin in origins.items()
        if origin and not origin.startswith(roots) and not any(each in origin for each in libraries)
    }


def loaded_sources() -> list[str]:
    """Return the files of all modules of the project's own that are loaded, wherever they lie."""
    return sorted({str(path) for path in map(project_file, own_modules()) if path is not None})


def _find_origin(name: str) -> str | None:
    parent = name.rpartition(".")[0]
    if parent and parent not in sys.modules:
        return _find_below(parent, name)
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    return spec.origin if spec is not None and spec.has_location else None


def _find_below(parent: str, name: str) -> str | None:
    """Find a module of a package that is not loaded: `find_spec` would load the package."""
    origin = _find_origin(parent)
    if origin is None or Path(origin).name != "__init__.py":
        return None
    base = Path(origin).parent / name.rpartition(".")[2]
    return next((str(place) for place in (base / "__init__.py", base.with_suffix(".py")) if place.is_file()), None)
