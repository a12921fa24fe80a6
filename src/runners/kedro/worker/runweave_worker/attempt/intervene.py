"""The two places where a run is settled: its configuration, then the datasets that hooks left in its catalog."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict
from typing import Any

from kedro.framework.hooks import hook_impl

from runweave_worker.compat import Pipeline, absolute_entries, credentials_of
from runweave_worker.hooks import SETTLED_FILE
from runweave_worker.project.project_secrets import list_project_secrets
from runweave_worker.protocol.attempt_folder import AttemptFolder
from runweave_worker.protocol.spec import Input, Spec
from runweave_worker.remote.remote import RemoteData, check_reads
from runweave_worker.resume.attempt_record import RECORD_FILE
from runweave_worker.secrets.secret_names import hide_in_urls, list_environment_secrets
from runweave_worker.settle.recheck import recheck
from runweave_worker.settle.settle import settle
from runweave_worker.settle.settlement import Settlement

from .slice_of_run import SliceOfRun


class Intervention:
    """Registered last on the session of one run, so that its wrappers are the outermost ones."""

    def __init__(self, spec: Spec, slice_of_run: SliceOfRun, folder: AttemptFolder) -> None:
        self.spec = spec
        self.slice = slice_of_run
        self.folder = folder
        self.settlement: Settlement | None = None
        self.catalog: Any = None
        self.run_params: dict[str, Any] = {}
        self.pins: dict[str, str] = {}
        """Handed to `run()` empty; filled before Kedro builds the catalog with it."""
        self._loader: Any = None

    def secrets(self) -> list[str]:
        """Return the texts that no record may show: credentials, and variables that the run was given."""
        known = list_environment_secrets() if self._loader is None else list_project_secrets(lambda: self._loader)
        return [*self.spec.secrets, *known]

    @hook_impl(wrapper=True, tryfirst=True)
    def after_context_created(self, context: Any) -> Generator[None, Any, Any]:
        """Settle the configuration before any project hook sees it."""
        loader = self._loader = context.config_loader
        entries = absolute_entries(context.project_path, loader["catalog"])
        remote = RemoteData(lambda: credentials_of(loader), lambda: entries)
        self.settlement = settle(entries, self.slice.left, self.spec, str(context.project_path))
        check_reads(self.settlement, self.spec, remote)
        self.slice.look(loader, entries, remote)
        context.config_loader["catalog"] = self.settlement.entries
        self.pins.update(self.settlement.pins)
        return (yield)

    @hook_impl(wrapper=True, tryfirst=True)
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: Any
    ) -> Generator[None, Any, Any]:
        """Tell hooks which run this is; afterwards check what they did to the catalog."""
        self.catalog, self.run_params = catalog, run_params
        run_params.update(
            session_id=self.spec.session_id,
            run=self.spec.run,
            run_index=self.spec.run_index,
            total_runs=self.spec.total_runs,
            attempt=self.spec.attempt,
        )
        result = yield
        if self.settlement is not None:
            before = {name: part.location for name, part in self.settlement.datasets.items()}
            recheck(catalog, pipeline, self.settlement, self.spec)
            replaced = {name for name, part in self.settlement.datasets.items() if part.location != before.get(name)}
            self._publish(RECORD_FILE, self.slice.record_without(replaced))
            self._publish(SETTLED_FILE, self._describe(self.settlement))
        self.folder.append_event(self.slice.describe_start(len(pipeline.nodes)))
        return result

    def _describe(self, settlement: Settlement) -> dict[str, Any]:
        """Return what there is to know per dataset: for the hooks in all processes, and for later attempts."""
        return {
            name: {
                **settled.describe(),
                "seen": asdict(seen) if (seen := self.spec.seen_of(name)) else None,
                "compared": name in self.slice.compared,
                "expected": self.slice.expected.get(name),
                "beside": self._beside(name, settled.location),
            }
            for name, settled in settlement.datasets.items()
        }

    def _beside(self, name: str, location: str | None) -> list[str]:
        """Return the names of the files beside a consumed version that belong to it."""
        source = self.spec.reads.get(name)
        return list(source.beside) if isinstance(source, Input) and source.location == hide_in_urls(location) else []

    def _publish(self, name: str, value: dict[str, Any]) -> None:
        """Write a file for the processes of this run. Not flushed: a lost one only prevents a takeover."""
        self.folder.write_json(name, value, durable=False)
