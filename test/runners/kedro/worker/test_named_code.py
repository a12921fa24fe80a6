"""What the executed code of a project names decides whether anybody could have seen all that it reads."""

import pandas as pd
import pytest
from rig import text_entry

UNSEEN = "of which nobody sees what it reads"
CATALOG = {"raw": text_entry("data/raw.txt"), "out": text_entry("data/out.txt")}
PIPELINES = """
from toy.steps import work, name

def register_pipelines():
    return {"__default__": pipeline([node(work, ["raw", "params:given"], "out", name=name())])}
"""
STEPS = """
def work(raw, given):
    return raw

def name():
    return "work"
"""


def reasons_of(workers, **project) -> list[str]:
    worker = workers(**{"catalog": CATALOG, "pipelines": PIPELINES, "parameters": {"given": 1}, **project})
    assert worker.ready()["event"] == "ready"
    slices = {"s": {"pipeline_names": [], "filters": {}}}
    reply = worker.request(op="probe", runtime_params={}, slices=slices, work=True)
    assert reply["ok"], reply
    return reply["reads"]["reasons"]


def test_a_usual_project_names_libraries_only_where_nothing_is_executed(workers):
    steps = """
    from __future__ import print_function
    import logging, typing
    from dataclasses import dataclass
    from pathlib import Path
    from typing import TYPE_CHECKING

    import numpy as np
    import pandas as pd
    from kedro.io import AbstractDataset
    from sklearn.linear_model import Ridge

    if TYPE_CHECKING:
        Series = pd.Series(dtype=float)
    logger = logging.getLogger(__name__)
    ROOT = Path(__file__).parent
    MODELS = {"ridge": Ridge, "more": [np.mean]}
    LIMIT: pd.Series = None

    @dataclass
    class Options:
        size: int = 3

    class Own(AbstractDataset[pd.DataFrame, pd.DataFrame]):
        def load(self) -> pd.DataFrame: return pd.read_parquet("raw.parquet")
        def save(self, data: pd.DataFrame) -> None: pass
        def _describe(self): return {}

    def work(raw: pd.DataFrame, given: np.int64 | None = None) -> "pd.DataFrame":
        return MODELS["ridge"]().fit(pd.read_parquet("raw.parquet"))

    def name(of: typing.Optional[pd.Series] = None):
        try:
            return "-".join(sorted(f"{each}" for each in ["w", str(Options().size)]))
        except pd.errors.EmptyDataError:
            return ""
    """
    assert reasons_of(workers, files={"src/toy/steps.py": steps}) == []


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import pandas as pd\nNOW = str(pd.Timestamp.now())", "pandas"),
        ("import pandas as pd\nnow = pd.Timestamp.now\nNOW = str(now())", "pandas"),
        ("from pandas import Timestamp\nNOW = str(Timestamp('now'))", "pandas"),
        ("import numpy as np\nDRAWN = float(np.random.rand())", "numpy"),
        ("from numpy.random import rand\nDRAWN = float(rand())", "numpy"),
        ("import datetime, functools\nNOW = str(functools.partial(datetime.datetime.now)())", "`now`"),
        ("import pandas as pd\nMODELS = {'now': pd.Timestamp.now}\nNOW = str(MODELS['now']())", "pandas"),
        ("from toy.clocks import clock\nNOW = str(clock())", "pandas"),
        ("from toy import clocks\nNOW = str(clocks.clock())", "pandas"),
        ("from toy.clocks import *\nNOW = str(clock())", "pandas"),
        ("NOW = eval('1')", "`eval`"),
        ("import importlib\nNOW = importlib.import_module('math').pi", "`import_module`"),
        ("import numpy as np\n@np.vectorize\ndef twice(x): return 2 * x", "numpy"),
        ("import numpy as np\ndef twice(x=np.random.rand()): return 2 * x", "numpy"),
        ("import numpy as np\nclass Of:\n    drawn = np.random.rand", "numpy"),
    ],
)
def test_what_a_module_names_as_it_is_executed_counts(workers, code, what):
    files = {
        "src/toy/steps.py": f"{STEPS}\n{code}\n",
        "src/toy/clocks.py": "import pandas as pd\nclock = pd.Timestamp.now\n",
    }
    reasons = reasons_of(workers, files=files)
    assert any("/steps.py:" in reason and reason.endswith(f" uses {what}, {UNSEEN}") for reason in reasons), reasons


@pytest.mark.parametrize(
    "body",
    [
        'import pandas as pd\n    return f"n{len(pd.read_parquet(PATH))}"',
        'from pyarrow import parquet\n    return f"n{parquet.read_table(PATH).num_rows}"',
        "return (lambda: read_table(PATH).num_rows)() and 'work'",
    ],
)
def test_so_does_what_registers_the_pipelines(workers, tmp_path, body):
    path = tmp_path / "counts.parquet"
    pd.DataFrame({"count": [1]}).to_parquet(path)
    steps = f"from pyarrow.parquet import read_table\nPATH = {str(path)!r}\n{STEPS.partition('def name')[0]}"
    reasons = reasons_of(workers, files={"src/toy/steps.py": f"{steps}\ndef name():\n    {body}\n"})
    assert any("/steps.py:" in reason and reason.endswith(UNSEEN) for reason in reasons), reasons


def test_so_do_resolvers_and_a_configuration_loader_of_the_project(workers):
    settings = """
    import pandas as pd
    from kedro.config import OmegaConfigLoader

    class Loader(OmegaConfigLoader):
        pass

    def now():
        return str(pd.Timestamp.now())

    CONFIG_LOADER_CLASS = Loader
    RESOLVERS = {"at": now, "other": pd.Timestamp.now}
    CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "custom_resolvers": RESOLVERS}
    """
    reasons = reasons_of(workers, settings=settings, parameters={"given": "${at:}"}, files={"src/toy/steps.py": STEPS})
    assert any("settings.py:" in reason and reason.endswith(f"uses pandas, {UNSEEN}") for reason in reasons), reasons
    assert "the project has a configuration loader of its own" in reasons
    assert f"the resolver 'other' is of pandas, {UNSEEN}" in reasons
