"""Notes what this process reads while it is watched: files, folders, questions about paths, searches for modules.

Python's audit events tell of files and folders that are opened; of questions about paths there is none, so that the
functions which ask them are replaced for as long as that lasts. What C code opens by itself is not seen.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import posix
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.machinery import FileFinder
from types import FrameType
from typing import Any

from runweave_worker.randomness.import_watch import when_imported

from .byte_code import is_byte_code_of, source_of_byte_code
from .clock_watch import ClockWatch
from .named_code import ExecutedCode
from .path_looks import absolute, candidates, follow, list_kinds, list_names, target
from .read_callers import Asks, what_is_asked
from .reads import Reads, digest_names, is_ignored, is_installed, is_library, is_of_python, is_of_system, kind, mark

# Events of Python's audit, with their meaning, that a worker can't repeat by looking at files.
_DOUBTS = {
    **dict.fromkeys(
        ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"), "starts a program"
    ),
    **dict.fromkeys(("os.fork", "os.forkpty"), "starts a process"),
    **dict.fromkeys(
        ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"),
        "uses the network",
    ),
    "sqlite3.connect": "opens a database",
}
# Functions of Python's that ask for others.
_OF_MAPPINGS_AND_PATHS = ("os", "_collections_abc", "genericpath", "pathlib")
_PASSING_ON = frozenset(f for name in _OF_MAPPINGS_AND_PATHS for f in (f"{name}.py", f"<frozen {name}>"))


class ReadWatch:
    """The one watch of a process; what it has noted stays, as what was read once is not read again."""

    def __init__(self) -> None:
        self.reads = Reads()
        self._depth = 0
        self._is_heard = False
        self._own = threading.local()
        self._code = ExecutedCode()
        self._clock = ClockWatch(self.reads.doubt, self._code.note)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Note what is read meanwhile."""
        if not self._is_heard:
            self._is_heard = True
            sys.addaudithook(self._hear)
            self._note_start()
            when_imported("omegaconf", self._clock.watch_resolvers)
        self._depth += 1
        if self._depth == 1:
            self._replace()
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._put_back()

    @contextlib.contextmanager
    def executing_project(self) -> Iterator[None]:
        """Look besides for all that makes the next answer of the project's code another one."""
        if self._depth == 0:
            yield
            return
        with self._clock.watching():
            yield

    @contextlib.contextmanager
    def unwatched(self) -> Iterator[None]:
        """Leave out what this thread does meanwhile."""
        was, self._own.is_busy = self._is_busy(), True
        try:
            yield
        finally:
            self._own.is_busy = was

    def tell(self, known: int) -> dict[str, Any]:
        """Tell as `Reads.tell` does, and doubt names in the executed code that can't be watched."""
        self._look_at_code()
        return self.reads.tell(known)

    def since(self, position: int) -> dict[str, Any]:
        """Tell as `Reads.since` does, with the same doubts."""
        self._look_at_code()
        return self.reads.since(position)

    def _look_at_code(self) -> None:
        with self.unwatched():
            for reason in self._code.find_unwatched():
                self.reads.doubt(reason)

    def fork(self) -> int:
        """Fork a process whose reads are merged later: its reads are watched, as those of a program would not be."""
        with self.unwatched():
            return os.fork()

    def _is_busy(self) -> bool:
        return getattr(self._own, "is_busy", False)

    def _note_start(self) -> None:
        """Note what Python read before the watch began: its modules, and what might have come before them."""
        loaded = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
        names = {"sitecustomize", "usercustomize", *(name.partition(".")[0] for name in loaded)}
        for name in ("sitecustomize", "usercustomize"):
            if loaded.get(name) and not is_of_python(str(loaded[name])):
                self.reads.doubt(f"{loaded[name]} is executed before anybody can see what it reads")
        with self.unwatched():
            for path in (sys.executable, os.path.join(sys.prefix, "pyvenv.cfg"), *filter(None, loaded.values())):
                self._note_content(str(path))
            for folder in map(os.path.abspath, sys.path):
                there = list_names(folder)
                for name in names:
                    self.reads.note_search(folder, name, candidates(there, name))
                self.reads.note("installed", folder, digest_names(filter(is_installed, there)))
                for name in there:
                    if name.endswith(".pth"):
                        self._note_content(os.path.join(folder, name))

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self._depth == 0 or self._is_busy():
            return
        if event == "open":
            path, _, flags = args
            if isinstance(flags, int) and flags & os.O_ACCMODE == os.O_WRONLY:
                return
            with self.unwatched():
                self._note_content(path)
        elif event in ("os.listdir", "os.scandir"):
            caller = sys._getframe(1)
            with self.unwatched():
                self._note_names(args[0] if args[0] is not None else ".", what_is_asked(caller))
        elif event in _DOUBTS:
            self.reads.doubt(_DOUBTS[event])

    def _note_content(self, path: Any) -> None:
        name = absolute(path)
        if name is None:
            return
        if is_of_system(name):
            self.reads.doubt(f"reads {name}")
            return
        found = follow(name)
        if not is_ignored(name) and found is not None and kind(found) == "other":
            self.reads.doubt(f"reads {name}, which is no file")
            return
        source = source_of_byte_code(name)
        if source is not None and os.path.isfile(source):
            if not is_library(source) and not is_byte_code_of(name, source):
                self.reads.doubt(f"{name} may be of another {os.path.basename(source)}")
            name, found = source, follow(source)
        elif is_ignored(name):
            return
        if found is None:
            self.reads.note("content", name, "")
        else:
            self.reads.note("content", name, mark(found) if stat.S_ISREG(found.st_mode) else kind(found))

    def _note_names(self, path: Any, asks: Asks) -> None:
        if asks == "nothing":
            return
        name = absolute(path)
        if name is None:
            self.reads.doubt("lists a folder that has no name")
            return
        if is_of_system(name):
            self.reads.doubt(f"lists {name}")
            return
        if asks == "installed":
            self.reads.note("installed", name, digest_names(filter(is_installed, list_names(name))))
        else:
            self.reads.note("names", name, digest_names(list_kinds(name)))

    def _note_asked(self, function: str, path: Any, options: dict[str, Any], found: os.stat_result | None) -> None:
        asks = what_is_asked(sys._getframe(2))
        if asks == "nothing" or isinstance(path, int):
            return
        name = absolute(path)
        if name is None or options.get("dir_fd") is not None:
            self.reads.doubt("asks about a path in a folder that has no name")
            return
        if is_ignored(name) or is_of_system(name):
            return
        with self.unwatched():
            if function in ("lstat", "readlink") or options.get("follow_symlinks") is False:
                self.reads.note("link", name, target(name))
                if asks == "link" or function == "readlink":
                    return
                found = follow(name)
            found = found if function != "access" else follow(name)
            if asks == "all" and found is not None and stat.S_ISDIR(found.st_mode) and _is_of_project(sys._getframe(2)):
                self.reads.doubt(f"asks for the times or the mode of {name}")
            self._note_kind(name, asks, found)

    def _note_kind(self, name: str, asks: Asks, found: os.stat_result | None) -> None:
        if found is None or asks == "kind" or not stat.S_ISREG(found.st_mode):
            # The times of a folder change with each file in it: who needs its files lists them.
            self.reads.note("kind", name, "" if found is None else kind(found))
        else:
            self.reads.note("stat", name, f"{mark(found)}:{found.st_mode}")

    def _replace(self) -> None:
        for name, original in _ORIGINALS.items():
            replacement = self._asking(name, original)
            for module in (os, posix):
                setattr(module, name, replacement)
            if hasattr(_ACCESSOR, name):
                setattr(_ACCESSOR, name, staticmethod(replacement))
            for able in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks, os.supports_effective_ids):
                if original in able:
                    able.add(replacement)
        FileFinder.find_spec = self._searching(_find_spec)
        self._clock.install()
        type(os.environ).__getitem__ = self._reading_variables(_get_variable)

    def _put_back(self) -> None:
        for name, original in _ORIGINALS.items():
            for module in (os, posix):
                setattr(module, name, original)
            if hasattr(_ACCESSOR, name):
                setattr(_ACCESSOR, name, original)
        FileFinder.find_spec = _find_spec
        self._clock.uninstall()
        type(os.environ).__getitem__ = _get_variable

    def _asking(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def ask(*args: Any, **options: Any) -> Any:
            found = None
            try:
                found = original(*args, **options)
            finally:
                if self._depth and not self._is_busy():
                    about = found if isinstance(found, os.stat_result) else None
                    self._note_asked(name, args[0] if args else options.get("path"), options, about)
            return found

        return ask

    def _searching(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def find_spec(finder: Any, fullname: str, target: Any = None) -> Any:
            found = original(finder, fullname, target)
            if self._depth and not self._is_busy():
                name = fullname.rpartition(".")[2]
                self.reads.note_search(finder.path, name, candidates(finder._path_cache, name))
            return found

        return find_spec

    def _reading_variables(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def get(environ: Any, name: str) -> str:
            if self._depth and _is_of_project(sys._getframe(1)):
                self.reads.variables.add(os.fsdecode(name))
            return original(environ, name)

        return get


_ORIGINALS = {"stat": os.stat, "lstat": os.lstat, "readlink": os.readlink, "access": os.access}
# Python 3.10 keeps them in a class.
_ACCESSOR = getattr(pathlib, "_NormalAccessor", None)
_find_spec = FileFinder.find_spec
_get_variable = type(os.environ).__getitem__


WATCH = ReadWatch()


def _is_of_project(frame: FrameType | None) -> bool:
    """Tell if the project, or its configuration, asks for a variable or a path by its name, as no library does."""
    while frame is not None and frame.f_code.co_filename.rpartition("/")[2] in _PASSING_ON:
        frame = frame.f_back
    if frame is None:
        return False
    file = frame.f_code.co_filename
    return "/omegaconf/" in file or not (file.startswith("<") or is_library(file))
