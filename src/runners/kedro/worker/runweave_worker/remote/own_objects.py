"""Objects of one attempt alone on remote storage: looked at, moved within it, or removed. Touches no others."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from runweave_worker.data.checksum import checksum_of
from runweave_worker.data.locate import is_inside, remote_protocol
from runweave_worker.errors import WorkerError
from runweave_worker.project.project import Project
from runweave_worker.reads.apart import do_apart

from .remote import remote_of

# Time for one request: at most so long other requests wait, and so long its work may outlive the session.
BUDGET_S = 20.0
# One object of many gigabytes takes its time.
LIMIT_S = 600.0
_BUCKET_AND_MORE = 2

Objects = dict[str, dict[str, Any]]


class InexactCopyError(Exception):
    """The storage gives a copy another checksum than the original has."""


def handle_objects(project: Project, request: dict[str, Any]) -> dict[str, Any]:
    """Do what a request asks for, for some seconds; tell how much is left. Raises WorkerError."""
    action = {"look": _look, "move": _move, "remove": _remove}.get(str(request.get("action")))
    if action is None:
        raise WorkerError("start-failed", f"there is no action {request.get('action')!r} on objects")
    locations = [request[key] for key in ("location", "target") if request.get(key) is not None]
    for location in locations:
        check_own(location, str(request["run_id"]))
    data = remote_of(project, request)
    entry = (request.get("entry") or {}).get("config")

    def work() -> dict[str, Any]:
        try:
            fs, path = data.open(entry, request["location"])
            return action(fs, path, request)
        except InexactCopyError as error:
            return {"code": "copy-inexact", "failure": str(error)}
        except Exception as error:  # noqa: BLE001 - whatever a storage raises
            return {"code": "storage-failed", "failure": data.describe(error)}

    answer = do_apart(work, LIMIT_S)
    if "failure" in answer:
        message = f"{locations[0]}: {answer['failure']}"
        raise WorkerError(answer["code"], message, "check what the `credentials` of its entry permit")
    return answer


def check_own(location: str, run_id: str) -> None:
    """Refuse a place that is not below a folder named for the attempt: the other side is not trusted."""
    folders = location.partition("://")[2].split("/")
    is_plain = remote_protocol(location) is not None and not {"", ".", ".."} & set(folders)
    own = [at for at, folder in enumerate(folders) if folder == run_id or folder.endswith(f"-{run_id}")]
    if not is_plain or not run_id or not own or own[0] < _BUCKET_AND_MORE:
        raise WorkerError("start-failed", f"{location} is not a path of {run_id}")


def _look(fs: Any, path: str, _: dict[str, Any]) -> dict[str, Any]:
    found = _objects(fs, path)
    return {"objects": len(found), "bytes": sum(about.get("size") or 0 for about in found.values())}


def _move(fs: Any, path: str, request: dict[str, Any]) -> dict[str, Any]:
    """Copy every object on the storage itself, and remove the originals once all copies are whole.

    Cut off at any point, the same call goes on.
    """
    target, exact = str(fs._strip_protocol(request["target"])), bool(request.get("exact"))
    here, there = _objects(fs, path), _objects(fs, target)

    def copy(name: str) -> None:
        to = target + name.removeprefix(path)
        if not _is_copy(there.get(to), here[name], exact=exact):
            fs.cp_file(name, to)
        if exact and not _is_copy(fs.info(to), here[name], exact=True):
            _within_budget(_objects(fs, target), fs.rm_file)
            raise InexactCopyError("its storage gives a copy another checksum: it could not be put back as it was")

    left = _within_budget(here, copy)
    if left > 0:
        return {"left": left + len(here)}
    copies = _objects(fs, target)
    torn = [name for name, about in here.items() if not _is_copy(copies.get(target + name.removeprefix(path)), about)]
    if torn:
        raise OSError(f"the copy of {torn[0]} is not whole")
    return {"left": _within_budget(here, fs.rm_file)}


def _remove(fs: Any, path: str, _: dict[str, Any]) -> dict[str, Any]:
    return {"left": _within_budget(_objects(fs, path), fs.rm_file)}


def _objects(fs: Any, path: str) -> Objects:
    """Return what is below a path, by its whole name."""
    fs.invalidate_cache()
    try:
        found = fs.find(path, detail=True)
    except FileNotFoundError:
        return {}
    return {name: about for name, about in found.items() if is_inside(name, path)}


def _is_copy(copy: dict[str, Any] | None, original: dict[str, Any], *, exact: bool = False) -> bool:
    if copy is None or copy.get("size") != original.get("size"):
        return False
    told = checksum_of(original)
    return not exact or (told is not None and told == checksum_of(copy))


def _within_budget(objects: Objects, work: Callable[[str], Any]) -> int:
    """Do the work for one object after the other, by exact names; return for how many it is left to do."""
    end = time.monotonic() + BUDGET_S
    for done, name in enumerate(objects):
        if time.monotonic() > end:
            return len(objects) - done
        work(name)
    return 0
