"""No file of Python, and none of the source, the tests and the scripts, is longer than Biome lets one be."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[4]


def count_lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")


def test_no_file_is_too_long():
    style = json.loads((ROOT / "biome.json").read_text())["linter"]["rules"]["style"]
    limit = style["noExcessiveLinesPerFile"]["options"]["maxLines"]
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.py", "src", "test", "scripts"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name and (ROOT / name).exists()]
    assert len(files) > 1000
    assert {str(file.relative_to(ROOT)): lines for file in files if (lines := count_lines(file)) > limit} == {}
