"""Channels of a worker that its orchestrator has not started: three connections to a socket in a private folder."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import time
from dataclasses import dataclass

from runweave_worker.process.lifeline import follow

from .attempt_folder import BELL_FD
from .control import CONTROL_FD, Control

_CONNECT_S = 10.0
_AWAY = 16
_CREDENTIALS = struct.Struct("3i")
# The first byte of each connection.
_CONTROL, _BELL, _LIFELINE = b"c", b"b", b"l"


@dataclass(frozen=True)
class Listener:
    """A socket that only this user reaches, in a folder that is his alone."""

    path: str
    socket: socket.socket

    def close(self) -> None:
        """Close it in this process."""
        self.socket.close()

    def remove(self) -> None:
        """Close it, so that no other process can connect."""
        self.close()
        try:
            os.unlink(self.path)
        except OSError:
            return


def listen(path: str) -> Listener:
    """Make a socket. Raises OSError, PermissionError too if others may enter its folder."""
    folder, name = os.path.split(path)
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        found = os.fstat(fd)
        if found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise PermissionError(f"{folder} is not for this user alone")
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # The way through the descriptor is short: the name of a socket has 107 bytes at most.
            made.bind(f"/proc/self/fd/{fd}/{name}")
            made.listen(8)
        except OSError:
            made.close()
            raise
    finally:
        os.close(fd)
    return Listener(path, made)


def accept_channels(listener: Listener) -> Control | None:
    """Wait for the three connections of one orchestrator, and put them where channels are; None if they don't come."""
    found: dict[bytes, socket.socket] = {}
    deadline = time.monotonic() + _CONNECT_S
    try:
        while found.keys() != {_CONTROL, _BELL, _LIFELINE}:
            listener.socket.settimeout(max(0.001, deadline - time.monotonic()))
            connection, _ = listener.socket.accept()
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            role = connection.recv(1) if _is_ours(connection) else b""
            if role not in {_CONTROL, _BELL, _LIFELINE} or role in found:
                connection.close()
                continue
            connection.settimeout(None)
            found[role] = connection
    except OSError:
        for connection in found.values():
            connection.close()
        return None
    return _install(found)


def _install(found: dict[bytes, socket.socket]) -> Control:
    # One of them may have been given the number of another's place.
    away = {role: fcntl.fcntl(connection.fileno(), fcntl.F_DUPFD_CLOEXEC, _AWAY) for role, connection in found.items()}
    for connection in found.values():
        connection.close()
    for role, fd in ((_CONTROL, CONTROL_FD), (_BELL, BELL_FD)):
        os.dup2(away[role], fd)
        os.close(away[role])
    os.set_blocking(BELL_FD, False)
    follow(away[_LIFELINE])
    return Control()


def _is_ours(connection: socket.socket) -> bool:
    """Tell whether a process of this user is at the other end."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(told)
    return user == os.geteuid()
