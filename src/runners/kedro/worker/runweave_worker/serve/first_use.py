"""Modules that libraries import when they are first used: in each child anew, unless the zygote has them already."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Collection

from runweave_worker.protocol.attempt_folder import check_time, timestamp

# Modules by the end of a catalog's `type`. For a name that a release no longer has, a run only loses time.
_OF_DATASETS = {
    "pandas.CSVDataset": ("pandas.io.formats.csvs",),
    "pandas.ParquetDataset": ("pyarrow.parquet", "pyarrow.dataset", "pandas.core.arrays.arrow.extension_types"),
}
# Modules by a package that is imported already.
_OF_PACKAGES = {
    "fsspec": ("fsspec.implementations.chained",),
    # Modules by which scikit-learn 1.9 looks at data frames.
    "sklearn": ("narwhals._pandas_like.namespace", "narwhals.stable.v2._namespace", "narwhals._interchange.dataframe"),
}


def import_for_first_use(kinds: Collection[str]) -> None:
    """Import what datasets of these types, and packages that the project has imported, will need when they are used."""
    of_datasets = [name for end, names in _OF_DATASETS.items() if _is_named(end, kinds) for name in names]
    of_packages = [name for package, names in _OF_PACKAGES.items() if package in sys.modules for name in names]
    for name in (*of_datasets, *of_packages):
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    # The first one takes 100 times as long as those that follow.
    check_time(timestamp())


def _is_named(end: str, kinds: Collection[str]) -> bool:
    return any(kind == end or kind.endswith(f".{end}") for kind in kinds)
