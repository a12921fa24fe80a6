"""Data on remote storage, reached as the catalog entry would: with its `credentials` and `fs_args`."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from runweave_worker.compat import config_loader, credentials_of
from runweave_worker.data.checksum import hash_remote
from runweave_worker.data.locate import locate, remote_protocol
from runweave_worker.errors import Problem, SettleError
from runweave_worker.project.project import Project
from runweave_worker.protocol.spec import Each, Input, Spec
from runweave_worker.protocol.variables import list_credentials
from runweave_worker.secrets.secret_forms import hide
from runweave_worker.secrets.secret_names import hidden_places, with_secrets, without_secrets
from runweave_worker.settle.settlement import Settled, Settlement


class RemoteData:
    """Reaches remote files with the credentials of a project; what it says never shows them."""

    def __init__(
        self, read_credentials: Callable[[], dict[str, Any]], read_catalog: Callable[[], dict[str, Any]] = dict
    ) -> None:
        self._read_credentials = read_credentials
        self._read_catalog = read_catalog

    @functools.cached_property
    def credentials(self) -> dict[str, Any]:
        """All credentials of the project, read when they are first needed: few runs have remote data."""
        return self._read_credentials()

    def find_credentials(self, name: str) -> Any:
        """Return the credentials of a name; None where there are none, or where they can't be read."""
        try:
            return self.credentials.get(name)
        except Exception:  # noqa: BLE001 - whatever reading them raises
            return None

    def open(self, entry: dict[str, Any] | None, path: str) -> tuple[Any, str]:
        """Return the file system of an entry and the path as that takes it. Raises what the storage raises."""
        import fsspec

        given: dict[str, Any] = {}
        for part in _layers(entry or {}):
            named = part.get("credentials")
            found = self.credentials.get(named, {}) if isinstance(named, str) else named
            given.update(copy.deepcopy(found or {}))
            given.update(copy.deepcopy(self._fill(part.get("fs_args") or {})))
        for unused in ("open_args_load", "open_args_save"):
            given.pop(unused, None)
        fs = fsspec.filesystem(remote_protocol(path), **given)
        return fs, str(fs._strip_protocol(path))

    def _fill(self, fs_args: dict[str, Any]) -> dict[str, Any]:
        """Return arguments as the catalog has them, if they are from a record, which has no secrets."""
        if next(hidden_places(fs_args), None) is None:
            return fs_args
        layers = (part for entry in self._read_catalog().values() for part in _layers(entry))
        known = (part["fs_args"] for part in layers if isinstance(part.get("fs_args"), dict))
        return with_secrets(fs_args, next((own for own in known if without_secrets(own) == fs_args), None))

    def hash_of(self, entry: dict[str, Any] | None, location: str, suffix: str) -> str | None:
        """Return the store's checksum of a location's data; None without data. Raises what the storage raises."""
        fs, path = self.open(entry, location)
        try:
            return hash_remote(fs, path, remote_protocol(location) or "", suffix).hash
        except FileNotFoundError:
            return None

    def describe(self, error: BaseException) -> str:
        """Return type and text of an error without any secret."""
        return self.clean(f"{type(error).__name__}: {error}")

    def clean(self, text: str) -> str:
        """Return a text with every credential replaced."""
        return hide(text, list_credentials(self.credentials))


def check_reads(settlement: Settlement, spec: Spec, data: RemoteData) -> None:
    """Compare what is read from remote storage with what its run saved or the plan saw. Raises SettleError."""
    problems = []
    for name, settled in settlement.datasets.items():
        reads = [*_consumed(name, settled, spec), *_seen(name, settled, spec)]
        problems += [found for read in reads if remote_protocol(read.location) for found in _compare(read, data)]
    if problems:
        raise SettleError(problems)


@dataclass(frozen=True)
class _Read:
    """Data that a run is about to read, and what they should be."""

    what: str
    location: str
    entry: dict[str, Any] | None
    suffix: str
    hash: str | None
    when: str
    """Clause for the time at which it had this hash."""
    remedy: str


def _consumed(name: str, settled: Settled, spec: Spec) -> Iterator[_Read]:
    for source, entry in _sources(name, settled, spec):
        what = f"'{name}' of run {source.run_id} at {source.location}"
        remedy = "run its run again"
        place = settled.location if settled.told_location == source.location else source.location
        yield _Read(what, place or source.location, entry, settled.suffix, source.hash, "it was saved", remedy)


def _sources(name: str, settled: Settled, spec: Spec) -> Iterator[tuple[Input, dict[str, Any] | None]]:
    read = spec.reads.get(name)
    for arm, source in read.arms.items() if isinstance(read, Each) else ():
        yield source, (settled.entry or {})["datasets"][arm]
    source = spec.find(name, Input)
    if source is not None and settled.told_location == source.location:
        yield source, settled.entry


def _seen(name: str, settled: Settled, spec: Spec) -> Iterator[_Read]:
    seen = spec.seen_of(name)
    if seen is not None and settled.location and seen.location == settled.told_location:
        what = f"'{name}' at {seen.location}"
        yield _Read(what, settled.location, settled.entry, settled.suffix, seen.hash, "the plan was made", "plan again")


def _compare(read: _Read, data: RemoteData) -> list[Problem]:
    try:
        fs, path = data.open(read.entry, read.location)
        now = hash_remote(fs, path, remote_protocol(read.location) or "", read.suffix).hash
    except FileNotFoundError:
        return [Problem("input-missing", f"{read.what} is gone", f"{read.remedy}, or consume another version")]
    except Exception as error:  # noqa: BLE001 - whatever a storage raises
        hint = "check the `credentials` of its entry in this environment, and what they permit"
        return [Problem("input-unreadable", f"{read.what} can't be reached: {data.describe(error)}", hint)]
    if read.hash is None or now == read.hash:
        return []
    message = f"{read.what} was {read.hash} when {read.when} and is {now} now"
    return [Problem("input-changed", message, f"{read.remedy}: it was overwritten")]


def _layers(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the entry and those that it wraps down to the one with the path."""
    while isinstance(entry, dict):
        yield entry
        places = locate(entry, "/")
        if not places or len(places[0].keys) < 2:  # noqa: PLR2004 - a key of its own entry
            return
        entry = entry[places[0].keys[0]]


def remote_of(project: Project, request: dict[str, Any]) -> RemoteData:
    """Return what reaches remote data with the credentials that the parameters of a request lead to."""

    def loader() -> Any:
        return config_loader(project.session, project.spell_params(request.get("runtime_params") or {}))

    return RemoteData(lambda: credentials_of(loader()), lambda: loader()["catalog"])
