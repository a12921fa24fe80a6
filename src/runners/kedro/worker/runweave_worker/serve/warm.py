"""Imports and reads for a project's worker before its first run, so that no run pays for them."""

from __future__ import annotations

import contextlib
import importlib
from pathlib import Path
from typing import Any

import fsspec

from runweave_worker import compat
from runweave_worker.code.find_source import own_modules
from runweave_worker.compat import config_loader, dataset_class
from runweave_worker.data.locate import locate
from runweave_worker.project.project import Project

from .first_use import import_for_first_use

# Modules that every run or plan needs.
_NEEDED = ("kedro.runner", "runweave_worker.attempt.child", "runweave_worker.probe.probe")
_CONFIGURATION = {".yml", ".yaml", ".json"}


def warm(project: Project) -> None:
    """Import and read what every run needs first; what fails here, the run that needs it reports."""
    for module in _NEEDED:
        importlib.import_module(module)
    imported = own_modules()
    _read_ahead(project)
    project.is_of_one_environment = own_modules() != imported or not compat.has_own_loader()
    project.randomness.note_seeds()


def _read_ahead(project: Project) -> None:
    project.configuration.install()
    project.work.read_ahead(compat.pipelines.values(), compat.hook_manager(project.session).get_plugins())
    fsspec.filesystem("file")
    compat.keep_memory_datasets_from_importing()
    try:
        loader = config_loader(project.session, {})
        entries = list(_raw_entries(loader))
    except Exception:  # noqa: BLE001 - a catalog that needs runtime params, or is wrong: probe and run say so
        return
    kinds = {kind for entry in entries for kind in entry_types(entry)}
    for kind in kinds:
        dataset_class(kind)
    import_for_first_use(kinds)
    for protocol in {protocol for entry in entries for protocol in entry_protocols(entry)}:
        with contextlib.suppress(Exception):
            # Imports the class only: an instance would start a thread.
            fsspec.get_filesystem_class(protocol)
    for key in ("parameters", "credentials") if hasattr(loader, "_read_raw_config") else ():
        with contextlib.suppress(Exception):
            # Parsed, to be kept, and not resolved: what the project's resolvers do is a run's own doing.
            loader._read_raw_config(key)


def _raw_entries(loader: Any) -> Any:
    """Return the catalog's entries before interpolation."""
    if not hasattr(loader, "config_patterns"):
        return loader["catalog"].values()
    from omegaconf import OmegaConf

    files = [OmegaConf.to_container(config, resolve=False) for config in _raw_catalog(loader)]
    return [entry for file in files if isinstance(file, dict) for entry in file.values()]


def _raw_catalog(loader: Any) -> list[Any]:
    """Return the catalog's files as they are; before Kedro 1.7, only those in a folder."""
    if hasattr(loader, "_read_raw_config"):
        base, env, *_ = loader._read_raw_config("catalog")
        return [*base.values(), *env.values()]
    from omegaconf import OmegaConf

    folders = {Path(loader.conf_source, str(each)) for each in (loader.base_env, loader.env or loader.default_run_env)}
    patterns = [f"{each}/*" if each.endswith("**") else each for each in loader.config_patterns["catalog"]]
    paths = {path for folder in folders for pattern in patterns for path in folder.glob(pattern)}
    return [OmegaConf.load(path) for path in sorted(paths) if path.suffix in _CONFIGURATION and path.is_file()]


def entry_protocols(entry: Any) -> set[str]:
    """Return the protocols of remote paths in an entry."""
    if not isinstance(entry, dict):
        return set()
    return {location.protocol for location in locate(entry, "/") if location.protocol is not None}


def entry_types(entry: Any) -> set[str]:
    """Return the dataset types that an entry names, nested ones too."""
    if not isinstance(entry, dict):
        return set()
    found = {kind for kind in (entry.get("type"), entry.get("dataset")) if isinstance(kind, str)}
    for value in entry.values():
        found |= entry_types(value)
    return {kind for kind in found if "{" not in kind}
