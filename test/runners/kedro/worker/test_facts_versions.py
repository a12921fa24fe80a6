"""Facts of Kedro about versions (numbers as the table of facts has them): a release that changes one fails here."""

from __future__ import annotations

import re
import warnings

import click
import pytest
from facts import catalog, versioned
from kedro.framework.cli.utils import _split_load_versions
from kedro.io import DataCatalog, DatasetError
from kedro.io.core import generate_timestamp
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner
from rig import text_entry


def test_f5_a_misspelt_name_that_a_factory_matches_is_accepted(tmp_path):
    pattern = {"{ns}.out": versioned("{ns}.txt")}
    mine = catalog(tmp_path, "v5", {"mispelt.out": "v1"}, **pattern)
    mine.save("a.out", "x")
    assert mine.load("a.out") == "x"


def test_f7_timestamps_are_cut_to_milliseconds():
    made = [generate_timestamp() for _ in range(5000)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z", each) for each in made)
    assert len(set(made)) < len(made)


@pytest.mark.parametrize(
    ("versions", "last"),
    [
        # Whole paths are compared: `-` comes before the `/` that ends the shorter name.
        (["2026-11-23T21.04.54.666Z", "2026-11-23T21.04.54.666Z-0000d783fb92"], "2026-11-23T21.04.54.666Z"),
        (["2026-11-23T21.04.54.666Z-ffffd783fb92", "2026-11-23T21.04.54.667Z"], "2026-11-23T21.04.54.667Z"),
        (["2026-11-23T21.04.54.667Z", "d783fb92-0000-4000-8000-000000000000"], "d783fb92-0000-4000-8000-000000000000"),
        (["2026-11-23T21.04.54.667Z", "2026-11-23T21.04.54.666999Z"], "2026-11-23T21.04.54.667Z"),
    ],
)
def test_f8_versions_are_compared_as_text(tmp_path, versions, last):
    for version in versions:
        catalog(tmp_path, version, {"x": version}, x=versioned()).save("x", version)
    assert catalog(tmp_path, "zzz", x=versioned()).load("x") == last


@pytest.mark.parametrize("version", ["a/b", "..", ".", "a\\b"])
def test_f9_a_version_is_one_path_component(tmp_path, version):
    with pytest.raises(DatasetError):
        catalog(tmp_path, version, {"x": version}, x=versioned()).save("x", "1")


def test_f9_the_command_line_splits_versions_at_colons_and_commas():
    given = _split_load_versions(click.Context(click.Command("run")), None, "a:1:2,b:3")
    assert given == {"a": "1:2", "b": "3"}


CHAIN = pipeline([node(lambda: "new", None, "x", name="make"), node(lambda x: x + "!", "x", "y", name="use")])


def test_f11_a_self_pin_makes_only_missing_outputs_run_the_node(tmp_path):
    entries = {"x": versioned(), "y": versioned("y.txt")}
    first = catalog(tmp_path, "v1", {"x": "v1", "y": "v1"}, **entries)
    assert not first.exists("y")
    SequentialRunner().run(CHAIN, first, only_missing_outputs=True)
    assert first.load("y") == "new!"
    older = catalog(tmp_path, "v2", {"x": "v1", "y": "v1"}, **entries)
    assert older.exists("y")
    SequentialRunner().run(CHAIN, older, only_missing_outputs=True)
    assert not (tmp_path / "y.txt/v2").exists()


def test_f11_a_memory_output_at_the_end_counts_as_there(tmp_path):
    ran = []
    end = pipeline([node(lambda x: ran.append(x) or 1, "x", "loose", name="end")])
    mine = catalog(tmp_path, x=text_entry("x.txt"), loose={"type": "MemoryDataset"})
    mine.save("x", "1")
    SequentialRunner().run(end, mine, only_missing_outputs=True)
    assert ran == []


def test_f12_unpinned_only_missing_outputs_serves_what_another_run_made(tmp_path):
    entries = {"x": versioned(), "y": versioned("y.txt")}
    other = catalog(tmp_path, "v1", **entries)
    other.save("x", "other")
    other.save("y", "other!")
    mine = catalog(tmp_path, "v2", **entries)
    SequentialRunner().run(CHAIN, mine, only_missing_outputs=True)
    assert mine.load("y") == "other!"
    assert not (tmp_path / "y.txt/v2").exists()


def test_f17_latest_is_whatever_a_crashed_run_left(tmp_path):
    catalog(tmp_path, "v1", x=versioned()).save("x", "whole")
    (tmp_path / "x.txt/v2").mkdir()
    (tmp_path / "x.txt/v2/x.txt").write_text("hal")
    assert catalog(tmp_path, "v5", x=versioned()).load("x") == "hal"


@pytest.mark.parametrize("version", ["*", "a\nb", "%2e%2e", "x" * 300, "a\0b"])
def test_f18_odd_versions_are_accepted(tmp_path, version):
    mine = DataCatalog.from_config({"x": text_entry(str(tmp_path / "x"), versioned=True)}, load_versions={"x": version})
    assert mine["x"]._version.load == version


def test_f19_a_pin_on_what_the_run_writes_only_warns(tmp_path):
    catalog(tmp_path, "v1", {"x": "v1"}, x=versioned()).save("x", "old")
    mine = catalog(tmp_path, "v2", {"x": "v1"}, x=versioned(), y=text_entry("y.txt"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        SequentialRunner().run(CHAIN, mine)
    assert any("did not match" in str(each.message) for each in caught)
    assert mine.load("y") == "old!"
