"""Tells what to do about a module that is not there."""

from __future__ import annotations

import importlib.util


def missing_module_hint(name: str) -> str:
    """Return what to install, or that what is installed is another version than the one that was meant."""
    package = name.partition(".")[0]
    if package == name or importlib.util.find_spec(package) is None:
        return f"install '{package}' in the project's Python"
    return f"the '{package}' that is installed has no '{name}': the project is written for another version of it"
