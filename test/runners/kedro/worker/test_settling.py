"""The pure parts: where an entry keeps its data, what overlaps, what moves where."""

from __future__ import annotations

import hashlib
import os
import pickle

import pytest
from runweave_worker.data.checksum import hash_local
from runweave_worker.data.locate import Location, locate, overlaps, replace_path, resolve
from runweave_worker.data.stores import Stores
from runweave_worker.datasets import PickleDataset
from runweave_worker.errors import describe_exception
from runweave_worker.protocol.spec import parse_spec
from runweave_worker.settle.isolate import Member, Moves, move, store_in_data, store_path


def place(key: str, suffix: str | None = None) -> Location:
    return Location(("filepath",), key, key, suffix)


@pytest.mark.parametrize(
    ("entry", "paths"),
    [
        ({"type": "a.B", "filepath": "x/y"}, [("filepath", "/p/x/y")]),
        ({"type": "a.B", "filepath": "/abs/../y"}, [("filepath", "/y")]),
        ({"type": "a.B", "filepath": "file:///abs/y"}, [("filepath", "/abs/y")]),
        ({"type": "a.B", "filepath": "s3://b/k"}, [("filepath", "s3://b/k")]),
        ({"type": "pandas.SQLQueryDataset", "filepath": "q.sql"}, []),
        ({"type": "pandas.SQLTableDataset", "table_name": "t", "credentials": {"path": "no"}}, []),
        ({"type": "CachedDataset", "dataset": {"type": "a.B", "filepath": "c"}}, [("dataset.filepath", "/p/c")]),
        ({"type": "p.PartitionedDataset", "path": "d", "dataset": {"type": "a.B"}}, [("path", "/p/d")]),
        ({"type": "a.B", "load_args": {"filepath": "no"}}, []),
        ({"type": "ibis.TableDataset", "connection": {"path": "db"}}, []),
        (
            {"type": "a.B", "x": {"filepath": "1"}, "y": {"z": {"path": "2"}}},
            [("x.filepath", "/p/1"), ("y.z.path", "/p/2")],
        ),
    ],
)
def test_locate(entry, paths):
    assert [(".".join(each.keys), each.path) for each in locate(entry, "/p")] == paths


def test_symlinked_paths_are_one_location(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert resolve(str(tmp_path / "link/x")) == resolve(str(tmp_path / "real/x"))


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (place("/a"), place("/a"), True),
        (place("/a"), place("/ab"), False),
        (place("/a"), place("/a/b"), True),
        (place("/a", ".csv"), place("/a/b.csv"), True),
        (place("/a", ".csv"), place("/a/b.txt"), False),
        (place("/a", ".csv"), place("/a", ".txt"), False),
        (place("/a", ".csv"), place("/a", ""), True),
        (place("/a", ".csv"), place("/a/b", ".csv"), True),
        (place("/a", ".csv"), place("/a/b", ".txt"), False),
    ],
)
def test_overlaps(one, other, meet):
    assert overlaps(one, other) is meet
    assert overlaps(other, one) is meet


def test_a_group_moves_below_its_outermost_place():
    members = [
        Member("inner", place("/d/parts/a.csv"), written=True, movable=True),
        Member("outer", place("/d/parts", ".csv"), written=True, movable=True),
        Member("apart", place("/d/parts/a.txt"), written=False, movable=False),
    ]
    moves = Moves(Stores("/store"), "r1")
    assert move(members, moves, lambda *_: False) == []
    root = store_path("/store", "r1", "/d/parts")
    digest = hashlib.sha256(b"/d/parts").hexdigest()[:8]
    assert root == f"/store/parts-{digest}/r1/parts"
    assert moves.target(place("/d/parts/a.csv")) == f"{root}/a.csv"
    assert moves.target(place("/d/parts", ".csv")) == root
    assert moves.target(place("/d/parts/a.txt")) is None
    assert moves.is_own(f"{root}/a.csv")


def test_names_are_no_path_components():
    assert store_path("/s", "r", "we/ird:na@me", "we/ird:na@me.pickle").count("/") == 4


def test_a_name_that_is_too_long_for_a_file_keeps_its_end_and_stays_apart():
    one, other = (store_path("/s", "r", f"{letter}{'long' * 100}.pickle") for letter in "ab")
    assert max(len(part) for part in one.split("/")) < 255
    assert one.endswith("long.pickle")
    assert one != other


def test_store_inside_a_partition_folder_is_refused():
    member = Member("parts", place("/project", ""), written=False, movable=False)
    assert [each.code for each in store_in_data([member], Stores("/project/.runweave/data"))] == ["store-in-data"]


@pytest.mark.parametrize(("remote", "prefix"), [({}, "s3://b/d/.runweave/x-"), ({"s3": "s3://c/s"}, "s3://c/s/x-")])
def test_remote_data_stay_on_their_storage(remote, prefix):
    member = Member("x", place("s3://b/d/x"), written=True, movable=True)
    moves = Moves(Stores("/store", remote), "r")
    assert move([member], moves, lambda *_: False) == []
    assert (moves.target(member.location) or "").startswith(prefix)


def test_replace_path_leaves_the_original():
    entry = {"dataset": {"filepath": "a", "type": "t"}}
    assert replace_path(entry, ("dataset", "filepath"), "b") == {"dataset": {"filepath": "b", "type": "t"}}
    assert entry["dataset"]["filepath"] == "a"


def test_folder_hash(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a.txt").write_text("1")
    (tmp_path / "b/c.txt").write_text("22")
    (tmp_path / "b/c.log").write_text("333")
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for content, name in ((b"1", "a.txt"), (b"22", "b/c.txt"))
    ]
    content = hash_local(str(tmp_path), ".txt")
    assert content.hash == "sha256:" + hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
    assert content.bytes == 3


def test_what_is_to_survive_is_flushed_file_by_file(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    for name in ("b.txt", "sub/a.txt"):
        (tmp_path / name).write_text(name)
    flushed = []
    monkeypatch.setattr("os.fdatasync", lambda fd: flushed.append(os.readlink(f"/proc/self/fd/{fd}")))
    plain = hash_local(str(tmp_path))
    assert flushed == []
    assert hash_local(str(tmp_path), durable=True) == plain
    assert sorted(flushed) == [str(tmp_path / name) for name in ("b.txt", "sub/a.txt")]


def test_pickle_dataset_itself_can_be_pickled(tmp_path):
    dataset = pickle.loads(pickle.dumps(PickleDataset(filepath=str(tmp_path / "deep/x.pickle"))))
    assert not dataset.exists()
    dataset.save({"a": 1})
    assert dataset.load() == {"a": 1}
    assert os.listdir(tmp_path / "deep") == ["x.pickle"]


def test_exceptions_with_causes_that_never_end():
    error = ValueError("a")
    error.__cause__ = error
    depth, found = 0, describe_exception(error, "n", str)
    while found:
        depth, found = depth + 1, found["cause"]
    assert depth < 50


@pytest.mark.parametrize("version", ["", "../x", "a/b", "a\nb", "%2e%2e/", "x" * 300, None])
def test_versions_are_checked(version):
    raw = {"protocol": 2, "run_id": "r", "session_id": "s", "project_path": "/p", "store": "/s"}
    with pytest.raises(Exception, match="is not a version"):
        parse_spec({**raw, "reads": {"x": {"rule": "own", "version": version}}}, "r")


def spec_with(**reads):
    raw = {"protocol": 2, "run_id": "r", "session_id": "s", "project_path": "/p", "store": "/s"}
    return parse_spec({**raw, "reads": reads}, "r")


def test_a_read_that_this_worker_does_not_know_is_refused():
    with pytest.raises(Exception, match="'x' has the rule 'newest', which this worker does not know"):
        spec_with(x={"rule": "newest", "version": "v1"})


def test_each_read_is_found_by_its_name_or_that_of_a_form_of_it():
    seen = {"location": "/p/t", "bytes": 1, "modified_ms": 1}
    spec = spec_with(
        **{"t@a": {"rule": "frozen", "version": "v1", "seen": seen}, "t@b": {"rule": "own", "version": "r"}},
        given={"rule": "value", "version": "value-1", "value": None},
        file={"rule": "plain", "version": "file-1", "seen": seen},
    )
    assert [spec.pin_of(name) for name in ("t@a", "t@b", "t", "given", "file", "other")] == [
        "v1",
        "r",
        "v1",
        *[None] * 3,
    ]
    assert [spec.seen_of(name) is not None for name in ("t@a", "t@b", "given", "file")] == [True, False, False, True]
    assert spec.supplied() == {"given"}
