"""Facts of catalogs, parameters and datasets (numbers as the table of facts has them)."""

from __future__ import annotations

import inspect
import pickle
import threading

import click
import pytest
from facts import KedroProject, catalog, versioned
from kedro.config import OmegaConfigLoader
from kedro.framework.cli.utils import _split_params
from kedro.io import DatasetError
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner
from kedro_datasets.pandas import CSVDataset
from kedro_datasets.partitions import IncrementalDataset, PartitionedDataset
from kedro_datasets.text import TextDataset
from rig import json_entry, text_entry

ONE = "def register_pipelines():\n    return {'__default__': pipeline([node(lambda: '1', None, 'x', name='n')])}\n"


def test_outputs_that_the_project_does_not_version_are_written_over(tmp_path):
    for text in ("first", "second"):
        mine = catalog(tmp_path, x=text_entry("x.txt"))
        SequentialRunner().run(pipeline([node(lambda text=text: text, None, "x", name="n")]), mine)
    assert (tmp_path / "x.txt").read_text() == "second"


def test_f15_the_configuration_can_be_rewritten_before_the_catalog_is_built(tmp_path):
    project = KedroProject(tmp_path / "p", catalog={"x": text_entry("data/x.txt")}, pipelines=ONE)
    moved = project.run(f"""
class Move:
    @hook_impl
    def after_context_created(self, context):
        entries = context.config_loader["catalog"]
        moved = {{**entries["x"], "filepath": {str(tmp_path / "moved.txt")!r}}}
        context.config_loader["catalog"] = {{**entries, "x": moved}}
with session() as one:
    one._hook_manager.register(Move())
    one.run(run_id="r")
tell(open({str(tmp_path / "moved.txt")!r}).read())
""")
    assert moved == "1"
    assert not (project.root / "data/x.txt").exists()


def test_f15_a_pin_does_not_reach_what_a_hook_adds(tmp_path):
    settings = """
    from kedro.framework.hooks import hook_impl
    from kedro_datasets.text import TextDataset
    class Add:
        @hook_impl
        def after_catalog_created(self, catalog):
            catalog["x"] = TextDataset(filepath="data/x.txt")
    HOOKS = (Add(),)
    """
    told = KedroProject(tmp_path / "p", pipelines=ONE, settings=settings).run("""
try:
    session().run(run_id="r", load_versions={"x": "v1"})
    tell("ran")
except Exception as error:
    tell(type(error).__name__)
""")
    assert told == "DatasetNotFoundError"


def test_f16_runtime_params_redirect_paths(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base/catalog.yml").write_text("x: {type: t, filepath: 'data/${runtime_params:place,plain}/x'}\n")
    found = [
        OmegaConfigLoader(str(tmp_path), base_env="base", default_run_env="base", runtime_params=given)["catalog"]["x"]
        for given in ({}, {"place": "other"})
    ]
    assert [entry["filepath"] for entry in found] == ["data/plain/x", "data/other/x"]


def test_f23_partitions_are_a_folder_and_a_suffix(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p/of_others.log").write_text("1")
    parts = PartitionedDataset(path=str(tmp_path / "p"), dataset=TextDataset, filename_suffix=".txt")
    with pytest.raises(DatasetError, match="No partitions found"):
        parts.load()
    parts.save({"a": "1"})
    assert list(parts.load()) == ["a"]
    assert (tmp_path / "p/of_others.log").exists()


def test_f24_the_command_line_nests_keys_with_dots_and_a_mapping_does_not(tmp_path):
    context = click.Context(click.Command("run"))
    assert _split_params(context, None, "a.b=x") == {"a": {"b": "x"}}
    (tmp_path / "base").mkdir()
    (tmp_path / "base/parameters.yml").write_text("a.b: 1\n")
    loader = OmegaConfigLoader(str(tmp_path), base_env="base", default_run_env="base", runtime_params={"a.b": [2]})
    assert loader["parameters"] == {"a.b": [2]}


def test_f25_what_is_in_the_catalog_is_a_question_of_factories(tmp_path):
    mine = catalog(tmp_path, **{"{ns}.out": text_entry("{ns}.txt")})
    assert "a.out" in mine
    assert "elsewhere" not in mine
    assert "a.out" not in list(mine)


def test_f28_two_names_can_be_one_file(tmp_path):
    mine = catalog(tmp_path, plain=json_entry("x.json"), alias=text_entry("x.json"))
    mine.save("plain", {"v": 1})
    assert "1" in mine.load("alias")


def test_f30_a_generator_node_saves_chunk_by_chunk(tmp_path):
    def chunks():
        yield "1"
        yield "2"

    stream = pipeline([node(chunks, None, "x", name="stream")])
    with pytest.raises(DatasetError, match="must not exist"):
        SequentialRunner().run(stream, catalog(tmp_path, x=versioned()))
    SequentialRunner().run(stream, catalog(tmp_path, x=text_entry("plain.txt")))
    assert (tmp_path / "plain.txt").read_text() == "2"


def test_f30_classes_that_take_no_version():
    for kind in (PartitionedDataset, IncrementalDataset):
        assert "version" not in inspect.signature(kind.__init__).parameters
    assert "version" in inspect.signature(CSVDataset.__init__).parameters
    assert "version" in inspect.signature(TextDataset.__init__).parameters


def test_f31_confirming_writes_a_checkpoint_into_the_input(tmp_path):
    (tmp_path / "p1").write_text("1")
    incoming = IncrementalDataset(path=str(tmp_path), dataset=TextDataset)
    incoming.load()
    incoming.confirm()
    assert (tmp_path / "CHECKPOINT").read_text() == "p1"


def test_f32_the_same_class_with_other_arguments_reads_nonsense_in_silence(tmp_path):
    import pandas as pd

    CSVDataset(filepath=str(tmp_path / "t.csv"), save_args={"sep": ";", "index": False}).save(
        pd.DataFrame({"a": [1], "b": [2]})
    )
    assert list(CSVDataset(filepath=str(tmp_path / "t.csv")).load().columns) == ["a;b"]


@pytest.mark.parametrize("value", [lambda: 1, (each for each in [1]), threading.Lock()])
def test_f33_what_nodes_hand_on_does_not_always_pickle(value):
    with pytest.raises((pickle.PicklingError, TypeError, AttributeError)):
        pickle.dumps(value)
