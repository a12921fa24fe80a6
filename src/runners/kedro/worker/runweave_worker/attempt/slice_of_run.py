"""The nodes that an attempt has to do with: all of its slice, and those of them that it executes."""

from __future__ import annotations

from typing import Any

from runweave_worker.compat import Pipeline, hook_manager
from runweave_worker.project.project import Project
from runweave_worker.protocol.spec import Spec
from runweave_worker.remote.remote import RemoteData
from runweave_worker.resume.attempt_record import AttemptRecord, Configuration, find_compared, make_record
from runweave_worker.resume.resumption import Resumption


class SliceOfRun:
    """Record of the whole slice that the attempt writes for later ones, including what was taken over."""

    def __init__(self, project: Project, spec: Spec, pipeline: Pipeline) -> None:
        self._project = project
        self._spec = spec
        self.whole = pipeline
        self.left = pipeline
        self.compared: frozenset[str] = frozenset()
        self.expected: dict[str, str] = {}
        self._resumed_nodes = 0
        self.record: AttemptRecord | None = None

    def look(self, loader: Any, entries: dict[str, Any], remote: RemoteData) -> AttemptRecord:
        """Read, once, what the nodes depend on, before any hook has changed the configuration."""
        if self.record is None:
            plugins = hook_manager(self._project.session).get_plugins()
            configuration = Configuration(loader, entries, str(self._project.path), remote, plugins)
            with self._project.configuration.lending():
                self.record = make_record(self._project.work, self._spec, self.whole, configuration)
            self.compared = find_compared(self.whole, entries)
        return self.record

    def narrow(self, resumption: Resumption) -> None:
        """Leave to the attempt what is not taken over."""
        self.left = resumption.pipeline or self.left
        self.expected = resumption.expected
        self._resumed_nodes = len(resumption.plan.taken)

    def describe_start(self, total_nodes: int) -> dict[str, Any]:
        """Return the event with which the nodes begin."""
        resumed = {"resumed_nodes": self._resumed_nodes} if self._resumed_nodes else {}
        return {"type": "pipeline.started", "total_nodes": total_nodes, **resumed}

    def record_without(self, replaced: set[str]) -> dict[str, Any]:
        """Return what is written down; inputs that a hook has replaced were not looked at."""
        if self.record is None:
            return {}
        places = {self.record.places.get(name, name) for name in replaced}
        given = {place: None if place in places else known for place, known in self.record.given.items()}
        return {**self.record.to_json(), "given": given}
