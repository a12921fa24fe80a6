"""What an entry of the catalog says of its dataset."""

from __future__ import annotations

import pytest
from runweave_worker.dataset_facts import facts_of_entry


@pytest.mark.parametrize(
    ("entry", "appends"),
    [
        ({"fs_args": {"open_args_save": {"mode": "a"}}}, True),
        ({"fs_args": {"open_args_save": {"mode": "ab"}}}, True),
        ({"save_args": {"mode": "a"}}, True),
        ({"save_args": {"mode": "append"}}, True),
        ({"save_args": {"append": True, "key": "t"}}, True),
        ({"save_args": {"writer": {"mode": "a"}}}, True),
        ({"save_args": {"mode": "overwrite"}}, False),
        ({"load_args": {"mode": "a"}, "fs_args": {"open_args_load": {"mode": "a"}}}, False),
        ({"metadata": {"save_args": {"mode": "a"}}}, False),
        ({"save_args": None, "fs_args": {"open_args_save": None}}, False),
    ],
)
def test_entries_that_append(entry, appends):
    plain = {"type": "text.TextDataset", "filepath": "x.txt", **entry}
    assert facts_of_entry(plain, "/p")["appends"] is appends
    wrapped = {"type": "CachedDataset", "dataset": plain}
    assert facts_of_entry(wrapped, "/p")["appends"] is appends
