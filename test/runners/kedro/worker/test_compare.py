"""Values are compared as their classes load them: with a tolerance, in any order of rows, models by their state."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from runweave_worker.data.compare import Comparison, compare


class Model:
    def __init__(self, weight, parts=()):
        self.weight = weight
        self.parts = list(parts)


FRAME = pd.DataFrame({"a": [1.0, 2.0, float("nan")], "b": ["x", "y", None]})


def difference(a, b, **how):
    return Comparison(**how).difference(a, b)


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"a": [1, 2.5, None, "x", float("nan")], "b": {"c": {1, 2}}},
        FRAME.copy,
        FRAME["a"].copy,
        lambda: np.array([[1.0, np.nan]]),
        lambda: np.array([{"a": 1}, None], dtype=object),
        lambda: np.array([(1, 2.0)], dtype=[("x", int), ("y", float)]),
        lambda: Model(np.arange(3), [Model(1.0)]),
        lambda: b"bytes",
        lambda: len,
    ],
)
def test_equal_values_are_equal(make):
    assert difference(make(), make()) is None


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ({"a": [1, 2]}, {"a": [1, 3]}, "['a'][1] was 2 and is 3"),
        ({"a": 1}, {"b": 1}, "it has other keys: a, b"),
        ([1], [1, 2], "it had 1 items and has 2"),
        (1, "1", "it was a int and is a str"),
        (np.array([1.0]), np.array([2.0]), "it has other values"),
        (np.array([1]), np.array([1.0]), "it was int64[1] and is float64[1]"),
        (Model(1, [Model(2)]), Model(1, [Model(3)]), "Model['parts'][0].Model['weight'] was 2 and is 3"),
        (FRAME, FRAME.assign(a=[1.0, 2.5, float("nan")]), 'it: DataFrame.iloc[:, 0] (column name="a") are different'),
    ],
)
def test_a_difference_is_told_with_its_place(a, b, told):
    assert difference(a, b).startswith(told)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1.0, 1.0 + 1e-9),
        ({"r2": [0.5]}, {"r2": [0.5 + 1e-9]}),
        (FRAME, FRAME.assign(a=FRAME["a"] + 1e-9)),
        (np.array([1.0, np.nan]), np.array([1.0 + 1e-9, np.nan])),
    ],
)
def test_a_tolerance_lets_numbers_be_apart(a, b):
    assert difference(a, b) is not None
    assert difference(a, b, tolerance=1e-6) is None
    assert difference(a, b, tolerance=1e-12) is not None


@pytest.mark.parametrize(
    ("a", "b"),
    [(FRAME, FRAME.iloc[::-1]), ([{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1}]), (np.array([1, 2]), np.array([2, 1]))],
)
def test_the_order_of_rows_can_be_ignored(a, b):
    assert difference(a, b) is not None
    assert difference(a, b, ignore_row_order=True) is None


def test_rows_that_differ_differ_in_any_order():
    assert difference(FRAME, FRAME.iloc[[0, 0, 1]], ignore_row_order=True) is not None


def test_values_that_hold_themselves_end():
    one, other = [1], [1]
    one.append(one)
    other.append(other)
    assert difference(one, other) is None


def test_versions_are_loaded_by_their_own_class(tmp_path):
    entry = {"type": "json.JSONDataset", "filepath": "data/gone.json"}
    for name, text in (("a", '{"x": 1}'), ("b", '{ "x": 1.0 }'), ("c", '{"x": 2}'), ("d", "{")):
        (tmp_path / name).write_text(text)
    side = {name: {"entry": entry, "location": str(tmp_path / name)} for name in "abcd"}
    pairs = {other: {"a": side["a"], "b": side[other]} for other in "bcd"}
    found = compare({"pairs": pairs})
    assert found["b"] is None
    assert found["c"] == "['x'] was 1 and is 2"
    assert found["d"].startswith("it can't be compared: DatasetError")
