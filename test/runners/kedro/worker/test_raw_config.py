"""Configuration files are parsed once, and nobody gets what somebody else has merged into (Kedro 1.7 and later)."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from kedro.config import OmegaConfigLoader
from runweave_worker.project.parameter_origins import list_origins
from runweave_worker.project.raw_config import RawConfigCache

FILES = {
    "base/parameters.yml": "a: 1\nnested: {b: '${a}'}\n",
    "base/parameters_more.yml": "c: 3\n",
    "local/parameters.yml": "a: 9\n",
}


@pytest.fixture
def cache(monkeypatch):
    made = RawConfigCache()
    if made._original is None:
        pytest.skip("this Kedro reads files and resolves them in one step")
    monkeypatch.setattr(OmegaConfigLoader, "_read_raw_config", made._original)
    made.install()
    return made


@pytest.fixture
def conf(tmp_path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def read(conf: Path, **params) -> dict:
    return OmegaConfigLoader(str(conf), base_env="base", default_run_env="local", runtime_params=params)["parameters"]


@pytest.mark.parametrize("spent", [False, True])
def test_each_reader_gets_what_the_files_say(cache, conf, spent):
    if spent:
        cache.spend()
    for value in ("x", "y"):
        assert read(conf, **{value: 1}) == {"a": 9, "nested": {"b": 1}, "c": 3, value: 1}
    (conf / "base/parameters_more.yml").write_text("c: 4\n")
    assert read(conf)["c"] == 4


def read_as_files(cache: RawConfigCache, conf: Path, params: dict) -> dict:
    """Read parameters as Kedro does by itself, without anything that is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OmegaConfigLoader, "_read_raw_config", cache._original)
        return read(conf, **json.loads(json.dumps(params)))


def make_mapping(chance: random.Random, depth: int = 0) -> dict:
    """Return values of one type for each name, as OmegaConf merges no list with a mapping."""

    def make_value(name: str) -> object:
        if name in "pq" and depth < 3:
            return make_mapping(chance, depth + 1)
        return [chance.randint(1, 9), {"k": 2}] if name == "r" else chance.randint(1, 9)

    return {name: make_value(name) for name in chance.sample("pqrs", chance.randint(1, 3))}


def test_nested_parameters_of_one_reader_are_not_those_of_the_next(cache, tmp_path):
    for number, name in enumerate(("base/parameters.yml", "base/parameters_more.yml", "local/parameters.yml")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"options_{number}: {{alpha: 3, deep: {{beta: 1}}}}\n")
    clean = read_as_files(cache, tmp_path, {})
    read(tmp_path, **{name: {"alpha": 101, "deep": {"beta": 2, "gamma": 3}} for name in clean})
    assert read(tmp_path) == clean


@pytest.mark.parametrize("seed", range(40))
def test_whatever_was_read_before_each_reader_gets_what_kedro_reads(cache, tmp_path, seed):
    chance = random.Random(seed)
    for env, files in (("base", chance.randint(1, 3)), ("local", chance.randint(0, 2))):
        (tmp_path / env).mkdir()
        for number in range(files):
            mapping = {f"{name}{env[0]}{number}": value for name, value in make_mapping(chance).items()}
            (tmp_path / env / f"parameters_{number}.yml").write_text(json.dumps(mapping))
    keys = list(read_as_files(cache, tmp_path, {}))
    for _ in range(6):
        given = {f"{name}{key[1:]}": value for key in keys for name, value in make_mapping(chance).items()}
        params = {key: given[key] for key in given if chance.random() < 0.5}
        assert read(tmp_path, **json.loads(json.dumps(params))) == read_as_files(cache, tmp_path, params)


def test_the_process_of_a_run_gets_what_is_kept_without_a_copy(cache, conf):
    read(conf)
    cache.spend()
    (kept,) = (kept.raw for key, kept in cache._kept.items() if "parameters" in key)
    loader = OmegaConfigLoader(str(conf), base_env="base", default_run_env="local")
    assert cache.read(loader, "parameters") is kept
    assert cache.read(loader, "parameters") is not kept


def test_files_are_told_with_the_parameters_that_they_may_give(conf):
    for name, text in {
        "local/globals.yml": "x: 1\n",
        "local/nested/parameters_deep.yml": "deep: {er: [1]}\n",
        "base/parameters_broken.yml": "a: [\n",
        "base/spark.yml": "s: 1\n",
        "base/catalog.yml": "t: 1\n",
    }.items():
        (conf / name).parent.mkdir(exist_ok=True)
        (conf / name).write_text(text)
    loader = OmegaConfigLoader(
        str(conf), base_env="base", default_run_env="local", config_patterns={"spark": ["spark*"]}
    )
    mixed = "nested.b"
    assert list_origins(loader, conf) == {
        "base/parameters.yml": ["a", "conf:parameters", mixed],
        "base/parameters_broken.yml": ["", "conf:parameters", mixed],
        "base/parameters_more.yml": ["c", "conf:parameters", mixed],
        "base/spark.yml": ["conf:spark", mixed],
        "local/globals.yml": ["conf:globals", mixed],
        "local/nested/parameters_deep.yml": ["conf:parameters", "deep.er", mixed],
        "local/parameters.yml": ["a", "conf:parameters", mixed],
    }
    assert list_origins(object(), conf) is None
