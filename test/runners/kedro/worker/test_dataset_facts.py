"""What an entry of the catalog says of its dataset."""

from __future__ import annotations

import pytest
from runweave_worker.probe.dataset_facts import facts_of_entry


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
    assert facts_of_entry("x", plain, "/p")["appends"] is appends
    wrapped = {"type": "CachedDataset", "dataset": plain}
    assert facts_of_entry("x", wrapped, "/p")["appends"] is appends


CREDENTIALS = {
    "file": {"con": "sqlite:///data/far.db"},
    "server": {"con": "postgresql://someone:secret@host/base"},
    "nested": {"engine": {"url": "duckdb:////abs/lake.duckdb?access_mode=READ_ONLY"}},
}


@pytest.mark.parametrize(
    ("entry", "path", "alone"),
    [
        ({"connection": {"backend": "duckdb", "database": "data/a.duckdb"}}, "/p/data/a.duckdb", True),
        ({"connection": {"backend": "duckdb", "database": "a.duckdb", "read_only": True}}, "/p/a.duckdb", False),
        ({"connection": {"backend": "sqlite", "database": "/abs/a.db"}}, "/abs/a.db", False),
        ({"credentials": "file"}, "/p/data/far.db", False),
        ({"credentials": {"con": "sqlite+pysqlite:////abs/b.db?timeout=1"}}, "/abs/b.db", False),
        ({"credentials": "nested"}, "/abs/lake.duckdb", False),
        ({"url": "duckdb:///data/b.duckdb"}, "/p/data/b.duckdb", True),
        ({"credentials": "server"}, None, False),
        ({"credentials": "absent"}, None, False),
        ({"connection": {"backend": "postgres", "database": "sales"}}, None, False),
        ({"credentials": {"con": "sqlite:///:memory:"}}, None, False),
        ({"credentials": {"con": "sqlite://"}}, None, False),
    ],
)
def test_the_file_of_an_embedded_database_is_where_its_tables_are(entry, path, alone):
    facts = facts_of_entry("t", {"type": "toy.Table", "table_name": "t", **entry}, "/p", CREDENTIALS.get)
    [place] = facts["places"]
    assert place["path"] == path if path else place["path"].startswith("entry ")
    assert facts["alone"] is alone
    assert "secret" not in place["path"]


def test_tables_of_no_known_place_are_one_only_if_their_entries_say_the_same_of_where_they_are():
    def place(name: str, **entry) -> str:
        return facts_of_entry(name, {"type": "toy.Table", **entry}, "/p")["places"][0]["path"]

    assert place("a", table_name="t") == place("b", table_name="t", save_args={"mode": "a"})
    assert place("a", table_name="t") != place("a", table_name="u")
    assert place("a") == place("a")
    assert place("a") != place("b")
    assert place("a@one") == place("a@two")
    assert place("a", credentials="far") != place("b", credentials="far")
