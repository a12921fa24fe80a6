"""Forked children begin with the randomness of a process of their own."""

from __future__ import annotations

import random

import pytest

PIPELINES = """
import random, numpy
{seeding}
def draw():
    return [random.random(), float(numpy.random.random())]
def register_pipelines():
    return {{"__default__": pipeline([node(draw, None, "drawn", name="n")])}}
"""


def draws(workers, seeding: str) -> list[list[float]]:
    catalog = {"drawn": {"type": "json.JSONDataset", "filepath": "data/drawn.json"}}
    worker = workers(catalog=catalog, pipelines=PIPELINES.format(seeding=seeding))
    assert worker.ready()["event"] == "ready"
    return [eval(worker.succeed().data("drawn")) for _ in range(2)]


@pytest.mark.parametrize("seeding", ["", "random.random(); numpy.random.random()"])
def test_runs_of_one_project_draw_different_numbers(workers, seeding):
    first, second = draws(workers, seeding)
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_what_the_project_seeds_at_import_stays_seeded(workers):
    numpy = pytest.importorskip("numpy")
    expected = [random.Random(7).random(), float(numpy.random.RandomState(8).random_sample())]
    assert draws(workers, "random.seed(7); numpy.random.seed(8)") == [expected, expected]
