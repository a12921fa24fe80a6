"""Which facts of Kedro have a test, by its name: `grep -o 'test_[fp][0-9]*_' test/runners/kedro/worker/*.py`."""

from __future__ import annotations

import re
from pathlib import Path

FACTS = {f"f{number}" for number in range(1, 34)} | {f"p{number}" for number in range(1, 14)}
UNTESTED = {
    "f14": "what one starter lists in its catalog; what follows from it is tested",
    "f22": "needs ibis and DuckDB; an entry without a path is tested by a class of the tests' own",
    "f26": "a habit of projects, nothing of Kedro's",
    "f27": "a habit of projects, nothing of Kedro's",
    "p1": "a duration: `npm run bench`",
    "p8": "what users report",
}


def test_every_fact_has_a_test_or_a_reason():
    text = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    tested = set(re.findall(r"^def test_([fp]\d+)_", text, re.MULTILINE))
    assert FACTS - tested - set(UNTESTED) == set()
    assert tested <= FACTS
