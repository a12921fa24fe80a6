"""The global random generators of a child: as they would be in a process of its own."""

from __future__ import annotations

import random
import sys
from typing import Any

# The Mersenne Twister makes so many words at once; drawing only moves on within them, or makes the next ones.
BLOCK_WORDS = 624
MAX_BLOCKS = 32

State = tuple[Any, ...]


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


def start_randomness(seeded: State | None) -> None:
    """Make the generators of a forked child differ from its siblings', save those that the project seeded at import.

    Python reseeds its own after a fork, seeded or not: `seeded` is the state to go back to. NumPy's is the parent's,
    so that all children would draw the same numbers.
    """
    if seeded is not None:
        random.setstate(seeded)
    numpy = sys.modules.get("numpy")
    if numpy is not None and not _is_seeded(numpy):
        numpy.random.seed()


def _is_seeded(numpy: Any) -> bool:
    """Tell whether somebody called `numpy.random.seed`: it drops the seed sequence that NumPy began with."""
    generator = numpy.random.mtrand._rand._bit_generator
    return getattr(generator, "_seed_seq", None) is None
