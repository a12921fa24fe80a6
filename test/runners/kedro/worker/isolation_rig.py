"""What must hold of every project whose runs are isolated."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def snapshot(folder: Path) -> dict[str, str]:
    return {str(path): path.read_text() for path in folder.rglob("*") if path.is_file()}


@contextlib.contextmanager
def plain_paths_untouched(project: Path):
    """No isolated run may write a plain path: versions are the only new files."""
    before = snapshot(project / "data")
    yield
    after = snapshot(project / "data")
    assert {path: after.get(path) for path in before} == before
    assert [path for path in set(after) - set(before) if "2026-11-23T21" not in path] == []
