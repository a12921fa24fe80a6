"""What Kedro and a project log is in the log of a run as whole lines, however long they are."""

from __future__ import annotations

import pytest

PIPELINES = """
import json, logging

def tell(word):
    log = logging.getLogger("toy.nodes")
    log.warning("saved to /data/" + "deep/" * 40 + "file.csv")
    log.warning(json.dumps({"values": list(range(100))}))
    log.warning("two\\nlines")
    print("x" * 200)
    return word

def register_pipelines(): return {"__default__": pipeline([node(tell, "params:word", "out", name="tell")])}
"""


@pytest.fixture(scope="module")
def log(workers):
    catalog = {"out": {"type": "text.TextDataset", "filepath": f"data/{'long' * 30}.txt"}}
    worker = workers(catalog=catalog, pipelines=PIPELINES, parameters={"word": "w"})
    assert worker.ready()["event"] == "ready"
    return worker.succeed().log.read_text()


@pytest.mark.parametrize(
    "text",
    [
        f"WARNING  saved to /data/{'deep/' * 40}file.csv",
        f'WARNING  {{"values": [{", ".join(str(each) for each in range(100))}]}}',
        "Saving data to out (TextDataset)...",
        "x" * 200,
    ],
)
def test_a_long_line_is_not_folded(log, text):
    assert [line for line in log.splitlines() if text in line]


def test_lines_of_a_record_stay_lines_and_none_is_filled_up_with_spaces(log):
    lines = log.splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith("WARNING  two"))
    assert lines[at + 1] == "lines"
    assert not [line for line in lines if line.endswith("  ")]
