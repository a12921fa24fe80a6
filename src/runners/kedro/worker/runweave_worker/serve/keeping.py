"""A worker that waits for the next session of its project, instead of ending with the one that started it."""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runweave_worker.errors import WorkerError
from runweave_worker.protocol.channels import Listener, accept_channels, listen
from runweave_worker.protocol.control import Control


class _Begun:
    """The variables that this process was started with, or that it took over last."""

    variables: Mapping[str, str] = {}


def note_variables() -> None:
    """Remember the environment, before anything of the project can change it."""
    _Begun.variables = dict(os.environ)


def take_variables(variables: Mapping[str, str]) -> None:
    """Take over the environment of another session, but for what the project itself has changed since it began."""
    before = _Begun.variables
    for name in {*before, *variables}:
        is_as_before = os.environ.get(name) == before.get(name)
        if not is_as_before or before.get(name) == variables.get(name):
            continue
        if name in variables:
            os.environ[name] = variables[name]
        else:
            del os.environ[name]
    _Begun.variables = dict(variables)


_LOOK_S = 30.0
"""Seconds after which a worker that waits looks whether its state folder is still there."""


@dataclass(frozen=True)
class Keeping:
    """The place where the next session finds this worker, and for how long."""

    listener: Listener
    limit_s: float
    record: str
    """The file that tells sessions of it."""

    def await_next(self, wake: int, is_told_to_end: Callable[[], bool]) -> Control | None:
        """Return the channel of the first session that comes; None if none does in time, or it is told to end.

        None also once the state folder is gone: no session can find it any more.

        A byte in `wake` says that there may be something new.
        """
        deadline = time.monotonic() + self.limit_s
        control = None
        try:
            while not is_told_to_end() and self._has_place() and (left := deadline - time.monotonic()) > 0:
                ready, _, _ = select.select([self.listener.socket, wake], [], [], min(left, _LOOK_S))
                if wake in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake, 4096)
                if self.listener.socket in ready:
                    # The session that comes has taken the record, so that no other one will come.
                    control = accept_channels(self.listener)
                    break
            return control
        finally:
            self.listener.remove()
            if control is None:
                with contextlib.suppress(OSError):
                    os.unlink(self.record)

    def _has_place(self) -> bool:
        return os.path.isdir(os.path.dirname(self.record))


def begin_keeping(request: dict[str, Any]) -> Keeping:
    """Make the place where the next session is awaited. Raises WorkerError."""
    path = request["socket"]
    try:
        return Keeping(listen(path), float(request["limit_s"]), request["record"])
    except OSError as error:
        raise WorkerError("start-failed", f"there can be no socket at {path}: {error}") from error
