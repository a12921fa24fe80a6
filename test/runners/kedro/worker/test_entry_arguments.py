"""What a probe says of catalog entries whose classes refuse their arguments."""

from __future__ import annotations

import pytest
from rig import text_entry

IO = """
import os, time
from pathlib import Path
from kedro.io import AbstractDataset, DatasetError

class _Dataset(AbstractDataset):
    def load(self): return 1
    def save(self, data): pass
    def _describe(self): return {}

class PlainDataset(_Dataset):
    def __init__(self, filepath, load_args=None, save_args=None): self._filepath = filepath

class PickyDataset(_Dataset):
    def __init__(self, filepath, mode="r", credentials=None, labels_path=None):
        if labels_path and not Path(labels_path).exists(): raise ValueError(f"no labels in {labels_path}")
        if mode == "bad": raise DatasetError("mode is one of r, w")
        if mode == "worse": raise ValueError("worse is no mode")
        if mode == "told": raise ValueError(f"can't log in with {credentials}")
        if mode == "offline": raise ConnectionError("nobody answers")
        if mode == "variable": os.environ["TOY_MODE"]
        if mode == "quiet" and "TOY_LOUD" in os.environ: raise ValueError("TOY_LOUD is set")
        if mode == "hooked" and "TOY_HOOKED" not in os.environ: raise ValueError("TOY_HOOKED is not set")
        self._filepath = filepath

class LoudDataset(_Dataset):
    def __init__(self, filepath):
        print("BUILT")
        os.environ["TOY_LOUD"] = "1"

class SlowDataset(_Dataset):
    def __init__(self, filepath): time.sleep(3600)

class NeedyDataset(_Dataset):
    def __init__(self, filepath):
        import nosuch_package
"""

PIPELINES = """
import os
def same(x): return x
def register_pipelines():
    names = ["fine", "extra", "lacking", "misspelt", "bad", "worse", "told", "offline", "variable", "labels",
             "loud", "quiet", "slow", "needy", "space.made", "parts", "cached", "hooked"]
    found = {name: pipeline([node(same, "params:p", name, name=f"write_{name}")]) for name in names}
    found["read_extra"] = pipeline([node(same, "extra", "fine", name="read")])
    return {**found, "__default__": found["fine"]}
"""

SETTINGS = """
import os
from kedro.framework.hooks import hook_impl
class Sets:
    @hook_impl
    def after_context_created(self, context): os.environ["TOY_HOOKED"] = "1"
HOOKS = (Sets(),)
"""


def entry(kind: str, **more) -> dict:
    return {"type": f"toy.io.{kind}Dataset", "filepath": "data/x.txt", **more}


CATALOG = {
    "fine": entry("Plain", load_args={"a": 1}),
    "extra": entry("Plain", nonsense=1),
    "lacking": {"type": "toy.io.PlainDataset", "load_args": {}},
    "misspelt": entry("Plain", laod_args={}),
    "bad": entry("Picky", mode="bad"),
    "worse": entry("Picky", mode="worse"),
    "told": entry("Picky", mode="told", credentials="far"),
    "offline": entry("Picky", mode="offline"),
    "variable": entry("Picky", mode="variable"),
    "hooked": entry("Picky", mode="hooked"),
    "quiet": entry("Picky", mode="quiet"),
    "labels": entry("Picky", labels_path="data/labels.txt"),
    "loud": entry("Loud"),
    "slow": entry("Slow"),
    "needy": entry("Needy"),
    "{ns}.made": entry("Plain", nonsense=1),
    "parts": {
        "type": "partitions.PartitionedDataset",
        "path": "data/parts",
        "dataset": {**text_entry(""), "nonsense": 1},
    },
    "cached": {"type": "CachedDataset", "dataset": text_entry("data/c.txt", nonsense=1)},
}
del CATALOG["parts"]["dataset"]["filepath"]


@pytest.fixture(scope="module")
def worker(workers):
    files = {"src/toy/io.py": IO, "conf/local/credentials.yml": "far: {user: someone, key: very-secret}\n"}
    made = workers(catalog=CATALOG, pipelines=PIPELINES, settings=SETTINGS, parameters={"p": 1}, files=files)
    assert made.ready()["event"] == "ready"
    return made


def problems(worker, name: str) -> list[tuple[str, str, str | None]]:
    return [(each["code"], each["message"], each["hint"]) for each in worker.probe([name])["problems"]]


def line_of(worker, name: str) -> int:
    lines = (worker.project / "conf/base/catalog.yml").read_text().splitlines()
    return 1 + next(number for number, line in enumerate(lines) if line.strip("'\"").startswith(name))


TAKES = "it takes: filepath, load_args, save_args"


@pytest.mark.parametrize(
    ("name", "said", "hint"),
    [
        ("extra", "TypeError: PlainDataset.__init__() got an unexpected keyword argument 'nonsense'", TAKES),
        ("read_extra", "TypeError: PlainDataset.__init__() got an unexpected keyword argument 'nonsense'", TAKES),
        ("lacking", "TypeError: PlainDataset.__init__() missing 1 required positional argument: 'filepath'", TAKES),
        (
            "misspelt",
            "TypeError: PlainDataset.__init__() got an unexpected keyword argument 'laod_args'",
            "did you mean 'load_args'?",
        ),
        ("bad", "DatasetError: mode is one of r, w", None),
        ("worse", "ValueError: worse is no mode", None),
        ("needy", "ModuleNotFoundError: No module named 'nosuch_package'", None),
        ("cached", "TextDataset.__init__() got an unexpected keyword argument 'nonsense'", None),
        ("parts", "TypeError: TextDataset.__init__() got an unexpected keyword argument 'nonsense'", None),
    ],
)
def test_a_class_that_refuses_its_arguments(worker, name, said, hint):
    dataset = name.removeprefix("read_")
    [(code, message, told_hint)] = problems(worker, name)
    assert code == "dataset-arguments"
    place = f"conf/base/catalog.yml:{line_of(worker, dataset)}"
    assert message.startswith(f"the dataset class of '{dataset}' ({place}) can't be built from its entry: ")
    assert said in message
    assert hint is None or told_hint == hint


def test_an_entry_from_a_factory_is_named_where_the_factory_stands(worker):
    [(code, message, _)] = problems(worker, "space.made")
    assert code == "dataset-arguments"
    assert f"'space.made' (conf/base/catalog.yml:{line_of(worker, '{ns}.made')})" in message


def test_credentials_are_in_no_message(worker):
    [(code, message, _)] = problems(worker, "told")
    assert code == "dataset-arguments"
    assert "can't log in with" in message
    assert "very-secret" not in message


@pytest.mark.parametrize("name", ["fine", "offline", "variable", "labels", "hooked"])
def test_what_may_be_otherwise_when_the_run_begins_is_left_to_it(worker, name):
    assert problems(worker, name) == []


def test_what_a_constructor_does_stays_in_the_process_that_looks(worker):
    assert problems(worker, "loud") == []
    assert "BUILT" not in worker.log.read_text()
    # Its own process does not know the variable that the constructor has set.
    assert problems(worker, "quiet") == []


def test_a_constructor_that_does_not_end_is_left_to_the_run(worker):
    assert problems(worker, "slow") == []


def test_several_slices_are_told_of_one_entry(worker):
    slices = {name: {"pipeline_names": [name], "filters": {}} for name in ("extra", "read_extra", "fine")}
    facts = worker.request(op="probe", runtime_params={}, slices=slices)["facts"]["slices"]
    found = {name: [each["code"] for each in part["problems"]] for name, part in facts.items()}
    assert found == {"extra": ["dataset-arguments"], "read_extra": ["dataset-arguments"], "fine": []}
