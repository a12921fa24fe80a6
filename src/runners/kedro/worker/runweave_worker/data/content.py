"""Content at the place of a dataset: as much of it as can be told without reading for minutes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runweave_worker.compat import AbstractDataset

from .beside import paths_beside
from .checksum import Content, hash_local, hash_remote, mark_local
from .instances import inner
from .locate import remote_protocol
from .walk_data import list_data

# A file that was loaded was read whole, mostly; for a folder, maybe only its names were read.
FILE_LIMIT = 1_000_000_000
FOLDER_LIMIT = 64_000_000


@dataclass(frozen=True)
class Observed(Content):
    """Size, hash and time of what a load found."""

    modified_ms: float | None = None
    """Time of the newest file, for a folder."""


def content_of(
    location: str,
    suffix: str,
    dataset: AbstractDataset | None,
    *,
    beside: Sequence[str] = (),
    durable: bool = False,
) -> Content:
    """Return size and hash of what is at a location; None if they can't be told. If durable, it is on the disk then."""
    protocol = remote_protocol(location)
    if protocol is None:
        is_there = os.path.exists(location)
        return hash_local(location, suffix, beside=beside, durable=durable) if is_there else Content(None, None)
    core: Any = inner(dataset) if dataset is not None else None
    fs = getattr(core, "_fs", None) or getattr(core, "_filesystem", None)
    try:
        # Kedro drops the host of protocols that it does not know as cloud storage, so the dataset's own path counts.
        path = str(core._get_load_path()) if hasattr(core, "_get_load_path") else fs._strip_protocol(location)
        return hash_remote(fs, path, protocol, suffix)
    except Exception:  # noqa: BLE001 - a store that has no checksum is no failure of the run
        return Content(None, None)


def observe_content(
    location: str,
    suffix: str,
    dataset: AbstractDataset,
    seen: dict[str, Any] | None = None,
    beside: Sequence[str] = (),
) -> Observed:
    """Return what a load finds at a location; large data have no hash.

    `seen` is what the plan saw there: a folder without a change since is not read again. `beside` are the names of
    the files beside it that belong to it.
    """
    if seen and seen["mark"] and seen["location"] == location and mark_local(location, suffix) == seen["mark"]:
        return Observed(seen["bytes"], seen["hash"], seen["modified_ms"])
    if remote_protocol(location) is not None:
        content = content_of(location, suffix, dataset)
        return Observed(content.bytes, content.hash)
    try:
        # One that is gone makes it something else, which its hash has to tell.
        named = zip(beside, paths_beside(location, beside), strict=True)
        beside = [name for name, path in named if os.path.exists(path)]
        measured = [_measure(location, suffix), *(_measure(each, "") for each in paths_beside(location, beside))]
        size, modified = sum(size for size, _ in measured), max(time for _, time in measured)
        limit = FOLDER_LIMIT if os.path.isdir(location) else FILE_LIMIT
        content = hash_local(location, suffix, beside=beside) if size <= limit else Content(size, None)
    except OSError:
        return Observed(None, None)
    return Observed(content.bytes, content.hash, modified)


def _measure(path: str, suffix: str) -> tuple[int, float]:
    size, newest = 0, 0
    for file in list_data(path, suffix):
        found = os.stat(file)
        size, newest = size + found.st_size, max(newest, found.st_mtime_ns)
    return size, newest / 1e6
