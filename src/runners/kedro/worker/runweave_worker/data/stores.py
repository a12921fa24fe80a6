"""Stores in which places of a run's own are made."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from .locate import IN_PROCESS, Location

BESIDE = ".runweave"


@dataclass(frozen=True)
class Stores:
    """Stores in which places of a run's own are made."""

    local: str
    remote: Mapping[str, str] = field(default_factory=dict)
    """Prefixes by protocol; remote data of other protocols stay beside where they are."""

    def of(self, location: Location) -> str:
        """Return the store of a location: data never leave the storage whose credentials their entry has.

        What is in the memory of a process is kept as a file: no other run could read it there.
        """
        if location.protocol in {None, IN_PROCESS}:
            return self.local
        return self.remote.get(str(location.protocol)) or posixpath.join(posixpath.dirname(location.key), BESIDE)
