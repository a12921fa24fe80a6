"""What settling a slice comes to: for each of its datasets, which data it means in this run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .isolate import Moves


@dataclass
class Settled:
    """One dataset of the slice, settled."""

    name: str
    entry: dict[str, Any] | None = None
    """Its catalog entry in this run, credentials by name; None for one that is in no catalog."""
    location: str | None = None
    """Where its data are; None for data in memory or without a path."""
    version: str | None = None
    """The run whose data these are, where that is known; what a load of it is checked against."""
    versioned: bool = False
    """Whether the project's own catalog versions it."""
    plain_location: str | None = None
    """Where the project's own catalog keeps it."""
    each: dict[str, dict[str, str]] | None = None
    """Of a dataset consumed from several arms: location and version of each."""
    suffix: str = ""
    """Of a folder of partitions, what its files end with."""


@dataclass
class Settlement:
    """All of it."""

    entries: dict[str, Any]
    """The whole catalog configuration with what was settled in it."""
    datasets: dict[str, Settled]
    pins: dict[str, str]
    """The pins that Kedro accepts: of versioned entries that are listed."""
    moves: Moves
    checkpoints: dict[str, str] = field(default_factory=dict)
    """Where `confirms` writes the checkpoint of a dataset instead of beside its input."""

    def expectations(self) -> dict[str, dict[str, str | None]]:
        """Return version, location and suffix per dataset, for the processes that report loads and saves."""
        return {
            name: {"version": settled.version, "location": settled.location, "suffix": settled.suffix}
            for name, settled in self.datasets.items()
        }
