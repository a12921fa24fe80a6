"""Results of settling a slice: for each of its datasets, the data that it means in this run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from runweave_worker.secrets.secret_names import hide_in_urls, without_secrets

from .isolate import Moves


@dataclass
class Settled:
    """One dataset of the slice, settled."""

    name: str
    entry: dict[str, Any] | None = None
    """Catalog entry in this run, credentials by name; None for a dataset that is in no catalog."""
    location: str | None = None
    """Place of its data; None for data in memory or without a path."""
    version: str | None = None
    """The run whose data these are, where that is known; what a load of it is checked against."""
    versioned: bool = False
    """True if the project's own catalog versions it."""
    plain_location: str | None = None
    """Place where the project's own catalog keeps it."""
    each: dict[str, dict[str, str]] | None = None
    """Location and version of each arm, for a dataset that is consumed from several."""
    suffix: str = ""
    """Ending of the names of partitions, for a folder of them."""

    def recorded_entry(self) -> dict[str, Any] | None:
        """Return how the dataset was saved, so that a consumer gets the same; None if that has no form in JSON."""
        return describe_entry(self.entry, versioned=self.versioned)

    @property
    def told_location(self) -> str | None:
        """The place of its data, as everything that is recorded has it."""
        return hide_in_urls(self.location)

    def describe(self) -> dict[str, Any]:
        """Return what there is to know of it after the process is gone."""
        return {
            "version": self.version,
            "location": self.told_location,
            "suffix": self.suffix,
            "entry": self.recorded_entry(),
            "plain_location": hide_in_urls(self.plain_location),
        }


@dataclass
class Settlement:
    """All of it."""

    entries: dict[str, Any]
    """The whole catalog configuration with what was settled in it."""
    datasets: dict[str, Settled]
    moves: Moves
    checkpoints: dict[str, str] = field(default_factory=dict)
    """Files to which `confirms` writes the checkpoint of a dataset, instead of beside its input."""

    @property
    def pins(self) -> dict[str, str]:
        """The pins that Kedro accepts: of datasets that the project's own catalog versions."""
        return {name: part.version for name, part in self.datasets.items() if part.versioned and part.version}


def describe_entry(entry: dict[str, Any] | None, *, versioned: bool) -> dict[str, Any] | None:
    """Return an entry as a version is recorded with it, credentials by name; None if that has no form in JSON."""
    if not entry:
        return None
    try:
        config = without_secrets(_by_reference(json.loads(json.dumps(entry, allow_nan=False))))
        return {"config": config, "versioned": versioned}
    except (TypeError, ValueError):
        return None


def _by_reference(entry: Any) -> Any:
    """Return an entry without credentials that stand in it themselves: only their names are recorded."""
    if not isinstance(entry, dict):
        return entry
    kept = {key: each for key, each in entry.items() if key != "credentials" or isinstance(each, str)}
    return {key: _by_reference(each) for key, each in kept.items()}
