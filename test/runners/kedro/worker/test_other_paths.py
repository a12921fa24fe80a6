"""What an entry names besides its own data."""

from __future__ import annotations

import pytest
from runweave_worker.data.locate import replace_path
from runweave_worker.settle.other_paths import other_paths


@pytest.fixture
def project(tmp_path):
    for name in (
        "data/labels.csv",
        "data/raw.csv",
        "labels.csv",
        "conf/base/schema.json",
        "src/page.html",
        "data/more/a",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def found(project, **entry):
    own = {"type": "toy.Dataset", "filepath": "data/raw.csv"}
    return {
        (other.to_json()["argument"], other.location.key.removeprefix(f"{project}/"), other.is_there)
        for other in other_paths({**own, **entry}, str(project))
    }


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"labels_path": "data/labels.csv"}, {("labels_path", "data/labels.csv", True)}),
        ({"more": {"of": {"it": "data/more"}}}, {("more.of.it", "data/more", True)}),
        ({"all": ["x", "data/labels.csv"]}, {("all.1", "data/labels.csv", True)}),
        ({"load_args": {"schema": "data/labels.csv"}}, {("load_args.schema", "data/labels.csv", True)}),
        # A file beside the project's folders has no `/` in its name.
        ({"labels": "labels.csv"}, {("labels", "labels.csv", True)}),
        # What may be where another dataset is written.
        ({"labels": "data/none.csv"}, {("labels", "data/none.csv", False)}),
        # Names, separators and such, though there may be a folder of that name.
        (
            {
                "key": "data",
                "sep": ".",
                "decimal": ",",
                "mode": "w",
                "root": "./",
                "up": "..",
                "none": "",
                "nul": "a/\0",
            },
            set(),
        ),
        ({"by": "data/", "own": "data/raw.csv"}, set()),
        (
            {"url": "s3://bucket/a", "credentials": {"file": "data/labels.csv"}, "metadata": {"x": "data/labels.csv"}},
            set(),
        ),
        ({"schema": "conf/base/schema.json", "template": "src/page.html"}, set()),
        ({"elsewhere": "/etc/passwd"}, {("elsewhere", "/etc/passwd", False)}),
    ],
)
def test_what_counts(project, entry, expected):
    assert found(project, **entry) == expected


def test_one_in_a_list_can_be_replaced():
    assert replace_path({"all": ["x", "y"]}, ("all", "1"), "z") == {"all": ["x", "z"]}
