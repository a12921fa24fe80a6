"""Configuration files are parsed once, and nobody gets what somebody else has merged into (Kedro 1.7 and later)."""

from __future__ import annotations

from pathlib import Path

import pytest
from kedro.config import OmegaConfigLoader
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
