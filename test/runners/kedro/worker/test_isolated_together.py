"""Entries whose places are equal or nested move together, by resolved location and not by name (F23, F28, F29)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from isolation_rig import plain_paths_untouched
from rig import json_entry, text_entry

PIPELINES = """
import json
def one(): return "1"
def as_text(data, _): return json.dumps(json.loads(data))
def partitions(): return {"a": "A", "b": "B"}
def names(parts): return ",".join(sorted(parts))

def register_pipelines():
    return {
        "alias": pipeline([
            node(lambda: {"v": "new"}, None, "plain", name="write"),
            node(lambda plain: "done", "plain", "barrier", name="barrier"),
            node(as_text, ["alias_of_plain", "barrier"], "from_alias", name="read"),
        ]),
        "stale": pipeline([
            node(lambda old: old, "alias_of_plain", "kept", name="read_old"),
            node(lambda kept: {"v": kept}, "kept", "plain", name="write"),
        ]),
        "parts": pipeline([
            node(partitions, None, "parts", name="write"),
            node(lambda parts: "done", "parts", "written", name="barrier"),
            node(lambda one, _: one, ["one_part", "written"], "single", name="read_one"),
        ]),
        "part_into_folder": pipeline([
            node(lambda: "A", None, "one_part", name="write"),
            node(lambda one: "done", "one_part", "written", name="barrier"),
            node(lambda parts, _: names(parts), ["parts", "written"], "listed", name="list"),
        ]),
        "other_suffix": pipeline([
            node(partitions, None, "parts", name="write"),
            node(lambda parts: names(parts), "logs", "listed", name="list"),
        ]),
        "transcoded": pipeline([
            node(lambda: '{"v": 1}', None, "tc@text", name="write"),
            node(lambda data: data, "tc@json", "out_json", name="read"),
        ]),
        "transcoded_versioned": pipeline([
            node(lambda: '{"v": 2}', None, "tv@text", name="write"),
            node(lambda data: data, "tv@json", "out_json", name="read"),
        ]),
        "outside": pipeline([node(one, None, "seen_by_hook", name="write")]),
    }
"""
PARTS = {"type": "partitions.PartitionedDataset", "path": "data/parts", "dataset": "text.TextDataset"}
CATALOG = {
    "plain": json_entry("data/shared.json"),
    "alias_of_plain": text_entry("data/../data/shared.json"),
    "from_alias": text_entry("data/from_alias.txt"),
    "kept": text_entry("data/kept.txt"),
    "parts": {**PARTS, "filename_suffix": ".txt"},
    "logs": {**PARTS, "filename_suffix": ".log"},
    "one_part": text_entry("data/parts/a.txt"),
    "single": text_entry("data/single.txt"),
    "listed": text_entry("data/listed.txt"),
    "tc@text": text_entry("data/tc.json"),
    "tc@json": json_entry("data/tc.json"),
    "tv@text": text_entry("data/tv.json", versioned=True),
    "tv@json": json_entry("data/tv.json", versioned=True),
    "out_json": json_entry("data/out.json"),
    "seen_by_hook": text_entry("data/seen.txt"),
    "twin_of_seen": text_entry("data/seen.txt"),
}
SETTINGS = """
from kedro.framework.hooks import hook_impl
class ReadsTwin:
    @hook_impl
    def after_pipeline_run(self, run_params, catalog):
        if "outside" in (run_params["pipeline_names"] or []):
            print("TWIN", catalog.load("twin_of_seen"))
HOOKS = (ReadsTwin(),)
"""


@pytest.fixture(scope="module")
def worker(workers):
    files = {"data/shared.json": '{"v": "old"}', "data/parts/old.log": "log"}
    made = workers(catalog=CATALOG, pipelines=PIPELINES, files=files, settings=SETTINGS)
    assert made.ready()["event"] == "ready"
    return made


@pytest.fixture(autouse=True)
def plain_paths(worker):
    with plain_paths_untouched(worker.project):
        yield


def test_alias_moves_with_its_file(worker):
    run = worker.succeed("alias")
    assert run.data("from_alias") == '{"v": "new"}'
    assert [each["version"] for each in run.of("dataset.loaded") if each["dataset"] == "alias_of_plain"] == [run.run_id]


def test_stale_read_is_refused(worker):
    run = worker.fail("stale")
    assert "isolation-conflict" in run.error()
    assert "'plain'" in run.error()
    assert "'alias_of_plain'" in run.error()
    assert "shared.json" in run.error()


def test_planning_refuses_a_stale_read_as_the_run_would(worker):
    said = {"isolate": "all", "floating": [], "outputs": [], "supplied": []}

    def problems(pipeline="stale", **changes):
        found = worker.probe([pipeline], **{**said, **changes})["problems"]
        return [(each["code"], each["hint"]) for each in found]

    both = "give 'plain' another path in the catalog, say `floating: [alias_of_plain, plain]`"
    assert problems() == [("isolation-conflict", f"{both}, or use `isolate: declared`")]
    assert problems(isolate="declared", outputs=["plain"]) == [("isolation-conflict", both)]
    assert [code for code, _ in problems(floating=["alias_of_plain"])] == ["isolation-conflict"]
    for fine in (
        {"isolate": "declared"},
        {"isolate": "none"},
        {"floating": ["plain"]},
        {"floating": ["plain", "alias_of_plain"]},
        {"supplied": ["alias_of_plain"]},
        {"pipeline": "alias"},
        {"pipeline": "part_into_folder"},
    ):
        assert problems(**fine) == []


def test_stale_read_is_allowed_with_floating(worker):
    before = (worker.project / "data/shared.json").read_text()
    worker.succeed("stale", floating=["plain", "alias_of_plain"])
    (worker.project / "data/shared.json").write_text(before)


def test_file_in_a_written_partition_folder_moves(worker):
    run = worker.succeed("parts")
    assert run.data("single") == "A"
    folder = Path(run.outputs["parts"]["location"])
    assert sorted(os.listdir(folder)) == ["a.txt", "b.txt"]
    assert run.outputs["parts"]["bytes"] == 2
    assert not (worker.project / "data/parts/a.txt").exists()


def test_partition_folder_moves_with_a_written_file(worker):
    run = worker.succeed("part_into_folder")
    assert run.data("listed") == "a"


def test_partition_folder_with_files_of_others_is_refused(worker):
    foreign = worker.project / "data/parts/foreign.txt"
    foreign.write_text("f")
    try:
        assert "isolation-conflict" in worker.fail("part_into_folder").error()
    finally:
        foreign.unlink()


def test_other_suffix_in_the_same_folder_stays(worker):
    assert worker.succeed("other_suffix").data("listed") == "old"


def test_transcoded_siblings_move_together(worker):
    run = worker.succeed("transcoded")
    assert run.data("out_json").replace("\n", "").replace(" ", "") == '{"v":1}'


def test_transcoded_versioned_siblings_are_pinned_together(worker):
    run = worker.succeed("transcoded_versioned")
    assert run.data("out_json").replace("\n", "").replace(" ", "") == '{"v":2}'
    load = run.manifest["loads"]["tv@json"]
    assert load["version"] == run.run_id
    assert "did not match" not in run.log.read_text()


def test_entries_outside_the_slice_follow_for_hooks(worker):
    run = worker.succeed("outside")
    assert "TWIN 1" in run.log.read_text()


def test_isolate_declared(worker):
    run = worker.succeed("parts", isolate="declared", outputs=["single"])
    plain = worker.project / "data/parts"
    assert run.outputs["single"]["location"].startswith(str(run.store))
    assert run.outputs["parts"]["location"] == str(plain)
    for name in ("a.txt", "b.txt"):
        (plain / name).unlink()


def test_two_runs_at_once_do_not_meet(worker):
    runs = [worker.start("alias") for _ in range(3)]
    for run in runs:
        run.wait()
        assert run.data("from_alias") == '{"v": "new"}', run.story()
    assert len({run.outputs["plain"]["location"] for run in runs}) == 3
