"""Facts of one dataset that planning learns from its catalog entry: where its data are, not what is there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from runweave_worker.compat import dataset_class, is_memory_class
from runweave_worker.data.digest import digest
from runweave_worker.data.locate import OPAQUE_KEYS, Location, absolute, is_memory, locate, remote_protocol, resolve
from runweave_worker.secrets.secret_names import without_secrets
from runweave_worker.settle.consume import is_versioned
from runweave_worker.settle.other_paths import other_paths

Facts = dict[str, Any]
# Keys about reading and writing: where the data are does not depend on them.
_MANNERS = frozenset({"load_args", "save_args", "fs_args", "metadata", "validator", "mode"})
# Backends whose `database` names one on a server, not a file.
_SERVERS = frozenset(
    {"postgres", "mysql", "mssql", "oracle", "snowflake", "bigquery", "trino", "clickhouse", "databricks", "exasol"}
)


# URLs of SQLAlchemy for a database in a file: three slashes, and the path.
_EMBEDDED_URL = re.compile(r"(sqlite|duckdb)(?:\+\w+)?:///(?:file:)?([^?]+)")
# Backends whose file only one process at a time may have open, unless all of them only read.
_EXCLUSIVE = frozenset({"duckdb"})

FindCredentials = Callable[[str], Any]


def _no_credentials(_: str) -> Any:
    return None


def facts_of_entry(
    name: str,
    entry: dict[str, Any] | None,
    base: str,
    find_credentials: FindCredentials = _no_credentials,
) -> Facts:
    """Return the facts of a dataset that no look at its data takes. Relative paths are below `base`.

    Of credentials only the file of a database is told that a URL among them names.
    """
    facts: Facts = {
        "type": "MemoryDataset",
        "in_catalog": entry is not None,
        "location": None,
        "places": [],
        "others": [],
        "versioned": False,
        "by_params": False,
        "appends": False,
        "alone": False,
    }
    if entry is None:
        return facts
    places = [] if is_memory(entry) else locate(entry, base)
    location = places[0].path if places else None
    kind = _type_name(entry, location)
    versioned = is_versioned(entry)
    facts.update(type=kind, location=location, versioned=versioned, appends=_appends(entry))
    facts["others"] = [other.to_json() for other in other_paths(entry, base)]
    facts["places"] = [_place(place) for place in places]
    if not places and kind != "MemoryDataset" and not is_memory(entry):
        database = _database_of(entry, base, find_credentials)
        facts["places"] = [{"path": database[0] if database else _tell_apart(name, entry), "suffix": None}]
        facts["alone"] = database is not None and database[1]
    return facts


def is_missing(facts: Facts) -> bool:
    """Tell whether the place is known to be empty now: never for remote data, versions and patterns of names."""
    location = facts["location"]
    return (
        location is not None
        and not facts["versioned"]
        and remote_protocol(location) is None
        and not any(char in location for char in "*?[")
        and not os.path.exists(location)
    )


def _appends(entry: dict[str, Any]) -> bool:
    """Tell whether an entry says that saving adds to what is there; wrapped ones too."""
    opening = entry.get("fs_args")
    said = [entry.get("save_args"), opening.get("open_args_save") if isinstance(opening, dict) else None]
    inner = (value for key, value in entry.items() if key not in OPAQUE_KEYS and isinstance(value, dict))
    return any(_say_append(arguments) for arguments in said) or any(_appends(each) for each in inner)


def _say_append(arguments: Any) -> bool:
    if not isinstance(arguments, dict):
        return False
    mode = arguments.get("mode")
    # `a`, `ab` and `a+` of files, `append` of tables.
    is_appending = isinstance(mode, str) and mode.startswith("a")
    return is_appending or arguments.get("append") is True or _say_append(arguments.get("writer"))


def _place(place: Location) -> dict[str, Any]:
    return {"path": place.key, "suffix": place.suffix}


def _database_of(entry: dict[str, Any], base: str, find_credentials: FindCredentials) -> tuple[str, bool] | None:
    """Return the file of the embedded database of an entry, and whether one process at a time may open it."""
    connection = entry.get("connection")
    if isinstance(connection, dict):
        database, backend = connection.get("database"), connection.get("backend")
        if isinstance(database, str) and backend not in _SERVERS and ":memory:" not in database:
            is_alone = backend in _EXCLUSIVE and connection.get("read_only") is not True
            return resolve(absolute(database, base)), is_alone
    for text in _texts(entry, find_credentials):
        match = _EMBEDDED_URL.fullmatch(text.partition("?")[0])
        if match and ":memory:" not in text:
            is_alone = match.group(1) in _EXCLUSIVE and "access_mode=read_only" not in text.lower()
            return resolve(absolute(match.group(2), base)), is_alone
    return None


def _texts(entry: dict[str, Any], find_credentials: FindCredentials) -> Iterator[str]:
    for key, value in entry.items():
        found = find_credentials(value) if key == "credentials" and isinstance(value, str) else value
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict) and key not in _MANNERS:
            yield from _texts(found, find_credentials)


def _tell_apart(name: str, entry: dict[str, Any]) -> str:
    """Return what is equal for equal tables: all that an entry says of where it is; without that, its name."""
    told = {key: value for key, value in without_secrets(entry).items() if key not in _MANNERS}
    has_place = bool(set(told) - {"type", "credentials", "versioned"})
    return f"entry {digest(told)}" if has_place else f"dataset {name.partition('@')[0]}"


def _type_name(entry: dict[str, Any], location: str | None) -> str:
    """Return the type as the catalog writes it, or `MemoryDataset` for a project's own class of such."""
    kind = entry.get("type")
    found = dataset_class(kind) if isinstance(kind, str) else kind
    if location is None and found is not None and is_memory_class(found):
        return "MemoryDataset"
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
