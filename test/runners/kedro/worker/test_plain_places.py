"""Plain places on object storage: what a publication finds, keeps, replaces and puts back, by the worker."""

from __future__ import annotations

import hashlib

import pytest
from rig import new_run_id, text_entry
from s3 import credentials_file

PIPELINES = """
def register_pipelines():
    return {"__default__": pipeline([node(lambda word: word, "params:word", "far", name="make")])}
"""
FAR = text_entry("s3://bucket/data/far.txt", credentials="store")
ENTRY = {"config": FAR, "versioned": False}
PLAIN = "s3://bucket/data/far.txt"


@pytest.fixture(scope="module")
def worker(workers, server):
    return workers(catalog={"far": FAR}, pipelines=PIPELINES, parameters={"word": "a"}, files=credentials_file(server))


@pytest.fixture
def own(fs):
    run_id = new_run_id()
    yield f"s3://bucket/data/.runweave/far.txt-1/{run_id}"
    fs.rm("s3://bucket/data", recursive=True)


@pytest.fixture
def ask(worker, own):
    """Return what asks the worker about the version at a location of the attempt's own."""

    def ask(action: str, location: str = f"{own}/far.txt", **more) -> dict:
        run_id = own.rpartition("/")[2]
        return worker.request(op="publish", action=action, run_id=run_id, location=location, entry=ENTRY, **more)

    return ask


def etag(data: bytes) -> str:
    return f"s3:etag:{hashlib.md5(data, usedforsecurity=False).hexdigest()}"


def test_looks_at_what_would_be_replaced(ask, own, fs):
    fs.pipe(f"{own}/far.txt", b"new")
    assert ask("look", target=PLAIN)["files"] == [{"path": PLAIN, "hash": etag(b"new"), "former": None}]
    fs.pipe(PLAIN, b"old")
    assert ask("look", target=PLAIN)["files"] == [{"path": PLAIN, "hash": etag(b"new"), "former": etag(b"old")}]
    fs.pipe({f"{own}/parts/a": b"1", f"{own}/parts/sub/b": b"2", "bucket/data/parts/sub/b": b"3"})
    target = "s3://bucket/data/parts"
    assert ask("look", location=f"{own}/parts", target=target)["files"] == [
        {"path": f"{target}/a", "hash": etag(b"1"), "former": None},
        {"path": f"{target}/sub/b", "hash": etag(b"2"), "former": etag(b"3")},
    ]
    assert "is gone" in ask("look", location=f"{own}/other.txt", target=PLAIN)["error"]["message"]
    assert "is a folder" in ask("look", target=target)["error"]["message"]


def test_keeps_what_stood_there_once(ask, own, fs):
    fs.pipe({f"{own}/far.txt": b"new", PLAIN: b"old"})
    files = [{"path": PLAIN, "former": etag(b"old"), "kept": f"{own}/before-1/0"}]
    for _ in range(2):
        assert ask("keep", files=files)["ok"]
        assert fs.cat(f"{own}/before-1/0") == b"old"
        # What was published is never taken for what stood there.
        assert ask("copy", target=PLAIN)["ok"]
        assert fs.cat(PLAIN) == b"new"


def test_what_is_something_else_by_now_is_not_kept(ask, own, fs):
    fs.pipe(PLAIN, b"other")
    assert ask("keep", files=[{"path": PLAIN, "former": etag(b"old"), "kept": f"{own}/before-1/0"}])["ok"]
    assert not fs.exists(f"{own}/before-1/0")
    assert ask("keep", files=[{"path": PLAIN, "former": None, "kept": f"{own}/rollback-1/0"}])["ok"]
    assert fs.cat(f"{own}/rollback-1/0") == b"other"


@pytest.mark.parametrize(
    ("contents", "state"),
    [
        ((b"old", b"old", b"new"), "published"),
        ((b"old", b"old", b"old"), "as-before"),
        ((b"old", b"old", b"other"), "changed"),
        ((b"old", b"old", None), "changed"),
        ((b"old", None, b"new"), "former-lost"),
        ((b"old", None, b"old"), "as-before"),
        ((b"whole", b"in parts", b"in parts"), "as-before"),
        ((None, None, b"new"), "published"),
        ((None, None, b"other"), "changed"),
        ((None, None, None), "as-before"),
    ],
)
def test_judges_and_undoes(ask, own, fs, contents, state):
    former, kept, now = contents
    at = f"{own}/before-1/0" if former else None
    fs.pipe(f"{own}/far.txt", b"new")
    if kept is not None:
        fs.pipe(at, kept)
    if now is not None:
        fs.pipe(PLAIN, now)
    file = {"path": PLAIN, "hash": etag(b"new"), "former": former and etag(former), "kept": at}
    assert ask("judge", files=[file])["states"] == [state]
    if state == "former-lost":
        return
    assert ask("undo", files=[{"path": PLAIN, "kept": at}])["ok"]
    assert (fs.cat(PLAIN) if fs.exists(PLAIN) else None) == (kept if former and kept else now if former else None)
    assert kept is None or not fs.exists(at)


@pytest.mark.parametrize(
    ("action", "files"),
    [
        ("keep", [{"path": PLAIN, "former": None, "kept": "s3://bucket/elsewhere/0"}]),
        ("undo", [{"path": PLAIN, "kept": "s3://bucket/elsewhere/0"}]),
        ("keep", [{"path": "gs://bucket/x", "former": None, "kept": "{own}/before-1/0"}]),
        ("erase", []),
    ],
)
def test_refuses_what_no_publication_asks_for(ask, own, fs, action, files):
    fs.pipe({PLAIN: b"old", "s3://bucket/data/x": b"x"})
    files = [{**file, "kept": file["kept"].replace("{own}", own)} for file in files]
    assert not ask(action, files=files)["ok"]
    assert fs.cat(PLAIN) == b"old"
