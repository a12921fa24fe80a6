"""Files that a dataset class writes beside its main file: in the folder of one version alone, they belong to it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from runweave_worker.errors import OutputRefused

from .locate import remote_protocol
from .walk_data import is_staging

# Bounds for names of such files, which are part of the record. As in src/core/files-beside.ts.
MAX_FILES = 1000
MAX_NAME_LENGTH = 1000


def list_beside(location: str, version: str) -> tuple[str, ...]:
    """Return the files beside a version in its own folder, by their sorted names below that. Raises OutputRefused.

    Empty where the folder is not that of this version alone, and on remote storage.
    """
    folder, own = os.path.split(location)
    if remote_protocol(location) is not None or os.path.basename(folder) != version:
        return ()
    found: list[str] = []
    for path in _walk(folder, own):
        name = os.path.relpath(path, folder)
        found.append(name)
        if len(found) > MAX_FILES:
            raise OutputRefused(
                f"{location} has more than {MAX_FILES} files beside it, which belong to it: write a folder instead"
            )
        if len(name) > MAX_NAME_LENGTH or not _is_text(name):
            raise OutputRefused(f"{location} has a file beside it whose name can't be recorded: {name!a}")
    return tuple(sorted(found))


def _walk(folder: str, own: str) -> Iterator[str]:
    """Yield what is a file or leads to one; a link to a folder is not followed."""
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not (parent == folder and name == own) and not is_staging(name)]
        for name in files:
            path = os.path.join(parent, name)
            if not (parent == folder and name == own) and not is_staging(name) and os.path.isfile(path):
                yield path


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def describe_beside(names: Sequence[str]) -> dict[str, list[str]]:
    """Return them as records have them: not at all if there are none."""
    return {"beside": list(names)} if names else {}


def paths_beside(location: str, beside: Sequence[str]) -> list[str]:
    """Return where these files are."""
    return [os.path.join(os.path.dirname(location), name) for name in beside]
