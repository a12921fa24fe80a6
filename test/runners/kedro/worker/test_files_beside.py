"""Files that a dataset class writes beside its main one, in the folder of its version: they are part of the version."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from resume_rig import contents, killed, nodes_of, resumed
from rig import text_entry

KINDS = """
import os
from pathlib import Path
from kedro_datasets.text import TextDataset

class IndexedDataset(TextDataset):
    # What it says is half in its own file, half in another; an index is made when it is loaded first.
    def save(self, data):
        meta = Path(self._get_save_path().parent, "parts", "meta")
        super().save(data)
        meta.parent.mkdir(exist_ok=True)
        meta.write_text(data.upper())

    def load(self):
        folder = Path(self._get_load_path().parent)
        (folder / "index").write_text("made on loading")
        meta = folder / "parts/meta"
        return super().load() + (meta.read_text() if meta.exists() else "")

class LitteringDataset(TextDataset):
    def save(self, data):
        super().save("made")
        folder = Path(self._get_save_path().parent)
        if data == "odd":
            open(os.fsencode(folder) + b"/\\xff", "w").close()
        else:
            for number in range(int(data)):
                (folder / str(number)).touch()
"""
PIPELINES = """
import os, signal
from pathlib import Path
def make(text): return text
def same(data): return data
def die_if(data):
    if (Path(__file__).parents[2] / "die").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return data
def meddle(text, path, content):
    Path(path).write_text(content) if content else Path(path).unlink()
    return text
def register_pipelines():
    first = node(make, "raw", "made", name="make")
    return {
        "make": pipeline([first]),
        "versioned": pipeline([node(make, "raw", "kept", name="keep")]),
        "use": pipeline([node(same, "made", "used", name="use")]),
        "both": pipeline([first, node(same, "made", "used", name="use")]),
        "chain": pipeline([first, node(same, "made", "used", name="use"), node(die_if, "used", "last", name="last")]),
        "cut": pipeline([first, node(die_if, "raw", "used", name="pause"),
                         node(lambda made, used: made + used, ["made", "used"], "last", name="last")]),
        "litter": pipeline([node(same, "params:files", "litter", name="litter")]),
        "meddle": pipeline([node(meddle, ["raw", "params:path", "params:content"], "used", name="meddle"),
                            node(lambda made, used: made, ["made", "used"], "last", name="last")]),
    }
"""
CATALOG = {
    **{name: text_entry(f"data/{name}.txt") for name in ("raw", "used", "last")},
    "made": {"type": "toy.kinds.IndexedDataset", "filepath": "data/made.txt"},
    "kept": {"type": "toy.kinds.IndexedDataset", "filepath": "data/kept.txt", "versioned": True},
    "litter": {"type": "toy.kinds.LitteringDataset", "filepath": "data/litter.txt"},
}


@pytest.fixture(scope="module")
def worker(workers):
    files = {"src/toy/kinds.py": KINDS, "data/raw.txt": "raw"}
    parameters = {"files": "0", "path": "", "content": ""}
    made = workers(catalog=CATALOG, pipelines=PIPELINES, parameters=parameters, files=files)
    assert made.ready()["event"] == "ready", made.log.read_text()
    return made


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(files: dict[str, str]) -> str:
    return "sha256:" + sha256("".join(sorted(f"{sha256(text)}  {name}\n" for name, text in files.items())))


def consumed(upstream) -> dict:
    output = upstream.outputs["made"]
    given = upstream.as_input("made", hash=output["hash"], beside=output["beside"])
    return {"inputs": {"made": given}, "load_versions": {"made": upstream.run_id}}


def meta_of(run) -> Path:
    return Path(run.of("dataset.saved")[0]["location"]).parent / "parts/meta"


@pytest.mark.parametrize("runner", ["SequentialRunner", "ParallelRunner"])
@pytest.mark.parametrize(("pipeline", "name"), [("make", "made"), ("versioned", "kept")])
def test_hash_and_size_are_of_all_of_them_and_they_are_named(worker, pipeline, name, runner):
    output = worker.succeed(pipeline, runner=runner).outputs[name]
    assert output["beside"] == ["parts/meta"]
    assert (output["bytes"], output["hash"]) == (6, hash_of({f"{name}.txt": "raw", "parts/meta": "RAW"}))


def test_where_there_are_none_nothing_is_said_of_them(worker):
    run = worker.succeed("both")
    assert "beside" not in run.outputs["used"]
    assert run.outputs["used"]["hash"] == f"sha256:{sha256('rawRAW')}"
    assert "beside" not in run.of("node.finished")[1]["outputs"]["used"]


def test_what_was_there_at_the_end_of_the_run_counts(worker):
    run = worker.succeed("both")
    assert run.outputs["made"]["beside"] == ["index", "parts/meta"]
    assert run.of("node.finished")[0]["outputs"]["made"]["beside"] == ["parts/meta"]
    files = {"made.txt": "raw", "parts/meta": "RAW", "index": "made on loading"}
    assert run.outputs["made"]["hash"] == hash_of(files)


def test_what_a_load_puts_beside_a_version_later_does_not_change_it(worker):
    upstream = worker.succeed("make")
    for _ in range(2):
        run = worker.succeed("use", **consumed(upstream))
        assert run.manifest["loads"]["made"]["hash"] == upstream.outputs["made"]["hash"]
    assert (meta_of(upstream).parents[1] / "index").exists()


@pytest.mark.parametrize("content", ["edited", ""])
def test_a_run_that_loads_a_version_with_another_file_beside_it_or_without_one_fails(worker, content):
    upstream = worker.succeed("make")
    meddling = {"path": str(meta_of(upstream)), "content": content}
    run = worker.fail("meddle", **consumed(upstream), runtime_params=meddling)
    assert run.error().startswith("PinMismatch: 'made' was pinned to ")
    read = hash_of({"made.txt": "raw", "parts/meta": content}) if content else f"sha256:{sha256('raw')}"
    assert f"loaded {read}" in run.error()


def test_a_run_goes_on_with_all_of_a_version_and_names_what_belongs_to_it(worker):
    first = killed(worker, "cut", "")
    assert nodes_of(first).startswith("make")
    (meta_of(first).parents[1] / "index").write_text("somebody has looked at it")
    second = resumed(worker, "cut", first)
    assert contents(second) == contents(worker.succeed("make")) | {
        "used": f"sha256:{sha256('raw')}",
        "last": f"sha256:{sha256('rawRAWraw')}",
    }
    assert nodes_of(second) == "pause last"
    assert second.outputs["made"]["beside"] == ["parts/meta"]
    assert second.outputs["made"]["version"] == first.run_id


@pytest.mark.parametrize("change", ["edited", "gone"])
def test_a_node_whose_file_beside_has_changed_runs_again(worker, change):
    first = killed(worker, "chain", "")
    if change == "gone":
        meta_of(first).unlink()
    else:
        meta_of(first).write_text("ROW")
    second = resumed(worker, "chain", first)
    assert "make" in nodes_of(second).split()
    assert second.data("last") == "rawRAW"
    assert "'make' runs again: what it saved as 'made' is gone, or has changed" in second.log.read_text()


def test_so_many_files_that_they_can_not_be_recorded_are_refused(worker):
    assert len(worker.succeed("litter", runtime_params={"files": "1000"}).outputs["litter"]["beside"]) == 1000
    run = worker.fail("litter", runtime_params={"files": "1001"})
    assert run.error().startswith("OutputRefused: ")
    assert "more than 1000 files beside it" in run.error()


def test_a_name_that_is_no_text_is_refused(worker):
    run = worker.fail("litter", runtime_params={"files": "odd"})
    assert run.error().startswith("OutputRefused: ")
    assert r"'\udcff'" in run.error()
