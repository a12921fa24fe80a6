"""Facts of Kedro that the worker leans on: a release that changes one fails here (numbers as in KEDRO.md)."""

from __future__ import annotations

import warnings

import pytest
from facts import catalog, versioned
from kedro.config import OmegaConfigLoader
from kedro.framework.hooks import _create_hook_manager, hook_impl
from kedro.framework.project import _ProjectPipelines
from kedro.framework.session import KedroServiceSession
from kedro.io import CachedDataset, DatasetError, DatasetNotFoundError
from kedro.io.core import Version
from kedro_datasets.json import JSONDataset
from kedro_datasets.partitions import PartitionedDataset
from kedro_datasets.text import TextDataset
from rig import text_entry


def test_f1_unpinned_reads_the_last_version_of_whoever(tmp_path):
    catalog(tmp_path, "v9", x=versioned()).save("x", "other")
    mine = catalog(tmp_path, "v5", x=versioned())
    with pytest.warns(UserWarning, match="did not match"):
        mine.save("x", "mine")
    assert mine.load("x") == "other"


def test_f2_self_pin(tmp_path):
    catalog(tmp_path, "v9", x=versioned()).save("x", "other")
    mine = catalog(tmp_path, "v5", {"x": "v5"}, x=versioned())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mine.save("x", "mine")
    assert mine.load("x") == "mine"


def test_f3_pin_on_an_unversioned_entry_is_ignored(tmp_path):
    mine = catalog(tmp_path, "v5", {"x": "v1"}, x=text_entry("x.txt"))
    mine.save("x", "plain")
    assert mine.load("x") == "plain"


def test_f4_pin_through_a_catch_all_is_refused(tmp_path):
    with pytest.raises(DatasetNotFoundError):
        catalog(tmp_path, "v5", {"x": "v1"}, **{"{any}": versioned("{any}.txt")})


def test_f6_pins_are_per_entry(tmp_path):
    sides = {"y@a": versioned("y.txt"), "y@b": versioned("y.txt")}
    for version in ("v1", "v2"):
        catalog(tmp_path, version, {"y@a": version}, **sides).save("y@a", version)
    pinned = catalog(tmp_path, "v5", {"y@a": "v1"}, **sides)
    assert (pinned.load("y@a"), pinned.load("y@b")) == ("v1", "v2")
    with pytest.raises(DatasetNotFoundError):
        catalog(tmp_path, "v5", {"y": "v1"}, **sides)


def test_f10_a_version_is_saved_once(tmp_path):
    mine = catalog(tmp_path, "v5", {"x": "v5"}, x=versioned())
    mine.save("x", "1")
    with pytest.raises(DatasetError, match="must not exist"):
        mine.save("x", "2")


def test_f13_versioned_over_a_plain_file_fails(tmp_path):
    (tmp_path / "x.txt").write_text("plain")
    with pytest.raises(DatasetError, match="same name already exists"):
        catalog(tmp_path, "v5", x=versioned()).save("x", "1")


def test_f17_empty_pin_means_latest(tmp_path):
    for version in ("v1", "v2"):
        catalog(tmp_path, version, {"x": version}, x=versioned()).save("x", version)
    assert catalog(tmp_path, "v5", {"x": ""}, x=versioned()).load("x") == "v2"


def test_f20_equal_names_keep_what_is_loaded():
    pipelines = _ProjectPipelines()
    pipelines._content, pipelines._is_data_loaded = {"a": 1}, True
    pipelines._requested_pipelines = ["a"]
    if hasattr(pipelines, "set_requested"):
        pipelines.set_requested(["a"])
    assert pipelines._is_data_loaded


def test_f29_partitions_are_listed_in_hidden_folders(tmp_path):
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden/p.txt").write_text("1")
    found = PartitionedDataset(path=str(tmp_path), dataset=TextDataset, filename_suffix=".txt").load()
    assert list(found) == [".hidden/p"]


def test_init_args_rebuild_a_dataset(tmp_path):
    made = JSONDataset(filepath=str(tmp_path / "x"), version=Version("a", "b"), save_args={"indent": 1})
    assert made._init_args["filepath"] == str(tmp_path / "x")
    assert made._init_args["version"] == Version("a", "b")
    assert made._init_args["save_args"] == {"indent": 1}


def test_cached_dataset_notes_versioned_in_the_entry_that_it_wraps(tmp_path):
    entry = {"type": "text.TextDataset", "filepath": str(tmp_path / "x")}
    CachedDataset(dataset=entry, version=Version(None, "v"))
    assert entry["versioned"] is True


def test_tryfirst_of_the_last_registered_is_outermost():
    order = []

    class First:
        @hook_impl(tryfirst=True)
        def after_context_created(self):
            order.append("first")

    class Last:
        @hook_impl(wrapper=True, tryfirst=True)
        def after_context_created(self):
            order.append("last in")
            result = yield
            order.append("last out")
            return result

    manager = _create_hook_manager()
    for plugin in (First(), Last()):
        manager.register(plugin)
    manager.hook.after_context_created(context=None)
    assert order == ["last in", "first", "last out"]


def test_names_of_kedro_that_are_leaned_on():
    assert hasattr(KedroServiceSession, "_get_config_loader")
    assert "_hook_manager" in KedroServiceSession.__init__.__code__.co_names
    assert hasattr(OmegaConfigLoader, "load_and_merge_dir_config")
