"""No module or folder of the worker imports one that imports it, also through others, in functions and for types."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from rig import WORKER

PACKAGE = WORKER / "runweave_worker"


def imports_of(source: str, package: str, modules: set[str]) -> set[str]:
    """Return those of `modules`, as dotted names below the worker's package, that a file in `package` imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            whole = f"{PACKAGE.name}.{package}".strip(".") if node.level == 1 else ""
            base = ".".join(part for part in (whole, node.module or "") if part)
            found.update([base, *(f"{base}.{alias.name}" for alias in node.names)])
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return {name.removeprefix(f"{PACKAGE.name}.") for name in found} & modules


def read_graph(package: Path) -> dict[str, set[str]]:
    files = {file.relative_to(package).with_suffix(""): file.read_text() for file in package.rglob("*.py")}
    names = {path: ".".join(path.parts) for path in files if path.name != "__init__"}
    return {
        name: imports_of(files[path], ".".join(path.parts[:-1]), set(names.values())) for path, name in names.items()
    }


def rooms_of(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return which folders each folder of the package imports; what lies at its root is in none."""
    rooms: dict[str, set[str]] = {}
    for name, imported in graph.items():
        room = name.rpartition(".")[0]
        found = {other.rpartition(".")[0] for other in imported} - {room, ""}
        if room:
            rooms.setdefault(room, set()).update(found)
    return rooms


def test_the_modules_of_the_worker_have_an_order():
    graph = read_graph(PACKAGE)
    assert len(graph["__main__"]) > 5
    order = list(TopologicalSorter(graph).static_order())
    assert (
        order.index("errors") < order.index("project.project") < order.index("attempt.child") < order.index("__main__")
    )


def test_so_have_its_folders():
    rooms = rooms_of(read_graph(PACKAGE))
    assert len(rooms) > 10
    order = list(TopologicalSorter(rooms).static_order())
    assert order.index("process") < order.index("data") < order.index("settle") < order.index("serve")


@pytest.mark.parametrize(
    "way_back",
    [
        "from .a import x",
        "from . import a",
        "def f():\n    from .a import x",
        "import runweave_worker.a",
        "from runweave_worker import a",
    ],
)
def test_every_form_of_import_would_be_found(tmp_path, way_back):
    (tmp_path / "a.py").write_text("from .b import x\n")
    (tmp_path / "b.py").write_text(way_back)
    with pytest.raises(CycleError):
        list(TopologicalSorter(read_graph(tmp_path)).static_order())
