"""The random generators of a child: as they would be in a process of its own."""

from __future__ import annotations

import random
import sys
from typing import Any

from .import_watch import when_imported
from .numpy_generators import NumpyGenerators
from .python_generators import PythonGenerators
from .python_state import State, is_drawn_from


class Randomness:
    """Made before the project is imported, so that what it seeds meanwhile can be told from what has no seed."""

    def __init__(self) -> None:
        self._seeded: State | None = None
        self._numpy_is_seeded: bool | None = None
        self._first_torch_seed: int | None = None
        self._python_generators = PythonGenerators()
        self._numpy_generators = NumpyGenerators()
        when_imported("torch", self._note_torch)
        self.watch()

    def watch(self) -> None:
        """Look at what is made and seeded from now on, until `note_seeds`: in a fork, once more."""
        self._before = random.getstate()
        self._python_generators.watch()
        self._numpy_generators.watch()

    def note_seeds(self) -> None:
        """Remember what the project seeded while it was imported, and which generators it made without a seed."""
        now = random.getstate()
        if self._seeded is not None or not is_drawn_from(self._before, now):
            self._seeded = now
        self._python_generators.note()
        self._numpy_generators.note()

    @property
    def is_seeded(self) -> bool:
        """True if the project seeded Python's generator while it was imported."""
        return self._seeded is not None

    @property
    def is_numpy_seeded(self) -> bool:
        """True if code other than `start` seeded NumPy's generator."""
        numpy = sys.modules.get("numpy")
        return self._numpy_is_seeded if self._numpy_is_seeded is not None else numpy is not None and _is_seeded(numpy)

    def start(self) -> None:
        """Make the generators of a forked child differ from its siblings', save those that the project seeded.

        Python reseeds its global one after a fork, seeded or not. All others are the parent's, so that all children
        would draw the same numbers.
        """
        if self._seeded is not None:
            random.setstate(self._seeded)
        numpy = sys.modules.get("numpy")
        self._numpy_is_seeded = numpy is not None and _is_seeded(numpy)
        if numpy is not None and not self._numpy_is_seeded:
            numpy.random.seed()
        self._python_generators.reseed()
        self._numpy_generators.reseed()
        torch = sys.modules.get("torch")
        if torch is not None and self._first_torch_seed == torch.initial_seed():
            # Generators of GPUs are made in the child: a process that has used one can't be forked.
            torch.default_generator.seed()

    def _note_torch(self, torch: Any) -> None:
        """Note the seed that PyTorch begins with: another one later is the project's."""
        self._first_torch_seed = getattr(torch, "initial_seed", lambda: None)()


def _is_seeded(numpy: Any) -> bool:
    """Tell whether `numpy.random.seed` was called: it drops the seed sequence that NumPy began with."""
    generator = numpy.random.mtrand._rand._bit_generator
    return getattr(generator, "_seed_seq", None) is None
