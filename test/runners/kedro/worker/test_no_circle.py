"""No module of the worker imports one that imports it, however far round, inside functions and for types included."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from rig import WORKER

PACKAGE = WORKER / "runweave_worker"


def imports_of(source: str, modules: set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            if node.level == 1 and node.module is not None:
                found.add(node.module)
            elif node.level == 1 or node.module == PACKAGE.name:
                found.update(alias.name for alias in node.names)
            elif node.module is not None:
                found.add(node.module.removeprefix(f"{PACKAGE.name}."))
        elif isinstance(node, ast.Import):
            found.update(alias.name.removeprefix(f"{PACKAGE.name}.") for alias in node.names)
    return found & modules


def read_graph(package: Path) -> dict[str, set[str]]:
    files = {file.stem: file.read_text() for file in package.glob("*.py")}
    return {name: imports_of(source, set(files)) for name, source in files.items()}


def test_the_modules_of_the_worker_have_an_order():
    graph = read_graph(PACKAGE)
    assert len(graph["__main__"]) > 5
    order = list(TopologicalSorter(graph).static_order())
    assert order.index("errors") < order.index("project") < order.index("child") < order.index("__main__")


@pytest.mark.parametrize(
    "way_back",
    ["from .a import x", "from . import a", "def f():\n    from .a import x", "import runweave_worker.a"],
)
def test_every_form_of_import_would_be_found(tmp_path, way_back):
    (tmp_path / "a.py").write_text("from .b import x\n")
    (tmp_path / "b.py").write_text(way_back)
    with pytest.raises(CycleError):
        list(TopologicalSorter(read_graph(tmp_path)).static_order())
