"""The only file that depends on the version of Kedro; 1.4 to 1.7 are supported."""

from __future__ import annotations

import builtins
import copy
import functools
import importlib
import os
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

import kedro
from kedro.config import MissingConfigException
from kedro.framework.context.context import _convert_paths_to_absolute_posix
from kedro.framework.project import pipelines, settings
from kedro.framework.session import KedroServiceSession
from kedro.io import AbstractDataset, DatasetError, MemoryDataset, memory_dataset
from kedro.io.catalog_config_resolver import CatalogConfigResolver
from kedro.io.core import Version, is_parameter, parse_dataset_definition
from kedro.pipeline import Pipeline
from kedro.runner import AbstractRunner, ParallelRunner, ThreadRunner

from .errors import WorkerError
from .hook_specs import RunSpecs

OLDEST = (1, 4)

__all__ = [
    "AbstractDataset",
    "AbstractRunner",
    "DatasetError",
    "ParallelRunner",
    "Pipeline",
    "ThreadRunner",
    "Version",
    "is_parameter",
    "kedro_version",
    "pipelines",
    "settings",
]


def kedro_version() -> str:
    """Return the version of the Kedro that is installed."""
    return str(kedro.__version__)


def require_supported() -> None:
    """Refuse a Kedro that has no service session. Raises WorkerError."""
    found = kedro_version()
    if tuple(int(part) for part in found.split(".")[:2]) < OLDEST:
        raise WorkerError(
            "kedro-too-old",
            f"{sys.executable} has Kedro {found}; runweave needs {OLDEST[0]}.{OLDEST[1]} or later",
            "pip install 'kedro>=1.4'",
        )


def create_session(
    session_id: str, project_path: Path, env: str | None, conf_source: str | None
) -> KedroServiceSession:
    """Make a session with all hooks registered; none of them fires before a run.

    Raises pluggy's PluginValidationError for a hook that asks for what it is not given.
    """
    session = KedroServiceSession.create(
        session_id=session_id, project_path=project_path, env=env, conf_source=conf_source
    )
    hook_manager(session).add_hookspecs(RunSpecs)
    return session


def hook_manager(session: KedroServiceSession) -> Any:
    """Return the session's pluggy manager."""
    return session._hook_manager


def config_loader(session: KedroServiceSession, runtime_params: dict[str, Any]) -> Any:
    """Return a new configuration loader of the session; fires no hook."""
    return session._get_config_loader(runtime_params)


def has_own_loader() -> bool:
    """Tell whether configuration is read by a class of Kedro's own, which shares no state between loaders."""
    return settings.CONFIG_LOADER_CLASS.__module__.partition(".")[0] == "kedro"


def build_catalog(session: KedroServiceSession, runtime_params: dict[str, Any]) -> Any:
    """Return a context's catalog, as its hooks leave it; fires `after_context_created` and `after_catalog_created`."""
    return session.load_context(runtime_params or None).catalog


def credentials_of(loader: Any) -> dict[str, Any]:
    """Return the credentials of a configuration, none if it has no such files. Raises what reading them raises."""
    try:
        return loader["credentials"]
    except MissingConfigException:
        return {}


def missing_environment(loader: Any) -> str | None:
    """Return a folder of configuration that a loader is to read and that is not there; None if that can't be told."""
    conf_source = getattr(loader, "conf_source", None)
    if not isinstance(conf_source, str) or not os.path.isdir(conf_source):
        return None
    named = (getattr(loader, "base_env", None), loader.env or getattr(loader, "default_run_env", None))
    folders = (os.path.join(conf_source, env) for env in named if env)
    return next((folder for folder in folders if not os.path.isdir(folder)), None)


def keep_loaded_pipelines(names: list[str]) -> None:
    """Keep `run()` from registering the pipelines anew: all of them are loaded already (1.5 and later)."""
    pipelines._requested_pipelines = list(names) or None


def absolute_entries(project_path: Path, catalog: dict[str, Any]) -> dict[str, Any]:
    """Return the catalog's configuration with absolute paths, as Kedro itself makes them."""
    return _convert_paths_to_absolute_posix(project_path=project_path, conf_dictionary=copy.deepcopy(catalog))


class _Names(dict[str, str]):
    """Stands in for credentials where only their names matter."""

    def __missing__(self, name: str) -> str:
        return name


class EntryFinder:
    """Finds the catalog entry of a name: listed, from a factory, or none."""

    def __init__(self, catalog: dict[str, Any]) -> None:
        self.listed = {name: entry for name, entry in catalog.items() if not CatalogConfigResolver.is_pattern(name)}
        patterns = {name: entry for name, entry in catalog.items() if CatalogConfigResolver.is_pattern(name)}
        runtime = {"{default}": {"type": "kedro.io.MemoryDataset"}}
        self._resolver = CatalogConfigResolver(patterns, _Names({"": ""}), runtime) if patterns else None

    def find(self, name: str) -> dict[str, Any] | None:
        """Return the entry of a name with credentials by name, None if the catalog has none for it."""
        listed = self.listed_name(name)
        if listed in self.listed:
            entry = self.listed[listed]
            return entry if isinstance(entry, dict) else None
        if listed is None or self._resolver is None:
            return None
        found = copy.deepcopy(self._resolver._get_pattern_config(listed))
        return self._resolver._resolve_dataset_config(name, listed, found)

    def listed_name(self, name: str) -> str | None:
        """Return the name, or the pattern, with which the catalog lists the entry of a name; None without one."""
        if name in self.listed:
            return name
        resolver = self._resolver
        return resolver and (resolver.match_dataset_pattern(name) or resolver.match_user_catch_all_pattern(name))


def dataset_class(kind: str) -> type[AbstractDataset] | None:
    """Return the class of a catalog `type`, None if it can't be imported; it is not instantiated."""
    return _import_class(kind)[0]


def resolve_entries(entries: dict[str, Any], credentials: dict[str, Any]) -> dict[str, Any]:
    """Return entries with their credentials, as a catalog has them. Raises KeyError for a name without any."""
    return CatalogConfigResolver(entries, credentials).config


def build_dataset(name: str, entry: dict[str, Any]) -> AbstractDataset:
    """Return a dataset built as a catalog does it. Raises DatasetError from what its class raised."""
    return AbstractDataset.from_config(name, entry)


def is_memory_class(kind: type[AbstractDataset]) -> bool:
    """Tell whether data of a class end with their process; Kedro's own classes say so as instances only."""
    return issubclass(kind, MemoryDataset) or bool(kind._EPHEMERAL)


def dataset_class_error(kind: str) -> str | None:
    """Return why the class of a catalog `type` can't be imported, None if it can."""
    return _import_class(kind)[1]


@functools.lru_cache(maxsize=1024)
def _import_class(kind: str) -> tuple[type[AbstractDataset] | None, str | None]:
    try:
        return parse_dataset_definition({"type": kind})[0], None
    except Exception as error:  # noqa: BLE001 - whatever a project's module raises
        return None, str(error)


def type_of(dataset: AbstractDataset) -> str:
    """Return the `type` with which a catalog could name the class of a dataset."""
    return f"{type(dataset).__module__}.{type(dataset).__qualname__}"


def combine(names: list[str]) -> Pipeline:
    """Return the registered pipelines of these names as one. Raises KeyError with the name that there is not."""
    combined = Pipeline([])
    for name in names or ["__default__"]:
        combined += pipelines[name]
    return combined


def cut(pipeline: Pipeline, filters: dict[str, list[str] | None]) -> Pipeline:
    """Return the part of a pipeline that the filters select. Raises ValueError if that part is empty."""
    given = {("node_namespaces" if name == "namespaces" else name): value for name, value in filters.items()}
    return pipeline.filter(**given)


def runner_class(name: str) -> Any:
    """Return what a name or dotted path of a runner stands for. Raises what its module raises."""
    module, _, last = (name if "." in name else f"kedro.runner.{name}").rpartition(".")
    return getattr(importlib.import_module(module), last)


def make_runner(name: str, is_async: bool) -> Any:
    """Return a runner from its name or dotted path."""
    return runner_class(name)(is_async=is_async)


def shut_runner_down(runner: Any) -> None:
    """End the manager process that ParallelRunner starts and leaves behind."""
    manager = getattr(runner, "_manager", None)
    if manager is not None and hasattr(manager, "shutdown"):
        manager.shutdown()


def dataset_of(catalog: Any, name: str) -> AbstractDataset | None:
    """Return the dataset of a name, built if need be; None for one that no entry matches."""
    return catalog.get(name)


def put_dataset(catalog: Any, name: str, dataset: AbstractDataset) -> None:
    """Replace a dataset without losing its validator or its pin, which `catalog[name] = ...` drops."""
    catalog._datasets[name] = dataset


def replace_function(node: Any, function: Any) -> None:
    """Give a node another function. Kedro's setter drops cached inputs, and raises if none are cached."""
    _ = node.inputs
    node.func = function


def distribution_names(manager: Any) -> list[str]:
    """Return the names of the distributions whose hooks are registered."""
    return [dist.project_name for _, dist in manager.list_plugin_distinfo()]


def keep_memory_datasets_from_importing() -> None:
    """Let a MemoryDataset that is saved look for pandas and others among what is loaded (kedro/io/memory_dataset.py).

    Kedro imports them to ask whether data are of their classes, which data of a project without them can't be:
    0.5 s of each worker, or of each run.
    """
    infer = getattr(memory_dataset, "_infer_copy_mode", None)
    if not isinstance(infer, FunctionType):
        return

    def import_loaded(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] not in sys.modules:
            raise ImportError(f"{name} is not loaded")
        return builtins.__import__(name, *rest, **more)

    scope = {**vars(memory_dataset), "__builtins__": {**vars(builtins), "__import__": import_loaded}}
    memory_dataset._infer_copy_mode = FunctionType(infer.__code__, scope, infer.__name__, infer.__defaults__)
