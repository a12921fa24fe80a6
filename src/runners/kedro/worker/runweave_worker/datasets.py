"""Datasets of our own: a pickle for outputs in no catalog, and several arms as one mapping."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import fsspec
from kedro.io import AbstractDataset, DatasetError

PICKLE_TYPE = "runweave_worker.datasets.PickleDataset"
EACH_TYPE = "runweave_worker.datasets.EachDataset"


class PickleDataset(AbstractDataset[Any, Any]):
    """Keeps one object of a run as a pickle, so that other runs can consume it."""

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = filepath
        self.metadata = metadata

    def load(self) -> Any:
        """Return the object. The file is one that a run of the same workflow wrote."""
        with fsspec.open(self._filepath, "rb") as file:
            return pickle.load(file)

    def save(self, data: Any) -> None:
        """Write the object, or say which it is that can't be written."""
        try:
            content = pickle.dumps(data, protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            raise DatasetError(
                f"it is a declared output in no catalog, and its value of type {type(data).__name__} can't be pickled: "
                f"{error}. Add a catalog entry for it, or leave it out of `outputs`."
            ) from error
        with fsspec.open(self._filepath, "wb", **_local_arguments(self._filepath)) as file:
            file.write(content)

    def _exists(self) -> bool:
        fs, path = fsspec.core.url_to_fs(self._filepath)
        return bool(fs.exists(path))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath}


class EachDataset(AbstractDataset[Any, dict[str, Any]]):
    """Loads one dataset of several arms as one mapping of arm to data."""

    def __init__(self, datasets: dict[str, dict[str, Any]], metadata: dict[str, Any] | None = None) -> None:
        self._parts = {arm: AbstractDataset.from_config(arm, config) for arm, config in datasets.items()}
        self.metadata = metadata

    def load(self) -> dict[str, Any]:
        """Return the data of every arm."""
        return {arm: part.load() for arm, part in self._parts.items()}

    def save(self, data: Any) -> None:  # noqa: ARG002 - the signature is Kedro's
        """Refuse: what was consumed is never written."""
        raise DatasetError("a dataset consumed from several arms can't be saved")

    def _exists(self) -> bool:
        return all(part.exists() for part in self._parts.values())

    def _describe(self) -> dict[str, Any]:
        return {"arms": sorted(self._parts)}


def _local_arguments(filepath: str) -> dict[str, Any]:
    return {"auto_mkdir": True} if Path(filepath).is_absolute() else {}
