"""Traces of earlier attempts of a run: which nodes finished in them, on what, and what they saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from runweave_worker.hooks import SETTLED_FILE
from runweave_worker.protocol.attempt_folder import AttemptFolder
from runweave_worker.settle.checkpoint import checkpoint_file

from .attempt_record import RECORD_FILE
from .resume_plan import Execution, NodeShape, Product

RESUMPTION_FILE = "resumption.json"


@dataclass
class EarlierAttempt:
    """One attempt that is over, by the files in its folder."""

    folder: AttemptFolder

    @property
    def run_id(self) -> str:
        """Return its run_id."""
        return self.folder.run_id

    @cached_property
    def settled(self) -> dict[str, dict[str, Any]]:
        """Return what each dataset meant in it."""
        return self._read(SETTLED_FILE)

    @cached_property
    def record(self) -> dict[str, Any]:
        """Return what it wrote down before its first node."""
        return self._read(RECORD_FILE)

    @cached_property
    def resumption(self) -> dict[str, Any]:
        """Return what it took over itself."""
        return self._read(RESUMPTION_FILE)

    @cached_property
    def finished(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the nodes that have finished, each with what it saved."""
        ended = [event for event in self.folder.read_events() if event["type"] in {"node.finished", "node.failed"}]
        failed = {event["node"] for event in ended if event["type"] == "node.failed"}
        return {event["node"]: event.get("outputs") or {} for event in ended if event["node"] not in failed}

    @property
    def checkpoints(self) -> dict[str, dict[str, Any]]:
        """Return the checkpoints that were written whole, by dataset."""
        found = {}
        for path in sorted(self.folder.path.glob(checkpoint_file("*"))):
            noted = json.loads(path.read_bytes())
            found[noted["dataset"]] = noted
        return found

    def _read(self, name: str) -> dict[str, Any]:
        try:
            return json.loads((self.folder.path / name).read_bytes())
        except (OSError, ValueError):
            return {}

    def executions(self, nodes: list[NodeShape], confirms: dict[str, list[str]]) -> Iterator[tuple[str, Execution]]:
        """Yield the nodes of a slice that have finished in this attempt, as far as all that they made is on record."""
        places = self.record.get("places", {})
        content: dict[str, str | None] = {**self.record.get("given", {}), **self.resumption.get("content", {})}
        for node in nodes:
            outputs = self.finished.get(node.name)
            if outputs is None or not self._is_whole(node, outputs, confirms[node.name]):
                continue
            wrote = {places[name]: self._product(places[name], output) for name, output in outputs.items()}
            read = {place: content.get(place) for place in node.reads}
            content.update({place: product.content for place, product in wrote.items()})
            yield node.name, Execution(self.run_id, self.record["work"].get(node.name, ""), read, wrote)

    def _is_whole(self, node: NodeShape, outputs: dict[str, Any], confirms: list[str]) -> bool:
        places = self.record.get("places", {})
        saved = {places.get(name) for name in outputs}
        is_confirmed = not confirms or set(confirms) <= set(self.checkpoints)
        return set(node.writes) == saved and is_confirmed and node.name in self.record.get("work", {})

    def _product(self, place: str, output: dict[str, Any]) -> Product:
        known = output["hash"]
        return Product(known or f"{self.run_id} {place}", known is not None, bool(output["in_memory"]))


def find_earlier(run_ids: list[str], attempts: Path) -> list[EarlierAttempt]:
    """Return the attempts that came to their first node, newest first, back to the last one without a takeover."""
    found: list[EarlierAttempt] = []
    for run_id in run_ids:
        earlier = EarlierAttempt(AttemptFolder(attempts / run_id))
        try:
            spec = earlier.folder.read_spec()
        except (OSError, ValueError):
            # An attempt that never began has no results, and hides none of earlier ones.
            continue
        if earlier.record and earlier.settled:
            found.append(earlier)
        if not spec.get("resumes"):
            break
    return found
