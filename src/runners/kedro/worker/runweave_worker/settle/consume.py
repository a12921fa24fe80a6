"""Datasets that a run consumes from another one: which entry reads them, and where."""

from __future__ import annotations

import difflib
import json
import os
import posixpath
from typing import Any

from runweave_worker.compat import EntryFinder, dataset_class, dataset_class_error
from runweave_worker.data.base_name import base_name
from runweave_worker.data.locate import (
    Location,
    absolute,
    is_inside,
    locate,
    move_place,
    remote_protocol,
    replace_path,
    resolve,
    version_path,
)
from runweave_worker.errors import Problem, SettleError
from runweave_worker.protocol.spec import Each, Input, Value
from runweave_worker.secrets.secret_names import hidden_places, with_secrets, with_user

from .settlement import Settled

EACH_TYPE = "runweave_worker.datasets.EachDataset"
VALUE_TYPE = "runweave_worker.datasets.ValueDataset"
# Keys that stay the downstream project's own, with either entry.
OWN_KEYS = ("credentials", "metadata", "validator")


def is_versioned(entry: dict[str, Any]) -> bool:
    """Tell whether Kedro versions an entry: by its flag, or because its class always is."""
    if entry.get("versioned"):
        return True
    kind = entry.get("type")
    found = dataset_class(kind) if isinstance(kind, str) else kind
    return bool(getattr(found, "versioned", False))


def supply(name: str, read: Input | Each | Value, finder: EntryFinder, base: str) -> Settled:
    """Settle what comes from outside the slice. Raises SettleError."""
    if isinstance(read, Value):
        content = json.dumps(read.value)
        return Settled(name, {"type": VALUE_TYPE, "content": content, "digest": read.version}, version=read.version)
    return _each(name, read.arms, finder, base) if isinstance(read, Each) else _consume(name, read, finder, base)


def _consume(name: str, source: Input, finder: EntryFinder, base: str) -> Settled:
    own = finder.find(name)
    upstream = (source.entry or {}).get("config")
    if upstream is None or source.as_downstream or _is_other_side(name, source.dataset):
        if own is None:
            raise SettleError([_no_entry(name, source, finder)])
        return _through(name, own, source, base)
    if own is not None and _is_same_versioned(own, upstream, source, base):
        return _versioned(name, own, source, base)
    entry = {key: value for key, value in upstream.items() if key not in {"validator", "metadata"}}
    entry.update({key: own[key] for key in OWN_KEYS if own is not None and key in own})
    entry = _fill_secrets(name, entry, source, finder)
    _require_class(name, entry, source)
    return _through(name, entry, source, base)


def _fill_secrets(name: str, entry: dict[str, Any], source: Input, finder: EntryFinder) -> dict[str, Any]:
    """Return upstream's entry with the secrets of this project's own: no record has them. Raises SettleError."""
    for own in (finder.find(name), finder.find(source.dataset)):
        entry = with_secrets(entry, own)
    # The place is that of the version, in which `_place_within` fills a user in.
    places = {".".join(place.keys) for place in locate(entry, "/")}
    missing = [place for place in hidden_places(entry) if place not in places]
    if not missing:
        return entry
    message = (
        f"'{name}' is consumed from '{source.dataset}' of run {source.run_id}, and its catalog entry was recorded "
        f"without what is secret in it: {', '.join(missing)}"
    )
    hint = f"give '{name}' an entry in this project's catalog that has them, or read it with `as: downstream`"
    raise SettleError([Problem("consumed-without-secret", message, hint)])


def _require_class(name: str, entry: dict[str, Any], source: Input) -> None:
    kind = entry.get("type")
    error = dataset_class_error(kind) if isinstance(kind, str) else None
    if error is None:
        return
    message = (
        f"'{name}' is consumed from '{source.dataset}' of run {source.run_id}, which was saved by {kind}; this project "
        f"can't import that class: {error.splitlines()[0]}"
    )
    hint = f"read it through this project's own entry: `consumes: {{ {name}: {{ run: ..., as: downstream }} }}`"
    raise SettleError([Problem("consumed-without-class", message, hint)])


def _each(name: str, arms: dict[str, Input], finder: EntryFinder, base: str) -> Settled:
    """Settle one input that is consumed from several arms, as one mapping."""
    parts = {arm: _consume(name, source, finder, base) for arm, source in arms.items()}
    entries = {arm: _unpinned(part, arms[arm]) for arm, part in parts.items()}
    each = {arm: {"location": source.location, "version": source.run_id} for arm, source in arms.items()}
    return Settled(name, {"type": EACH_TYPE, "datasets": entries}, each=each)


def _unpinned(part: Settled, source: Input) -> dict[str, Any]:
    entry = {key: value for key, value in (part.entry or {}).items() if key not in {"versioned", "validator"}}
    locations = locate(entry, "/")
    return replace_path(entry, locations[0].keys, part.location or source.location) if locations else entry


def _is_other_side(name: str, upstream: str) -> bool:
    return name != upstream and "@" in name and base_name(name) == base_name(upstream)


def _is_same_versioned(own: dict[str, Any], upstream: dict[str, Any], source: Input, base: str) -> bool:
    return is_versioned(own) and own.get("type") == upstream.get("type") and _is_version_of(own, source, base)


def _is_version_of(entry: dict[str, Any], source: Input, base: str) -> bool:
    places = locate(entry, base)
    return bool(places) and version_path(places[0].path, source.run_id) == absolute(source.location, base)


def _through(name: str, entry: dict[str, Any], source: Input, base: str) -> Settled:
    if is_versioned(entry) and _is_version_of(entry, source, base):
        return _versioned(name, entry, source, base)
    places = locate(entry, base)
    if not places:
        raise SettleError(
            [
                Problem(
                    "consumed-without-path",
                    f"'{name}' is consumed from {source.location}, but its entry ({entry.get('type')}) has no path",
                    f"give '{name}' an entry with a `filepath`",
                )
            ]
        )
    location = _place_within(places[0], source)
    settled = move_place(entry, places[0].keys, location)
    settled.pop("versioned", None)
    return Settled(name, settled, location, source.run_id, False, places[0].path, suffix=places[0].suffix or "")


def _place_within(own: Location, source: Input) -> str:
    """Return where upstream's version has what an entry of the consumer's own names.

    That of one file in a folder which upstream saved as a whole is in its version of that folder.
    """
    if not source.as_downstream or source.plain_location is None:
        return with_user(source.location, own.path)
    plain = source.plain_location
    folder = plain if remote_protocol(plain) else resolve(plain)
    if not is_inside(own.key, folder):
        return source.location
    return posixpath.join(source.location, posixpath.relpath(own.key, folder))


def _versioned(name: str, entry: dict[str, Any], source: Input, base: str) -> Settled:
    plain = locate(entry, base)[0].path
    return Settled(name, entry, source.location, source.run_id, True, plain)


def _no_entry(name: str, source: Input, finder: EntryFinder) -> Problem:
    close = difflib.get_close_matches(name, finder.listed, n=1)
    what = "a folder" if os.path.isdir(source.location) else f"a file ({os.path.basename(source.location)})"
    # A file of the workflow's own names itself.
    is_file = source.dataset == source.location
    origin = source.location if is_file else f"'{source.dataset}' of run {source.run_id}"
    return Problem(
        "consumed-without-entry",
        f"'{name}' is consumed from {origin}, which is {what} and brings no catalog "
        f"entry, and the catalog has none for '{name}'",
        f"did you mean '{close[0]}'? Else add to the catalog: `{name}: {{type: ..., filepath: ...}}` with the dataset "
        "class that reads it"
        if close
        else f"add to the catalog: `{name}: {{type: ..., filepath: ...}}` with the dataset class that reads it",
    )
