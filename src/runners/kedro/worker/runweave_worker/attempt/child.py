"""One attempt: claim, run, manifest. Runs in a process of its own that ends with it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
import traceback
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from runweave_worker import compat
from runweave_worker.errors import SettleError, WorkerError, describe_exception
from runweave_worker.hooks import MAIN_PID_VARIABLE
from runweave_worker.process import ending
from runweave_worker.process.process_facts import memory_bytes
from runweave_worker.project.project import Project
from runweave_worker.project.slices import slice_pipeline
from runweave_worker.protocol.attempt_folder import (
    ANCESTORS_VARIABLE,
    BELL_VARIABLE,
    FOLDER_VARIABLE,
    AttemptFolder,
    bell_identity,
    name_ancestors,
    timestamp,
)
from runweave_worker.protocol.spec import Spec, parse_spec
from runweave_worker.protocol.whole_lines import write_whole_lines
from runweave_worker.remote.remote import RemoteData
from runweave_worker.resume.earlier_attempts import RESUMPTION_FILE
from runweave_worker.resume.resumption import Resumer, Resumption
from runweave_worker.secrets.secret_forms import hide
from runweave_worker.secrets.secret_names import list_environment_secrets

from . import manifest
from .hide_in_logs import hide_in_kedro_logs
from .intervene import Intervention
from .mark import show_mark
from .observe import observe
from .slice_of_run import SliceOfRun

EXIT_FAILED = 1
EXIT_CLAIMED = 75


@dataclass
class Outcome:
    """Outcome of a run."""

    error: BaseException | None
    intervention: Intervention | None = None
    resumption: Resumption | None = None
    ended: str = dataclasses.field(default_factory=timestamp)
    """Time at which its last node ended."""


def run_attempt(project: Project, folder: AttemptFolder, base_memory: int | None) -> int:
    """Run the attempt in a folder and return the exit code of its process."""
    folder.forget_seal("exit")
    show_mark(folder.run_id)
    if not folder.claim():
        return EXIT_CLAIMED
    claimant = os.getpid()
    project.configuration.spend()
    observe(folder, project.path, project.randomness)
    os.environ[FOLDER_VARIABLE] = str(folder.path)
    os.environ[ANCESTORS_VARIABLE] = name_ancestors(os.environ, folder.run_id)
    os.environ[MAIN_PID_VARIABLE] = str(claimant)
    os.environ[BELL_VARIABLE] = bell_identity() or ""
    try:
        ending.listen_to_signals()
        spec = parse_spec(folder.read_spec(), folder.run_id)
        outcome = _run(project, spec, folder)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the manifest tells it
        spec, outcome = None, Outcome(error)
    if os.getpid() != claimant:
        # A copy that a node forked and let go on: only the process that claimed the attempt tells how it ended.
        os._exit(EXIT_FAILED)
    ending.ignore_signals()
    written = _manifest(folder, spec, outcome, base_memory)
    folder.write_manifest(written)
    return 0 if written["status"] == "success" else EXIT_FAILED


def _run(project: Project, spec: Spec, folder: AttemptFolder) -> Outcome:
    _check_project(project, spec)
    spec = dataclasses.replace(spec, runtime_params=project.spell_params(spec.runtime_params))
    pipeline, problems = slice_pipeline(spec.pipeline_names, spec.filters, project.failed_pipelines)
    if pipeline is None:
        raise SettleError(problems)
    slice_of_run = SliceOfRun(project, spec, pipeline)
    resumption = _resume(project, spec, slice_of_run, folder)
    if resumption is None:
        return _execute(project, spec, slice_of_run, folder)
    slice_of_run.narrow(resumption)
    if resumption.pipeline is None:
        folder.append_event(slice_of_run.describe_start(0))
        return Outcome(None, None, resumption)
    outcome = _execute(project, resumption.spec, slice_of_run, folder)
    return dataclasses.replace(outcome, resumption=resumption)


def _resume(project: Project, spec: Spec, slice_of_run: SliceOfRun, folder: AttemptFolder) -> Resumption | None:
    """Find out what earlier attempts have left. What goes wrong here costs no more than doing all of it again."""
    if spec.resumes is None:
        return None
    try:
        loader = compat.config_loader(project.session, spec.runtime_params)
        with project.configuration.lending():
            entries = compat.absolute_entries(project.path, loader["catalog"])
        remote = RemoteData(lambda: compat.credentials_of(loader), lambda: entries)
        record = slice_of_run.look(loader, entries, remote)
        return Resumer(spec, spec.resumes, slice_of_run.whole, folder).resume(record, remote)
    except Exception:  # noqa: BLE001 - files of earlier attempts may be anything
        traceback.print_exc()
        print("resume: nothing is taken over", file=sys.stderr)
        (folder.path / RESUMPTION_FILE).unlink(missing_ok=True)
        return None


def _execute(project: Project, spec: Spec, slice_of_run: SliceOfRun, folder: AttemptFolder) -> Outcome:
    session = project.session
    session.session_id = spec.session_id
    intervention = Intervention(spec, slice_of_run, folder)
    compat.hook_manager(session).register(intervention, "runweave-intervention")
    compat.keep_loaded_pipelines(spec.pipeline_names)
    hide_in_kedro_logs(intervention.secrets)
    write_whole_lines()
    runner = compat.make_runner(spec.runner, spec.is_async)
    error: BaseException | None = None
    try:
        session.run(
            run_id=spec.run_id,
            pipeline_names=list(spec.pipeline_names) or None,
            runner=runner,
            load_versions=intervention.pins,
            runtime_params=spec.runtime_params or None,
            **spec.filters,
        )
    except BaseException as raised:  # noqa: BLE001 - KeyboardInterrupt and SystemExit too
        error = raised
    ended = timestamp()
    ending.ignore_signals()
    with contextlib.suppress(Exception):
        compat.shut_runner_down(runner)
    _after_session_run(session, intervention, error)
    return Outcome(error, intervention, ended=ended)


def _check_project(project: Project, spec: Spec) -> None:
    if Path(spec.project_path).resolve() != project.path or (spec.env or None) != (project.env or None):
        raise WorkerError(
            "start-failed",
            f"this worker serves {project.path} (env {project.env}), "
            f"the run wants {spec.project_path} (env {spec.env})",
        )


def _after_session_run(session: Any, intervention: Intervention, error: BaseException | None) -> None:
    """Call what a project may implement beyond Kedro's own hooks; Kedro does not log its failure."""
    try:
        compat.hook_manager(session).hook.after_session_run(run_params=intervention.run_params, error=error)
    except Exception:
        if error is None:
            raise


def _manifest(folder: AttemptFolder, spec: Spec | None, outcome: Outcome, base: int | None) -> dict[str, Any]:
    error, intervention = outcome.error, outcome.intervention
    events = _close_nodes(folder, outcome.ended, failed=error is not None)
    outputs: dict[str, Any] = {}
    loads: dict[str, Any] = {}
    checkpoints: dict[str, Any] = {}
    settlement = intervention.settlement if intervention else None
    if settlement is not None and intervention is not None:
        try:
            loads = manifest.collect_loads(events, settlement)
            durable = error is None
            outputs = manifest.collect_outputs(
                events, settlement, intervention.spec, intervention.catalog, durable=durable
            )
            checkpoints = manifest.collect_checkpoints(settlement, durable=durable)
            if error is None:
                manifest.check_pins(events, settlement, intervention.spec)
        except Exception as raised:  # noqa: BLE001 - data that can't be read back is no success
            error = error or raised
    if outcome.resumption is not None:
        outputs = {**outcome.resumption.outputs(), **outputs}
        checkpoints = {**outcome.resumption.checkpoints, **checkpoints}
    if spec is not None:
        outputs = manifest.add_plain_names(outputs, spec)
        error = error or _find_fault(spec, outcome.resumption, outputs, events)
    secrets = _secrets(spec, intervention) if error is not None else []
    told = None if error is None else describe_exception(error, _failed_node(events), lambda text: hide(text, secrets))
    return {
        "run_id": folder.run_id,
        "status": "success" if error is None else "failed",
        "outputs": outputs,
        "loads": loads,
        "checkpoints": checkpoints,
        "exception": told,
        "node_durations_ms": manifest.node_durations(events),
        "peak_memory_bytes": memory_bytes("VmHWM"),
        "base_memory_bytes": base,
    }


def _secrets(spec: Spec | None, intervention: Intervention | None) -> list[str]:
    if intervention is not None:
        return intervention.secrets()
    return [*(spec.secrets if spec is not None else ()), *list_environment_secrets()]


def _find_fault(
    spec: Spec, resumption: Resumption | None, outputs: dict[str, Any], events: list[dict[str, Any]]
) -> Exception | None:
    """Return what is wrong with a run of which every node has succeeded."""
    try:
        manifest.check_outputs(outputs, spec)
        if resumption is not None:
            resumption.check(events)
    except Exception as raised:  # noqa: BLE001 - data that can't be read back is no success
        return raised
    return None


def _close_nodes(folder: AttemptFolder, ended: str, *, failed: bool) -> list[dict[str, Any]]:
    """End the nodes whose end no hook saw: streams, and nodes that were stopped or failed while loading or saving.

    Of those that failed, only the end of all is known.
    """
    events = folder.read_events()
    kind = "node.failed" if failed else "node.finished"
    for node, start, last in manifest.open_nodes(events):
        end = max(last, ended) if failed else last
        duration = (_parsed(end) - _parsed(start)).total_seconds() * 1000
        folder.append_event({"type": kind, "node": node, "duration_ms": duration})
    return folder.read_events()


def _parsed(time: str) -> datetime:
    return datetime.fromisoformat(time.replace("Z", "+00:00"))


def _failed_node(events: list[dict[str, Any]]) -> str | None:
    return next((event["node"] for event in events if event["type"] == "node.failed"), None)
