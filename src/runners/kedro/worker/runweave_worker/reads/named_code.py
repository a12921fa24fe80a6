"""Names in a project's code whose work can't be watched: C code opens files and asks the clock by itself.

What a function works with comes from literals, from its arguments, or from what it calls, which it has to name. So the
names in the code that was executed for an answer tell whether anything but Python, Kedro and the project itself had a
hand in it. Names in functions that were not executed, in annotations and in the types of `except` do not count.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from .reads import is_library, place_in_library

UNSEEN = "of which nobody sees what it reads"
# Python alone, or what opens files by Python's own functions.
_WATCHED = frozenset(
    (
        *("kedro", "kedro_datasets", "kedro_telemetry", "omegaconf", "antlr4", "yaml", "pluggy", "dynaconf", "fsspec"),
        *("attr", "attrs", "cachetools", "click", "dotenv", "more_itertools", "parse", "rich", "toposort"),
        "typing_extensions",
        # Packages that look for modules.
        *("_distutils_hack", "six"),
    )
)
# Modules of the standard library that answer something else each time, or let others do the work.
_UNWATCHED = frozenset(
    (
        *("_thread", "asyncio", "concurrent", "ctypes", "dbm", "fcntl", "gc", "getpass", "mmap", "multiprocessing"),
        *("random", "resource", "runpy", "secrets", "select", "selectors", "shelve", "signal", "socket", "sqlite3"),
        *("subprocess", "tempfile", "threading", "time", "tracemalloc", "uuid"),
    )
)
_UNWATCHED_BUILTINS = frozenset({"__import__", "compile", "eval", "exec", "globals", "hash", "id", "input"})
_UNWATCHED_ATTRIBUTES = frozenset(
    (
        *("now", "today", "utcnow", "import_module", "modules", "scandir"),
        *("urandom", "getrandom", "getpid", "getppid", "times", "getloadavg", "cpu_count", "sched_getaffinity"),
    )
)


class ExecutedCode:
    """The code that was executed where a project's own is watched, with the names that it saw."""

    def __init__(self) -> None:
        self._seen: dict[int, CodeType] = {}
        self._new: list[tuple[CodeType, dict[str, Any]]] = []
        self._executed: dict[str, set[tuple[str, int]]] = {}

    def note(self, code: CodeType, names: dict[str, Any]) -> None:
        """Note that code is executed; for the same code, a second call is cheap."""
        if id(code) not in self._seen:
            # Kept, so that no other code gets its id.
            self._seen[id(code)] = code
            self._new.append((code, names))

    def find_unwatched(self) -> Iterator[str]:
        """Yield what code that is new since the last call names or is, each a clause for people."""
        new, self._new = self._new, []
        own: dict[str, dict[str, Any]] = {}
        for code, names in new:
            file = code.co_filename
            if file.startswith("<"):
                continue
            if not is_library(file):
                self._executed.setdefault(file, set()).add((code.co_name, code.co_firstlineno))
                own[file] = names
            elif not _may_be_executed(package := _package_of(file)):
                yield f"code of {package} is executed, {UNSEEN}"
        for file, names in own.items():
            yield from _find_in_file(file, self._executed[file], names)


def _may_be_executed(package: str) -> bool:
    # Modules that setuptools puts among the packages find projects that are installed to be edited.
    return package in _WATCHED or package in sys.stdlib_module_names or package.startswith("__editable__")


def _package_of(file: str) -> str:
    place = place_in_library(file)
    # The worker's own files have none.
    return "os" if place is None else place.split("/")[1].removesuffix(".py")


def _find_in_file(file: str, executed: set[tuple[str, int]], names: dict[str, Any]) -> Iterator[str]:
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        yield f"{file} can't be read as the source of what is executed"
        return
    looked = _Names(executed, names)
    looked.visit(tree)
    for line, what in looked.found:
        yield f"{file}:{line} uses {what}, {UNSEEN}"


_INERT = (ast.Name, ast.Attribute, ast.Constant, ast.Dict, ast.List, ast.Tuple, ast.Set, ast.expr_context)


class _Names(ast.NodeVisitor):
    def __init__(self, executed: set[tuple[str, int]], names: dict[str, Any]) -> None:
        self.found: list[tuple[int, str]] = []
        self._executed = executed
        self._names = names
        self._imported: dict[str, str] = {}

    def visit_Module(self, node: ast.Module) -> None:
        for each in ast.walk(node):
            if isinstance(each, ast.Import):
                self._imported.update({a.asname or a.name.partition(".")[0]: a.name for a in each.names})
            elif isinstance(each, ast.ImportFrom) and each.level == 0:
                self._imported.update({a.asname or a.name: f"{each.module}.{a.name}" for a in each.names})
        # Statements that name the kept value are looked at instead.
        self._visit_all([each for each in node.body if not _only_keeps(each)])

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_all([*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)])
        if self._is_executed(node.name, *(each.lineno for each in (node, *node.decorator_list))):
            self._visit_all(node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all([*node.args.defaults, *filter(None, node.args.kw_defaults)])
        if self._is_executed("<lambda>", node.lineno):
            self.visit(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        # Parameters in `AbstractDataset[pd.DataFrame, pd.DataFrame]` are annotations.
        bases = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
        self._visit_all([*node.decorator_list, *bases, *node.keywords, *node.body])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_all([node.target, *([node.value] if node.value else [])])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._visit_all(node.body)

    def visit_If(self, node: ast.If) -> None:
        is_for_types = getattr(node.test, "id", getattr(node.test, "attr", None)) == "TYPE_CHECKING"
        self._visit_all(node.orelse if is_for_types else [node.test, *node.body, *node.orelse])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in _UNWATCHED_ATTRIBUTES:
            self.found.append((node.lineno, f"`{node.attr}`"))
        value = self._value_of(node)
        if value is not None:
            self._look_at(node, value)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            return
        if node.id in self._imported:
            self._look_at_module(node, self._imported[node.id])
        if node.id in self._names:
            self._look_at(node, self._names[node.id])
        elif node.id in _UNWATCHED_BUILTINS:
            self.found.append((node.lineno, f"`{node.id}`"))

    def _visit_all(self, nodes: list[Any]) -> None:
        for node in nodes:
            self.visit(node)

    def _is_executed(self, name: str, *lines: int) -> bool:
        return (name, min(lines)) in self._executed

    def _value_of(self, node: ast.expr) -> Any:
        """Return what a chain of modules and their attributes leads to; None for all else."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        owner = self._value_of(node.value) if isinstance(node, ast.Attribute) else None
        return vars(owner).get(node.attr) if isinstance(owner, ModuleType) and isinstance(node, ast.Attribute) else None

    def _look_at(self, node: ast.expr, value: Any) -> None:
        self.found += [(node.lineno, package) for package in unwatched_origins(value)]

    def _look_at_module(self, node: ast.expr, name: str) -> None:
        if _is_unwatched(name):
            self.found.append((node.lineno, name.partition(".")[0]))


def unwatched_origins(value: Any) -> list[str]:
    """Return the packages that a value, its class, or its content comes from, and whose reads can't be seen."""
    return [name.partition(".")[0] for name in _origins(value) if _is_unwatched(name)]


def _only_keeps(node: ast.stmt) -> bool:
    """Tell whether a statement only gives a name to other names, as in `MODELS = {"ridge": Ridge}`."""
    if not isinstance(node, ast.Assign) or not all(isinstance(target, ast.Name) for target in node.targets):
        return False
    return all(isinstance(each, _INERT) for each in ast.walk(node.value))


def _origins(value: Any, depth: int = 3) -> Iterator[str]:
    if isinstance(value, ModuleType):
        yield value.__name__
        return
    if depth and isinstance(value, (dict, list, tuple, set, frozenset)):
        for each in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _origins(each, depth - 1)
    for each in (value, type(value), type(getattr(value, "__self__", None))):
        name = getattr(each, "__module__", None)
        if isinstance(name, str):
            yield name


def _is_unwatched(name: str) -> bool:
    root = name.partition(".")[0]
    if root in sys.stdlib_module_names:
        return root in _UNWATCHED
    # Functions that Cython made are told by their module: their class is the same for all.
    return not (root in _WATCHED or root.startswith("_cython") or _is_own(name))


def _is_own(name: str) -> bool:
    """Tell whether a module, or what is in it, is the project's, and Python."""
    parts = name.split(".")
    loaded = [sys.modules.get(".".join(parts[:length])) for length in range(1, len(parts) + 1)]
    return loaded[0] is not None and all(_is_own_python(module) for module in loaded if module is not None)


def _is_own_python(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    if file is None:
        return all(not is_library(f"{path}/") for path in getattr(module, "__path__", ("/site-packages",)))
    return file.endswith((".py", ".pyc")) and not is_library(file)
