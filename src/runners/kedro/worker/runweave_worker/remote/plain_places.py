"""Plain places on remote storage: what a publication finds there, keeps, replaces, and puts back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runweave_worker.data.checksum import checksum_of, hash_remote
from runweave_worker.data.locate import remote_protocol
from runweave_worker.errors import WorkerError
from runweave_worker.project.project import Project
from runweave_worker.reads.apart import do_apart

from .own_objects import LIMIT_S, check_own
from .remote import remote_of

Answer = dict[str, Any]


@dataclass(frozen=True)
class Places:
    """The storage of one version, and what is asked of it."""

    fs: Any
    protocol: str | None
    request: dict[str, Any]

    def path(self, location: str) -> str:
        """Return a location as the storage takes it. Raises ValueError for one of another storage."""
        if remote_protocol(location) != self.protocol:
            raise ValueError(f"{location} is not on the storage of {self.request['location']}")
        return str(self.fs._strip_protocol(location))

    def hash(self, location: str) -> str | None:
        """Return the checksum of the object at a location, None if there is none."""
        try:
            return hash_remote(self.fs, self.path(location), self.protocol or "file").hash
        except FileNotFoundError:
            return None


def handle_plain(project: Project, request: dict[str, Any]) -> Answer:
    """Do what a request asks for. Raises WorkerError."""
    action = {"look": _look, "keep": _keep, "copy": _copy, "judge": _judge, "undo": _undo}.get(
        str(request.get("action"))
    )
    if action is None:
        raise WorkerError("start-failed", f"there is no action {request.get('action')!r} on plain places")
    for file in request.get("files") or []:
        if file["kept"] is not None:
            check_own(file["kept"], str(request["run_id"]))
    data = remote_of(project, request)
    entry, location = (request.get("entry") or {}).get("config"), request["location"]

    def work() -> Answer:
        try:
            fs, _ = data.open(entry, location)
            return action(Places(fs, remote_protocol(location), request))
        except Exception as error:  # noqa: BLE001 - whatever a storage raises
            return {"failure": data.describe(error)}

    answer = do_apart(work, LIMIT_S)
    if "failure" in answer:
        raise WorkerError("publish-failed", answer["failure"], "check what the `credentials` of its entry permit")
    return answer


def _look(places: Places) -> Answer:
    """Return each object that would be put somewhere, with the checksums of it and of what stands there."""
    fs, target = places.fs, places.request["target"]
    source, to = places.path(places.request["location"]), places.path(target)
    fs.invalidate_cache()
    if fs.isdir(source):
        here, there = (_checksums(places, folder) for folder in (source, to))
        files = [
            {
                "path": target + name.removeprefix(source),
                "hash": found,
                "former": there.get(to + name.removeprefix(source)),
            }
            for name, found in sorted(here.items())
        ]
        return {"files": files}
    _refuse_folder(places, to)
    found = places.hash(places.request["location"])
    if found is None:
        raise FileNotFoundError(f"{places.request['location']} is gone")
    return {"files": [{"path": target, "hash": found, "former": places.hash(target)}]}


def _checksums(places: Places, folder: str) -> dict[str, str]:
    try:
        found = places.fs.find(folder, detail=True)
    except FileNotFoundError:
        return {}
    return {
        name: f"{places.protocol}:{checksum_of(about) or places.fs.checksum(name)}" for name, about in found.items()
    }


def _keep(places: Places) -> Answer:
    """Copy what stands at plain places to where it is kept, unless it is there, or is not what it was any more."""
    for file in places.request["files"]:
        is_wanted = file["former"] is None or places.hash(file["path"]) == file["former"]
        if is_wanted and places.hash(file["kept"]) is None:
            places.fs.cp_file(places.path(file["path"]), places.path(file["kept"]))
    return {}


def _copy(places: Places) -> Answer:
    """Copy a version to its plain place, each object in one step."""
    fs, source = places.fs, places.path(places.request["location"])
    to = places.path(places.request["target"])
    if fs.isdir(source):
        for name in fs.find(source):
            fs.cp_file(name, to + name.removeprefix(source))
    else:
        _refuse_folder(places, to)
        fs.cp_file(source, to)
    return {}


def _refuse_folder(places: Places, path: str) -> None:
    if places.fs.isdir(path):
        raise IsADirectoryError(f"{places.request['target']} is a folder, but the version to put there is a file")


def _judge(places: Places) -> Answer:
    """Return of each published object how its place stands to the publication."""
    return {"states": [_state(file, places.hash) for file in places.request["files"]]}


def _state(file: dict[str, Any], hash_of: Callable[[str], str | None]) -> str:
    now, kept = hash_of(file["path"]), hash_of(file["kept"]) if file["kept"] else None
    # A copy may have another checksum than its original.
    if now == file["former"] or (now is not None and now == kept):
        return "as-before"
    if file["former"] is not None and kept is None:
        return "former-lost"
    return "published" if now == file["hash"] else "changed"


def _undo(places: Places) -> Answer:
    """Put back what stood there before, or remove what was put at an empty place."""
    for file in places.request["files"]:
        path, kept = places.path(file["path"]), file["kept"]
        if kept is not None and places.hash(kept) is not None:
            places.fs.cp_file(places.path(kept), path)
            places.fs.rm_file(places.path(kept))
        elif kept is None and places.hash(file["path"]) is not None:
            places.fs.rm_file(path)
    return {}
