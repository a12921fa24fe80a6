"""Facts that a dataset object tells of its data, and how to build it anew for another place or version."""

from __future__ import annotations

import os
from typing import Any

from kedro.io import CachedDataset
from kedro.io.core import AbstractVersionedDataset

from runweave_worker.compat import AbstractDataset, Version, type_of
from runweave_worker.datasets import ValueDataset
from runweave_worker.secrets.secret_names import hide_in_url

from .init_arguments import construct, init_arguments
from .locate import Location, absolute, locate

Facts = tuple["str | None", "str | None"]


def inner(dataset: AbstractDataset) -> AbstractDataset:
    """Return the dataset that a cache wraps, or the dataset itself."""
    return dataset._dataset if isinstance(dataset, CachedDataset) else dataset


def is_in_memory(dataset: AbstractDataset) -> bool:
    """Tell whether a dataset's data end with its process."""
    return bool(getattr(inner(dataset), "_EPHEMERAL", False))


def version_of(dataset: AbstractDataset) -> Version | None:
    """Return the pins of a versioned dataset, None of one that is not."""
    core = inner(dataset)
    return core._version if isinstance(core, AbstractVersionedDataset) and core._version else None


def arguments(dataset: AbstractDataset) -> dict[str, Any]:
    """Return type and arguments of a dataset as a catalog entry would have them; `version` is left out."""
    found: dict[str, Any] = {"type": type_of(dataset)}
    for name, value in init_arguments(dataset).items():
        if name != "version":
            found[name] = arguments(value) if isinstance(value, AbstractDataset) else value
    return found


def place_of(dataset: AbstractDataset) -> Location | None:
    """Return where a dataset keeps its data, without its version."""
    places = locate(arguments(dataset), os.getcwd())
    return places[0] if places else None


def place_by_entry(dataset: AbstractDataset, entry: dict[str, Any] | None) -> Location | None:
    """Return where its entry has a dataset, if that is where it is: its arguments need not say it.

    A class may build a dataset of another class, from a part of the entry that none of the arguments show. Versions of
    such a one can't be pinned: Kedro itself refuses them.
    """
    places = locate(entry, os.getcwd()) if entry and version_of(dataset) is None else []
    return places[0] if places and _is_at(dataset, places[0].path) else None


def _is_at(dataset: AbstractDataset, location: str) -> bool:
    core = inner(dataset)
    # Kedro's own folders of partitions keep theirs as `_path`.
    path = getattr(core, "_filepath", None) or getattr(core, "_path", None)
    if not isinstance(path, (str, os.PathLike)):
        return False
    own = _with_protocol(os.fspath(path), getattr(core, "_protocol", None))
    # The settled place is known from a file, without the users of URLs.
    return location in {own, hide_in_url(own)}


def _plain_facts(dataset: AbstractDataset, known: str | None) -> Facts:
    place = place_of(dataset)
    if place is not None:
        return None, place.path
    return None, known if known is not None and _is_at(dataset, known) else None


def load_facts(dataset: AbstractDataset, known: str | None = None) -> Facts:
    """Return the version that a dataset loads and its location; both None for data in memory.

    `known` is where it was settled.
    """
    core = inner(dataset)
    if isinstance(core, ValueDataset):
        return core.digest, None
    if version_of(dataset) is None:
        return _plain_facts(dataset, known)
    version = core.resolve_load_version()
    return version, _versioned_location(core, version)


def save_facts(dataset: AbstractDataset, known: str | None = None) -> Facts:
    """Return the version that a dataset saves and its location; likewise."""
    core = inner(dataset)
    if version_of(dataset) is None:
        return _plain_facts(dataset, known)
    version = core.resolve_save_version()
    return version, _versioned_location(core, version)


def _versioned_location(core: Any, version: str) -> str:
    path = core._get_versioned_path(version).as_posix()
    protocol = getattr(core, "_protocol", None)
    return path if protocol in {None, "file"} and os.path.isabs(path) else _with_protocol(path, protocol)


def _with_protocol(path: str, protocol: str | None) -> str:
    return absolute(path, os.getcwd()) if protocol in {None, "file"} else f"{protocol}://{path}"


def rebuild(
    dataset: AbstractDataset, keys: tuple[str, ...] = (), path: str | None = None, version: Version | None = None
) -> AbstractDataset:
    """Return the same dataset at another path, or with other versions. Raises what its class raises."""
    given = init_arguments(dataset)
    if path is not None:
        given[keys[0]] = _replaced(given[keys[0]], keys[1:], path)
    if "version" in given:
        given["version"] = version
    if isinstance(given.get("dataset"), dict):
        # CachedDataset notes `versioned` in the entry that it wraps, then refuses to find it there.
        given["dataset"] = {key: value for key, value in given["dataset"].items() if key != "versioned"}
    if version is not None and isinstance(given.get("dataset"), AbstractDataset):
        given["dataset"] = rebuild(given["dataset"], version=version)
    return construct(type(dataset), given)


def _replaced(value: Any, keys: tuple[str, ...], path: str) -> Any:
    if not keys:
        return path
    if isinstance(value, AbstractDataset):
        return rebuild(value, keys, path)
    return {**value, keys[0]: _replaced(value[keys[0]], keys[1:], path)}
