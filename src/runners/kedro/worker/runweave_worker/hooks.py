"""The entry point of `kedro.hooks`: writes node and dataset events, in every process that runs nodes.

Hooks that are registered on the session don't reach the processes of a ParallelRunner; entry points do.
"""

from __future__ import annotations

import functools
import inspect
import json
import multiprocessing
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io.core import is_parameter

from .compat import dataset_of, replace_function
from .data.beside import describe_beside, list_beside
from .data.checksum import mark_local
from .data.content import content_of, observe_content
from .data.instances import Facts, is_in_memory, load_facts, save_facts
from .data.locate import remote_protocol
from .data.memory_hash import hash_in_memory
from .errors import ResumeDiverged
from .protocol.attempt_folder import FOLDER_VARIABLE, AttemptFolder, timestamp
from .secrets.secret_names import hide_in_urls

MAIN_PID_VARIABLE = "RUNWEAVE_MAIN_PID"
SETTLED_FILE = "settled.json"
# Share of a node's time that the hash of its data in memory may take, and the time that it may take in any case.
HASHING_SHARE = 0.1
MIN_HASHING_S = 0.02


def active_folder() -> AttemptFolder | None:
    """Return the attempt that this process works for: its main process, or one that multiprocessing made for that."""
    path, main = os.environ.get(FOLDER_VARIABLE), os.environ.get(MAIN_PID_VARIABLE)
    if not path or not main:
        return None
    parent = multiprocessing.parent_process()
    # A `kedro run` that a node starts inherits the variables, but is no part of the run.
    if os.getpid() != int(main) and (parent is None or parent.pid != int(main)):
        return None
    return AttemptFolder(path)


@dataclass
class Saved:
    """One dataset that a node has saved."""

    version: str | None
    location: str | None
    hash: str | None
    in_memory: bool


class EventHooks:
    """Follows each node from its first load to its last save."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: dict[str, float] = {}
        self._loads: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._saved: dict[str, dict[str, Saved]] = defaultdict(dict)
        self._catalog: Any = None
        self._expected: dict[str, dict[str, Any]] | None = None

    @hook_impl
    def before_dataset_loaded(self, dataset_name: str, node: Any) -> None:  # noqa: ARG002 - Kedro's signature
        """Note the start of a node."""
        self._start(node)

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, node: Any) -> None:
        """Keep the load until the catalog is at hand, which tells its version."""
        if not is_parameter(dataset_name):
            with self._lock:
                self._loads[node.name].append((dataset_name, timestamp()))

    @hook_impl
    def before_node_run(self, node: Any, catalog: Any) -> None:
        """Report what the node loaded."""
        folder = active_folder()
        if folder is None:
            return
        self._catalog = catalog
        self._start(node)
        for name, time_loaded in self._loads.pop(node.name, ()):
            dataset = catalog[name]
            facts = load_facts(dataset, self._expectations(folder).get(name, {}).get("location"))
            content = self._observe(folder, name, dataset, facts[1])
            self._report(folder, "dataset.loaded", name, node, facts, {"time": time_loaded, **content})
        if inspect.isgeneratorfunction(node.func):
            replace_function(node, self._follow_stream(node))

    @hook_impl
    def after_node_run(self, node: Any) -> None:
        """Report the end of a node that saves no data."""
        if not node.outputs:
            self._finish(node.name)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any, node: Any) -> None:
        """Report a save, once per dataset, and the end of a node with the last one."""
        folder = active_folder()
        saved = self._saved[node.name]
        if folder is None or dataset_name in saved:
            return
        dataset = self._catalog[dataset_name]
        facts = save_facts(dataset, self._expectations(folder).get(dataset_name, {}).get("location"))
        version, location = self._report(folder, "dataset.saved", dataset_name, node, facts, {})
        is_stream = inspect.isgeneratorfunction(node.func)
        known = None if is_stream or location is not None else self._hash_in_memory(folder, dataset_name, data, node)
        saved[dataset_name] = Saved(version, location, known, is_in_memory(dataset))
        if not is_stream and saved.keys() >= set(node.outputs):
            self._finish(node.name)

    @hook_impl
    def on_node_error(self, node: Any) -> None:
        """Report a node whose function raised."""
        self._end(node.name, "node.failed", {})

    def _start(self, node: Any) -> None:
        folder = active_folder()
        with self._lock:
            if folder is None or node.name in self._started:
                return
            self._started[node.name] = time.perf_counter()
        folder.append_event({"type": "node.started", "node": node.name})

    def _follow_stream(self, node: Any) -> Any:
        """Return the generator function of a node so that its end is seen: then its last chunk has been saved."""
        func = node.func

        @functools.wraps(func)
        def followed(*args: Any, **given: Any) -> Iterator[Any]:
            # A ParallelRunner sends the node back, and could not send this function.
            replace_function(node, func)
            yield from func(*args, **given)
            self._finish(node.name)

        return followed

    def _finish(self, node: str) -> None:
        """Report the end of a node with what it saved, by content: from then on a later attempt can rely on it."""
        folder = active_folder()
        if folder is None:
            return
        duration_s = time.perf_counter() - self._started.get(node, time.perf_counter())
        expectations = self._expectations(folder)
        outputs = {name: self._describe_saved(name, saved, folder) for name, saved in self._saved.pop(node, {}).items()}
        self._end(node, "node.finished", {"outputs": outputs}, duration_s)
        for name, output in outputs.items():
            expected = expectations.get(name, {}).get("expected")
            if expected is not None and output["hash"] != expected:
                raise ResumeDiverged(
                    f"'{node}' ran again and made another '{name}' than the one that results taken over from an "
                    "earlier attempt were made of"
                )

    def _describe_saved(self, name: str, saved: Saved, folder: AttemptFolder) -> dict[str, Any]:
        """Return what was saved, by content. Raises OutputRefused."""
        if saved.location is None:
            return {**vars(saved), "bytes": None, "mark": None}
        suffix = self._expectations(folder).get(name, {}).get("suffix", "")
        beside = list_beside(saved.location, saved.version or folder.run_id)
        mark = mark_local(saved.location, suffix, beside) if remote_protocol(saved.location) is None else None
        content = content_of(saved.location, suffix, dataset_of(self._catalog, name), beside=beside)
        return {**vars(saved), "hash": content.hash, "bytes": content.bytes, "mark": mark, **describe_beside(beside)}

    def _end(self, node: str, kind: str, more: dict[str, Any], duration_s: float | None = None) -> None:
        folder = active_folder()
        started = self._started.get(node)
        if folder is not None and started is not None:
            took_s = time.perf_counter() - started if duration_s is None else duration_s
            folder.append_event({"type": kind, "node": node, "duration_ms": round(took_s * 1000, 3), **more})

    def _observe(self, folder: AttemptFolder, name: str, dataset: Any, location: str | None) -> dict[str, Any]:
        if location is None:
            return {"bytes": None, "hash": None}
        expected = self._expectations(folder).get(name, {})
        # Data of an earlier run are what its record says; data of this run are all that is there.
        beside = expected.get("beside") or list_beside(location, folder.run_id)
        suffix = expected.get("suffix") or ""
        return asdict(observe_content(location, suffix, dataset, expected.get("seen"), beside))

    def _hash_in_memory(self, folder: AttemptFolder, name: str, data: Any, node: Any) -> str | None:
        """Return the hash of data that are gone with the process, where a later attempt could use it."""
        if not self._expectations(folder).get(name, {}).get("compared"):
            return None
        took_s = time.perf_counter() - self._started.get(node.name, time.perf_counter())
        return hash_in_memory(data, max(MIN_HASHING_S, took_s * HASHING_SHARE))

    def _report(
        self, folder: AttemptFolder, kind: str, name: str, node: Any, facts: Facts, more: dict[str, Any]
    ) -> Facts:
        version, location = facts[0], hide_in_urls(facts[1])
        expected = self._expectations(folder).get(name, {})
        if version is None and location is not None and location == expected.get("location"):
            version = expected.get("version")
        event = {"type": kind, "dataset": name, "version": version, "location": location, "node": node.name}
        folder.append_event({**event, **more})
        return version, location

    def _expectations(self, folder: AttemptFolder) -> dict[str, dict[str, Any]]:
        if self._expected is None:
            try:
                self._expected = json.loads((folder.path / SETTLED_FILE).read_bytes())
            except (OSError, ValueError):
                self._expected = {}
        return self._expected or {}


events = EventHooks()
