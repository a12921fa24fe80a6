"""The folder of one attempt: claim, events, manifest, exit. Does not import Kedro."""

from __future__ import annotations

import errno
import hmac
import json
import os
import stat
import tempfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from runweave_worker.process.process_facts import identity

BELL_FD = 4
FOLDER_VARIABLE = "RUNWEAVE_ATTEMPT_FOLDER"
# The attempt of a command that a process was started for: here, of a command around this runweave.
RUN_ID_VARIABLE = "RUNWEAVE_RUN_ID"
# The attempts that a process was started for, the outermost first: a runweave within a run adds its own.
ANCESTORS_VARIABLE = "RUNWEAVE_ANCESTORS"
SEPARATOR = ":"
BELL_VARIABLE = "RUNWEAVE_BELL"


def timestamp() -> str:
    """Return now in UTC, as ISO to the millisecond."""
    return datetime.now(tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def check_time(text: str) -> None:
    """Check that a text is a time as events write it. Raises ValueError."""
    datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")


def name_ancestors(environment: Mapping[str, str], run_id: str) -> str:
    """Return the value of RUNWEAVE_ANCESTORS for an attempt that is begun in this environment."""
    outer = [*environment.get(ANCESTORS_VARIABLE, "").split(SEPARATOR), environment.get(RUN_ID_VARIABLE, "")]
    return SEPARATOR.join(each for each in dict.fromkeys([*outer, run_id]) if each)


def bell_identity(fd: int = BELL_FD) -> str | None:
    """Return what tells the bell's pipe from any other file that user code may open under its number."""
    try:
        found = os.fstat(fd)
    except OSError:
        return None
    is_channel = stat.S_ISFIFO(found.st_mode) or stat.S_ISSOCK(found.st_mode)
    return f"{found.st_dev}:{found.st_ino}" if is_channel else None


class AttemptFolder:
    """Reads and writes the files of one attempt."""

    def __init__(self, path: str | Path, seals: Mapping[str, str] | None = None) -> None:
        self.path = Path(path)
        self.run_id = self.path.name
        self._seals = dict(seals or {})

    def read_spec(self) -> dict[str, Any]:
        """Return spec.json."""
        return json.loads((self.path / "spec.json").read_bytes())

    def claim(self) -> bool:
        """Take the attempt for this process; false if another one has it already.

        Not flushed: a loss of power ends this process too, and an attempt without a claim is given up, not begun again.
        """
        temporary = self._write_temporary("claim", json.dumps(identity()), durable=False)
        try:
            os.link(temporary, self.path / "claim")
        except FileExistsError:
            return False
        except OSError:
            return self._claim_without_links(temporary)
        finally:
            Path(temporary).unlink(missing_ok=True)
        return True

    def _claim_without_links(self, temporary: str) -> bool:
        try:
            fd = os.open(self.path / "claim", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        with os.fdopen(fd, "wb") as claim:
            claim.write(Path(temporary).read_bytes())
        return True

    def claimed_by(self) -> int | None:
        """Return the pid in the claim, if there is one."""
        try:
            return int(json.loads(_read_plain(self.path / "claim"))["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def append_event(self, event: dict[str, Any]) -> None:
        """Append one line with a single write, then ring the bell.

        Opened anew each time: user code may close every descriptor that it finds. Raises OSError if it was not written
        whole, as on a disk that is full: what is not in the events has not happened, so its node must not go on.
        """
        line = json.dumps({**event, "time": event.get("time") or timestamp()}, default=str).encode() + b"\n"
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        fd = os.open(self.path / "events", flags, 0o600)
        try:
            if not _ends_with_line(fd):
                line = b"\n" + line
            written = os.write(fd, line)
        finally:
            os.close(fd)
        if written < len(line):
            raise OSError(errno.ENOSPC, f"only {written} of the {len(line)} bytes of an event could be written")
        ring_bell()

    def read_events(self) -> list[dict[str, Any]]:
        """Return the events in all finished lines. User code may have written other lines, which do not count."""
        try:
            lines = _read_plain(self.path / "events").split(b"\n")[:-1]
        except OSError:
            return []
        return [event for event in map(_parse_event, lines) if event is not None]

    def write_json(self, name: str, value: Any, *, durable: bool = True) -> None:
        """Write a file so that it is either whole or not there: temporary file, rename.

        If durable, it survives a loss of power; else it may be gone or empty then, and its reader has to check.
        """
        self._replace(name, json.dumps(value), durable=durable)

    def _replace(self, name: str, text: str, *, durable: bool) -> None:
        temporary = self._write_temporary(name, text, durable=durable)
        os.replace(temporary, self.path / name)
        if not durable:
            return
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def write_sealed(self, name: str, value: dict[str, Any], *, durable: bool = True) -> None:
        """Do as `write_json`, with the seal that shows who wrote it: Node takes no other for what it is."""
        self.write_json(name, {**value, "seal": self._seals.get(name)}, durable=durable)

    def write_manifest(self, value: dict[str, Any]) -> None:
        """Write the manifest with a seal that covers its content, as src/runners/manifest-seal.ts checks it."""
        text = json.dumps(value)
        seal = hmac.new(self._seals.get("manifest", "").encode(), text.encode(), "sha256").hexdigest()
        self._replace("manifest", f'{text[:-1]},"seal":"{seal}"}}', durable=True)

    def forget_seal(self, name: str) -> None:
        """Leave a record to other processes."""
        self._seals.pop(name, None)

    def _write_temporary(self, name: str, text: str, *, durable: bool) -> str:
        fd, temporary = tempfile.mkstemp(prefix=temporary_prefix(name), dir=self.path)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(text.encode())
                if durable:
                    file.flush()
                    os.fsync(fd)
        except BaseException:
            os.unlink(temporary)
            raise
        return temporary


def temporary_prefix(name: str) -> str:
    """Return how a temporary file's name begins, whose 8 last characters are random: what a kill leaves is known by it.

    As in src/core/text/temporary-name.ts.
    """
    return f".{name}.runweave-{os.getpid()}-"


def _ends_with_line(fd: int) -> bool:
    """Tell whether the end is whole: every other line was written whole, by one write."""
    size = os.fstat(fd).st_size
    return size == 0 or os.pread(fd, 1, size - 1) == b"\n"


def _read_plain(path: Path) -> bytes:
    """Return the content of a file that user code may have put anything in place of. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(f"{path} is not a regular file")
        return file.read()


_TEXT = (str,)
_NAME = (str, type(None))
_USE = {"dataset": _TEXT, "version": _NAME, "location": _NAME, "node": _NAME}
_END = {"node": _TEXT, "duration_ms": (int, float)}
_EVENTS: dict[str, dict[str, tuple[type, ...]]] = {
    "pipeline.started": {"total_nodes": (int,)},
    "node.started": {"node": _TEXT},
    "node.finished": _END,
    "node.failed": _END,
    "dataset.loaded": _USE,
    "dataset.saved": _USE,
}


def _parse_event(line: bytes) -> dict[str, Any] | None:
    """Return what a line says if the protocol knows it."""
    try:
        event = json.loads(line)
        check_time(event["time"])
        known = _EVENTS[event["type"]]
        return event if all(isinstance(event[key], kinds) for key, kinds in known.items()) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def is_unfinished(attempts: str | None, version: str) -> bool:
    """Tell whether a version was saved by one of these attempts that failed, was cut off or still goes on."""
    if attempts is None or not os.path.isdir(os.path.join(attempts, version)):
        return False
    try:
        return json.loads(_read_plain(Path(attempts, version, "manifest")))["status"] != "success"
    except (OSError, ValueError, KeyError, TypeError):
        return True


def ring_bell() -> None:
    """Write one byte to the bell if fd 4 still is the bell; a full pipe is no loss."""
    expected = os.environ.get(BELL_VARIABLE)
    if expected and bell_identity() == expected:
        try:
            os.write(BELL_FD, b"\x01")
        except OSError:
            return
