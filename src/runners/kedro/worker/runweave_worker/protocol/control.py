"""The control channel: JSON lines on fd 3. Does not import Kedro."""

from __future__ import annotations

import json
import os
import select
import traceback
from typing import Any

from runweave_worker.errors import WorkerError

CONTROL_FD = 3
EXIT_ENVIRONMENT = 3
MAX_LINE = 64 * 1024 * 1024
_CHUNK = 1 << 16


class Control:
    """The control channel in both directions, over one descriptor."""

    def __init__(self, fd: int = CONTROL_FD) -> None:
        self.fd = fd
        self.open = True
        self._pending = bytearray()

    def send(self, message: dict[str, Any]) -> None:
        """Write one message; a closed channel is noted, never raised."""
        if not self.open:
            return
        data = memoryview(json.dumps(message, default=str).encode() + b"\n")
        while data:
            try:
                data = data[os.write(self.fd, data) :]
            except BlockingIOError:
                select.select([], [self.fd], [])
            except OSError:
                self.open = False
                return

    def receive(self) -> list[dict[str, Any]]:
        """Read what is there and return the messages completed by it; at the end `open` becomes false."""
        try:
            data = os.read(self.fd, _CHUNK)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.open = False
            return []
        return self._split(data)

    def _split(self, data: bytes) -> list[dict[str, Any]]:
        self._pending += data
        if len(self._pending) > MAX_LINE:
            self.open = False
            return []
        if b"\n" not in data:
            return []
        *lines, rest = bytes(self._pending).split(b"\n")
        self._pending = bytearray(rest)
        return [message for line in lines if (message := _parse(line)) is not None]

    def close(self) -> None:
        """Close the descriptor in this process."""
        self.open = False
        try:
            os.close(self.fd)
        except OSError:
            return


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def fail(control: Control, error: BaseException) -> int:
    """Tell why this worker can't serve its project, and return its exit code."""
    if not isinstance(error, WorkerError):
        message = f"the worker failed to start: {type(error).__name__}: {error}"
        error = WorkerError("project-import", message, None, "".join(traceback.format_exception(error)))
    control.send({"event": "failed", "error": error.to_json()})
    return EXIT_ENVIRONMENT


def reply(control: Control, request: dict[str, Any], **fields: Any) -> None:
    """Answer a request with success."""
    control.send({"id": request.get("id"), "ok": True, **fields})


def refuse(control: Control, request: dict[str, Any], error: WorkerError) -> None:
    """Answer a request with an error."""
    control.send({"id": request.get("id"), "ok": False, "error": error.to_json()})
