"""One module of the project, read without being run: which statements bind which names, and what they use."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_WHOLE_MODULE_CALLS = {"globals", "vars", "eval", "exec", "locals"}
_DYNAMIC_IMPORTS = {"import_module", "__import__"}

Chain = tuple[str, ...]
"""A name with the attributes that are read from it: `helpers.clean.strip` is ("helpers", "clean", "strip")."""


@dataclass(frozen=True)
class Import:
    """`from module import attribute as name`; without an attribute, `import module as name`."""

    name: str
    module: str
    attribute: str | None


@dataclass
class Statement:
    """A top-level statement. Its text has lost comments, formatting and docstrings."""

    text: str
    binds: set[str] = field(default_factory=set)
    uses: set[Chain] = field(default_factory=set)
    imports: list[Import] = field(default_factory=list)
    stars: set[str] = field(default_factory=set)
    """Modules whose names it binds all."""
    loads: set[str] = field(default_factory=set)
    """Modules that it loads, and names that may be such."""
    takes_whole: set[str] = field(default_factory=set)
    """Modules of which it may use anything."""
    has_effect: bool = False
    """Running it may change something besides the names that it binds."""
    needs_whole_module: bool = False
    needs_every_module: bool = False
    """True for an import of a module whose name only running it would tell."""


def read_module(path: Path, name: str) -> list[Statement]:
    """Return the statements of a module; of one without Python source, one statement that stands for its bytes."""
    content = path.read_bytes()
    if path.suffix != ".py":
        return [_opaque(content)]
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return [_opaque(content)]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return [_read(node, package) for node in _strip(tree).body]


def _opaque(content: bytes) -> Statement:
    return Statement(hashlib.sha256(content).hexdigest(), has_effect=True)


def _strip(tree: ast.Module) -> ast.Module:
    """Remove docstrings: no result depends on them but that of code which reads `__doc__`."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return tree


def _is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _read(node: ast.stmt, package: str) -> Statement:
    found = Statement(ast.dump(node), binds=set(_bound(node)), has_effect=_has_effect(node))
    inner: set[int] = set()
    for each in ast.walk(node):
        if isinstance(each, (ast.Import, ast.ImportFrom)):
            _note_import(each, package, found)
        elif isinstance(each, ast.Attribute) and id(each) not in inner:
            chain = _chain(each, inner)
            if chain:
                found.uses.add(chain)
        elif isinstance(each, ast.Name) and id(each) not in inner:
            found.uses.add((each.id,))
        elif isinstance(each, ast.Call):
            _note_call(each, found)
    return found


def _chain(node: ast.Attribute, inner: set[int]) -> Chain | None:
    parts = [node.attr]
    value = node.value
    while isinstance(value, ast.Attribute):
        inner.add(id(value))
        parts.append(value.attr)
        value = value.value
    if not isinstance(value, ast.Name):
        return None
    inner.add(id(value))
    return (value.id, *reversed(parts))


def _note_call(call: ast.Call, found: Statement) -> None:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    if called in _WHOLE_MODULE_CALLS:
        found.needs_whole_module = True
    if called not in _DYNAMIC_IMPORTS:
        return
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and not first.value.startswith("."):
        found.loads.add(first.value)
        found.takes_whole.add(first.value)
    else:
        found.needs_every_module = True


def _note_import(node: ast.Import | ast.ImportFrom, package: str, found: Statement) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            found.loads.add(alias.name)
            # `import a.b` binds `a`; which part of it is used follows from the attributes.
            name = alias.asname or alias.name.partition(".")[0]
            found.imports.append(Import(name, alias.name if alias.asname else name, None))
        return
    parents = package.split(".")
    base = ".".join(parents[: len(parents) - node.level + 1]) if node.level else ""
    module = ".".join(part for part in (base, node.module or "") if part)
    found.loads.add(module)
    for alias in node.names:
        if alias.name == "*":
            found.stars.add(module)
        else:
            found.loads.add(f"{module}.{alias.name}")
            found.imports.append(Import(alias.asname or alias.name, module, alias.name))


def _bound(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a top-level statement binds in its module, also within `if`, `try`, `for` and `with`."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
        return
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from _bound(child)
        elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
            for inner in child.body:
                yield from _bound(inner)
        else:
            yield from (each.id for each in ast.walk(child) if isinstance(each, ast.Name) and not _is_read(each))


def _is_read(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Load)


def _has_effect(node: ast.stmt) -> bool:
    """Tell whether a statement counts even if no name of it is used. A call may register, seed or patch."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return False
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return bool(node.decorator_list) and not all(_is_plain(each) for each in node.decorator_list)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if all(isinstance(target, (ast.Name, ast.Tuple)) for target in targets):
            return node.value is not None and any(isinstance(each, ast.Call) for each in ast.walk(node.value))
    return True


def _is_plain(decorator: ast.expr) -> bool:
    """Tell whether a decorator is one of those that only wrap, such as `functools.lru_cache(...)` or `dataclass`."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    return name in {"lru_cache", "cache", "dataclass", "wraps", "contextmanager", "total_ordering", "singledispatch"}
