"""Forked children begin with the randomness of a process of their own."""

from __future__ import annotations

import importlib.util
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


# What of PyTorch matters here, where it is not installed: one generator, seeded from the system when it is imported.
TORCH = """
import os, random
class Generator:
    def __init__(self): self.seed()
    def seed(self): return self.manual_seed(int.from_bytes(os.urandom(6), "big"))
    def manual_seed(self, seed):
        self.first = seed
        self.numbers = random.Random(seed)
        return seed
default_generator = Generator()
manual_seed = default_generator.manual_seed
def initial_seed(): return default_generator.first
def rand(*size): return default_generator.numbers.random()
"""
TORCH_PIPELINES = """
import {torch}
{seeding}
def draw():
    import torch
    return [float(torch.rand(1))]
def register_pipelines():
    return {{"__default__": pipeline([node(draw, None, "drawn", name="n")])}}
"""


def draws(workers, pipelines: str, **project) -> list[list[float]]:
    catalog = {"drawn": {"type": "json.JSONDataset", "filepath": "data/drawn.json"}}
    worker = workers(catalog=catalog, pipelines=pipelines, **project)
    assert worker.ready()["event"] == "ready"
    return [eval(worker.succeed().data("drawn")) for _ in range(2)]


@pytest.mark.parametrize("seeding", ["", "random.random(); numpy.random.random()"])
def test_runs_of_one_project_draw_different_numbers(workers, seeding):
    first, second = draws(workers, PIPELINES.format(seeding=seeding))
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_what_the_project_seeds_at_import_stays_seeded(workers):
    numpy = pytest.importorskip("numpy")
    expected = [random.Random(7).random(), float(numpy.random.RandomState(8).random_sample())]
    pipelines = PIPELINES.format(seeding="random.seed(7); numpy.random.seed(8)")
    assert draws(workers, pipelines) == [expected, expected]


def torch_draws(workers, seeding: str, imported: str = "torch") -> list[list[float]]:
    files = {} if importlib.util.find_spec("torch") else {"src/torch.py": TORCH}
    return draws(workers, TORCH_PIPELINES.format(seeding=seeding, torch=imported), files=files)


@pytest.mark.parametrize("seeding", ["", "torch.rand(1)"])
def test_torch_draws_different_numbers_in_each_run(workers, seeding):
    first, second = torch_draws(workers, seeding)
    assert first != second


def test_torch_stays_as_the_project_seeded_it(workers):
    first, second = torch_draws(workers, "torch.manual_seed(7)")
    assert first == second


def test_torch_is_not_imported_for_its_own_sake(workers):
    first, second = torch_draws(workers, "import sys; assert 'torch' not in sys.modules", imported="math")
    assert first != second
