"""Answers that a worker of either kind gives itself, without a run of its own."""

from __future__ import annotations

from typing import Any

from runweave_worker.project.project import Project
from runweave_worker.reads.read_watch import WATCH

from .keeping import take_variables

Answer = dict[str, Any]


def answer_of(project: Project, request: dict[str, Any]) -> Answer | None:
    """Return the answer to a question; None if it is none. Raises WorkerError."""
    find = _ANSWERS.get(str(request.get("op")))
    return find(project, request) if find is not None else None


# Modules are imported when they are asked: few projects have remote data, and most sessions compare no data.


def _probe(project: Project, request: dict[str, Any]) -> Answer:
    from runweave_worker.probe.probe import probe

    with WATCH.watching():
        facts = probe(project, request)
    return {"facts": facts, "reads": WATCH.tell(int(request.get("reads_known") or 0))}


def _publish(project: Project, request: dict[str, Any]) -> Answer:
    from runweave_worker.remote.plain_places import handle_plain

    return handle_plain(project, request)


def _compare(_: Project, request: dict[str, Any]) -> Answer:
    from runweave_worker.data.compare import compare

    return {"differences": compare(request)}


def _objects(project: Project, request: dict[str, Any]) -> Answer:
    from runweave_worker.remote.own_objects import handle_objects

    return handle_objects(project, request)


def _variables(_: Project, request: dict[str, Any]) -> Answer:
    take_variables(request["variables"])
    return {}


_ANSWERS = {
    "probe": _probe,
    "publish": _publish,
    "compare": _compare,
    "objects": _objects,
    "variables": _variables,
}
