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


# Generators in places of all kinds. One has drawn: of normal numbers, some make two at once and keep the second.
GENERATORS = """
import copy, random, pickle
import numpy as np
class Model:
    def __init__(self): self.rng = {made}
UNSEEDED = np.random.default_rng(), random.Random()
RNG = {made}
BESIDE = [{{"rng": {made}}}, Model()]
DRAWN = {made}
DRAWN.{normal}(0, 1)
COPY = copy.deepcopy(DRAWN)
SAME = RNG
def draw():
    generators = [RNG, BESIDE[0]["rng"], BESIDE[1].rng, DRAWN, COPY]
    assert SAME is RNG
    return [each.{normal}(0, 1) for each in generators]
def register_pipelines():
    return {{"__default__": pipeline([node(draw, None, "drawn", name="n")])}}
"""
UNSEEDED = [
    ("normal", "np.random.default_rng()"),
    ("normal", "np.random.RandomState()"),
    ("normal", "np.random.Generator(np.random.MT19937())"),
    ("normal", "np.random.Generator(np.random.Philox())"),
    ("normal", "np.random.default_rng(np.random.SeedSequence().spawn(2)[1])"),
    ("normalvariate", "random.Random()"),
]
# Of 128 bits, as NumPy recommends it.
LONG = 0x8C3C010CB4754C905776BDAC5EE7501
SEEDED = [
    ("normal", "np.random.default_rng(7)"),
    ("normal", f"np.random.default_rng({LONG})"),
    ("normal", "np.random.default_rng([7, 8])"),
    ("normal", "np.random.RandomState(7)"),
    ("normal", "np.random.default_rng(np.random.SeedSequence(7).spawn(2)[1])"),
    ("normalvariate", "random.Random(7)"),
]


@pytest.mark.parametrize(("normal", "made"), UNSEEDED)
def test_a_generator_without_a_seed_draws_different_numbers_in_each_run(workers, normal, made):
    first, second = draws(workers, GENERATORS.format(made=made, normal=normal))
    assert not set(first[:4]) & set(second[:4])


@pytest.mark.parametrize(("normal", "made"), SEEDED)
def test_a_seeded_generator_draws_what_it_draws_in_a_process_of_its_own(workers, normal, made):
    pipelines = GENERATORS.format(made=made, normal=normal)
    scope = {"pipeline": None, "node": None}
    exec(pipelines, scope)
    expected = [float(each) for each in scope["draw"]()]
    assert draws(workers, pipelines) == [expected, expected]


GIVEN_STATE = """
import random
import numpy as np
RNG, OLD, PLAIN = np.random.default_rng(), np.random.RandomState(), random.Random()
RNG.bit_generator.state = np.random.default_rng(7).bit_generator.state
OLD.set_state(np.random.RandomState(7).get_state())
PLAIN.setstate(random.Random(7).getstate())
LATE = random.Random()
LATE.seed(7)
def draw():
    return [each.random() for each in (RNG, PLAIN, LATE)] + [OLD.random_sample()]
def register_pipelines():
    return {"__default__": pipeline([node(draw, None, "drawn", name="n")])}
"""


def test_a_generator_that_was_given_a_state_keeps_it(workers):
    numpy = pytest.importorskip("numpy")
    plain = random.Random(7).random()
    expected = [numpy.random.default_rng(7).random(), plain, plain, numpy.random.RandomState(7).random_sample()]
    assert draws(workers, GIVEN_STATE) == [expected, expected]


SPAWNING = """
import numpy as np
RNG, SEEDS = np.random.default_rng(), np.random.SeedSequence()
def draw():
    spawned = [each.spawn(1)[0] for each in (RNG.bit_generator._seed_seq, SEEDS)]
    return [each.generate_state(1).item() for each in spawned]
def register_pipelines():
    return {"__default__": pipeline([node(draw, None, "drawn", name="n")])}
"""


def test_what_a_generator_without_a_seed_spawns_is_another_one_in_each_run(workers):
    first, second = draws(workers, SPAWNING)
    assert not set(first) & set(second)
