"""What planning learns of one dataset from its catalog entry: where its data are, not what is there."""

from __future__ import annotations

import os
from typing import Any

from .compat import dataset_class, is_memory_class
from .consume import is_versioned
from .digest import canonical
from .locate import OPAQUE_KEYS, Location, absolute, is_memory, locate, remote_protocol, resolve
from .other_paths import other_paths

Facts = dict[str, Any]
# What is said of reading and writing, and tells nothing of where the data are.
_MANNERS = frozenset({"load_args", "save_args", "fs_args", "metadata", "validator", "mode"})
# Whose `database` names a server's, not a file.
_SERVERS = frozenset(
    {"postgres", "mysql", "mssql", "oracle", "snowflake", "bigquery", "trino", "clickhouse", "databricks", "exasol"}
)


def facts_of_entry(entry: dict[str, Any] | None, base: str) -> Facts:
    """Return the facts of a dataset that no look at its data takes. Relative paths are below `base`."""
    facts: Facts = {
        "type": "MemoryDataset",
        "in_catalog": entry is not None,
        "location": None,
        "places": [],
        "others": [],
        "versioned": False,
        "by_params": False,
        "appends": False,
    }
    if entry is None:
        return facts
    places = [] if is_memory(entry) else locate(entry, base)
    location = places[0].path if places else None
    kind = _type_name(entry, location)
    versioned = is_versioned(entry)
    facts.update(type=kind, location=location, versioned=versioned, appends=_appends(entry))
    facts["others"] = [other.to_json() for other in other_paths(entry, base)]
    facts["places"] = [_place(place) for place in places] or _placeless(entry, kind, base)
    return facts


def is_missing(facts: Facts) -> bool:
    """Tell whether nothing is there now; of remote data, of versions, and of a pattern of names, nobody can say so."""
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


def _placeless(entry: dict[str, Any], kind: str, base: str) -> list[dict[str, Any]]:
    """Return what tells a table from others: the file of its database, else all that its entry says of where it is."""
    if kind == "MemoryDataset" or is_memory(entry):
        return []
    connection = entry.get("connection")
    if isinstance(connection, dict):
        database = connection.get("database")
        if isinstance(database, str) and connection.get("backend") not in _SERVERS and ":memory:" not in database:
            return [{"path": resolve(absolute(database, base)), "suffix": None}]
    told = {key: value for key, value in entry.items() if key not in _MANNERS}
    return [{"path": f"entry {canonical(told)}", "suffix": None}]


def _type_name(entry: dict[str, Any], location: str | None) -> str:
    """Return the type as the catalog writes it, or `MemoryDataset` for a project's own class of such."""
    kind = entry.get("type")
    found = dataset_class(kind) if isinstance(kind, str) else kind
    if location is None and found is not None and is_memory_class(found):
        return "MemoryDataset"
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
