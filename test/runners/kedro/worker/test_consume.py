"""What a run reads of other runs: the version that it is pinned to, through the right entry (F1, F2, F6, F19, F32)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rig import json_entry, text_entry

PIPELINES = """
import pandas as pd
def frame(): return pd.DataFrame({"a": [1, 2], "d": [3, 4]})
def shape(df): return {"columns": list(df.columns), "rows": len(df)}
def model(seed): return {"seed": seed}
def same(data): return data
def keep(data): return {"got": data}

def register_pipelines():
    return {
        "make_csv": pipeline([node(frame, None, "table", name="make")]),
        "read_csv": pipeline([node(shape, "table", "columns", name="read")]),
        "read_other": pipeline([node(shape, "other_reader", "columns", name="read")]),
        "train": pipeline([node(model, "params:seed", "model", name="train")]),
        "use": pipeline([node(same, "model", "used", name="use")]),
        "use_twice": pipeline([node(same, "model", "used", name="use"), node(keep, "model", "kept", name="keep")]),
        "write_and_use": pipeline([node(model, "params:seed", "model", name="train"),
                                   node(same, "model", "used", name="use")]),
        "make_tc": pipeline([node(lambda: '{"v": 1}', None, "tc@text", name="make")]),
        "read_tc": pipeline([node(keep, "tc@json", "kept", name="a"), node(same, "tc@text", "tc_text_copy", name="b")]),
        "make_tv": pipeline([node(lambda: '{"v": 1}', None, "tv@text", name="make")]),
        "read_tv": pipeline([node(keep, "tv@json", "kept", name="a"), node(same, "tv@text", "tc_text_copy", name="b")]),
        "unlisted": pipeline([node(keep, "unlisted", "kept", name="keep")]),
        "secret": pipeline([node(lambda: "s", None, "secret", name="make")]),
        "read_secret": pipeline([node(same, "secret", "tc_text_copy", name="read")]),
        "any_make": pipeline([node(lambda: "1", None, "anything", name="make")]),
        "any_use": pipeline([node(same, "anything", "tc_text_copy", name="use")]),
        "parts": pipeline([node(lambda: {"a": "A"}, None, "parts", name="make")]),
        "make_parts": pipeline([node(lambda: {"in/a": "A", "b": "B"}, None, "parts", name="make")]),
        "read_one_part": pipeline([node(lambda one: one, "one_part", "tc_text_copy", name="r")]),
        "read_each_part": pipeline([
            node(lambda arms: ",".join(map("".join, arms.items())), "one_part", "tc_text_copy", name="r")
        ]),
        "read_parts": pipeline([node(lambda p: "".join(f() for f in p.values()), "parts", "tc_text_copy", name="r")]),
    }
"""
CATALOG = {
    "table": {"type": "pandas.CSVDataset", "filepath": "data/t.csv", "save_args": {"sep": ";", "index": False},
              "load_args": {"sep": ";"}},
    "other_reader": {"type": "pandas.CSVDataset", "filepath": "data/t.csv"},
    "columns": json_entry("data/columns.json"),
    "model": json_entry("data/model.json", versioned=True),
    "used": json_entry("data/used.json"),
    "kept": json_entry("data/kept.json"),
    "tc@text": text_entry("data/tc.json"),
    "tc@json": json_entry("data/tc.json"),
    "tv@text": text_entry("data/tv.json", versioned=True),
    "tv@json": json_entry("data/tv.json", versioned=True),
    "tc_text_copy": text_entry("data/copy.txt"),
    "secret": text_entry("data/secret.txt", credentials="mine"),
    "{any}": text_entry("data/any/{any}.txt", versioned=True),
    "parts": {"type": "partitions.PartitionedDataset", "path": "data/parts", "dataset": "text.TextDataset",
              "filename_suffix": ".txt"},
    "one_part": text_entry("data/parts/in/a.txt"),
}  # fmt: skip
SETTINGS = ""


@pytest.fixture(scope="module")
def worker(workers):
    catalog = {name: entry for name, entry in CATALOG.items() if name != "{any}"}
    made = workers(
        catalog=catalog,
        pipelines=PIPELINES,
        parameters={"seed": 0},
        files={"conf/local/credentials.yml": "mine: {token: hush}\n"},
    )
    assert made.ready()["event"] == "ready"
    return made


def test_format_arguments_come_from_upstream(worker):
    made = worker.succeed("make_csv")
    source = made.as_input("table")
    run = worker.succeed("read_other", inputs={"other_reader": source}, load_versions={"other_reader": made.run_id})
    assert '"a"' in run.data("columns")
    assert '"a;d"' not in run.data("columns")


def test_as_downstream_reads_through_its_own_entry(worker):
    made = worker.succeed("make_csv")
    source = made.as_input("table", **{"as": "downstream"})
    run = worker.succeed("read_other", inputs={"other_reader": source})
    assert '"a;d"' in run.data("columns")


def test_as_downstream_reads_one_file_of_the_folder_that_upstream_saved(worker):
    made = worker.succeed("make_parts")
    source = made.as_input("parts", **{"as": "downstream"})
    run = worker.succeed("read_one_part", inputs={"one_part": source}, load_versions={"one_part": made.run_id})
    assert run.data("tc_text_copy") == "A"
    file = f"{made.outputs['parts']['location']}/in/a.txt"
    assert run.loaded("one_part") == {"version": made.run_id, "location": file}


def test_as_downstream_of_several_arms_reads_that_file_of_each(worker):
    made = [worker.succeed("make_parts") for _ in range(2)]
    arms = {f"arm{index}": each.as_input("parts", **{"as": "downstream"}) for index, each in enumerate(made)}
    run = worker.succeed("read_each_part", inputs={"one_part": {"each": arms}})
    assert run.data("tc_text_copy") == "arm0A,arm1A"


def test_no_entry_reads_through_its_own_entry(worker):
    made = worker.succeed("make_csv")
    run = worker.succeed("read_csv", inputs={"table": made.as_input("table", entry=None)})
    assert run.manifest["loads"]["table"]["version"] == made.run_id


def test_no_entry_on_either_side_is_an_error(worker):
    made = worker.succeed("make_csv")
    source = made.as_input("table", entry=None, dataset="unlisted")
    run = worker.fail("unlisted", inputs={"unlisted": source})
    assert "consumed-without-entry" in run.error()
    assert "add to the catalog: `unlisted:" in run.error()


def test_versioned_by_the_project_stays_so_and_is_pinned(worker):
    old = worker.succeed("train", runtime_params={"seed": 1}, outputs=["model"])
    worker.succeed("train", runtime_params={"seed": 2})
    run = worker.succeed("use", inputs={"model": old.as_input("model")}, load_versions={"model": old.run_id})
    assert '"seed": 1' in run.data("used")
    assert run.loaded("model") == {"version": old.run_id, "location": old.outputs["model"]["location"]}


def test_frozen_pin_of_the_plan(worker):
    old = worker.succeed("train", runtime_params={"seed": 11})
    worker.succeed("train", runtime_params={"seed": 12})
    run = worker.succeed("use", load_versions={"model": old.run_id})
    assert '"seed": 11' in run.data("used")


def test_self_pin_while_a_later_version_appears(worker):
    """F1 without the pin: the other run's data."""
    early = worker.prepare("write_and_use", runtime_params={"seed": 21})
    worker.succeed("train", runtime_params={"seed": 22})
    early.start()
    early.wait()
    assert '"seed": 21' in early.data("used"), early.story()
    assert early.manifest["loads"]["model"]["version"] == early.run_id
    assert "did not match" not in early.log.read_text()


@pytest.mark.parametrize("kind", ["tc", "tv"])
def test_all_siblings_are_pinned(worker, kind):
    made = worker.succeed(f"make_{kind}")
    name = f"{kind}@text"
    for given in (name, kind):
        source = made.as_input(name)
        run = worker.succeed(f"read_{kind}", inputs={given: source}, load_versions={given: made.run_id})
        assert run.data("tc_text_copy") == '{"v": 1}'
        assert '"v": 1' in run.data("kept")
        assert {run.manifest["loads"][f"{kind}@{side}"]["version"] for side in ("text", "json")} == {made.run_id}


def test_output_declared_without_its_side(worker):
    made = worker.succeed("make_tc", outputs=["tc"])
    assert made.outputs["tc"] == made.outputs["tc@text"]


def test_credentials_by_name_never_by_value(worker):
    made = worker.succeed("secret")
    assert made.outputs["secret"]["entry"]["config"]["credentials"] == "mine"
    assert not any("hush" in file.read_text() for file in made.folder.iterdir())
    run = worker.succeed("read_secret", inputs={"secret": made.as_input("secret")})
    assert run.data("tc_text_copy") == "s"


def test_partitions(worker):
    made = worker.succeed("parts")
    run = worker.succeed("read_parts", inputs={"parts": made.as_input("parts")})
    assert run.data("tc_text_copy") == "A"
    assert run.manifest["loads"]["parts"]["version"] == made.run_id


def test_each_arm_as_one_mapping(worker):
    arms = {f"train[seed={seed}]": worker.succeed("train", runtime_params={"seed": seed}) for seed in (31, 32)}
    tables = {arm: run.as_input("model") for arm, run in arms.items()}
    run = worker.succeed("unlisted", inputs={"unlisted": {"each": tables}})
    assert json.loads(run.data("kept")) == {"got": {"train[seed=31]": {"seed": 31}, "train[seed=32]": {"seed": 32}}}
    each = run.manifest["loads"]["unlisted"]["each"]
    assert {part["version"] for part in each.values()} == {made.run_id for made in arms.values()}


def test_consumed_and_written(worker):
    made = worker.succeed("train")
    run = worker.fail("write_and_use", inputs={"model": made.as_input("model")})
    assert "consumed-and-written" in run.error()


def test_consumed_but_not_read(worker):
    made = worker.succeed("train")
    assert "did you mean 'model'?" in worker.fail("use", inputs={"modell": made.as_input("model")}).error()


def test_output_not_in_the_slice(worker):
    run = worker.fail("train", outputs=["modle"])
    assert "output-not-written" in run.error()
    assert "did you mean 'model'?" in run.error()


def test_pins_through_a_catch_all_factory(workers):
    """F4: Kedro itself refuses such a pin."""
    worker = workers(catalog=CATALOG, pipelines=PIPELINES, parameters={"seed": 0},
                     files={"conf/local/credentials.yml": "mine: {token: hush}\n"})  # fmt: skip
    worker.ready()
    old, new = worker.succeed("any_make"), worker.succeed("any_make")
    assert old.outputs["anything"]["entry"]["versioned"] is True
    run = worker.succeed(
        "any_use", inputs={"anything": old.as_input("anything")}, load_versions={"anything": old.run_id}
    )
    assert run.manifest["loads"]["anything"]["version"] == old.run_id
    frozen = worker.succeed("any_use", load_versions={"anything": new.run_id})
    assert frozen.manifest["loads"]["anything"]["version"] == new.run_id
    assert Path(new.outputs["anything"]["location"]).parent.name == new.run_id


def test_class_that_only_the_upstream_project_has(workers):
    """Another project can't import it: its own entry can read the file all the same."""
    odd = "from kedro_datasets.text import TextDataset\nclass Odd(TextDataset): pass\n"
    maker = workers(
        catalog={"made": {"type": "toy.odd.Odd", "filepath": "data/made.txt"}},
        pipelines="def register_pipelines(): return {'__default__': pipeline([node(lambda: 'x', None, 'made')])}\n",
        files={"src/toy/odd.py": odd},
    )
    reader = workers(
        catalog={"read": text_entry("data/read.txt"), "copy": text_entry("data/copy.txt")},
        pipelines="def register_pipelines(): return {'__default__': pipeline([node(lambda x: x, 'read', 'copy')])}",
    )
    made = maker.succeed()
    error = reader.fail(inputs={"read": made.as_input("made")}, load_versions={"read": made.run_id}).error()
    assert "consumed-without-class" in error
    assert "toy.odd" in error
    assert "as: downstream" in error
    run = reader.succeed(
        inputs={"read": made.as_input("made", **{"as": "downstream"})}, load_versions={"read": made.run_id}
    )
    assert run.data("copy") == "x"
