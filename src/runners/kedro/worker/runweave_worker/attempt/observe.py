"""State that a run finds in its process before its first line: to tell a warm process from a cold one."""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import random
import sys
import types
import warnings
from collections import deque
from pathlib import Path
from typing import Any

from runweave_worker.protocol.attempt_folder import AttemptFolder
from runweave_worker.randomness.randomness import Randomness

OBSERVE_VARIABLE = "RUNWEAVE_OBSERVE"
STATE_FILE = "process-state"
# Prefix for the numbers of a random generator: without a seed, they differ in each process.
NUMBERS = "numbers of "
MAX_DEPTH = 6
MAX_ITEMS = 1000
# Variables that tell one attempt from another, or a shell from the next one.
_OWN_VARIABLES = ("RUNWEAVE_", "_", "SHLVL")
_PLAIN = (str, bytes, int, float, complex, bool, type(None))


def observe(folder: AttemptFolder, source: Path, randomness: Randomness) -> None:
    """Write what there is, by name and digest, if this worker was asked to."""
    if os.environ.get(OBSERVE_VARIABLE):
        folder.write_json(STATE_FILE, process_state(source, randomness))


def process_state(source: Path, randomness: Randomness) -> dict[str, str]:
    """Return a digest per thing that one run could leave to the next; `source` holds the project's modules."""
    state = {
        f"environment variable {name}": _digest(value)
        for name, value in os.environ.items()
        if not name.startswith(_OWN_VARIABLES)
    }
    state["working folder"] = _digest(os.getcwd())
    state["sys.path"] = _digest(list(sys.path))
    state["warnings filters"] = _digest([repr(each) for each in warnings.filters])
    state["state of Python's random generator"] = _digest(randomness.is_seeded and random.getstate())
    if randomness.is_numpy_seeded:
        state["state of NumPy's random generator"] = _digest(sys.modules["numpy"].random.get_state())
    state.update(_logger_states())
    shaper = Shaper(source)
    for name, module in sorted(sys.modules.items()):
        if _is_below(module, source):
            for key, value in vars(module).items():
                if not key.startswith("__") and not isinstance(value, types.ModuleType):
                    state[f"global {key} of module {name}"] = _digest(shaper.shape(value))
                    numbers = shaper.generator_states(value)
                    if numbers:
                        state[f"{NUMBERS}global {key} of module {name}"] = _digest(numbers)
    return state


def _logger_states() -> dict[str, str]:
    loggers = {"root": logging.getLogger(), **logging.Logger.manager.loggerDict}
    return {
        f"handlers and level of logger {name}": _digest(
            [logger.level, logger.disabled, [(type(each).__name__, each.level) for each in logger.handlers]]
        )
        for name, logger in loggers.items()
        if isinstance(logger, logging.Logger) and (logger.handlers or logger.level or logger.disabled)
    }


def _is_below(module: Any, source: Path) -> bool:
    file = str(getattr(module, "__file__", None) or "")
    return file.startswith(f"{source}{os.sep}") and "site-packages" not in file


def _digest(value: Any) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "backslashreplace")).hexdigest()[:16]


class Shaper:
    """Turns values into what they come to without their addresses: the same in two processes for equal values."""

    def __init__(self, source: Path) -> None:
        self._source = source

    def shape(self, value: Any, depth: int = MAX_DEPTH) -> Any:
        """Return a value that is equal for equal values; objects of other packages are their class alone."""
        if isinstance(value, _PLAIN):
            return value
        if depth == 0:
            return type(value).__qualname__
        if isinstance(value, dict):
            return [(self.shape(key, depth - 1), self.shape(item, depth - 1)) for key, item in _first(value.items())]
        if isinstance(value, (list, tuple, deque)):
            return [self.shape(item, depth - 1) for item in _first(value)]
        if isinstance(value, (set, frozenset)):
            return sorted(repr(self.shape(item, depth - 1)) for item in value)
        return self._object(value, depth)

    def generator_states(self, value: Any) -> list[Any]:
        """Return the states of the random generators that a global is or holds."""
        return [state for each in (value, *self._held(value)) if (state := _generator_state(each)) is not None]

    def _held(self, value: Any) -> list[Any]:
        if isinstance(value, dict):
            return _first(value.values())
        if isinstance(value, (list, tuple, deque)):
            return _first(value)
        is_own = self._is_own(value if isinstance(value, type) else type(value))
        return list(vars(value).values()) if is_own and hasattr(value, "__dict__") else []

    def _object(self, value: Any, depth: int) -> Any:
        kind = value if isinstance(value, type) else type(value)
        if isinstance(value, itertools.count):
            return repr(value)
        if hasattr(value, "cache_info"):
            return repr(value.cache_info())
        is_own = self._is_own(value if isinstance(value, (type, types.FunctionType)) else kind)
        fields = {}
        if is_own and hasattr(value, "__dict__"):
            fields = {key: each for key, each in vars(value).items() if not key.startswith("__")}
        return [kind.__qualname__, self.shape(fields, depth - 1)]

    def _is_own(self, named: Any) -> bool:
        return _is_below(sys.modules.get(getattr(named, "__module__", None) or ""), self._source)


def _generator_state(value: Any) -> Any:
    # Objects are told by their type alone: a lazy object would be made by the question for its class.
    kind = type(value)
    if issubclass(kind, random.Random):
        return None if issubclass(kind, random.SystemRandom) else random.Random.getstate(value)
    numpy = sys.modules.get("numpy.random")
    if numpy is None:
        return None
    if issubclass(kind, numpy.RandomState):
        return value.get_state(legacy=False)
    return value.bit_generator.state if issubclass(kind, numpy.Generator) else None


def _first(values: Any) -> list[Any]:
    return list(itertools.islice(values, MAX_ITEMS))
