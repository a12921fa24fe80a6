"""What depends on the version of Kedro is in one file."""

from __future__ import annotations

import re

from rig import WORKER

# Private modules and names of Kedro, and its version: what a release may change without a word.
DEPENDS = re.compile(
    r"from kedro[\w.]*\._\w+|from kedro[\w.]* import .*\b_[a-z]\w+|kedro\.__version__|KedroServiceSession"
)


def test_only_compat_depends_on_the_version():
    found = {
        file.name
        for file in (WORKER / "runweave_worker").rglob("*.py")
        if DEPENDS.search(re.sub(r'""".*?"""', "", file.read_text(), flags=re.DOTALL))
    }
    # project.py has to refuse a Kedro that compat.py can't even be imported with.
    assert found == {"compat.py", "project.py"}
