"""Signals and the end of the process of an attempt."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import logging
import os
import signal
import sys
import threading
from typing import Any, NoReturn

from runweave_worker.errors import Interrupted

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
EXIT_PATIENCE_S = 10.0
THREAD_PATIENCE_S = 5.0
STOP_PATIENCE_S = 2.0


class Listener:
    """Turns the first stop signal into a KeyboardInterrupt of the main process; processes forked from it die of it."""

    def __init__(self) -> None:
        self._main = os.getpid()
        self._is_stopping = False

    def __call__(self, number: int, frame: Any) -> None:
        """Handle a signal."""
        if os.getpid() != self._main:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        if self._is_stopping and not _waits_for_threads(frame):
            # A node cleans up: it is interrupted once, not twice.
            self._look_again(number)
            return
        self._is_stopping = True
        self._look_again(number)
        raise Interrupted(f"stopped by {signal.Signals(number).name}")

    def _look_again(self, number: int) -> None:
        timer = threading.Timer(STOP_PATIENCE_S, os.kill, (self._main, number))
        timer.daemon = True
        timer.start()


def _waits_for_threads(frame: Any) -> bool:
    """Tell whether a pool, on its way out, waits for nodes in threads, which no signal reaches."""
    while frame is not None:
        code = frame.f_code
        if code.co_name == "shutdown" and code.co_filename.endswith(os.path.join("concurrent", "futures", "thread.py")):
            return True
        frame = frame.f_back
    return False


def listen_to_signals() -> None:
    """Listen to SIGINT and SIGTERM, and take those that were held back until now."""
    listener = Listener()
    for number in STOP_SIGNALS:
        signal.signal(number, listener)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def ignore_signals() -> None:
    """Ignore the signals that ask for a stop, so that only SIGKILL cuts off what is left to do."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def leave(code: int, *, wait_for_threads: bool = True) -> NoReturn:
    """Run exit handlers, flush everything and end the process; never waits longer than `EXIT_PATIENCE_S`."""
    guard = threading.Timer(EXIT_PATIENCE_S, os._exit, (code,))
    guard.daemon = True
    guard.start()
    if wait_for_threads:
        with contextlib.suppress(BaseException):
            _join_threads(guard)
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
    with contextlib.suppress(BaseException):
        logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()
    with contextlib.suppress(BaseException):
        ctypes.CDLL(None).fflush(None)
    os._exit(code)


def _join_threads(guard: threading.Thread) -> None:
    for thread in threading.enumerate():
        if thread not in {threading.current_thread(), guard} and not thread.daemon:
            thread.join(THREAD_PATIENCE_S)
