"""Notes that a project asks the clock, draws random numbers, or asks for its process: its next answer may be another.

The watch is on while code of the project is executed: its modules, what registers its pipelines, its resolvers, dataset
classes and hooks. Calls of libraries while they are imported do not count, and neither do log lines.
"""

from __future__ import annotations

import _random
import _thread
import contextlib
import datetime as dt
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from types import CodeType, FrameType
from typing import Any

from .named_code import UNSEEN, unwatched_origins
from .reads import is_library, place_in_library

_FUNCTIONS = {
    **dict.fromkeys(
        (
            *(time.time, time.time_ns, time.monotonic, time.monotonic_ns, time.perf_counter, time.perf_counter_ns),
            *(time.localtime, time.gmtime, time.ctime, time.strftime, time.asctime),
            *(time.clock_gettime, time.clock_gettime_ns),
        ),
        "asks the clock",
    ),
    os.urandom: "draws random numbers",
    os.getpid: "asks for its process",
    os.getppid: "asks for its process",
}
# Calls of other threads are not seen: a profile function is of one thread.
_THREAD = "starts a thread"
for _name in ("start_new_thread", "start_joinable_thread"):
    if hasattr(_thread, _name):
        _FUNCTIONS[getattr(_thread, _name)] = _THREAD
with contextlib.suppress(ImportError):
    from _uuid import generate_time_safe

    _FUNCTIONS[generate_time_safe] = "asks the clock"
_CLOCK_METHODS = frozenset({"now", "today", "utcnow"})
_DRAWS = frozenset({"random", "getrandbits"})
_OWN = f"{os.path.dirname(os.path.dirname(__file__))}/"
# Packages whose log lines have a time, and whose caches a process; their results have neither.
_HARMLESS = ("/logging/", "/kedro/", "/rich/", "/fsspec/", "/asyncio/", "/threading.py")


class ClockWatch:
    """Watches the calls of C functions, which slows Python down: only where a project's own code is executed."""

    def __init__(self, doubt: Callable[[str], None], note: Callable[[CodeType, dict[str, Any]], None]) -> None:
        self._doubt = doubt
        self._note = note
        """Told of each function that is called."""
        self._load = SourceFileLoader.exec_module

    def install(self) -> None:
        """Watch each module of a project while it is executed, and none of a library that it imports."""
        watch, load = self, self._load

        def exec_module(loader: SourceFileLoader, module: Any) -> None:
            with watch.paused() if is_library(loader.path) else watch.watching():
                load(loader, module)

        SourceFileLoader.exec_module = exec_module

    def watch_resolvers(self, omegaconf: Any) -> None:
        """Watch what a project registers with OmegaConf for its configuration, whenever it is called."""
        owner = omegaconf.OmegaConf
        # The older name warns its caller, and calls the newer one.
        attribute = "register_resolver" if hasattr(owner, "register_resolver") else "register_new_resolver"
        register = getattr(owner, attribute)

        def register_watched(name: str, resolver: Callable[..., Any], **options: Any) -> None:
            for package in unwatched_origins(resolver):
                self._doubt(f"the resolver '{name}' is of {package}, {UNSEEN}")

            @functools.wraps(resolver)
            def resolve(*args: Any, **given: Any) -> Any:
                with self.watching():
                    return resolver(*args, **given)

            register(name, resolve, **options)

        setattr(owner, attribute, staticmethod(register_watched))

    def uninstall(self) -> None:
        """Watch no more modules."""
        SourceFileLoader.exec_module = self._load

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what is called meanwhile."""
        before = sys.getprofile()
        sys.setprofile(self._see)
        try:
            yield
        finally:
            sys.setprofile(before)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Pause the watch meanwhile."""
        before = sys.getprofile()
        sys.setprofile(None)
        try:
            yield
        finally:
            sys.setprofile(before)

    def _see(self, frame: FrameType, event: str, function: Any) -> None:
        if event == "call":
            self._note(frame.f_code, frame.f_globals)
        if event != "c_call":
            return
        what = _doubt_of(function)
        caller = _starter_of_thread(frame) if what is _THREAD else frame
        if what is not None and not _is_harmless(caller) and _is_for_project(frame):
            self._doubt(f"{frame.f_code.co_filename}:{frame.f_lineno} {what}")


def _doubt_of(function: Any) -> str | None:
    owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    if isinstance(owner, type) and name in _CLOCK_METHODS and issubclass(owner, dt.date):
        return "asks the clock"
    if isinstance(owner, _random.Random) and name in _DRAWS:
        return "draws random numbers"
    try:
        return _FUNCTIONS.get(function)
    except TypeError:
        return None


def _is_for_project(frame: FrameType | None) -> bool:
    """Tell whether code of the project is on the way to a call, or one of its resolvers is called itself."""
    while frame is not None:
        file = frame.f_code.co_filename
        if not (file.startswith("<") or is_library(file)) or (file == __file__ and frame.f_code.co_name == "resolve"):
            return True
        frame = frame.f_back
    return False


def _starter_of_thread(frame: FrameType) -> FrameType:
    """Return the frame that asked the standard library to start a thread."""
    while frame.f_back is not None and place_in_library(frame.f_code.co_filename) == "/threading.py":
        frame = frame.f_back
    return frame


def _is_harmless(frame: FrameType) -> bool:
    file, name = frame.f_code.co_filename, frame.f_code.co_name
    if file.startswith(_OWN):
        # A resolver that is a C function is called from here.
        return not (file == __file__ and name == "resolve")
    place = place_in_library(file)
    # A time of Kedro's that is a result: https://docs.kedro.org/en/stable/ has it as the name of a version.
    return place is not None and name != "generate_timestamp" and place.startswith(_HARMLESS)
