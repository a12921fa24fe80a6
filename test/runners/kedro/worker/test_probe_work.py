"""What planning learns of what the result of a run depends on, and how it reads the parameters that it is given."""

from __future__ import annotations

from rig import text_entry


def test_keys_that_are_numbers(workers):
    """OmegaConf refuses 0 and "0" in one mapping, and JSON has only the latter."""
    pipelines = """
    def register_pipelines():
        inputs = ["params:weights", "params:grid", "params:none", "params:mixed", "params:flags"]
        return {"__default__": pipeline([node(lambda *all: repr(all), inputs, "out", name="n")])}
    """
    parameters = (
        "weights: {0: 1, 1: 2.8}\ngrid: [null, {0: 1}]\nnone: null\nmixed: {1: a, b: {'2': c}}\nflags: {true: 1}\n"
    )
    catalog = {"out": text_entry("data/out.txt")}
    worker = workers(catalog=catalog, pipelines=pipelines, files={"conf/base/parameters_more.yml": parameters})
    assert worker.ready()["event"] == "ready"
    given = {"weights": {"1": 3, "2": 4}, "grid": [{"0": 2, "x": 1}], "mixed": {"1": "z", "b": {"2": "d"}}}
    assert worker.probe(runtime_params=given)["problems"] == []
    told = worker.succeed(runtime_params=given).data("out")
    assert told == "({0: 1, 1: 3, 2: 4}, [{0: 2, 'x': 1}], None, {1: 'z', 'b': {'2': 'd'}}, {True: 1})"
    assert worker.succeed(runtime_params={"flags": {"true": 2}}).data("out").endswith("{True: 2})")
    texts = worker.probe(runtime_params={"none": {"0": 1}})["problems"]
    assert [(each["code"], each["message"].split("'")[1]) for each in texts] == [("number-as-text", "none.0")]


def test_digests_of_mappings_whose_keys_are_no_texts(workers):
    pipelines = """
    def register_pipelines():
        inputs = ["params:weights", "params:mixed", "params:list"]
        return {"__default__": pipeline([node(lambda *all: repr(all), inputs, "out", name="n")])}
    """
    entry = {**text_entry("data/out.txt"), "metadata": {"columns": {0: "a", "b": "c"}}}
    worker = workers(catalog={"out": entry}, pipelines=pipelines)
    assert worker.ready()["event"] == "ready"

    def work(text: str) -> dict:
        (worker.project / "conf/base/parameters_more.yml").write_text(text)
        slices = {"s": {"pipeline_names": [], "filters": {}}}
        reply = worker.request(op="probe", runtime_params={}, slices=slices, work=True)
        assert reply["ok"], reply
        return reply["facts"]["slices"]["s"]["work"]["parameters"]

    numbers = work("weights: {0: 1}\nmixed: {0: 1, a: 2}\nlist: [{1: x, b: y}]\n")
    texts = work("weights: {'0': 1}\nmixed: {'0': 1, a: 2}\nlist: [{'1': x, b: y}]\n")
    assert not set(numbers.items()) & set(texts.items())
    worker.succeed()


def test_a_warning_does_not_keep_a_run_from_being_known(workers):
    """It was executed each time: `its project did not report its code`."""
    pipelines = """
    def register_pipelines():
        return {"__default__": pipeline([node(lambda p: p, "params:p", "out", name="n")])}
    """
    worker = workers(catalog={}, pipelines=pipelines, parameters={"p": 1})
    assert worker.ready()["event"] == "ready"

    def look(**given) -> dict:
        slices = {"s": {"pipeline_names": [], "filters": {}}}
        reply = worker.request(op="probe", runtime_params=given, slices=slices, work=True)
        return reply["facts"]["slices"]["s"]

    one, two = look(only_for_hooks=1), look(only_for_hooks=2)
    assert [each["code"] for each in one["problems"]] == ["unread-parameter"]
    assert one["work"]["code"] == look()["work"]["code"]
    assert set(one["work"]["parameters"]) == {"p", "conf:params"}
    assert one["work"]["parameters"] != two["work"]["parameters"]


HOOKED = """
from kedro.framework.hooks import hook_impl
class Hooks:
    @hook_impl
    def after_context_created(self, context):
        self.spark = context.config_loader["spark"]
HOOKS = (Hooks(),)
CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "config_patterns": {"spark": ["spark*"]}}
"""


def test_configuration_that_hooks_read_is_part_of_the_work(workers):
    """A result was reused though its hook would have read something else."""
    pipelines = """
    def register_pipelines():
        return {"__default__": pipeline([node(lambda p: p, "params:p", "out", name="n")])}
    """
    files = {"src/toy/settings.py": HOOKED, "conf/base/spark.yml": "cores: 1\n", "conf/base/mlflow.yml": "a: 1\n"}
    worker = workers(catalog={}, pipelines=pipelines, parameters={"p": 1, "q": 2}, files=files)
    assert worker.ready()["event"] == "ready"

    def work() -> dict:
        reply = worker.request(
            op="probe", runtime_params={}, slices={"s": {"pipeline_names": [], "filters": {}}}, work=True
        )
        return reply["facts"]["slices"]["s"]["work"]["parameters"]

    first = work()
    assert set(first) == {"p", "conf:spark", "conf:parameters"}
    (worker.project / "conf/base/spark.yml").write_text("cores: 2\n")
    second = work()
    assert {name for name in first if first[name] != second[name]} == {"conf:spark"}
    (worker.project / "conf/base/parameters.yml").write_text("{p: 1, q: 3}\n")
    assert {name for name, value in work().items() if second[name] != value} == {"conf:parameters"}


def test_work_shows_what_is_short_and_plain_and_where_the_code_is(workers):
    short = {"rate": 0.5, "one": 1.0, "whole": 1, "names": ["a", 1], "none": None, "deep": [[1.0]], "huge": 1e22}
    parameters = {"p": {**short, "long": "x" * 61, "infinite": float("inf"), "text": "1.0"}}
    pipelines = """
from .nodes import use
def register_pipelines(): return {"a": pipeline([node(use, "params:p", "out", name="use")])}
"""
    made = workers(
        catalog={}, pipelines=pipelines, parameters=parameters, files={"src/toy/nodes.py": "def use(p): return p\n"}
    )
    slices = {"s": {"pipeline_names": ["a"], "filters": {}}}
    facts = made.request(op="probe", runtime_params={}, slices=slices, work=True)["facts"]
    work = facts["slices"]["s"]["work"]
    shown = {**short, "one": "1.0", "deep": [["1.0"]], "huge": "1e+22"}
    assert work["shown"] == {f"p.{key}": value for key, value in shown.items()}
    assert set(work["parameters"]) == {f"p.{key}" for key in parameters["p"]}
    assert work["modules"]["toy.nodes"] == "src/toy/nodes.py"
    assert set(work["modules"]) == set(work["code"])
    assert facts["packages"]["kedro"] == facts["kedro"]
    assert "packages" not in made.request(op="probe", runtime_params={}, slices=slices)["facts"]
