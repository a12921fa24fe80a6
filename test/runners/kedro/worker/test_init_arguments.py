"""Datasets of classes that inherit their constructor are built anew like any other."""

from __future__ import annotations

import pytest
from kedro_datasets.text import TextDataset
from runweave_worker.data.init_arguments import construct, init_arguments


class Inherited(TextDataset):
    pass


class InheritedTwice(Inherited):
    pass


class Positional(TextDataset):
    def __init__(self, filepath, fs_args=None):
        super().__init__(filepath=filepath, fs_args=fs_args)


class Passed(Positional):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)


class Named(TextDataset):
    def __init__(self, filepath, extra=1, **more):
        super().__init__(filepath=filepath, **more)


class KeywordsOnly(TextDataset):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)


@pytest.mark.parametrize("kind", [TextDataset, Inherited, InheritedTwice, Named, Passed, KeywordsOnly])
def test_arguments_are_known_by_name(kind):
    found = init_arguments(kind(filepath="a.txt", fs_args={"x": {}}))
    assert (found["filepath"], found["fs_args"]) == ("a.txt", {"x": {}})
    assert not {"self", "args", "kwargs", "more"} & found.keys()
    again = init_arguments(construct(kind, {**found, "filepath": "b.txt"}))
    assert again == {**found, "filepath": "b.txt"}


@pytest.mark.parametrize("kind", [Positional, Named, Passed])
def test_arguments_given_by_position_have_names(kind):
    """As hooks may give them."""
    assert init_arguments(kind("a.txt"))["filepath"] == "a.txt"


def test_entries_of_inheriting_classes_are_isolated(workers):
    io = """
    from kedro_datasets.text import TextDataset
    class Inherited(TextDataset):
        def save(self, data):
            super().save(data + "!")
    """
    catalog = {
        "plain": {"type": "toy.io.Inherited", "filepath": "data/plain.txt"},
        "kept": {"type": "toy.io.Inherited", "filepath": "data/kept.txt", "versioned": True},
        "parts": {"type": "partitions.PartitionedDataset", "path": "data/parts", "dataset": "toy.io.Inherited"},
    }
    settings = """
    from kedro.framework.hooks import hook_impl
    class Adds:
        @hook_impl
        def after_catalog_created(self, catalog):
            from toy.io import Inherited
            catalog["hooked"] = Inherited(filepath="data/hooked.txt")
    HOOKS = (Adds(),)
    """
    pipelines = """
    def register_pipelines():
        return {"__default__": pipeline([
            node(lambda: "a", None, "plain"), node(lambda x: x + "b", "plain", "kept"),
            node(lambda x: {"p": x}, "kept", "parts"), node(lambda x: x["p"](), "parts", "hooked")])}
    """
    worker = workers(catalog=catalog, pipelines=pipelines, settings=settings, files={"src/toy/io.py": io})
    run = worker.succeed()
    assert [run.data(name) for name in ("plain", "kept", "hooked")] == ["a!", "a!b!", "a!b!!!"]
    for name in ("plain", "parts", "hooked"):
        assert run.outputs[name]["location"].startswith(str(run.store))
        assert not (worker.project / run.outputs[name]["plain_location"]).exists()
