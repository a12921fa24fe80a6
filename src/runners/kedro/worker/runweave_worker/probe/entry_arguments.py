"""Tells whether dataset classes take what catalog entries give: each is built once, in a process that ends then."""

from __future__ import annotations

import contextlib
import difflib
import functools
import inspect
import os
import re
import signal
from collections.abc import Iterable, Iterator
from typing import Any

from runweave_worker import compat
from runweave_worker.code.work_parts import entry_and_wrapped
from runweave_worker.data.digest import digest
from runweave_worker.errors import Problem
from runweave_worker.project.project import Project
from runweave_worker.protocol.variables import list_credentials
from runweave_worker.reads.apart import do_apart
from runweave_worker.reads.read_watch import WATCH
from runweave_worker.remote.remote import RemoteData
from runweave_worker.secrets.secret_forms import hide
from runweave_worker.secrets.secret_names import list_secrets

from .class_problems import place_of_entry
from .dataset_facts import is_missing
from .hooked import TELEMETRY_OFF, find_failing

LIMIT_S = 30.0
# Limit for all constructors of one question together: faults of those that are left are told by the run itself.
PATIENCE_S = 5
MAX_TEXT = 300
_UNEXPECTED = re.compile(r"unexpected keyword argument '(\w+)'")

Entries = dict[str, dict[str, Any]]
Fault = dict[str, Any]


class _OutOfTime(BaseException):
    """Ends a constructor that takes too long; no `except Exception` of a class keeps it."""


class EntryCheck:
    """Builds datasets as a run would, and tells which classes say that they can't be built so."""

    def __init__(
        self, project: Project, finder: compat.EntryFinder, runtime_params: dict[str, Any], remote: RemoteData
    ) -> None:
        self._project = project
        self._finder = finder
        self._runtime_params = runtime_params
        self._remote = remote

    def problems(self, datasets: dict[str, dict[str, Any]], read: set[str]) -> dict[str, Problem]:
        """Return a problem by name for each dataset whose class refuses its entry. `read` are those read from outside.

        `datasets` are their facts.
        """
        known = self._project.built_entries
        entries = self._find_entries(datasets)
        digests = {name: self._digest(entry) for name, entry in entries.items()}
        asked = self._resolve({name: entry for name, entry in entries.items() if digests[name] not in known})
        if not asked:
            return {}
        try:
            found = do_apart(lambda: _find_faults(asked), LIMIT_S, alone=True)
        except Exception:  # noqa: BLE001 - what can't be told here the run itself finds out
            return {}
        known.update(digests[name] for name in found["built"])
        sure = {name: fault for name, fault in found["faults"].items() if _is_sure(fault, datasets[name], name in read)}
        failing = find_failing(self._project, self._runtime_params, sure, _build_part)
        return {name: self._problem(name, sure[name], asked[name]) for name in sorted(failing)}

    def _find_entries(self, names: Iterable[str]) -> Entries:
        """Return the entries of these names whose class can be imported; of others it is told already."""
        found = ((name, self._finder.find(name)) for name in names)
        return {name: entry for name, entry in found if entry and compat.dataset_class(entry.get("type", ""))}

    @functools.cached_property
    def _credentials(self) -> dict[str, Any]:
        """All that there are; none where they can't be read."""
        try:
            return self._remote.credentials
        except Exception:  # noqa: BLE001 - whatever reading them raises
            return {}

    def _digest(self, entry: dict[str, Any]) -> str:
        return digest([entry, self._credentials] if _has_credentials(entry) else entry)

    def _resolve(self, entries: Entries) -> Entries:
        """Return entries with their credentials; entries whose credentials do not exist are left out."""
        plain = {name: entry for name, entry in entries.items() if not _has_credentials(entry)}
        resolved: Entries = {}
        for group in (plain, *({name: entries[name]} for name in entries if name not in plain)):
            # A hook may still give those that are missing.
            with contextlib.suppress(Exception):
                resolved.update(compat.resolve_entries(group, self._credentials if group is not plain else {}))
        return resolved

    def _problem(self, name: str, fault: Fault, entry: dict[str, Any]) -> Problem:
        loader = compat.config_loader(self._project.session, {})
        place = place_of_entry(self._finder.listed_name(name) or name, loader)
        text = hide(fault["text"], _secrets(entry))[:MAX_TEXT]
        message = f"the dataset class of '{name}'{place} can't be built from its entry: {text}"
        return Problem("dataset-arguments", message, fault["hint"])


def _has_credentials(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    return "credentials" in entry or any(_has_credentials(each) for each in entry.values())


def _secrets(entry: Any) -> Iterator[str]:
    """Yield the credentials of an entry and of those that it wraps, and its other secrets."""
    yield from list_secrets(entry)
    for part in entry_and_wrapped(entry):
        yield from list_credentials(part.get("credentials"))


def _is_sure(fault: Fault, facts: dict[str, Any], is_read: bool) -> bool:
    """Tell whether a class will say the same when the run begins.

    It never takes arguments that its signature has no place for. Its own reason may be a file that is still to come.
    """
    if fault["is_of_signature"]:
        return True
    is_waiting = is_read and is_missing(facts)
    return not is_waiting and all(other["is_there"] for other in facts["others"])


def _find_faults(entries: Entries) -> dict[str, Any]:
    """Return which of the datasets can be built, and what the classes of others say. For a process of its own."""
    _be_quiet()
    built: list[str] = []
    faults: dict[str, Fault] = {}
    signal.signal(signal.SIGALRM, _end_constructor)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
    try:
        for name, entry in entries.items():
            with WATCH.executing_project():
                fault = _fault_of(name, entry)
            if fault is None:
                built.append(name)
            elif fault["is_refusal"]:
                faults[name] = fault
    except _OutOfTime:
        WATCH.reads.doubt("a dataset class took too long")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {"built": built, "faults": faults}


def _be_quiet() -> None:
    """Keep what constructors print out of the worker's log, and telemetry off."""
    os.environ.update(TELEMETRY_OFF)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(null, stream)


def _end_constructor(*_: object) -> None:
    raise _OutOfTime


def _fault_of(name: str, entry: dict[str, Any]) -> Fault | None:
    kind = compat.dataset_class(entry["type"])
    try:
        dataset = compat.build_dataset(name, entry)
        kind = _part_class(dataset)
        _build_part(dataset)
    except Exception as error:  # noqa: BLE001 - whatever a class raises
        return _describe(_own_error(error), kind)
    return None


def _build_part(dataset: Any) -> None:
    """Build the dataset of one partition, as Kedro does when it loads them. Raises what its class raises."""
    kind = _part_class(dataset)
    if kind is not None:
        kind(**{**dataset._dataset_config, dataset._filepath_arg: f"{dataset._path}/part"})


def _part_class(dataset: Any) -> Any:
    """Return the class of a folder's partitions, None for what is no such folder."""
    is_folder = all(hasattr(dataset, name) for name in ("_dataset_config", "_filepath_arg", "_path"))
    return getattr(dataset, "_dataset_type", None) if is_folder else None


def _own_error(error: BaseException) -> BaseException:
    """Return what the class itself raised: Kedro puts its own sentences round it."""
    while error.__cause__ is not None and str(error).startswith(f"\n{error.__cause__}"):
        error = error.__cause__
    return error


def _describe(error: BaseException, kind: Any) -> Fault:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = f"{type(error).__name__}: {' '.join(lines)}"
    names = _names_of(kind)
    is_of_signature = isinstance(error, TypeError) and ".__init__() " in text
    unexpected = _UNEXPECTED.search(text)
    close = difflib.get_close_matches(unexpected.group(1), names, n=1) if unexpected else []
    takes = f"it takes: {', '.join(names)}" if names and is_of_signature else "correct the entry"
    return {
        "text": text,
        "hint": f"did you mean '{close[0]}'?" if close else takes,
        "is_of_signature": is_of_signature,
        "is_refusal": isinstance(error, (TypeError, ValueError, ImportError, compat.DatasetError)),
    }


def _names_of(kind: Any) -> list[str]:
    """Return the arguments of a class for an entry; none where it hands on what it is given."""
    try:
        parameters = list(inspect.signature(kind).parameters.values())
    except (TypeError, ValueError):
        return []
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return []
    return [each.name for each in parameters if each.name != "version"]
