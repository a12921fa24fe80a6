"""spec.json, typed."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from runweave_worker.data.base_name import base_name
from runweave_worker.data.stores import Stores
from runweave_worker.errors import WorkerError

from .variables import fill_variables, list_variables

PROTOCOL = 2
FILTER_NAMES = ("tags", "node_names", "from_nodes", "to_nodes", "from_inputs", "to_outputs", "namespaces")
ISOLATION = ("all", "declared", "none")
T = TypeVar("T")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True)
class Seen:
    """Data that are no version of a run, as the plan saw them."""

    location: str
    bytes: int
    modified_ms: float | None
    """None on remote storage."""
    hash: str | None = None
    """Hash, which may be unknown for large data: then size and time tell."""
    mark: str | None = None
    """Mark of a folder by `mark_local`: the same until a file is written there."""


@dataclass(frozen=True)
class Input:
    """A dataset that another run has saved, or a file from outside the project."""

    run_id: str
    dataset: str
    location: str
    entry: dict[str, Any] | None
    as_downstream: bool
    hash: str | None = None
    """Hash of its content when it was saved."""
    plain_location: str | None = None
    """Place where the project that saved it would keep it without isolation."""
    beside: tuple[str, ...] = ()
    """Files beside it in its own folder that belong to it: `hash` is of these too."""


@dataclass(frozen=True)
class Each:
    """A dataset that is consumed from several arms of a run."""

    arms: dict[str, Input]


@dataclass(frozen=True)
class Value:
    """A dataset that the workflow file gives itself."""

    version: str
    value: Any


@dataclass(frozen=True)
class Pinned:
    """A version at its place in the project's own catalog: one that the plan froze, or the run's own."""

    version: str
    seen: Seen | None = None


@dataclass(frozen=True)
class Plain:
    """Data of the project without a version."""

    seen: Seen | None = None


Read = Input | Each | Value | Pinned | Plain
"""Decision on one dataset of a run."""
SUPPLIED = (Input, Each, Value)
"""Reads that come from outside the slice."""


@dataclass(frozen=True)
class Resumes:
    """Earlier attempts of the same run whose results may be taken over."""

    run_ids: list[str]
    """Newest first."""
    trusting: bool
    """True if a node that runs again is expected to make the same again; else all that consumed it runs again too."""


@dataclass(frozen=True)
class Spec:
    """Order of what one attempt runs. See docs/worker-protocol.md."""

    run_id: str
    session_id: str
    run: str
    attempt: int
    run_index: int
    total_runs: int
    project_path: str
    env: str | None
    conf_source: str | None
    pipeline_names: list[str]
    filters: dict[str, list[str] | None]
    runtime_params: dict[str, Any]
    runner: str
    is_async: bool
    isolate: str
    stores: Stores
    floating: frozenset[str] = frozenset()
    reads: dict[str, Read] = field(default_factory=dict)
    """Decision on each dataset of the slice, but for what floats and what is in memory."""
    outputs: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    """Values of the variables that its parameters refer to."""
    resumes: Resumes | None = None

    def supplied(self) -> set[str]:
        """Return the names of all datasets that come from outside the slice."""
        return {name for name, read in self.reads.items() if isinstance(read, SUPPLIED)}

    def find(self, name: str, *kinds: type[T]) -> T | None:
        """Return the read of a dataset if it is of these kinds, else that of an `@` sibling: they are one file."""
        siblings = self._by_file.get(base_name(name), ())
        return next((read for read in (self.reads.get(name), *siblings) if isinstance(read, kinds)), None)

    @cached_property
    def _by_file(self) -> dict[str, list[Read]]:
        found: dict[str, list[Read]] = defaultdict(list)
        for name, read in self.reads.items():
            found[base_name(name)].append(read)
        return found

    def pin_of(self, name: str) -> str | None:
        """Return the version at its place in the catalog to which a dataset is pinned."""
        pinned = self.find(name, Pinned)
        return pinned.version if pinned else None

    def seen_of(self, name: str) -> Seen | None:
        """Return a dataset's own data as the plan saw them."""
        read = self.reads.get(name)
        return read.seen if isinstance(read, (Pinned, Plain)) else None


def parse_filters(raw: dict[str, Any] | None) -> dict[str, list[str] | None]:
    """Return all seven filters; one that is absent or empty is None, which selects everything."""
    given = raw or {}
    unknown = sorted(set(given) - set(FILTER_NAMES))
    if unknown:
        raise WorkerError("probe-failed", f"unknown filters: {', '.join(unknown)}")
    return {name: list(given[name]) if given.get(name) else None for name in FILTER_NAMES}


def parse_spec(raw: dict[str, Any], run_id: str) -> Spec:
    """Check spec.json and return it typed. Raises WorkerError."""
    if raw.get("protocol") != PROTOCOL:
        raise WorkerError(
            "start-failed", f"spec.json has protocol {raw.get('protocol')!r}, this worker speaks {PROTOCOL}"
        )
    if raw.get("run_id") != run_id:
        raise WorkerError("start-failed", f"spec.json is of run {raw.get('run_id')!r}, its folder of {run_id!r}")
    isolate = raw.get("isolate") or "all"
    if isolate not in ISOLATION:
        raise WorkerError("start-failed", f"isolate is {isolate!r}, not one of {', '.join(ISOLATION)}")
    _check_version("run_id", run_id)
    return Spec(
        run_id=run_id,
        session_id=raw["session_id"],
        run=raw.get("run") or "",
        attempt=raw.get("attempt", 1),
        run_index=raw.get("run_index", 0),
        total_runs=raw.get("total_runs", 1),
        project_path=raw["project_path"],
        env=raw.get("env"),
        conf_source=raw.get("conf_source"),
        pipeline_names=list(raw.get("pipeline_names") or []),
        filters=parse_filters(raw.get("filters")),
        runtime_params=fill_variables(raw.get("runtime_params") or {}),
        secrets=tuple(list_variables(raw.get("runtime_params"))),
        runner=raw.get("runner") or "SequentialRunner",
        is_async=bool(raw.get("is_async")),
        isolate=isolate,
        stores=Stores(raw["store"], dict(raw.get("remote_stores") or {})),
        floating=frozenset(raw.get("floating") or ()),
        reads={name: _parse_read(name, read) for name, read in (raw.get("reads") or {}).items()},
        outputs=tuple(raw.get("outputs") or ()),
        resumes=_parse_resumes(raw.get("resumes")),
    )


def _parse_resumes(raw: dict[str, Any] | None) -> Resumes | None:
    if not raw or not raw["run_ids"]:
        return None
    for run_id in raw["run_ids"]:
        _check_version("an earlier attempt", run_id)
    return Resumes(list(raw["run_ids"]), bool(raw["trusting"]))


def _parse_read(name: str, raw: dict[str, Any]) -> Read:
    rule = raw.get("rule")
    if rule == "each":
        return Each({arm: _parse_input(name, part) for arm, part in raw["each"].items()})
    _check_version(name, raw.get("version"))
    seen = Seen(**raw["seen"]) if raw.get("seen") else None
    if rule == "value":
        return Value(raw["version"], raw["value"])
    if rule in {"own", "frozen"}:
        return Pinned(raw["version"], seen)
    if rule == "plain":
        return Plain(seen)
    if rule in {"consumed", "file", "run_id", "alias"}:
        return _parse_input(name, raw)
    raise WorkerError("start-failed", f"'{name}' has the rule {rule!r}, which this worker does not know")


def _parse_input(name: str, raw: dict[str, Any]) -> Input:
    _check_version(name, raw.get("version"))
    return Input(
        run_id=raw["version"],
        dataset=raw["dataset"],
        location=raw["location"],
        entry=raw.get("entry"),
        as_downstream=raw.get("as") == "downstream",
        hash=raw.get("hash"),
        plain_location=raw.get("plain_location"),
        beside=tuple(raw.get("beside") or ()),
    )


def _check_version(name: str, version: Any) -> None:
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise WorkerError("start-failed", f"{version!r} is not a version that '{name}' can be pinned to")
