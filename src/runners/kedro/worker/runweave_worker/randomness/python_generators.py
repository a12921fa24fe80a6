"""Objects of `random.Random` that a project made without a seed: one of them in all children would draw the same."""

from __future__ import annotations

import random
import weakref
from typing import Any

from .python_state import State, is_drawn_from

_seed = random.Random.seed


class PythonGenerators:
    """Knows from its making until `note` which objects were seeded from the system: they can't be told afterwards."""

    def __init__(self) -> None:
        self._begun: dict[int, tuple[weakref.ref[random.Random], State]] = {}
        self._unseeded: list[random.Random] = []

    def watch(self) -> None:
        """Look at each that is made from now on."""
        begun = self._begun

        def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
            _seed(self, a, version)
            begun.pop(id(self), None)
            if a is None:
                begun[id(self)] = (weakref.ref(self), random.Random.getstate(self))

        random.Random.seed = seed

    def note(self) -> None:
        """Find those that are still there, and that were given no state meanwhile."""
        random.Random.seed = _seed
        found = [(reference(), state) for reference, state in self._begun.values()]
        self._begun.clear()
        self._unseeded += [
            each for each, state in found if each is not None and is_drawn_from(state, random.Random.getstate(each))
        ]

    def reseed(self) -> None:
        """Seed them anew from the system."""
        for each in self._unseeded:
            _seed(each)
