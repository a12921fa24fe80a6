"""Digests of the project's own code that functions depend on: comments, docstrings and formatting do not change them.

Code counts symbol by symbol: the statements of a module that bind a name which is reached, and those with an effect of
their own. Where the source does not tell what is reached (`eval`, a module as a value, an import by a computed name),
everything that could be counts.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from .callable_roots import Root, find_roots
from .find_source import project_file
from .module_symbols import Chain, Import, Statement, read_module

_HEX_DIGITS = 16


class ProjectCode:
    """The modules that are neither Python's nor installed packages', each read when it is first reached."""

    def __init__(self) -> None:
        self._modules: dict[str, _Module | None] = {}

    def digests(self, functions: Iterable[object]) -> tuple[dict[str, str], list[str]]:
        """Return module -> digest of what the functions reach in it, and why results may depend on more than that."""
        obstacles: list[str] = []
        reach = _Reach(self)
        for function in functions:
            for root in find_roots(function, obstacles):
                reach.follow_root(root)
        return reach.digests(), sorted(set(obstacles))

    def module(self, name: str) -> _Module | None:
        """Return a module of the project; None for any other."""
        if name not in self._modules:
            path = project_file(name)
            self._modules[name] = None if path is None else _Module(path, name)
        return self._modules[name]


class _Module:
    def __init__(self, path: Path, name: str) -> None:
        self.statements: list[Statement] = read_module(path, name)
        self.binders: dict[str, list[int]] = {}
        for position, statement in enumerate(self.statements):
            for bound in statement.binds:
                self.binders.setdefault(bound, []).append(position)
        self.stars = sorted({star for statement in self.statements for star in statement.stars})


class _Reach:
    """Statements that have been reached so far: module -> their positions."""

    def __init__(self, code: ProjectCode) -> None:
        self._code = code
        self._reached: dict[str, set[int]] = {}
        self._states: dict[str, set[str]] = {}
        self._pending: list[tuple[str, int]] = []

    def follow_root(self, root: Root) -> None:
        if root.state:
            # Values count also for code of a library, whose version counts: `partial(pandas.merge, on="id")`.
            self._states.setdefault(root.module, set()).add(root.state)
        if self._code.module(root.module) is None:
            return
        self._reach_name(root.module, root.name)
        while self._pending:
            self._follow(*self._pending.pop())

    def digests(self) -> dict[str, str]:
        found = {}
        for name in sorted({*self._reached, *self._states}):
            module = self._code.module(name)
            positions = sorted(self._reached.get(name, ()))
            parts = [module.statements[position].text for position in positions] if module else []
            parts += sorted(self._states.get(name, ()))
            if parts:
                found[name] = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_HEX_DIGITS]
        return found

    def _enter(self, name: str) -> None:
        """Count the effects of loading a module: its own, its packages' and those of all that it imports."""
        pending = [name]
        while pending:
            parts = pending.pop().split(".")
            for each in (".".join(parts[: end + 1]) for end in range(len(parts))):
                module = None if each in self._reached else self._code.module(each)
                if module is None:
                    continue
                self._reached[each] = set()
                for position, statement in enumerate(module.statements):
                    if statement.has_effect:
                        self._reach(each, position)
                    pending += statement.loads

    def _reach(self, name: str, position: int) -> None:
        if position not in self._reached[name]:
            self._reached[name].add(position)
            self._pending.append((name, position))

    def _reach_whole(self, name: str) -> None:
        module = self._code.module(name)
        if module is None:
            return
        self._enter(name)
        for position in range(len(module.statements)):
            self._reach(name, position)

    def _reach_name(self, module_name: str, name: str | None) -> None:
        """Reach what binds a name in a module; all of the module if no statement does, or no name is given."""
        module = self._code.module(module_name)
        if module is None:
            return
        self._enter(module_name)
        if name is None or not self._reach_binders(module_name, module, name):
            self._reach_whole(module_name)

    def _reach_binders(self, module_name: str, module: _Module, name: str) -> bool:
        for position in module.binders.get(name, ()):
            self._reach(module_name, position)
        if name in module.binders:
            return True
        for star in module.stars:
            self._reach_name(star, name)
        return bool(module.stars)

    def _follow(self, name: str, position: int) -> None:
        module = self._code.module(name)
        statement = module.statements[position] if module else Statement("")
        if statement.needs_whole_module:
            self._reach_whole(name)
        for taken in list(sys.modules) if statement.needs_every_module else statement.takes_whole:
            self._reach_whole(taken)
        if module is not None:
            for chain in statement.uses:
                self._follow_chain((name, module), chain, statement)

    def _follow_chain(self, at: tuple[str, _Module], chain: Chain, statement: Statement) -> None:
        """Follow a use of a name: to its import within the statement, or to what binds it in the module."""
        name, *attributes = chain
        imports = [each for each in statement.imports if each.name == name]
        if not imports:
            module_name, module = at
            self._reach_binders(module_name, module, name)
            binders = (module.statements[position] for position in module.binders.get(name, ()))
            imports = [each for binder in binders for each in binder.imports if each.name == name]
        for each in imports:
            self._follow_import(each, attributes)

    def _follow_import(self, imported: Import, attributes: list[str]) -> None:
        module = imported.module
        rest = attributes if imported.attribute is None else [imported.attribute, *attributes]
        while rest and self._is_submodule(module, rest[0]):
            module, rest = f"{module}.{rest[0]}", rest[1:]
        self._reach_name(module, rest[0] if rest else None)

    def _is_submodule(self, module_name: str, name: str) -> bool:
        module = self._code.module(module_name)
        return not (module and name in module.binders) and self._code.module(f"{module_name}.{name}") is not None
