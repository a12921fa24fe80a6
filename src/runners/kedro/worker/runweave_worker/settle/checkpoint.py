"""The checkpoint that an IncrementalDataset would write beside its input goes to the store."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from runweave_worker.compat import AbstractDataset, dataset_of
from runweave_worker.data.checksum import hash_local
from runweave_worker.hooks import active_folder


class StoreConfirm:
    """Stands in for `IncrementalDataset.confirm`: same content, another file. It can be pickled."""

    def __init__(self, dataset: AbstractDataset, path: str, name: str) -> None:
        self.dataset = dataset
        self.path = path
        self.name = name

    def __call__(self) -> None:
        """Write the last partition's id, then note in the attempt's folder that it is written."""
        from kedro.io.core import parse_dataset_definition

        dataset: Any = self.dataset
        partitions = [dataset._path_to_partition(path) for path in dataset._list_partitions()]
        noted: dict[str, Any] = {"dataset": self.name, "location": None, "bytes": None, "hash": None}
        if partitions:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            kind, given = parse_dataset_definition({**dataset._checkpoint_config, dataset._filepath_arg: self.path})
            kind(**given).save(partitions[-1])
            content = hash_local(self.path)
            noted.update(location=self.path, bytes=content.bytes, hash=content.hash)
        digest = hashlib.sha256(self.name.encode()).hexdigest()[:16]
        folder = active_folder()
        if folder is not None:
            folder.write_json(checkpoint_file(digest), noted)


def checkpoint_file(digest: str) -> str:
    """Return the name of the file of an attempt that says of a checkpoint that it is whole."""
    return f"checkpoint-{digest}.json"


def keep_checkpoint_apart(catalog: Any, name: str, path: str) -> None:
    """Make `confirm` write to `path`; what it reads stays the project's own checkpoint."""
    dataset: Any = dataset_of(catalog, name)
    if dataset is not None and hasattr(dataset, "_checkpoint_config"):
        dataset.confirm = StoreConfirm(dataset, path, name)
