"""The outcome of a run, from what its processes reported and what was settled."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from runweave_worker.compat import dataset_of
from runweave_worker.data.base_name import base_name
from runweave_worker.data.beside import describe_beside, list_beside
from runweave_worker.data.checksum import Content, flush_local, hash_local, mark_local
from runweave_worker.data.content import content_of
from runweave_worker.data.locate import remote_protocol
from runweave_worker.errors import OutputMissing, PinMismatch
from runweave_worker.protocol.spec import Input, Pinned, Seen, Spec
from runweave_worker.secrets.secret_names import hide_in_urls
from runweave_worker.settle.settlement import Settled, Settlement

Event = dict[str, Any]
# Precision that a time in milliseconds loses on the way through a JavaScript number.
CLOCK_ERROR_MS = 0.01


def check_pins(events: list[Event], settlement: Settlement, spec: Spec) -> None:
    """Compare what the run loaded with its pins. Raises PinMismatch."""
    for event in events:
        if event["type"] != "dataset.loaded" or event["dataset"] in spec.floating:
            continue
        name, version, location = event["dataset"], event["version"], event["location"]
        settled = settlement.datasets.get(name, Settled(name))
        read = spec.reads.get(name)
        expected = settled.version or (read.version if location and isinstance(read, Pinned) else None)
        if expected is not None and (version != expected or location != settled.told_location):
            raise PinMismatch(
                f"'{name}' was pinned to {expected} ({settled.told_location}), but node '{event['node']}' loaded "
                f"{version or 'no known version'} ({location})"
            )
        _check_content(event, spec)


def _check_content(event: Event, spec: Spec) -> None:
    """Compare what was there when a node loaded it with what upstream recorded, or with what the plan saw."""
    name, node, location = event["dataset"], event["node"], event["location"]
    read, found = spec.reads.get(name), event.get("hash")
    wanted = read if isinstance(read, Input) else None
    # The run's own entry may take other files of a folder for data than upstream's did, or one of them alone.
    takes_others = wanted is not None and wanted.as_downstream and os.path.isdir(location or "")
    if wanted and wanted.location == location and not takes_others and wanted.hash and found and wanted.hash != found:
        raise PinMismatch(
            f"'{name}' was pinned to {wanted.run_id} with the content {wanted.hash}, but node '{node}' loaded {found} "
            f"({location})"
        )
    seen = spec.seen_of(name)
    if seen is not None and seen.location == location and _differs(event, seen):
        raise PinMismatch(
            f"'{name}' was {_state(seen.hash, seen.bytes, seen.modified_ms)} when the plan was made, but node '{node}' "
            f"loaded {_state(found, event['bytes'], event['modified_ms'])} ({location})"
        )


def _differs(event: Event, seen: Seen) -> bool:
    if seen.hash and event.get("hash"):
        return bool(seen.hash != event["hash"])
    if seen.modified_ms is None or event.get("modified_ms") is None:
        return False
    if seen.mark:
        # A large folder that was touched is read file by file after the run, which takes less than to read it all.
        return event["bytes"] != seen.bytes
    return event["bytes"] != seen.bytes or abs(event["modified_ms"] - seen.modified_ms) > CLOCK_ERROR_MS


def _state(content: str | None, size: int, modified_ms: float | None) -> str:
    if modified_ms is None:
        return f"{content} ({size} bytes)"
    time = datetime.fromtimestamp(modified_ms / 1000, timezone.utc).isoformat(timespec="milliseconds")
    return f"{content or 'content that is too large to hash'} ({size} bytes of {time.replace('+00:00', 'Z')})"


def check_outputs(outputs: dict[str, Any], spec: Spec) -> None:
    """Check that every declared output was saved. Raises OutputMissing."""
    missing = [name for name in spec.outputs if name not in outputs]
    if missing:
        raise OutputMissing(
            f"the run ended without saving {', '.join(repr(name) for name in missing)}, which the workflow declares"
        )


def collect_outputs(
    events: list[Event], settlement: Settlement, spec: Spec, catalog: Any, *, durable: bool
) -> dict[str, Any]:
    """Return everything that the run saved and that has a location; if durable, it is on the disk then."""
    outputs: dict[str, Any] = {}
    finished = {name: output for event in events for name, output in (event.get("outputs") or {}).items()}
    for event in events:
        name = event["dataset"] if event["type"] == "dataset.saved" else None
        if name is None or event["location"] is None or name in outputs:
            continue
        settled = settlement.datasets.get(name) or Settled(name, suffix="")
        location, suffix = event["location"], settled.suffix
        beside = list_beside(location, event["version"] or spec.run_id)
        content = _known_content(location, suffix, finished.get(name), beside=beside, durable=durable)
        if content is None:
            content = content_of(location, suffix, dataset_of(catalog, name), beside=beside, durable=durable)
        outputs[name] = {**_output(settled, event, spec, content), **describe_beside(beside)}
    return outputs


def add_plain_names(outputs: dict[str, Any], spec: Spec) -> dict[str, Any]:
    """Return the outputs with those that are declared without their `@` side listed under that name too."""
    named = dict(outputs)
    for name in spec.outputs:
        sibling = next((each for each in outputs if base_name(each) == name), None)
        if name not in outputs and sibling is not None:
            named[name] = outputs[sibling]
    return named


def collect_loads(events: list[Event], settlement: Settlement) -> dict[str, Any]:
    """Return version, location, size and hash of everything that the run loaded."""
    loads: dict[str, Any] = {}
    for event in events:
        if event["type"] == "dataset.loaded":
            name = event["dataset"]
            settled = settlement.datasets.get(name)
            load = {key: event.get(key) for key in ("version", "location", "bytes", "hash")}
            if settled is not None and settled.each:
                load["each"] = settled.each
            loads[name] = load
    return loads


def collect_checkpoints(settlement: Settlement, *, durable: bool) -> dict[str, Any]:
    """Return the checkpoints that were written to the store, and where the project keeps them."""
    found = {}
    for name, path in settlement.checkpoints.items():
        if os.path.exists(path):
            content = hash_local(path, durable=durable)
            plain = f"{settlement.datasets[name].plain_location}/CHECKPOINT"
            found[name] = {"location": path, "plain_location": plain, "bytes": content.bytes, "hash": content.hash}
    return found


def node_durations(events: list[Event]) -> dict[str, float]:
    """Return how long each node took that ended, in milliseconds."""
    return {
        event["node"]: event["duration_ms"] for event in events if event["type"] in {"node.finished", "node.failed"}
    }


def open_nodes(events: list[Event]) -> list[tuple[str, str, str]]:
    """Return the nodes that started and never ended: name, start, last sign of life."""
    started: dict[str, str] = {}
    last: dict[str, str] = {}
    for event in events:
        node = event.get("node")
        if event["type"] == "node.started":
            started[node] = event["time"]
        elif event["type"] in {"node.finished", "node.failed"}:
            started.pop(node, None)
        last[node] = event["time"]
    return [(node, time, last[node]) for node, time in started.items()]


def _output(settled: Settled, event: Event, spec: Spec, content: Content) -> dict[str, Any]:
    return {
        "version": event["version"] or spec.run_id,
        "location": event["location"],
        "bytes": content.bytes,
        "hash": content.hash,
        "entry": settled.recorded_entry(),
        "plain_location": hide_in_urls(settled.plain_location),
    }


def _known_content(
    location: str, suffix: str, finished: dict[str, Any] | None, *, beside: Sequence[str], durable: bool
) -> Content | None:
    """Return what the end of its node told of the data, unless they were written again since."""
    if finished is None or finished["location"] != location or finished["hash"] is None:
        return None
    if remote_protocol(location) is None:
        if finished["mark"] != mark_local(location, suffix, beside):
            return None
        if durable:
            flush_local(location, suffix, beside)
    return Content(finished["bytes"], finished["hash"])
