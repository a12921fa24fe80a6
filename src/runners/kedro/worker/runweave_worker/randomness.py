"""The global random generators of a child: as they would be in a process of its own."""

from __future__ import annotations

import importlib.util
import random
import sys
from importlib.machinery import ModuleSpec
from typing import Any

# The Mersenne Twister makes so many words at once; drawing only moves on within them, or makes the next ones.
BLOCK_WORDS = 624
MAX_BLOCKS = 32

State = tuple[Any, ...]


class Randomness:
    """Made before the project is imported, so that what it seeds meanwhile can be told from what nobody seeded."""

    def __init__(self) -> None:
        self._before = random.getstate()
        self._seeded: State | None = None
        self._numpy_is_seeded: bool | None = None
        self._torch = TorchWatch()
        sys.meta_path.insert(0, self._torch)

    def note_seeds(self) -> None:
        """Remember what the project seeded while it was imported."""
        self._seeded = seeded_since(self._before)

    @property
    def is_seeded(self) -> bool:
        """Whether the project seeded Python's generator while it was imported."""
        return self._seeded is not None

    @property
    def is_numpy_seeded(self) -> bool:
        """Whether somebody other than `start` seeded NumPy's generator."""
        numpy = sys.modules.get("numpy")
        return self._numpy_is_seeded if self._numpy_is_seeded is not None else numpy is not None and _is_seeded(numpy)

    def start(self) -> None:
        """Make the generators of a forked child differ from its siblings', save those that the project seeded.

        Python reseeds its own after a fork, seeded or not. Those of NumPy and PyTorch are the parent's, so that all
        children would draw the same numbers.
        """
        if self._seeded is not None:
            random.setstate(self._seeded)
        numpy = sys.modules.get("numpy")
        self._numpy_is_seeded = numpy is not None and _is_seeded(numpy)
        if numpy is not None and not self._numpy_is_seeded:
            numpy.random.seed()
        torch = sys.modules.get("torch")
        if torch is not None and self._torch.first_seed == torch.initial_seed():
            # Generators of GPUs are made in the child: a process that has used one can't be forked.
            torch.default_generator.seed()


class TorchWatch:
    """Notes the seed that PyTorch begins with when it is imported: another one later is the project's."""

    def __init__(self) -> None:
        self.first_seed: int | None = None

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002 - as called
        """Return torch's own spec, with a look at its seed after it is executed."""
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        loader = spec.loader if spec else None
        if loader is None or not hasattr(loader, "exec_module"):
            return spec
        execute = loader.exec_module

        def execute_and_look(module: Any) -> None:
            execute(module)
            self.first_seed = getattr(module, "initial_seed", lambda: None)()

        loader.exec_module = execute_and_look
        return spec


def seeded_since(before: State) -> State | None:
    """Return Python's random state if it was seeded since `before`, None if numbers were drawn at most."""
    now = random.getstate()
    twin = random.Random()
    twin.setstate(before)
    for _ in range(MAX_BLOCKS):
        if twin.getstate()[1][:-1] == now[1][:-1]:
            return None
        for _ in range(BLOCK_WORDS):
            twin.getrandbits(32)
    return now


def _is_seeded(numpy: Any) -> bool:
    """Tell whether somebody called `numpy.random.seed`: it drops the seed sequence that NumPy began with."""
    generator = numpy.random.mtrand._rand._bit_generator
    return getattr(generator, "_seed_seq", None) is None
