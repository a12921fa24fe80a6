"""Configuration files are parsed once, and nobody gets what somebody else has merged into (Kedro 1.7 and later)."""

from __future__ import annotations

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


def test_the_process_of_a_run_gets_what_is_kept_without_a_copy(cache, conf):
    read(conf)
    cache.spend()
    (kept,) = (raw for key, (_, raw) in cache._kept.items() if "parameters" in key)
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
