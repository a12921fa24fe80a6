"""What an attempt has of its own on object storage: looked at, moved and removed by the worker, and nothing else."""

from __future__ import annotations

import pytest
from rig import new_run_id, text_entry
from s3 import credentials_file

PIPELINES = """
def register_pipelines():
    return {"__default__": pipeline([node(lambda word: word, "params:word", "far", name="make")])}
"""
FAR = text_entry("s3://bucket/data/far.txt", credentials="store")
ENTRY = {"config": FAR, "versioned": False}
BEYOND_ONE_PART = 6 << 20


@pytest.fixture(scope="module")
def worker(workers, server):
    secrets = credentials_file(server)
    return workers(catalog={"far": FAR}, pipelines=PIPELINES, parameters={"word": "a"}, files=secrets)


@pytest.fixture
def attempt(worker, fs):
    """Two objects of an attempt's own among others of names that begin alike."""
    run_id = new_run_id()
    store = "s3://bucket/data/.runweave/far.txt-1"
    own = f"{store}/{run_id}"
    objects = {f"{own}/a.txt": b"one", f"{own}/[b]*.txt": b"three"}
    others = {f"{own}0/a.txt": b"x", f"{store}/a.txt": b"x", f"{own}": b"x", f"{store}/z/{run_id}x/a": b"x"}
    for name, data in {**objects, **others}.items():
        fs.pipe(name, data)
    ask = {"op": "objects", "run_id": run_id, "location": own, "entry": ENTRY}
    trash = f"s3://bucket/data/.runweave/trash/cleanup-{run_id}/0"
    yield ask, trash, listing(fs)
    fs.rm("s3://bucket/data", recursive=True)


def listing(fs) -> dict[str, bytes]:
    return {name: fs.cat_file(name) for name in fs.find("s3://bucket")}


def moved(before: dict[str, bytes], source: str, target: str) -> dict[str, bytes]:
    there, to = source.removeprefix("s3://"), target.removeprefix("s3://")
    return {(to + name.removeprefix(there) if name.startswith(f"{there}/") else name): d for name, d in before.items()}


def test_looks_at_what_there_is(worker, attempt):
    ask, trash, _ = attempt
    assert worker.request(**ask, action="look") == {"id": worker_id(worker), "ok": True, "objects": 2, "bytes": 8}
    nothing = worker.request(**{**ask, "location": trash}, action="look")
    assert (nothing["objects"], nothing["bytes"]) == (0, 0)


def worker_id(worker) -> int:
    return next(worker._ids) - 1


@pytest.mark.parametrize("exact", [True, False])
def test_moves_to_the_trash_and_back(worker, fs, attempt, exact):
    ask, trash, before = attempt
    for _ in range(2):
        assert worker.request(**ask, action="move", target=trash, exact=exact)["left"] == 0
        assert listing(fs) == moved(before, ask["location"], trash)
    back = {**ask, "location": trash, "target": ask["location"]}
    assert worker.request(**back, action="move", exact=exact)["left"] == 0
    assert listing(fs) == before


def test_goes_on_with_a_move_that_was_cut_off(worker, fs, attempt):
    ask, trash, before = attempt
    fs.cp_file(f"{ask['location']}/a.txt", f"{trash}/a.txt")
    assert worker.request(**ask, action="move", target=trash)["left"] == 0
    assert listing(fs) == moved(before, ask["location"], trash)
    # Cut off while the originals were removed.
    fs.pipe(f"{ask['location']}/a.txt", b"one")
    assert worker.request(**ask, action="move", target=trash)["left"] == 0
    assert listing(fs) == moved(before, ask["location"], trash)


def test_removes_what_is_its_own_and_nothing_else(worker, fs, attempt):
    ask, _, before = attempt
    assert worker.request(**ask, action="remove")["left"] == 0
    own = ask["location"].removeprefix("s3://") + "/"
    assert listing(fs) == {name: data for name, data in before.items() if not name.startswith(own)}
    assert worker.request(**ask, action="remove")["ok"]


@pytest.mark.parametrize("action", ["look", "move", "remove"])
@pytest.mark.parametrize(
    "location",
    ["s3://bucket/data", "s3://bucket", "s3://{run_id}/data", "s3://bucket/{run_id}", "s3://bucket/data/{run_id}/../x",
     "s3://bucket//data/{run_id}", "/tmp/data/{run_id}", "s3://bucket/data/{run_id}x/y", ""],
)  # fmt: skip
def test_refuses_every_other_place(worker, fs, attempt, action, location):
    ask, trash, before = attempt
    place = location.format(run_id=ask["run_id"])
    targets = {"target": trash} if action == "move" else {}
    reply = worker.request(**{**ask, "location": place}, action=action, **targets)
    assert reply["error"]["message"] == f"{place} is not a path of {ask['run_id']}"
    if action == "move":
        assert not worker.request(**ask, action="move", target=place)["ok"]
    assert listing(fs) == before


def test_a_copy_with_another_checksum_is_none_where_it_has_to_be_exact(worker, fs, attempt):
    ask, trash, _ = attempt
    with fs.open(f"{ask['location']}/large.bin", "wb", block_size=5 << 20) as file:
        file.write(b"x" * BEYOND_ONE_PART * 2)
    before = listing(fs)
    assert "-" in fs.info(f"{ask['location']}/large.bin")["ETag"]
    reply = worker.request(**ask, action="move", target=trash, exact=True)
    assert reply["error"]["code"] == "copy-inexact"
    assert listing(fs) == before
    assert worker.request(**ask, action="move", target=trash)["ok"]
    assert listing(fs) == moved(before, ask["location"], trash)


def test_what_the_storage_refuses_is_told_without_a_secret(worker, attempt, server):
    ask, _, _ = attempt
    entry = {"config": {**FAR, "credentials": None, "fs_args": {"key": "nobody", "secret": "a-secret-of-mine"}}}
    fs_args = {"client_kwargs": {"endpoint_url": server["endpoint"], "region_name": "us-east-1"}}
    entry["config"]["fs_args"].update(fs_args)
    reply = worker.request(**{**ask, "entry": entry}, action="look")
    assert reply["error"]["code"] == "storage-failed"
    assert server["secret"] not in str(reply)
