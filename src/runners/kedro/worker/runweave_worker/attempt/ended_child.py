"""The end of a child, as the zygote tells and records it."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from typing import Any

from runweave_worker.errors import hide_environment
from runweave_worker.protocol.attempt_folder import AttemptFolder

from .child import EXIT_CLAIMED
from .strays import MAX_COMMAND, Stray

MAX_TOLD = 20


@dataclass
class Ended:
    """A child that was reaped, whose process group is still dying."""

    folder: AttemptFolder
    exit_code: int | None
    signal: str | None
    is_recorded: bool
    left_behind: list[Stray]
    since: float = field(default_factory=time.monotonic)

    @property
    def age_s(self) -> float:
        """Return the seconds since it was reaped."""
        return time.monotonic() - self.since

    def to_json(self) -> dict[str, Any]:
        """Return the protocol's form."""
        left = [
            {"pid": stray.pid, "command": hide_environment(stray.command)[:MAX_COMMAND]}
            for stray in self.left_behind[:MAX_TOLD]
        ]
        return {"exit_code": self.exit_code, "signal": self.signal, "left_behind": left}


def end_of(pid: int, folder: AttemptFolder, status: int, left_behind: list[Stray]) -> Ended:
    """Return the end of a child that was reaped with a status of wait(2)."""
    code = os.waitstatus_to_exitcode(status)
    number = signal.Signals(-code).name if code < 0 else None
    # A process that found the claim taken leaves the exit to the one that has it.
    is_recorded = code != EXIT_CLAIMED or folder.claimed_by() == pid
    return Ended(folder, None if number else code, number, is_recorded, left_behind)
