"""What planning learns of a project, without hooks or datasets (F20, F25, P9, P12)."""

from __future__ import annotations

import os

import pytest
from rig import text_entry

PIPELINES = """
def same(x): return x
def join(*parts): return "".join(parts)
def register_pipelines():
    a = pipeline([node(same, "raw", "mid", name="first", tags=["t1"]), node(same, "mid", "memory", name="second")])
    b = pipeline([node(same, "space.raw", "space.out", name="third", namespace="space"),
                  node(join, ["params:p", "parameters", "memory"], "versioned", name="fourth")])
    return {"__default__": a + b, "a": a, "b": b}
"""
SETTINGS = """
from kedro.framework.hooks import hook_impl
class Loud:
    @hook_impl
    def after_context_created(self, context): print("HOOK FIRED")
    @hook_impl
    def after_catalog_created(self, catalog): print("HOOK FIRED")
HOOKS = (Loud(),)
"""
IO = """
from kedro.io import MemoryDataset
class Loud(MemoryDataset):
    def __init__(self, filepath):
        print("BUILT")
        super().__init__()
"""


@pytest.fixture(scope="module")
def worker(workers):
    catalog = {
        "raw": {"type": "toy.io.Loud", "filepath": "data/raw.txt"},
        "mid": text_entry("s3://bucket/mid.txt"),
        "versioned": text_entry("data/v.txt", versioned=True),
        "{ns}.out": text_entry("data/${runtime_params:place,here}/{ns}.txt"),
        "unused": text_entry("data/unused.txt"),
    }
    files = {
        "src/toy/io.py": IO,
        "data/v.txt/2024-01-01T00.00.00.000Z/v.txt": "1",
        "data/v.txt/2024-01-02T00.00.00.000Z/v.txt": "2",
        "data/v.txt/2024-01-03T00.00.00.000Z/other.txt": "3",
    }
    made = workers(catalog=catalog, pipelines=PIPELINES, settings=SETTINGS, parameters={"p": 1}, files=files)
    assert made.ready()["event"] == "ready"
    return made


def test_several_pipelines_merged(worker):
    facts = worker.probe(["a", "b"])
    assert [each["name"] for each in facts["nodes"]] == ["first", "third", "second", "fourth"] or len(
        facts["nodes"]
    ) == 4
    assert facts["inputs"] == ["raw", "space.raw"]
    assert facts["outputs"] == ["memory", "mid", "space.out", "versioned"]
    third = next(each for each in facts["nodes"] if each["name"].endswith("third"))
    assert third["namespace"] == "space"
    assert third["inputs"] == ["space.raw"]
    fourth = next(each for each in facts["nodes"] if each["name"] == "fourth")
    assert fourth["inputs"] == ["params:p", "parameters", "memory"]


def test_datasets(worker):
    facts = worker.probe(["a", "b"])["datasets"]
    assert sorted(facts) == ["memory", "mid", "raw", "space.out", "space.raw", "versioned"]
    assert facts["mid"]["location"] == "s3://bucket/mid.txt"
    assert facts["space.out"]["in_catalog"] is True
    assert facts["space.out"]["location"] == str(worker.project / "data/here/space.txt")
    assert facts["space.raw"]["in_catalog"] is False
    assert facts["versioned"]["versioned"] is True
    assert "latest_version" not in facts["versioned"], "whoever asks looks at the data"


def test_runtime_params_are_part_of_what_a_dataset_is(worker):
    facts = worker.probe(["b"], runtime_params={"place": "there"})
    assert facts["datasets"]["space.out"]["location"].endswith("data/there/space.txt")
    assert worker.probe(["b"])["datasets"]["space.out"]["location"].endswith("data/here/space.txt")


def test_p12_no_hook_and_no_dataset_where_the_catalog_says_all(worker):
    before = len(worker.log.read_text())
    worker.probe(["a"])
    log = worker.log.read_text()[before:]
    assert "HOOK FIRED" not in log
    assert "BUILT" not in log


@pytest.mark.parametrize(
    ("pipelines", "filters", "code", "hint"),
    [
        (["aa"], {}, "unknown-pipeline", "did you mean 'a'?"),
        (["a"], {"node_names": ["frist"]}, "unknown-node", "did you mean 'first'?"),
        (["a"], {"from_nodes": ["secnd"]}, "unknown-node", "did you mean 'second'?"),
        (["a"], {"tags": ["tt1"]}, "unknown-tag", "did you mean 't1'?"),
        (["b"], {"namespaces": ["spcae"]}, "unknown-namespace", "did you mean 'space'?"),
        (["a"], {"from_inputs": ["rwa"]}, "unknown-dataset", "did you mean 'raw'?"),
        (["a"], {"to_outputs": ["mdi"]}, "unknown-dataset", "did you mean 'mid'?"),
        (["a"], {"tags": ["t1"], "node_names": ["second"]}, "empty-slice", None),
    ],
)
def test_problems(worker, pipelines, filters, code, hint):
    problems = worker.probe(pipelines, **filters)["problems"]
    assert [each["code"] for each in problems] == [code]
    assert hint is None or problems[0]["hint"] == hint


def test_filters(worker):
    facts = worker.probe(["a"], tags=["t1"])
    assert [each["name"] for each in facts["nodes"]] == ["first"]
    facts = worker.probe(["a"], from_inputs=["mid"])
    assert [each["name"] for each in facts["nodes"]] == ["second"]


def test_several_slices_in_one_request(worker):
    slices = {name: {"pipeline_names": [name], "filters": {}} for name in ("a", "b")}
    facts = worker.request(op="probe", runtime_params={}, slices=slices)["facts"]
    assert sorted(facts["slices"]) == ["a", "b"]
    assert facts["pipelines"] == ["__default__", "a", "b"]


def test_changed_configuration_is_read_anew(workers):
    worker = workers(catalog={"raw": text_entry("data/one.txt")}, pipelines=PIPELINES, parameters={"p": 1})
    worker.ready()
    assert worker.probe(["a"])["datasets"]["raw"]["location"].endswith("one.txt")
    (worker.project / "conf/base/catalog.yml").write_text("raw: {type: text.TextDataset, filepath: data/other.txt}\n")
    assert worker.probe(["a"])["datasets"]["raw"]["location"].endswith("other.txt")
    (worker.project / "conf/local/catalog_more.yml").write_text("mid: {type: text.TextDataset, filepath: data/m.txt}\n")
    assert worker.probe(["a"])["datasets"]["mid"]["in_catalog"] is True
    (worker.project / "conf/base/catalog.yml").write_text("raw: {type: [\n")
    assert [each["code"] for each in worker.probe(["a"])["problems"]] == ["catalog"]
    os.unlink(worker.project / "conf/base/catalog.yml")


def test_a_clone_without_the_folder_of_its_default_environment(workers):
    worker = workers(catalog={"raw": text_entry("data/one.txt")}, pipelines=PIPELINES, parameters={"p": 1})
    os.rmdir(worker.project / "conf/local")
    assert worker.ready()["event"] == "ready"
    problems = worker.probe(["a"])["problems"]
    assert [each["code"] for each in problems] == ["catalog"]
    assert problems[0]["hint"] == f"make the folder {worker.project / 'conf/local'}: git keeps no empty ones"


def test_reads_the_configuration_as_often_for_300_entries_as_for_3(workers, tmp_path):
    """How long that takes, the benchmarks say."""
    counts = []
    for size in (3, 300):
        log = tmp_path / f"{size}.log"
        catalog = {f"d{number}": text_entry(f"data/d{number}.txt") for number in range(size)}
        catalog["d2"] = text_entry("data/${count:}${runtime_params:x,y}/d2.txt")
        pipelines = f"""
        def same(x): return x
        def register_pipelines():
            numbers = range({size - 1})
            return {{"all": pipeline([node(same, f"d{{n}}", f"d{{n + 1}}", name=f"n{{n}}") for n in numbers])}}
        """
        settings = f"""
        def count():
            with open({str(log)!r}, "a") as file: file.write("x")
            return ""
        CONFIG_LOADER_ARGS = {{"custom_resolvers": {{"count": count}}}}
        """
        worker = workers(catalog=catalog, pipelines=pipelines, settings=settings)
        worker.ready()
        worker.probe(["all"])
        before = log.stat().st_size
        assert len(worker.probe(["all"])["datasets"]) == size
        counts.append(log.stat().st_size - before)
    assert counts[0] > 0
    assert counts[0] == counts[1]


def test_dataset_class_that_cannot_be_imported(workers):
    """Only of what the slice uses, and of what a wrapper wraps."""
    pipelines = """
    def register_pipelines():
        return {"__default__": pipeline([node(lambda x, y, z: x, ["plain", "many", "chart"], "memory", name="n")])}
    """
    catalog = {
        "plain": {"type": "pandas.CSVDataSet", "filepath": "data/a.csv"},
        "many": {"type": "partitions.PartitionedDataset", "path": "data/b", "dataset": {"type": "toy.gone.Dataset"}},
        "chart": text_entry("data/c.txt", metadata={"type": "bar", "dataset": "none"}),
        "unused": {"type": "toy.gone.Dataset"},
    }
    worker = workers(catalog=catalog, pipelines=pipelines)
    assert worker.ready()["event"] == "ready"
    problems = worker.probe()["problems"]
    assert [each["code"] for each in problems] == ["catalog", "catalog"]
    messages = " ".join(each["message"] for each in problems)
    assert "'plain'" in messages
    assert "CSVDataSet" in messages
    assert "'many'" in messages
    assert "toy.gone" in messages


def test_dataset_in_memory_by_a_class_of_the_project(workers):
    """The plan must not take it for a table, which can't be isolated."""
    pipelines = """
    def register_pipelines():
        return {"__default__": pipeline([node(lambda: 1, None, "held", name="n"), node(lambda: 1, None, "table")])}
    """
    catalog = {
        "held": {"type": "toy.io.Held"},
        "table": {"type": "CachedDataset", "dataset": {"type": "pandas.SQLTableDataset", "table_name": "t"}},
    }
    files = {"src/toy/io.py": "from kedro.io import MemoryDataset\nclass Held(MemoryDataset): pass\n"}
    worker = workers(catalog=catalog, pipelines=pipelines, files=files)
    assert worker.ready()["event"] == "ready"
    datasets = worker.probe()["datasets"]
    assert datasets["held"]["type"] == "MemoryDataset"
    assert datasets["table"]["type"] == "CachedDataset"


@pytest.mark.parametrize(
    ("runtime_params", "problems"),
    [
        ({"model": {"seed": 2}, "fresh": 1, "label": "x"}, []),
        ({"free": {"anything": 1}}, [("free.anything", "its nodes read 'params:fresh', 'params:model'")]),
        ({"modl": {"seed": 2}}, [("modl", "did you mean 'model'?")]),
        ({"model": {"sede": 2}}, [("model.sede", "did you mean 'model.seed'?")]),
        ({"model": {"depth": 2}}, []),
        ({"fresch": 2}, [("fresch", "did you mean 'fresh'?")]),
        ({"model.seed": 2}, [("model.seed", "a dot does not nest: write `model: { seed: ... }`")]),
        ({"model.sub.rate": 2}, [("model.sub.rate", "a dot does not nest: write `model: { sub: { rate: ... } }`")]),
        ({"model": {"sub.rate": 2}}, [("model.sub.rate", "a dot does not nest: write `sub: { rate: ... }`")]),
        ({"whole": 2}, []),
        ({"zz.seed": 2}, [("zz.seed", "only hooks and code of the project could read it")]),
        (
            {"rate": 2},
            [("rate", "did you mean 'model.sub.rate'? Else only hooks and code of the project could read it")],
        ),
        ({"zzz": 2}, [("zzz", "only hooks and code of the project could read it")]),
    ],
)
def test_parameter_that_nobody_reads(workers, runtime_params, problems):
    pipelines = """
    def register_pipelines():
        inputs = ["params:model", "params:fresh"]
        return {"__default__": pipeline([node(lambda *all: all, inputs, "out", name="n")])}
    """
    catalog = {"out": text_entry("data/${runtime_params:label,none}.txt")}
    parameters = {"model": {"seed": 1, "sub": {"rate": 1, "part": "${whole}"}}, "free": {}, "whole": 1, "fresh": 1}
    worker = workers(catalog=catalog, pipelines=pipelines, parameters=parameters)
    assert worker.ready()["event"] == "ready"
    found = worker.probe(runtime_params=runtime_params)["problems"]
    assert [(each["parameter"], each["hint"]) for each in found] == problems
    for each in found:
        near = "unknown" if "did you mean" in each["hint"] or "does not nest" in each["hint"] else "unread"
        near = "unread" if "only hooks" in each["hint"] else near
        code = "unused" if each["hint"].startswith("its nodes read") else near
        assert each["code"] == f"{code}-parameter"


def test_a_parameter_that_a_node_reads_and_nothing_gives(workers):
    pipelines = """
    def register_pipelines():
        inputs = ["params:model.seed", "params:model.sede", "params:given", "params:whole", "params:nowhere"]
        return {"__default__": pipeline([node(lambda *all: all, inputs, "out", name="n")])}
    """
    worker = workers(catalog={}, pipelines=pipelines, parameters={"model": {"seed": 1}, "whole": {"x": 1}})
    assert worker.ready()["event"] == "ready"
    found = worker.probe(runtime_params={"given": 1})["problems"]
    assert {each["code"] for each in found} == {"missing-parameter"}
    assert [each["parameter"] for each in found] == ["model.sede", "nowhere"]
    assert found[0]["hint"].startswith("did you mean 'params:model.seed'?")
