"""The two places where a run is settled: its configuration, then the datasets that hooks left in its catalog."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Generator
from typing import Any

from kedro.framework.hooks import hook_impl

from .attempt_folder import AttemptFolder
from .compat import Pipeline, absolute_entries, credentials_of
from .hooks import SETTLED_FILE
from .recheck import recheck
from .remote import RemoteData, check_consumed
from .settle import settle
from .settlement import Settlement
from .spec import Spec
from .variables import list_credentials


class Intervention:
    """Registered last on the session of one run, so that its wrappers are the outermost ones."""

    def __init__(self, spec: Spec, pipeline: Pipeline, folder: AttemptFolder) -> None:
        self.spec = spec
        self.pipeline = pipeline
        self.folder = folder
        self.settlement: Settlement | None = None
        self.catalog: Any = None
        self.run_params: dict[str, Any] = {}
        self.pins: dict[str, str] = {}
        """Handed to `run()` empty; filled before Kedro builds the catalog with it."""
        self._loader: Any = None

    def secrets(self) -> list[str]:
        """Return what nothing that is recorded may show: credentials, and variables that the run was given."""
        found = [*self.spec.secrets]
        if self._loader is not None:
            with contextlib.suppress(Exception):
                found.extend(list_credentials(credentials_of(self._loader)))
        return found

    @hook_impl(wrapper=True, tryfirst=True)
    def after_context_created(self, context: Any) -> Generator[None, Any, Any]:
        """Settle the configuration before any project hook sees it."""
        entries = absolute_entries(context.project_path, context.config_loader["catalog"])
        self.settlement = settle(entries, self.pipeline, self.spec, str(context.project_path))
        loader = self._loader = context.config_loader
        check_consumed(self.settlement, self.spec, RemoteData(lambda: credentials_of(loader)))
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
            recheck(catalog, pipeline, self.settlement, self.spec)
            self._publish(self.settlement)
        self.folder.append_event({"type": "pipeline.started", "total_nodes": len(pipeline.nodes)})
        return result

    def _publish(self, settlement: Settlement) -> None:
        """Tell the hooks in all processes what was settled."""
        temporary = self.folder.path / f".{SETTLED_FILE}-{os.getpid()}"
        temporary.write_text(json.dumps(settlement.expectations()))
        os.replace(temporary, self.folder.path / SETTLED_FILE)
