"""What planning needs to know of a project: reads configuration and pipelines, fires no hook, builds no dataset."""

from __future__ import annotations

import os
import platform
from typing import Any

from .compat import EntryFinder, Pipeline, absolute_entries, config_loader, kedro_version, pipelines
from .consume import is_versioned
from .errors import Problem, WorkerError, traceback_text
from .locate import is_memory, locate, remote_protocol
from .project import Project
from .slices import data_names, slice_pipeline
from .spec import parse_filters


def probe(project: Project, request: dict[str, Any]) -> dict[str, Any]:
    """Return Facts. Raises WorkerError."""
    try:
        finder, problems = _catalog(project, request.get("runtime_params") or {})
        slices = {key: _slice_facts(wanted, finder, problems, project) for key, wanted in request["slices"].items()}
    except WorkerError:
        raise
    except Exception as error:
        raise WorkerError("PROBE_FAILED", f"{type(error).__name__}: {error}", None, traceback_text(error)) from error
    return {
        "kedro": kedro_version(),
        "python": platform.python_version(),
        "pipelines": sorted(pipelines),
        "slices": slices,
    }


def _catalog(project: Project, runtime_params: dict[str, Any]) -> tuple[EntryFinder, list[Problem]]:
    try:
        loader = config_loader(project.session, runtime_params)
        entries = absolute_entries(project.path, loader["catalog"])
        return EntryFinder(entries), []
    except Exception as error:  # noqa: BLE001 - a wrong catalog is one problem of the plan, not the end of the probe
        return EntryFinder({}), [Problem("CATALOG", f"the catalog can't be read: {type(error).__name__}: {error}")]


def _slice_facts(
    wanted: dict[str, Any], finder: EntryFinder, catalog_problems: list[Problem], project: Project
) -> dict[str, Any]:
    names, filters = list(wanted.get("pipeline_names") or []), parse_filters(wanted.get("filters"))
    pipeline, problems = slice_pipeline(names, filters, project.failed_pipelines)
    problems = problems + catalog_problems
    facts: dict[str, Any] = {"nodes": [], "inputs": [], "outputs": [], "datasets": {}}
    if pipeline is not None:
        facts = _pipeline_facts(pipeline)
        for name in data_names(pipeline.datasets()):
            try:
                facts["datasets"][name] = _dataset_facts(finder.find(name), str(project.path))
            except Exception as error:  # noqa: BLE001 - one wrong entry is one problem
                problems.append(Problem("CATALOG", f"the entry of '{name}' can't be read: {error}"))
    return {"problems": [problem.to_json() for problem in problems], **facts}


def _pipeline_facts(pipeline: Pipeline) -> dict[str, Any]:
    written = set(data_names(pipeline.all_outputs()))
    nodes = [
        {
            "name": node.name,
            "inputs": list(node.inputs),
            "outputs": list(node.outputs),
            "tags": sorted(node.tags),
            "namespace": node.namespace,
        }
        for node in pipeline.nodes
    ]
    return {"nodes": nodes, "inputs": data_names(pipeline.inputs()), "outputs": sorted(written), "datasets": {}}


def _dataset_facts(entry: dict[str, Any] | None, base: str) -> dict[str, Any]:
    facts = {"type": "MemoryDataset", "in_catalog": entry is not None, "location": None, "versioned": False}
    if entry is None:
        return {**facts, "latest_version": None}
    places = [] if is_memory(entry) else locate(entry, base)
    location = places[0].path if places else None
    versioned = is_versioned(entry)
    kind = entry.get("type")
    return {
        "type": kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind)),
        "in_catalog": True,
        "location": location,
        "versioned": versioned,
        "latest_version": _latest(location) if versioned and location else None,
    }


def _latest(location: str) -> str | None:
    """Return the version that Kedro would load now: the last in order that holds the file."""
    if remote_protocol(location) is not None:
        return _latest_remote(location)
    file = os.path.basename(location)
    try:
        versions = sorted(os.listdir(location), reverse=True)
    except OSError:
        return None
    return next((version for version in versions if os.path.exists(os.path.join(location, version, file))), None)


def _latest_remote(location: str) -> str | None:
    import fsspec

    try:
        fs, path = fsspec.core.url_to_fs(location)
        found = sorted(fs.glob(f"{path}/*/{os.path.basename(location)}"), reverse=True)
    except Exception:  # noqa: BLE001 - a store that needs credentials: the run itself will tell
        return None
    return found[0].split("/")[-2] if found else None
