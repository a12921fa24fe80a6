"""What a load found is told, and compared with what upstream recorded and with what the plan saw."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from rig import text_entry
from runweave_worker.data.checksum import flush_local, hash_local
from runweave_worker.data.walk_data import NotData

PIPELINES = """
import os
def make(): return "made"
def same(data): return data
def count(parts): return str(len(parts))
def meddle(data, path, content):
    with open(path, "w") as file:
        file.write(content)
    return data
def register_pipelines():
    read = node(same, "raw", "read", name="read")
    return {
        "make": pipeline([node(make, None, "made", name="make")]),
        "use": pipeline([node(same, "made", "used", name="use")]),
        "read": pipeline([read]),
        "versioned": pipeline([node(same, "kept", "read", name="read")]),
        "folder": pipeline([node(count, "parts", "counted", name="count")]),
        "meddle": pipeline([
            node(meddle, ["first", "params:path", "params:content"], "barrier", name="meddle"),
            node(lambda raw, _: raw, ["raw", "barrier"], "read", name="read"),
        ]),
        "meddle_upstream": pipeline([
            node(meddle, ["first", "params:path", "params:content"], "barrier", name="meddle"),
            node(lambda made, _: made, ["made", "barrier"], "used", name="use"),
        ]),
        "__default__": pipeline([read]),
    }
"""
CATALOG = {
    "raw": text_entry("data/raw.txt"),
    "first": text_entry("data/first.txt"),
    "read": text_entry("data/read.txt"),
    "made": text_entry("data/made.txt"),
    "used": text_entry("data/used.txt"),
    "counted": text_entry("data/counted.txt"),
    "kept": text_entry("data/kept.txt", versioned=True),
    "parts": {
        "type": "partitions.PartitionedDataset",
        "path": "data/parts",
        "dataset": "text.TextDataset",
        "filename_suffix": ".txt",
    },
}
VERSION = "2024-01-01T00.00.00.000Z"


@pytest.fixture(scope="module")
def worker(workers):
    files = {
        "data/raw.txt": "raw",
        "data/first.txt": "first",
        f"data/kept.txt/{VERSION}/kept.txt": "kept",
        "data/parts/a.txt": "A",
        "data/parts/b.txt": "BB",
        "data/parts/c.log": "no part of it",
    }
    made = workers(catalog=CATALOG, pipelines=PIPELINES, parameters={"path": "", "content": ""}, files=files)
    assert made.ready()["event"] == "ready"
    return made


def sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def load_of(run, dataset: str) -> dict:
    (load,) = [each for each in run.of("dataset.loaded") if each["dataset"] == dataset]
    return load


def seen(path: Path, *, hashed: bool = True) -> dict:
    """Return what planning notes of a file, its time as a JavaScript number holds it."""
    found = path.stat()
    digest = sha256(path.read_text()) if hashed else None
    return {"location": str(path), "bytes": found.st_size, "modified_ms": found.st_mtime_ns / 1e6, "hash": digest}


def test_size_and_hash_of_what_nobody_gives(worker):
    load = load_of(worker.succeed("read"), "raw")
    assert (load["bytes"], load["hash"]) == (3, sha256("raw"))


def test_of_a_version_of_the_project(worker):
    run = worker.succeed("versioned", load_versions={"kept": VERSION})
    load = load_of(run, "kept")
    assert (load["version"], load["bytes"], load["hash"]) == (VERSION, 4, sha256("kept"))
    assert run.manifest["loads"]["kept"]["hash"] == sha256("kept")


def test_of_a_folder_only_its_partitions_count(worker):
    load = load_of(worker.succeed("folder"), "parts")
    lines = "".join(sorted(f"{sha256(text)[7:]}  {name}\n" for name, text in (("a.txt", "A"), ("b.txt", "BB"))))
    assert (load["bytes"], load["hash"]) == (3, sha256(lines))


def test_what_is_consumed_is_what_upstream_recorded(worker):
    upstream = worker.succeed("make")
    given = upstream.as_input("made", hash=upstream.outputs["made"]["hash"])
    load = load_of(worker.succeed("use", inputs={"made": given}, load_versions={"made": upstream.run_id}), "made")
    assert (load["version"], load["hash"]) == (upstream.run_id, upstream.outputs["made"]["hash"])


def test_a_run_that_loaded_something_else_than_upstream_saved_fails(worker):
    upstream = worker.succeed("make")
    location = upstream.outputs["made"]["location"]
    run = worker.fail(
        "meddle_upstream",
        inputs={"made": upstream.as_input("made", hash=upstream.outputs["made"]["hash"])},
        load_versions={"made": upstream.run_id},
        runtime_params={"path": location, "content": "mended"},
    )
    assert run.error().startswith("PinMismatch: 'made' was pinned to ")
    assert sha256("made") in run.error()
    assert sha256("mended") in run.error()


def test_of_a_consumed_folder_too(worker):
    parts = str(worker.project / "data/parts")
    loaded = load_of(worker.succeed("folder"), "parts")["hash"]
    entry = {"config": CATALOG["parts"], "versioned": False}
    given = {"version": VERSION, "dataset": "parts", "location": parts, "entry": entry}
    for as_what in ("upstream", "downstream"):
        worker.succeed("folder", inputs={"parts": {**given, "hash": loaded, "as": as_what}})
    spoilt = {**given, "hash": sha256("other")}
    assert worker.fail("folder", inputs={"parts": {**spoilt, "as": "upstream"}}).error().startswith("PinMismatch")
    # By its own entry it may take other files of the folder for data.
    worker.succeed("folder", inputs={"parts": {**spoilt, "as": "downstream"}})


def test_a_run_that_loaded_something_else_than_the_plan_saw_fails(worker):
    raw = worker.project / "data/raw.txt"
    planned = seen(raw)
    try:
        run = worker.fail("meddle", seen={"raw": planned}, runtime_params={"path": str(raw), "content": "rewritten"})
    finally:
        raw.write_text("raw")
    assert run.error().startswith(f"PinMismatch: 'raw' was {sha256('raw')} (3 bytes of ")
    assert f"node 'read' loaded {sha256('rewritten')} (9 bytes of " in run.error()


def test_a_file_that_was_only_touched_is_what_it_was_unless_nobody_hashed_it(worker):
    raw = worker.project / "data/raw.txt"
    hashed, unhashed = seen(raw), seen(raw, hashed=False)
    worker.succeed("read", seen={"raw": unhashed})
    os.utime(raw, ns=(raw.stat().st_atime_ns, raw.stat().st_mtime_ns + 2_000_000))
    worker.succeed("read", seen={"raw": hashed})
    assert worker.fail("read", seen={"raw": unhashed}).error().startswith("PinMismatch")


def test_what_floats_may_change(worker):
    raw = worker.project / "data/raw.txt"
    worker.succeed("read", seen={"raw": {**seen(raw), "hash": sha256("other")}}, floating=["raw"])


def test_large_data_have_a_size_alone(worker, monkeypatch):
    from runweave_worker.data import content

    monkeypatch.setattr(content, "FILE_LIMIT", 2)
    found = content.observe_content(str(worker.project / "data/raw.txt"), "", object())
    assert (found.bytes, found.hash) == (3, None)
    assert found.modified_ms is not None


def test_a_folder_in_which_nobody_wrote_is_not_read_again(worker, monkeypatch):
    from runweave_worker.data import content
    from runweave_worker.data.checksum import mark_local

    parts = str(worker.project / "data/parts")
    known = {"location": parts, "bytes": 3, "modified_ms": 1.0, "hash": "known", "mark": mark_local(parts, ".txt")}
    monkeypatch.setattr(content, "hash_local", None)
    assert content.observe_content(parts, ".txt", object(), known).hash == "known"
    (worker.project / "data/parts/a.txt").touch()
    monkeypatch.undo()
    assert (
        content.observe_content(parts, ".txt", object(), known).hash
        == load_of(worker.succeed("folder"), "parts")["hash"]
    )


def test_a_folder_that_is_no_longer_what_the_plan_saw_fails_the_run(worker):
    parts = str(worker.project / "data/parts")
    known = {"location": parts, "bytes": 3, "modified_ms": 1.0, "hash": sha256("other"), "mark": "another"}
    assert (
        worker.fail("folder", seen={"parts": known}).error().startswith(f"PinMismatch: 'parts' was {sha256('other')}")
    )


def test_a_version_of_the_project_that_was_written_again_fails_the_run(worker):
    kept = worker.project / f"data/kept.txt/{VERSION}/kept.txt"
    planned = {**seen(kept), "hash": sha256("before")}
    run = worker.fail("versioned", load_versions={"kept": VERSION}, seen={"kept": planned})
    assert run.error().startswith(f"PinMismatch: 'kept' was {sha256('before')}")
    assert f"loaded {sha256('kept')}" in run.error()


@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_what_is_no_data_is_refused_in_time(tmp_path, kind):
    """Nobody writes into the pipe: who opened it would wait for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    link = tmp_path / "link"
    link.symlink_to(pipe)
    path = str(pipe if kind == "pipe" else link)
    for ask in (hash_local, flush_local):
        with pytest.raises(NotData, match="is neither a file nor a folder"):
            ask(path)
