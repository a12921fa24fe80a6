"""What Kedro says of a failure is shown to people together with the failure."""

import re

import pytest
from rig import text_entry

PIPELINES = """
import logging
def refuse(raw):
    logging.getLogger("project").error("the project says hush-hush")
    raise ValueError("refused: hush-hush, %s")

def register_pipelines():
    return {"__default__": pipeline([node(refuse, "raw", "made", name="refuse")])}
"""


@pytest.mark.parametrize("runner", ["SequentialRunner", "ThreadRunner", "ParallelRunner"])
def test_an_exception_that_kedro_logs_has_no_credentials(workers, runner):
    catalog = {"raw": text_entry("data/raw.txt"), "other": text_entry("data/other.txt", credentials="mine")}
    files = {"data/raw.txt": "abc", "conf/local/credentials.yml": "mine: {token: hush-hush}\n"}
    worker = workers(catalog=catalog, pipelines=PIPELINES, files=files)
    worker.ready()
    failed = worker.fail("__default__", runner=runner)
    log = failed.log.read_text()
    # Older releases of Kedro log it as markup, of which brackets are a part that is not shown.
    assert re.search(r"refused: (\[secret\])?, %s", " ".join(log.split()))
    assert "refused: hush-hush" not in " ".join(log.split())
    assert "the project says hush-hush" in " ".join(log.split())
