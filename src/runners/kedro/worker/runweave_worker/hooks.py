"""The entry point of `kedro.hooks`: writes node and dataset events, in every process that runs nodes.

Hooks that are registered on the session don't reach the processes of a ParallelRunner; entry points do.
"""

from __future__ import annotations

import inspect
import json
import multiprocessing
import os
import threading
import time
from collections import defaultdict
from dataclasses import asdict
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io.core import is_parameter

from .attempt_folder import FOLDER_VARIABLE, AttemptFolder, timestamp
from .content import observe_content
from .instances import Facts, load_facts, save_facts

MAIN_PID_VARIABLE = "RUNWEAVE_MAIN_PID"
SETTLED_FILE = "settled.json"


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


class EventHooks:
    """Follows each node from its first load to its last save."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: dict[str, float] = {}
        self._loads: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._saved: dict[str, set[str]] = defaultdict(set)
        self._streaming: dict[int, str] = {}
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
            facts = load_facts(dataset)
            content = self._observe(folder, name, dataset, facts[1])
            self._report(folder, "dataset.loaded", name, node, facts, {"time": time_loaded, **content})
        if inspect.isgeneratorfunction(node.func):
            self._streaming[threading.get_ident()] = node.name

    @hook_impl
    def after_node_run(self, node: Any) -> None:
        """Report the end of a node that saves nothing."""
        if not node.outputs:
            self._finish(node.name, "node.finished")

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Any) -> None:
        """Report a save, once per dataset, and the end of a node with the last one."""
        folder = active_folder()
        if folder is None or dataset_name in self._saved[node.name]:
            return
        self._report(folder, "dataset.saved", dataset_name, node, save_facts(self._catalog[dataset_name]), {})
        self._saved[node.name].add(dataset_name)
        is_stream = inspect.isgeneratorfunction(node.func)
        if not is_stream and self._saved[node.name] >= set(node.outputs):
            self._finish(node.name, "node.finished")

    @hook_impl
    def on_node_error(self, node: Any) -> None:
        """Report a node whose function raised."""
        self._finish(node.name, "node.failed")

    def _start(self, node: Any) -> None:
        folder = active_folder()
        with self._lock:
            if folder is None or node.name in self._started:
                return
            self._started[node.name] = time.perf_counter()
        # A generator node ends unseen: the next node of its thread is the first sign.
        streamed = self._streaming.pop(threading.get_ident(), None)
        if streamed is not None:
            self._finish(streamed, "node.finished")
        folder.append_event({"type": "node.started", "node": node.name})

    def _finish(self, node: str, kind: str) -> None:
        folder = active_folder()
        started = self._started.get(node)
        if folder is not None and started is not None:
            duration = round((time.perf_counter() - started) * 1000, 3)
            folder.append_event({"type": kind, "node": node, "duration_ms": duration})

    def _observe(self, folder: AttemptFolder, name: str, dataset: Any, location: str | None) -> dict[str, Any]:
        if location is None:
            return {"bytes": None, "hash": None}
        suffix = self._expectations(folder).get(name, {}).get("suffix") or ""
        return asdict(observe_content(location, suffix, dataset))

    def _report(
        self, folder: AttemptFolder, kind: str, name: str, node: Any, facts: Facts, more: dict[str, Any]
    ) -> None:
        version, location = facts
        expected = self._expectations(folder).get(name, {})
        if version is None and location is not None and location == expected.get("location"):
            version = expected.get("version")
        event = {"type": kind, "dataset": name, "version": version, "location": location, "node": node.name}
        folder.append_event({**event, **more})

    def _expectations(self, folder: AttemptFolder) -> dict[str, dict[str, Any]]:
        if self._expected is None:
            try:
                self._expected = json.loads((folder.path / SETTLED_FILE).read_bytes())
            except (OSError, ValueError):
                self._expected = {}
        return self._expected or {}


events = EventHooks()
