"""Datasets of our own: a pickle for outputs in no catalog, several arms as one mapping, a value of the workflow."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import fsspec
from kedro.io import AbstractDataset, DatasetError

PICKLE_TYPE = "runweave_worker.datasets.PickleDataset"
EACH_TYPE = "runweave_worker.datasets.EachDataset"


class NotPicklable(DatasetError):  # noqa: N818 - the protocol names it
    """A declared output in no catalog whose value can't be pickled."""


class PickleDataset(AbstractDataset[Any, Any]):
    """Keeps one object of a run as a pickle, so that other runs can consume it."""

    def __init__(self, filepath: str, output: str = "", metadata: dict[str, Any] | None = None) -> None:
        self._filepath = filepath
        self._output = output
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
            raise NotPicklable(
                f"'{self._output}' is a declared output in no catalog, and its value of type {_type_name(data)} can't "
                f"be pickled: {error} (add a catalog entry for it, or leave it out of `outputs`)"
            ) from error
        with fsspec.open(self._filepath, "wb", **_local_arguments(self._filepath)) as file:
            file.write(content)

    def _exists(self) -> bool:
        fs, path = fsspec.core.url_to_fs(self._filepath)
        return bool(fs.exists(path))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath}


class ValueDataset(AbstractDataset[Any, Any]):
    """Loads a value that the workflow file gives: anew each time, so that no node sees what another one did to it.

    A MemoryDataset will not do: Kedro looks for credentials inside its data, and a ParallelRunner refuses it.
    """

    def __init__(self, content: str, digest: str, metadata: dict[str, Any] | None = None) -> None:
        self._content = content
        self.digest = digest
        self.metadata = metadata

    def load(self) -> Any:
        """Return the value."""
        return json.loads(self._content)

    def save(self, data: Any) -> None:  # noqa: ARG002 - the signature is Kedro's
        """Refuse: what was given is never written."""
        raise DatasetError("a dataset whose value the workflow gives can't be saved")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {"version": self.digest}


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
        raise DatasetError("a dataset consumed from several variants can't be saved")

    def _exists(self) -> bool:
        return all(part.exists() for part in self._parts.values())

    def _describe(self) -> dict[str, Any]:
        return {"arms": sorted(self._parts)}


def _type_name(data: Any) -> str:
    kind = type(data)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _local_arguments(filepath: str) -> dict[str, Any]:
    return {"auto_mkdir": True} if Path(filepath).is_absolute() else {}
