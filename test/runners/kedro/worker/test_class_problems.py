"""What a probe says of a dataset class that can't be imported."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("json.JSONDatset", "did you mean 'json.JSONDataset'?"),
        ("pickle.PickleWriter", "did you mean 'pickle.PickleDataset'?"),
    ],
)
def test_class_that_was_misspelt_in_a_module_of_the_name_of_a_library(workers, kind, hint):
    pipelines = """
    def register_pipelines(): return {"__default__": pipeline([node(lambda: 1, None, "out", name="n")])}
    """
    worker = workers(catalog={"out": {"type": kind, "filepath": "data/out"}}, pipelines=pipelines)
    assert worker.ready()["event"] == "ready"
    assert [(each["code"], each["hint"]) for each in worker.probe()["problems"]] == [("catalog", hint)]


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("pandas.LostDataset", "install 'nosuch' in the project's Python"),
        ("kedro_datasets.pandas.LostDataset", "install 'nosuch' in the project's Python"),
        ("toy.lost.LostDataset", "install 'nosuch' in the project's Python"),
        (
            "toy.stale.LostDataset",
            "the 'toy' that is installed has no 'toy.gone': the project is written for another version of it",
        ),
        ("pandas.BrokenDataset", "importing it fails: OSError: no disk"),
    ],
)
def test_class_whose_module_imports_what_is_not_there(workers, kind, hint):
    """`pandas.SQLTableDataset` without SQLAlchemy: there is such a class, and it was not misspelt."""
    pipelines = """
    import kedro_datasets.pandas as library

    def find(name, before=library.__getattr__):
        if name == "LostDataset": import nosuch
        if name == "BrokenDataset": raise OSError("no disk")
        return before(name)

    library.__getattr__, library.__dir__ = find, lambda: ["BrokenDataset", "LostDataset"]

    def register_pipelines(): return {"__default__": pipeline([node(lambda: 1, None, "out", name="n")])}
    """
    files = {"src/toy/lost.py": "import nosuch.part\n", "src/toy/stale.py": "import toy.gone\n"}
    worker = workers(catalog={"out": {"type": kind, "filepath": "data/out"}}, pipelines=pipelines, files=files)
    assert worker.ready()["event"] == "ready"
    [problem] = worker.probe()["problems"]
    assert problem["code"] == "catalog"
    assert problem["hint"].startswith(hint)
    assert "did you mean" not in problem["hint"]
