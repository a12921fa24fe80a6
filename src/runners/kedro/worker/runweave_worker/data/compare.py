"""Tells whether two versions of a dataset hold the same values: each is loaded by its own class, and compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from numbers import Number
from typing import Any

from runweave_worker.compat import AbstractDataset
from runweave_worker.reads.apart import do_apart

from .locate import locate, replace_path

_MAX_DEPTH = 100
_SHOWN_LENGTH = 200


def compare(request: dict[str, Any]) -> dict[str, str | None]:
    """Return for each dataset how its versions differ, None where they don't. What can't be loaded says so."""
    found: dict[str, str | None] = {}
    for name, pair in request["pairs"].items():

        def work(name: str = name, pair: dict[str, Any] = pair) -> str | None:
            comparison = Comparison(float(request.get("tolerance") or 0), bool(request.get("ignore_row_order")))
            return comparison.difference(_load(name, pair["a"]), _load(name, pair["b"]))

        try:
            found[name] = do_apart(work)
        except Exception as error:  # noqa: BLE001 - whatever a class raises when it loads or compares
            found[name] = _shorten(f"it can't be compared: {error}")
    return found


def _load(name: str, side: dict[str, Any]) -> Any:
    entry = {key: value for key, value in side["entry"].items() if key not in {"versioned", "validator", "credentials"}}
    places = locate(entry, "/")
    if not places:
        raise ValueError(f"the entry of '{name}' has no path")
    return AbstractDataset.from_config(name, replace_path(entry, places[0].keys, side["location"])).load()


class Comparison:
    """Difference at which two values still count as equal, and what has been compared so far."""

    def __init__(self, tolerance: float = 0.0, ignore_row_order: bool = False) -> None:
        self.tolerance = tolerance
        self.ignore_row_order = ignore_row_order
        self._seen: dict[tuple[int, int], tuple[Any, Any]] = {}
        """Pairs by identity, and so kept alive: values may hold themselves."""

    def difference(self, a: Any, b: Any, at: str = "", depth: int = 0) -> str | None:
        """Return how two values differ, as the end of a sentence; None if they don't."""
        if a is b or (id(a), id(b)) in self._seen:
            return None
        if isinstance(a, Number) and isinstance(b, Number):
            return None if self._is_close(a, b) else _tell(at, a, b)
        if type(a) is not type(b) or depth > _MAX_DEPTH:
            deep = "" if depth <= _MAX_DEPTH else ", nested too deeply"
            return f"{at or 'it'} was a {type(a).__name__} and is a {type(b).__name__}{deep}"
        self._seen[(id(a), id(b))] = (a, b)
        return self._rule(a)(a, b, at, depth + 1)

    def _rule(self, value: Any) -> Callable[[Any, Any, str, int], str | None]:
        library = type(value).__module__.partition(".")[0]
        is_plain = value is None or isinstance(value, (str, bytes, bytearray, type, AbstractSet))
        rules = (
            (library == "pandas" and hasattr(value, "iloc"), self._pandas),
            (library == "polars" and hasattr(value, "rows"), self._polars),
            (library == "numpy" and hasattr(value, "dtype"), self._arrays),
            (is_plain or hasattr(value, "__code__"), self._plain),
            (isinstance(value, Mapping), self._mappings),
            (isinstance(value, Sequence), self._lists),
        )
        return next((rule for applies, rule in rules if applies), self._objects)

    def _is_close(self, a: Any, b: Any) -> bool:
        if a == b:
            return True
        try:
            both_missing = math.isnan(a) and math.isnan(b)
            return both_missing or math.isclose(a, b, rel_tol=self.tolerance, abs_tol=self.tolerance)
        except TypeError:
            return abs(a - b) <= self.tolerance

    def _plain(self, a: Any, b: Any, at: str, _: int) -> str | None:
        return None if a == b else _tell(at, a, b)

    def _mappings(self, a: Any, b: Any, at: str, depth: int) -> str | None:
        if set(a) != set(b):
            return f"{at or 'it'} has other keys: {', '.join(sorted(map(str, set(a) ^ set(b)))[:5])}"
        return _first(self.difference(_loaded(a[key]), _loaded(b[key]), f"{at}[{key!r}]", depth) for key in a)

    def _lists(self, a: Any, b: Any, at: str, depth: int) -> str | None:
        if len(a) != len(b):
            return f"{at or 'it'} had {len(a)} items and has {len(b)}"
        if self.ignore_row_order:
            a, b = sorted(a, key=repr), sorted(b, key=repr)
        pairs = enumerate(zip(a, b, strict=True))
        return _first(self.difference(one, other, f"{at}[{index}]", depth) for index, (one, other) in pairs)

    def _pandas(self, a: Any, b: Any, at: str, _: int) -> str | None:
        import pandas as pd

        if self.ignore_row_order:
            a, b = _sort_rows(a), _sort_rows(b)
        check = pd.testing.assert_frame_equal if isinstance(a, pd.DataFrame) else pd.testing.assert_series_equal
        try:
            check(a, b, check_exact=self.tolerance == 0, rtol=self.tolerance, atol=self.tolerance)
        except AssertionError as error:
            return _shorten(f"{at or 'it'}: {' '.join(str(error).split())}")
        return None

    def _polars(self, a: Any, b: Any, at: str, depth: int) -> str | None:
        if dict(a.schema) != dict(b.schema):
            return f"{at or 'it'} has other columns or types"
        return self._lists(a.rows(), b.rows(), at, depth)

    def _arrays(self, a: Any, b: Any, at: str, depth: int) -> str | None:
        import numpy as np

        if a.shape != b.shape or a.dtype != b.dtype:
            return f"{at or 'it'} was {a.dtype}{list(a.shape)} and is {b.dtype}{list(b.shape)}"
        if a.dtype.names:
            return _first(self.difference(a[name], b[name], f"{at}.{name}", depth) for name in a.dtype.names)
        if a.dtype.kind == "O":
            return self.difference(a.tolist(), b.tolist(), at, depth)
        if self.ignore_row_order and a.ndim == 1:
            a, b = np.sort(a), np.sort(b)
        if a.dtype.kind in "fc":
            is_same = np.allclose(a, b, rtol=self.tolerance, atol=self.tolerance, equal_nan=True)
        else:
            is_same = np.array_equal(a, b)
        return None if is_same else f"{at or 'it'} has other values"

    def _objects(self, a: Any, b: Any, at: str, depth: int) -> str | None:
        state = _state(a)
        if state is not None:
            return self.difference(state, _state(b), f"{at}.{type(a).__name__}" if at else type(a).__name__, depth)
        return None if bool(a == b) else _tell(at, a, b)


def _loaded(value: Any) -> Any:
    """Return the data of a partition, which is loaded when it is asked for."""
    is_partition = callable(value) and type(value).__name__ == "method" and value.__name__ == "load"
    return value() if is_partition else value


def _sort_rows(table: Any) -> Any:
    if not hasattr(table, "columns"):
        return table.sort_values(kind="stable").reset_index(drop=True)
    # Keys are ordered by their text, as values of several types have no order.
    order = table.map(repr).reset_index(drop=True).sort_values(by=list(table.columns), kind="stable").index
    return table.iloc[order].reset_index(drop=True)


def _state(value: Any) -> Any:
    """Return what an object would be pickled from; None for an object that does not tell."""
    get = getattr(value, "__getstate__", None)
    state = get() if get is not None else getattr(value, "__dict__", None)
    return state or None


def _first(found: Iterable[str | None]) -> str | None:
    return next((each for each in found if each is not None), None)


def _tell(at: str, a: Any, b: Any) -> str:
    return _shorten(f"{at or 'it'} was {a!r} and is {b!r}")


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."
