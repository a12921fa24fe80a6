"""The mark of an attempt where /proc shows it: a process that was only forked shows the environment of the worker."""

from __future__ import annotations

import contextlib
import ctypes
import os

from runweave_worker.protocol.attempt_folder import ANCESTORS_VARIABLE, SEPARATOR

# The orchestrator that started this worker, as /proc shows it: of no use to what the worker starts.
_ORCHESTRATOR_VARIABLE = "RUNWEAVE_ORCHESTRATOR"
# Filler of the room that Node leaves free for the id of a run, as the last of the ids.
_FILLER = "-"


class _Room:
    """Room for an id in the memory of this process, and of each child that it forks."""

    address = 0
    size = 0


def take_room() -> None:
    """Remember the room that Node has left in the environment, and take it out for all that this process starts."""
    os.environ.pop(_ORCHESTRATOR_VARIABLE, None)
    value = os.environ.get(ANCESTORS_VARIABLE, "")
    *outer, room = value.split(SEPARATOR)
    if not room or room.strip(_FILLER):
        return
    with contextlib.suppress(OSError, AttributeError, ValueError):
        address = _address_of(f"{ANCESTORS_VARIABLE}={value}".encode())
        if address is not None:
            _Room.address = address + len(f"{ANCESTORS_VARIABLE}={value}".encode()) - len(room)
            _Room.size = len(room)
    if outer:
        os.environ[ANCESTORS_VARIABLE] = SEPARATOR.join(outer)
    else:
        del os.environ[ANCESTORS_VARIABLE]


def show_mark(run_id: str) -> None:
    """Write the id of a run into the room. What this process forks from now on shows it too."""
    text = run_id.encode()
    if _Room.address and len(text) <= _Room.size:
        ctypes.memmove(_Room.address, text.ljust(_Room.size, SEPARATOR.encode()), _Room.size)


def _address_of(assignment: bytes) -> int | None:
    entries = ctypes.POINTER(ctypes.c_void_p).in_dll(ctypes.CDLL(None), "environ")
    index = 0
    while address := entries[index]:
        if ctypes.string_at(address) == assignment:
            return address
        index += 1
    return None
