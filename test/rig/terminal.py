"""Runs a command on a terminal of its own. Orders and reports are JSON lines.

stdin:  {"keys": TEXT}, typed into the terminal.
stdout: {"shown": TEXT} for what it shows; at last {"exit_code": N, "restored": BOOL}, where the exit code of a signal
is its negative number, and `restored` says whether the terminal's settings are what they were.
"""

from __future__ import annotations

import codecs
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios

# Nothing shows this.
END = b"\0runweave\0"


def main() -> None:
    """Run the command to its end."""
    control, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    keep_output(terminal)
    before = termios.tcgetattr(terminal)
    child = os.fork()
    if child == 0:
        os.close(control)
        take_terminal(terminal)
        os.execvp(sys.argv[1], sys.argv[1:])
    ended = os.pidfd_open(child)
    relay(control, terminal, ended)
    _, status = os.waitpid(child, 0)
    say(exit_code=os.waitstatus_to_exitcode(status), restored=before == termios.tcgetattr(terminal))


def keep_output(terminal: int) -> None:
    """Let Ctrl-C drop nothing that is written and not yet read: it would take `END` too when it comes late."""
    settings = termios.tcgetattr(terminal)
    settings[3] |= termios.NOFLSH
    termios.tcsetattr(terminal, termios.TCSANOW, settings)


def take_terminal(terminal: int) -> None:
    """Make it the controlling terminal of a new session, and stdin, stdout and stderr."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for descriptor in (0, 1, 2):
        os.dup2(terminal, descriptor)


def relay(control: int, terminal: int, ended: int) -> None:
    """Pass keys and what is shown until the command has ended and nothing is left to show."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    sources = [control, ended, 0]
    pending = b""
    while True:
        ready, _, _ = select.select(sources, [], [])
        if control in ready:
            say(shown=decode(os.read(control, 1 << 16)))
            continue
        if ended in ready:
            say(shown=decode(read_rest(control, terminal)))
            return
        orders = os.read(0, 1 << 16)
        if not orders:
            sources.remove(0)
        *lines, pending = (pending + orders).split(b"\n")
        for line in lines:
            os.write(control, json.loads(line)["keys"].encode())


def read_rest(control: int, terminal: int) -> bytes:
    """Read what the command wrote last: a terminal passes it on in its own time, but in order.

    Keys that were pressed too late are echoed after it.
    """
    os.write(terminal, END)
    rest = b""
    while END not in rest:
        rest += os.read(control, 1 << 16)
    return rest.replace(END, b"")


def say(**report: object) -> None:
    """Report one line to the test."""
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
