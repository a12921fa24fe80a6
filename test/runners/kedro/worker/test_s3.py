"""Versions on object storage, against a real S3 server of the test's own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from rig import Worker, make_project, new_run_id, text_entry
from s3 import credentials_file

PIPELINES = """
def register_pipelines():
    return {
        "make": pipeline([node(lambda word: word, "params:word", "far", name="make")]),
        "shout": pipeline([node(lambda text: text.upper(), "far", "near", name="shout")]),
        "keep": pipeline([node(lambda word: word, "params:word", "kept", name="keep")]),
        "use_kept": pipeline([node(lambda text: text + "!", "kept", "far", name="use")]),
        "parts": pipeline([node(lambda word: {"a": word, "b": word * 2}, "params:word", "parts", name="split")]),
        "join": pipeline([node(lambda parts: "".join(parts[p]() for p in parts), "parts", "near", name="join")]),
        "gather": pipeline([node(lambda texts: "".join(texts.values()), "parts", "near", name="gather")]),
        "memory": pipeline([node(lambda word: {"word": word}, "params:word", "loose", name="loose")]),
        "cached": pipeline([node(lambda word: word, "params:word", "cached", name="cache")]),
        "crowded": pipeline([node(lambda parts: "", "crowd", "near", name="crowd")]),
        "__default__": pipeline([]),
    }
"""


def far(name: str, **more) -> dict:
    return text_entry(f"s3://bucket/data/{name}", credentials="store", **more)


CATALOG = {
    "far": far("far.txt"),
    "kept": far("kept.txt", versioned=True),
    "near": text_entry("data/near.txt"),
    "parts": {
        "type": "partitions.PartitionedDataset",
        "path": "s3://bucket/parts",
        "filename_suffix": ".txt",
        "dataset": "text.TextDataset",
        "credentials": "store",
    },
    "cached": {"type": "CachedDataset", "dataset": far("cached.txt")},
    "crowd": {
        "type": "partitions.PartitionedDataset",
        "path": "s3://bucket/data",
        "filename_suffix": ".txt",
        "dataset": "text.TextDataset",
        "credentials": "store",
    },
}


@pytest.fixture(scope="module")
def worker(workers, server):
    return workers(catalog=CATALOG, pipelines=PIPELINES, parameters={"word": "a"}, files=credentials_file(server))


@pytest.fixture
def locked_out(tmp_path, server):
    """A worker over the same data with a wrong secret."""
    parts = {"catalog": CATALOG, "pipelines": PIPELINES, "parameters": {"word": "a"}}
    root = make_project(tmp_path / "p", **parts, files=credentials_file(server, secret="wrong-secret-of-mine"))
    worker = Worker(root, tmp_path / "s")
    yield worker
    worker.close()


def everything_written(worker) -> bytes:
    """Return all that the worker wrote on this machine, its data included."""
    return b"".join(path.read_bytes() for path in worker.state.rglob("*") if path.is_file())


def test_remote_data_stay_beside_where_they_are(worker, fs):
    run = worker.succeed("make", outputs=["far"])
    output = run.outputs["far"]
    assert output["location"].startswith("s3://bucket/data/.runweave/far.txt-")
    assert output["location"].endswith(f"/{run.run_id}/far.txt")
    assert output["hash"] == f"s3:etag:{hashlib.md5(b'a').hexdigest()}"
    assert output["bytes"] == 1
    assert fs.cat(output["location"]) == b"a"
    assert not fs.exists("s3://bucket/data/far.txt")


def test_consumed_by_another_run_and_local_data_stay_local(worker):
    make = worker.succeed("make", outputs=["far"], runtime_params={"word": "deep"})
    shout = worker.succeed("shout", inputs={"far": {**make.as_input("far"), "hash": make.outputs["far"]["hash"]}})
    assert shout.data("near") == "DEEP"
    assert shout.outputs["near"]["location"].startswith(str(worker.state / "data"))
    assert shout.loaded("far") == {"version": make.run_id, "location": make.outputs["far"]["location"]}


def test_two_runs_at_once_do_not_meet(worker, fs):
    runs = [worker.start("make", runtime_params={"word": word}) for word in ("one", "two", "three")]
    for run, word in zip(runs, ("one", "two", "three"), strict=True):
        run.wait()
        assert fs.cat(run.outputs["far"]["location"]) == word.encode(), run.story()


def test_a_prefix_of_the_workflow_s_own(worker):
    run = worker.succeed("make", remote_stores={"s3": "s3://other/store"})
    assert run.outputs["far"]["location"].startswith("s3://other/store/far.txt-")


def test_versioned_by_the_project(worker):
    first = worker.succeed("keep", runtime_params={"word": "first"})
    assert first.outputs["kept"]["location"] == f"s3://bucket/data/kept.txt/{first.run_id}/kept.txt"
    second = worker.succeed("keep", runtime_params={"word": "second"})
    assert worker.probe(["use_kept"])["datasets"]["kept"]["latest_version"] == second.run_id
    frozen = worker.succeed("use_kept", load_versions={"kept": first.run_id}, outputs=["far"])
    assert frozen.manifest["loads"]["kept"]["version"] == first.run_id
    consumed = worker.succeed("use_kept", inputs={"kept": first.as_input("kept")}, load_versions={"kept": first.run_id})
    assert consumed.outputs["far"]["hash"] == frozen.outputs["far"]["hash"]


def test_versions_of_attempts_that_failed_do_not_count(worker):
    whole = worker.succeed("keep")
    worker.succeed("keep", run_id=(broken := new_run_id()))
    (worker.state / "attempts" / broken / "manifest").unlink()
    slices = {"s": {"pipeline_names": ["use_kept"], "filters": {}}}
    reply = worker.request(op="probe", runtime_params={}, slices=slices, attempts=str(worker.state / "attempts"))
    assert reply["facts"]["slices"]["s"]["datasets"]["kept"]["latest_version"] == whole.run_id


def test_looking_at_storage_leaves_the_zygote_fit_to_fork(worker):
    threads = Path(f"/proc/{worker.process.pid}/task")
    before = len(list(threads.iterdir()))
    worker.probe(["use_kept"])
    assert len(list(threads.iterdir())) == before


def test_partitions(worker, fs):
    split = worker.succeed("parts", outputs=["parts"], runtime_params={"word": "x"})
    location = split.outputs["parts"]["location"]
    assert location.startswith("s3://bucket/.runweave/parts-")
    assert split.outputs["parts"]["bytes"] == 3
    source = {**split.as_input("parts"), "hash": split.outputs["parts"]["hash"]}
    assert worker.succeed("join", inputs={"parts": source}).data("near") == "xxx"
    fs.pipe(f"{location}/a.txt", b"spoilt")
    assert "input-changed" in worker.fail("join", inputs={"parts": source}).error()


def test_several_arms_as_one_mapping(worker, fs):
    runs = [worker.succeed("make", outputs=["far"], runtime_params={"word": word}) for word in ("p", "q")]
    each = {f"arm{index}": run.as_input("far") for index, run in enumerate(runs)}
    assert worker.succeed("gather", inputs={"parts": {"each": each}}).data("near") == "pq"
    fs.rm(runs[1].outputs["far"]["location"])
    assert "input-missing" in worker.fail("gather", inputs={"parts": {"each": each}}).error()


def test_cached_datasets_and_datasets_in_memory(worker):
    cached = worker.succeed("cached", outputs=["cached"])
    assert cached.outputs["cached"]["location"].startswith("s3://bucket/data/.runweave/")
    assert cached.outputs["cached"]["hash"].startswith("s3:etag:")
    loose = worker.succeed("memory", outputs=["loose"])
    assert loose.outputs["loose"]["location"].startswith(str(worker.state / "data"))


def test_a_consumed_version_that_is_gone(worker, fs):
    make = worker.succeed("make", outputs=["far"])
    fs.rm(make.outputs["far"]["location"])
    error = worker.fail("shout", inputs={"far": make.as_input("far")}).error()
    assert "input-missing" in error
    assert make.run_id in error


def test_a_consumed_version_that_somebody_wrote_over(worker, fs):
    make = worker.succeed("make", outputs=["far"])
    fs.pipe(make.outputs["far"]["location"], b"other")
    source = {**make.as_input("far"), "hash": make.outputs["far"]["hash"]}
    failed = worker.fail("shout", inputs={"far": source})
    assert "input-changed" in failed.error()
    assert failed.outputs == {}


def describe_seen(content: dict) -> dict:
    return {
        "location": content["path"],
        "bytes": content["bytes"],
        "modified_ms": None,
        "hash": content["hash"],
    }


def test_what_is_only_read_is_what_the_plan_saw(worker, fs):
    fs.pipe("bucket/data/far.txt", b"raw")
    content = worker.probe(["shout"])["datasets"]["far"]["content"]
    etag = hashlib.md5(b"raw", usedforsecurity=False).hexdigest()
    assert content == {"path": "s3://bucket/data/far.txt", "bytes": 3, "hash": f"s3:etag:{etag}"}
    seen = {"far": describe_seen(content)}
    assert worker.succeed("shout", seen=seen).data("near") == "RAW"
    fs.pipe("bucket/data/far.txt", b"new")
    failed = worker.fail("shout", seen=seen)
    assert f"'far' at s3://bucket/data/far.txt was s3:etag:{etag} when the plan was made" in failed.error()
    fs.rm("bucket/data/far.txt")
    assert "content" not in worker.probe(["shout"])["datasets"]["far"]
    assert "input-missing" in worker.fail("shout", seen=seen).error()


def test_a_version_that_is_only_read_too(worker, fs):
    kept = worker.succeed("keep", runtime_params={"word": "then"})
    content = worker.probe(["use_kept"])["datasets"]["kept"]["content"]
    assert content["path"] == kept.outputs["kept"]["location"]
    assert content["hash"] == kept.outputs["kept"]["hash"]
    fs.pipe(content["path"], b"spoilt")
    pins = {"load_versions": {"kept": kept.run_id}, "seen": {"kept": describe_seen(content)}}
    assert "input-changed" in worker.fail("use_kept", **pins).error()


def test_and_partitions(worker, fs):
    fs.pipe({"bucket/parts/a.txt": b"x", "bucket/parts/b.txt": b"y", "bucket/parts/notes.md": b"no data"})
    seen = {"parts": describe_seen(worker.probe(["join"])["datasets"]["parts"]["content"])}
    fs.pipe("bucket/parts/notes.md", b"no data either")
    assert worker.succeed("join", seen=seen).data("near") == "xy"
    fs.pipe("bucket/parts/b.txt", b"z")
    assert "input-changed" in worker.fail("join", seen=seen).error()
    fs.rm("bucket/parts", recursive=True)


def test_nobody_looks_at_what_is_supplied(worker, fs):
    fs.pipe("bucket/data/far.txt", b"raw")
    slices = {"s": {"pipeline_names": ["shout"], "filters": {}, "supplied": ["far"]}}
    facts = worker.request(op="probe", runtime_params={}, slices=slices)["facts"]
    assert "content" not in facts["slices"]["s"]["datasets"]["far"]
    fs.rm("bucket/data/far.txt")


def test_a_folder_of_partitions_that_would_list_what_other_runs_save(worker):
    error = worker.fail("crowded").error()
    assert "store-in-data" in error
    assert "s3://bucket/data/.runweave" in error
    assert "store-in-data" not in worker.run("crowded", remote_stores={"s3": "s3://other/store"}).story()


def test_wrong_credentials_are_told_without_showing_them(worker, locked_out, server):
    make = worker.succeed("make", outputs=["far"])
    problems = locked_out.probe(["use_kept"])["problems"]
    assert [problem["code"] for problem in problems] == ["remote-unreadable"], problems
    assert "credentials" in problems[0]["hint"]
    reading = locked_out.fail("shout", inputs={"far": make.as_input("far")})
    assert "input-unreadable" in reading.error()
    writing = locked_out.fail("make")
    assert "far" in writing.error()
    told = str(problems).encode() + everything_written(locked_out)
    assert b"wrong-secret-of-mine" not in told
    assert server["key"].encode() not in told


def test_no_secret_in_anything_that_is_written(worker, server):
    make = worker.succeed("make", outputs=["far"])
    worker.succeed("shout", inputs={"far": make.as_input("far")})
    told = everything_written(worker)
    assert server["secret"].encode() not in told
    assert server["key"].encode() not in told
