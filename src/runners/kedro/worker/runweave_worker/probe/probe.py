"""Facts of a project for planning: reads configuration and pipelines, builds no dataset in this process."""

from __future__ import annotations

import inspect
import platform
import sys
from dataclasses import dataclass
from typing import Any

from runweave_worker.compat import (
    EntryFinder,
    Pipeline,
    absolute_entries,
    config_loader,
    credentials_of,
    kedro_version,
    missing_environment,
    pipelines,
)
from runweave_worker.data.base_name import base_name
from runweave_worker.data.digest import digest
from runweave_worker.data.locate import locate
from runweave_worker.errors import Problem, WorkerError, traceback_text
from runweave_worker.process.environment import packages
from runweave_worker.project.project import Project
from runweave_worker.project.project_secrets import make_cleaner
from runweave_worker.project.slices import data_names, slice_pipeline
from runweave_worker.protocol.spec import parse_filters
from runweave_worker.remote.remote import RemoteData
from runweave_worker.secrets.secret_names import hide_in_urls
from runweave_worker.settle.scope import isolation_problems, parse_scope
from runweave_worker.settle.settlement import describe_entry

from .class_problems import class_problems
from .dataset_facts import facts_of_entry
from .entry_arguments import EntryCheck
from .hooked import add_hooked, find_parameters
from .parameters import ParameterCheck
from .remote_reads import RemoteReads
from .runner_rules import parse_wanted, runner_problems
from .work_facts import WorkReader


@dataclass(frozen=True)
class _Known:
    """Facts that all slices of one question share."""

    project: Project
    finder: EntryFinder
    catalog_problems: list[Problem]
    runtime_params: dict[str, Any]
    parameters: ParameterCheck
    attempts: str | None
    remote: RemoteData
    work: WorkReader | None
    """Reader of what can change a result, if the question asks for that too."""


def probe(project: Project, request: dict[str, Any]) -> dict[str, Any]:
    """Return Facts. Raises WorkerError."""
    try:
        runtime_params = project.spell_params(request.get("runtime_params") or {})
        finder, problems = _catalog(project, runtime_params)
        parameters = ParameterCheck(lambda given: config_loader(project.session, given), runtime_params)
        remote = RemoteData(lambda: credentials_of(config_loader(project.session, runtime_params)))
        work = WorkReader(project, finder, runtime_params) if request.get("work") else None
        known = _Known(project, finder, problems, runtime_params, parameters, request.get("attempts"), remote, work)
        slices = {key: _slice_facts(wanted, known) for key, wanted in request["slices"].items()}
        if any(wanted.get("supplied") for wanted in request["slices"].values()):
            _tell_redirected(slices, known)
        _check_entries(slices, known)
        _ask_catalog(request["slices"], slices, known)
        _hide_in_facts(slices, known)
    except WorkerError:
        raise
    except Exception as error:
        clean = make_cleaner(lambda: config_loader(project.session, request.get("runtime_params") or {}))
        message = clean(f"{type(error).__name__}: {error}")
        raise WorkerError("probe-failed", message, None, traceback_text(error, clean)) from error
    return {
        "kedro": kedro_version(),
        "python": platform.python_version(),
        "executable": sys.executable,
        "pipelines": sorted(pipelines),
        "slices": slices,
        **({"packages": packages()} if work is not None else {}),
    }


_SAME_ERROR = "`kedro catalog describe-datasets` shows the same error"


def _catalog(project: Project, runtime_params: dict[str, Any]) -> tuple[EntryFinder, list[Problem]]:
    loader = None
    try:
        loader = config_loader(project.session, runtime_params)
        entries = absolute_entries(project.path, loader["catalog"])
        return EntryFinder(entries), []
    except Exception as error:  # noqa: BLE001 - a wrong catalog is one problem of the plan, not the end of the probe
        message = f"the catalog can't be read: {type(error).__name__}: {error}"
        missing = missing_environment(loader)
        hint = f"make the folder {missing}: git keeps no empty ones" if missing else _SAME_ERROR
        return EntryFinder({}), [Problem("catalog", message, hint)]


def _slice_facts(wanted: dict[str, Any], known: _Known) -> dict[str, Any]:
    names, filters = list(wanted.get("pipeline_names") or []), parse_filters(wanted.get("filters"))
    pipeline, problems = slice_pipeline(names, filters, known.project.failed_pipelines)
    problems = problems + known.catalog_problems
    facts: dict[str, Any] = {"nodes": [], "inputs": [], "outputs": [], "confirms": [], "datasets": {}}
    if pipeline is not None:
        facts = _pipeline_facts(pipeline)
        problems = problems + known.parameters.problems(pipeline)
        facts["missing"] = known.parameters.missing(pipeline)
        problems = problems + runner_problems(parse_wanted(wanted), pipeline, known.finder)
        for name in data_names(pipeline.datasets()):
            try:
                entry = known.finder.find(name)
                told = facts_of_entry(name, entry, str(known.project.path), known.remote.find_credentials)
                if name in facts["outputs"]:
                    told["entry"] = describe_entry(entry, versioned=told["versioned"])
                facts["datasets"][name] = told
                problems = problems + class_problems(
                    name,
                    entry,
                    lambda: config_loader(known.project.session, {}),
                    known.finder.listed_name(name) or name,
                )
            except Exception as error:  # noqa: BLE001 - one wrong entry is one problem
                problems = [*problems, Problem("catalog", f"the entry of '{name}' can't be read: {error}")]
        _leave_out_streams(facts["datasets"], pipeline)
        remote = RemoteReads(known.remote, known.finder.find, known.attempts)
        said = wanted.get("supplied") or (), wanted.get("floating") or ()
        problems = problems + remote.look(data_names(pipeline.inputs()), facts["datasets"], *said)
        if not any(problem.code == "catalog" for problem in problems):
            base = str(known.project.path)
            problems = problems + isolation_problems(parse_scope(wanted), pipeline, known.finder.find, base)
        if known.work is not None and {problem.code for problem in problems} <= _WARNINGS:
            facts["work"] = known.work.read(pipeline).to_json()
            _count_warnings(facts["work"], problems, known.runtime_params)
    return {"problems": [problem.to_json() for problem in problems], **facts}


def _leave_out_streams(datasets: dict[str, Any], pipeline: Pipeline) -> None:
    """Say of no generator that it appends: a place of its own is what its chunks need."""
    for node in pipeline.nodes:
        if inspect.isgeneratorfunction(node.func):
            for name in set(node.outputs) & set(datasets):
                datasets[name]["appends"] = False


# Codes of problems that leave it clear what a result depends on.
_WARNINGS = frozenset({"unread-parameter", "unused-parameter", "number-as-text", "async-ignored"})


def _count_warnings(work: dict[str, Any], problems: list[Problem], runtime_params: dict[str, Any]) -> None:
    """Add the parameters that no node reads: hooks may."""
    if any(problem.code == "unread-parameter" for problem in problems):
        work["parameters"]["conf:params"] = digest(runtime_params)


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
    confirms = data_names({name for node in pipeline.nodes for name in node.confirms})
    inputs = data_names(pipeline.inputs())
    return {"nodes": nodes, "inputs": inputs, "outputs": sorted(written), "confirms": confirms, "datasets": {}}


def _tell_redirected(slices: dict[str, Any], known: _Known) -> None:
    """Note which datasets are elsewhere without the runtime parameters, but for supplied ones, which are not read."""
    datasets = [(name, facts) for part in slices.values() for name, facts in part["datasets"].items()]
    if not known.runtime_params or not any(facts["location"] for _, facts in datasets):
        return
    plain, problems = _catalog(known.project, {})
    if problems:
        # A catalog that can't be read without them does not tell where the data would be.
        return
    for name, facts in datasets:
        entry = plain.find(name) if facts["location"] else None
        places = locate(entry, str(known.project.path)) if entry else []
        facts["by_params"] = bool(places) and places[0].path != facts["location"]


def _ask_catalog(questions: dict[str, Any], slices: dict[str, Any], known: _Known) -> None:
    """Fill in what only a catalog that was built tells: what hooks add to it, and which parameters it has after all.

    It is built once for each, and only for what some slice reads and neither configuration nor workflow gives.
    """
    missing = {key: facts.pop("missing", []) for key, facts in slices.items()}
    if known.catalog_problems:
        return
    unknown = {key: _sourceless(questions[key], facts) for key, facts in slices.items()}
    parameters = sorted({name for names in missing.values() for name in names})
    wanted = sorted({name for names in unknown.values() for name in names})
    found, problems = add_hooked(known.project, known.runtime_params, wanted, known.attempts)
    have = find_parameters(known.project, known.runtime_params, parameters)
    for key, facts in slices.items():
        facts["datasets"].update({name: found[name] for name in unknown[key] if name in found})
        lacking = [known.parameters.missing_problem(name) for name in missing[key] if name not in have]
        facts["problems"] += [problem.to_json() for problem in [*(problems if unknown[key] else []), *lacking]]


def _check_entries(slices: dict[str, Any], known: _Known) -> None:
    """Tell each slice which of its datasets can't be built. What two slices name is built once."""
    datasets = {name: facts for part in slices.values() for name, facts in part["datasets"].items()}
    read = {name for part in slices.values() for name in part["inputs"]}
    check = EntryCheck(known.project, known.finder, known.runtime_params, known.remote)
    found = check.problems(datasets, read)
    for part in slices.values():
        part["problems"] += [found[name].to_json() for name in part["datasets"] if name in found]


def _hide_in_facts(slices: dict[str, Any], known: _Known) -> None:
    """Leave out of what is told the secrets in URLs, and in the words of problems."""
    clean = make_cleaner(lambda: config_loader(known.project.session, known.runtime_params))
    for part in slices.values():
        part["datasets"] = hide_in_urls(part["datasets"])
        for problem in part["problems"]:
            problem["message"] = clean(problem["message"])


def _sourceless(question: dict[str, Any], facts: dict[str, Any]) -> list[str]:
    given = {base_name(name) for name in question.get("supplied") or ()}
    datasets = facts["datasets"]
    names = (name for name in facts["inputs"] if name in datasets and not datasets[name]["in_catalog"])
    return [name for name in names if base_name(name) not in given]
