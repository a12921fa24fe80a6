"""Catalog entries whose class can't be imported: where they stand, and which class was probably meant."""

from __future__ import annotations

import difflib
import importlib
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from runweave_worker.compat import dataset_class_error
from runweave_worker.errors import Problem
from runweave_worker.project.missing_module import missing_module_hint

WRAPPERS = ("PartitionedDataset", "IncrementalDataset", "CachedDataset")
_PREFIXES = ("", "kedro.io.", "kedro_datasets.")
_SUFFIXES = (".yml", ".yaml", ".json")
_INSTALL = re.compile(r"pip install [\w\[\]<>=.,' -]+")


def class_problems(name: str, entry: Any, make_loader: Callable[[], Any], listed: str) -> list[Problem]:
    """Return what keeps the classes of an entry, and of the one that it wraps, from being imported.

    `listed` is the name, or the pattern of names, with which the catalog has the entry.
    """
    problems = []
    while entry:
        kind = entry.get("type") if isinstance(entry, dict) else entry
        error = dataset_class_error(kind) if isinstance(kind, str) else None
        if error is not None:
            place = place_of_entry(listed, make_loader())
            message = f"the dataset class of '{name}'{place} can't be imported: {error.splitlines()[0]}"
            problems.append(Problem("catalog", message, _hint(str(kind), error)))
        entry = entry.get("dataset") if isinstance(kind, str) and kind.endswith(WRAPPERS) else None
    return problems


def _hint(kind: str, error: str) -> str:
    module, _, last = kind.rpartition(".")
    fault = _import_fault(module, last)
    if isinstance(fault, ModuleNotFoundError):
        return missing_module_hint(str(fault.name))
    if fault is not None:
        return f"importing it fails: {type(fault).__name__}: {' '.join(str(fault).split())[:200]}"
    names = _classes_of(module)
    found = [f"{module}.{each}" for each in names]
    close = _closest(last, {each.removesuffix("Dataset"): each for each in names}) or _closest(
        last, dict.fromkeys(names)
    )
    if close:
        return f"did you mean '{module}.{close}'?"
    install = _INSTALL.search(error)
    if install and not found:
        return f"install what it needs: {install.group(0).strip()}"
    shown = ", ".join(sorted(found)[:10])
    return f"there are: {shown}" if shown else f"fix its `type`, or install the package that has {last}"


def _import_fault(module: str, name: str) -> Exception | None:
    """Return what the module of a class raises when it is imported; None if there is no such module or class."""
    for prefix in _PREFIXES if module else ():
        full = f"{prefix}{module}"
        try:
            getattr(importlib.import_module(full), name)
        except AttributeError:
            continue
        except ModuleNotFoundError as error:
            if error.name and not f"{full}.".startswith(f"{error.name}."):
                return error
        except Exception as error:  # noqa: BLE001 - whatever a module raises
            return error
    return None


def _closest(name: str, names: dict[str, str | None]) -> str | None:
    """Return the class whose name is nearest, whole or without what most of them end with; None if none is near."""
    by_lower = {each.lower(): whole or each for each, whole in names.items()}
    close = difflib.get_close_matches(name.removesuffix("Dataset").lower(), by_lower, n=1)
    return by_lower[close[0]] if close else None


def _classes_of(module: str) -> list[str]:
    """Return the dataset classes that a module says it has, as Kedro looks for it."""
    for prefix in _PREFIXES:
        try:
            names = dir(importlib.import_module(f"{prefix}{module}" if module else prefix.rstrip(".")))
        except Exception:  # noqa: BLE001 - whatever a module raises
            continue
        found = [name for name in names if name.endswith("Dataset") and not name.startswith("Abstract")]
        # `matplotlib.MatplotlibWriter` is of kedro_datasets, though there is a library of that name.
        if found:
            return found
    return []


def place_of_entry(name: str, loader: Any) -> str:
    """Return ` (conf/base/catalog.yml:12)`, empty if no file has it as a line of its own."""
    line_of_it = re.compile(rf"""["']?{re.escape(name)}["']?\s*:""")
    for path in _files(loader):
        try:
            with open(path, encoding="utf-8") as file:
                numbers = [number for number, line in enumerate(file, 1) if line_of_it.match(line)]
        except (OSError, UnicodeDecodeError):
            continue
        if numbers:
            return f" ({os.path.relpath(path)}:{numbers[0]})"
    return ""


def _files(loader: Any) -> Iterator[str]:
    """Yield the catalog files of an environment, then those of the base."""
    for folder in (loader.env or getattr(loader, "default_run_env", None), getattr(loader, "base_env", None)):
        for root, _, files in os.walk(os.path.join(str(loader.conf_source), str(folder))):
            for file in sorted(files):
                if file.endswith(_SUFFIXES) and "catalog" in os.path.join(root, file):
                    yield os.path.join(root, file)
