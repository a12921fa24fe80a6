"""Datasets that hooks of the project add to its catalog: seen only by firing the hooks, in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import Any

from runweave_worker import compat
from runweave_worker.errors import Problem
from runweave_worker.project.project import PLUGIN, Project
from runweave_worker.protocol.attempt_folder import is_unfinished
from runweave_worker.reads.apart import do_apart
from runweave_worker.reads.read_watch import WATCH

from .dataset_facts import facts_of_entry

LIMIT_S = 20.0
HOOKS = ("after_context_created", "after_catalog_created")
# Plugins that add no dataset, and would send messages.
_OTHERS = frozenset({PLUGIN, "kedro-telemetry"})
TELEMETRY_OFF = {"KEDRO_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}


def add_hooked(
    project: Project,
    runtime_params: dict[str, Any],
    wanted: Collection[str],
    attempts: str | None,
) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """Return the facts of those datasets that hooks add, and a warning if the hooks can't be asked."""
    if not wanted or not _has_hooks(project):
        return {}, []
    try:
        return do_apart(lambda: _look(project, runtime_params, wanted, attempts), LIMIT_S, alone=True), []
    except Exception as error:  # noqa: BLE001 - what hooks do at plan time is no reason not to plan
        names = ", ".join(repr(name) for name in sorted(wanted))
        message = f"it is unknown whether a hook of the project adds {names} to the catalog: {error}"
        hint = "the run itself finds out; a catalog entry says it now"
        return {}, [Problem("hooks-unknown", message, hint)]


def find_parameters(project: Project, runtime_params: dict[str, Any], wanted: Collection[str]) -> set[str]:
    """Return which of these parameters a catalog has that was built as for a run: hooks and models may add some.

    A catalog that can't be built counts as if it had all of them.
    """
    if not wanted:
        return set()
    try:
        return set(do_apart(lambda: _have(project, runtime_params, wanted), LIMIT_S, alone=True))
    except Exception:  # noqa: BLE001 - why it can't be built is told where its datasets are needed
        return set(wanted)


def find_failing(
    project: Project, runtime_params: dict[str, Any], wanted: Collection[str], look: Callable[[Any], None]
) -> set[str]:
    """Return which of these datasets can't be built with hooks either: they may mend an entry, or set a variable.

    `look` raises what else is wrong with one that was built. For a catalog that can't be built, none is returned.
    """
    if not wanted or not _has_hooks(project):
        return set(wanted)
    try:
        return set(do_apart(lambda: _fail(project, runtime_params, wanted, look), LIMIT_S, alone=True))
    except Exception:  # noqa: BLE001 - hooks that fail here are told of where their datasets are needed
        return set()


def _fail(
    project: Project, runtime_params: dict[str, Any], wanted: Collection[str], look: Callable[[Any], None]
) -> list[str]:
    catalog = _build_catalog(project, runtime_params)
    failing = []
    for name in wanted:
        try:
            look(compat.dataset_of(catalog, name))
        except Exception:  # noqa: BLE001 - whatever a class raises
            failing.append(name)
    return failing


def _build_catalog(project: Project, runtime_params: dict[str, Any]) -> Any:
    """Return the catalog as the hooks leave it. For a process of its own."""
    os.environ.update(TELEMETRY_OFF)
    with WATCH.executing_project():
        return compat.build_catalog(project.session, runtime_params)


def _have(project: Project, runtime_params: dict[str, Any], wanted: Collection[str]) -> list[str]:
    catalog = _build_catalog(project, runtime_params)
    return [name for name in wanted if compat.dataset_of(catalog, name) is not None]


def _has_hooks(project: Project) -> bool:
    manager = compat.hook_manager(project.session)
    others = {plugin for plugin, dist in manager.list_plugin_distinfo() if dist.project_name in _OTHERS}
    found = [each.plugin for name in HOOKS for each in getattr(manager.hook, name).get_hookimpls()]
    return any(plugin not in others for plugin in found)


def _look(
    project: Project, runtime_params: dict[str, Any], wanted: Collection[str], attempts: str | None
) -> dict[str, Any]:
    catalog = _build_catalog(project, runtime_params)
    found = {}
    for name in wanted:
        dataset = compat.dataset_of(catalog, name)
        if dataset is not None:
            found[name] = _facts_of(name, dataset, str(project.path), attempts)
    return found


def _facts_of(name: str, dataset: compat.AbstractDataset, base: str, attempts: str | None) -> dict[str, Any]:
    from runweave_worker.data.instances import arguments, is_in_memory, version_of

    if is_in_memory(dataset):
        return facts_of_entry(name, {"type": "MemoryDataset"}, base)
    entry = {key: value for key, value in arguments(dataset).items() if key != "credentials"}
    facts = facts_of_entry(name, entry, base)
    if version_of(dataset) is None:
        return {**facts, "versioned": False}
    # The class is asked for its latest version: it may keep versions at places of its own.
    return {**facts, "versioned": True, "latest_version": _latest(dataset, attempts)}


def _latest(dataset: compat.AbstractDataset, attempts: str | None) -> str | None:
    """Return the version that Kedro would load now, on any storage."""
    from runweave_worker.data.instances import inner

    core: Any = inner(dataset)
    pattern = str(core._get_versioned_path("*"))
    paths = (path for path in sorted(core._glob_function(pattern), reverse=True) if core._exists_function(path))
    versions = (str(path).rstrip("/").split("/")[-2] for path in paths)
    return next((version for version in versions if not is_unfinished(attempts, version)), None)
