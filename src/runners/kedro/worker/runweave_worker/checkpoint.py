"""The checkpoint that an IncrementalDataset would write beside its input goes to the store."""

from __future__ import annotations

import os
from typing import Any

from .compat import AbstractDataset, dataset_of


class StoreConfirm:
    """Stands in for `IncrementalDataset.confirm`: same content, another file. It can be pickled."""

    def __init__(self, dataset: AbstractDataset, path: str) -> None:
        self.dataset = dataset
        self.path = path

    def __call__(self) -> None:
        """Write the last partition's id."""
        from kedro.io.core import parse_dataset_definition

        dataset: Any = self.dataset
        partitions = [dataset._path_to_partition(path) for path in dataset._list_partitions()]
        if not partitions:
            return
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        kind, given = parse_dataset_definition({**dataset._checkpoint_config, dataset._filepath_arg: self.path})
        kind(**given).save(partitions[-1])


def keep_checkpoint_apart(catalog: Any, name: str, path: str) -> None:
    """Make `confirm` write to `path`; what it reads stays the project's own checkpoint."""
    dataset: Any = dataset_of(catalog, name)
    if dataset is not None and hasattr(dataset, "_checkpoint_config"):
        dataset.confirm = StoreConfirm(dataset, path)
