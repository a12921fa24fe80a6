"""The states of Python's own random generators: drawn from, or seeded."""

from __future__ import annotations

import random
from typing import Any

# The Mersenne Twister makes so many words at once; drawing only moves on within them, or makes the next ones.
BLOCK_WORDS = 624
MAX_BLOCKS = 32

State = tuple[Any, ...]


def is_drawn_from(before: State, now: State) -> bool:
    """Tell whether one state comes from the other by drawing numbers alone."""
    twin = random.Random()
    twin.setstate(before)
    for _ in range(MAX_BLOCKS):
        if twin.getstate()[1][:-1] == now[1][:-1]:
            return True
        for _ in range(BLOCK_WORDS):
            twin.getrandbits(32)
    return False
