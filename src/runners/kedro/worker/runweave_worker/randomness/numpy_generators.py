"""NumPy's generators that a project made without a seed: one of them in all children would draw the same numbers.

The length of a seed is no sign, as NumPy recommends to give 128 bits: what it takes from the system is noted.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import Any

from .import_watch import when_imported

MT_WORDS = 624
MAX_BLOCKS = 32
# Parts of a state that stay as they are when numbers are drawn.
_CONSTANT = {"PCG64": "inc", "PCG64DXSM": "inc", "Philox": "key"}


class NumpyGenerators:
    """Made before NumPy is imported; finds the unseeded ones in the parent, and seeds them anew in a child."""

    def __init__(self) -> None:
        self._entropies: set[int] = set()
        self._watched: tuple[Any, Any] | None = None
        self._sequences: list[Any] = []
        self._bit_generators: list[Any] = []
        self._legacy: list[Any] = []
        when_imported("numpy.random.bit_generator", self._watch)

    def watch(self) -> None:
        """Look once more, in a process that was forked since: what was frozen before that is not found again."""
        if self._watched is not None:
            self._watch(self._watched[0])

    def _watch(self, module: Any) -> None:
        """Note what NumPy takes from the system in place of a seed."""
        take = getattr(module, "randbits", None)
        if take is None:
            return

        def randbits(bits: int) -> int:
            taken = take(bits)
            self._entropies.add(taken)
            return taken

        module.randbits = randbits
        self._watched = (module, take)

    def note(self) -> None:
        """Find the generators that were given no seed, in all places where they are kept."""
        if self._watched is None or not hasattr(sys.modules.get("numpy"), "random"):
            return
        module, take = self._watched
        module.randbits = take
        numpy = sys.modules["numpy"].random
        own = numpy.mtrand._rand
        # NumPy's own global generator takes something too; if no other one does, the search is over.
        if len(self._entropies) <= int(self._is_of_system(getattr(own._bit_generator, "_seed_seq", None))):
            return
        kinds = (numpy.SeedSequence, numpy.BitGenerator, numpy.RandomState)
        # Objects are told by their type alone: to ask a lazy object for its class would make it.
        found = [each for each in gc.get_objects() if issubclass(type(each), kinds) and each is not own]
        self._sequences += [each for each in found if isinstance(each, numpy.SeedSequence) and self._is_of_system(each)]
        bit_generators = [
            each
            for each in found
            if isinstance(each, numpy.BitGenerator) and each is not own._bit_generator and self._is_unseeded(each)
        ]
        self._bit_generators += bit_generators
        chosen = {id(each) for each in bit_generators}
        self._legacy += [
            each for each in found if isinstance(each, numpy.RandomState) and id(each._bit_generator) in chosen
        ]

    def reseed(self) -> None:
        """Give every seed sequence entropy of its own, and what it seeds the state that follows from it.

        All objects stay the ones that they are: code that has imported one has it by its own name.
        """
        for each in self._sequences:
            with contextlib.suppress(Exception):
                given = {"pool_size": each.pool_size, "n_children_spawned": each.n_children_spawned}
                each.__init__(None, spawn_key=each.spawn_key, **given)
        for each in self._bit_generators:
            with contextlib.suppress(Exception):
                each.state = type(each)(each._seed_seq).state
        for each in self._legacy:
            with contextlib.suppress(Exception):
                # The generator makes two normal numbers at once, and keeps the second.
                each.set_state({**each.get_state(legacy=False), "has_gauss": 0, "gauss": 0.0})

    def _is_of_system(self, sequence: Any) -> bool:
        entropy = getattr(sequence, "entropy", None)
        # A seed may be a list of numbers.
        return isinstance(entropy, int) and entropy in self._entropies

    def _is_unseeded(self, bit_generator: Any) -> bool:
        sequence = getattr(bit_generator, "_seed_seq", None)
        if not self._is_of_system(sequence):
            return False
        try:
            return _is_drawn_from(type(bit_generator)(sequence), bit_generator)
        except Exception:  # noqa: BLE001 - one of another package may be made in any way
            return False


def _is_drawn_from(twin: Any, bit_generator: Any) -> bool:
    """Tell whether one is as drawing numbers from its twin leaves it: else it was given its state."""
    now, kind = bit_generator.state, type(bit_generator).__name__
    if kind in _CONSTANT:
        return _equal(twin.state["state"][_CONSTANT[kind]], now["state"][_CONSTANT[kind]])
    if kind != "MT19937":
        return _equal(twin.state["state"], now["state"])
    for _ in range(MAX_BLOCKS):
        if _equal(twin.state["state"]["key"], now["state"]["key"]):
            return True
        twin.random_raw(MT_WORDS)
    return False


def _equal(one: Any, other: Any) -> bool:
    return repr(getattr(one, "tolist", lambda: one)()) == repr(getattr(other, "tolist", lambda: other)())
