"""Facts for planning about remote data that a slice only reads: the newest version, and its content now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from runweave_worker.data.base_name import base_name
from runweave_worker.data.checksum import hash_remote
from runweave_worker.data.locate import WEB, remote_protocol, version_path
from runweave_worker.errors import Problem
from runweave_worker.protocol.attempt_folder import is_unfinished
from runweave_worker.reads.apart import LIMIT_S, do_apart
from runweave_worker.remote.remote import RemoteData

# Web servers may never answer.
_WEB_LIMIT_S = 15.0

Facts = dict[str, Any]


@dataclass(frozen=True)
class RemoteReads:
    """The remote data of one project, asked with the credentials of its entries."""

    remote: RemoteData
    find_entry: Callable[[str], dict[str, Any] | None]
    attempts: str | None

    def look(
        self, names: Iterable[str], facts: dict[str, Facts], supplied: Iterable[str], floating: Iterable[str]
    ) -> list[Problem]:
        """Fill in what is there; return a problem for each dataset whose versions can't be listed, or can't be held.

        Supplied data are not read.
        """
        given = {base_name(name) for name in supplied}
        remote = [name for name in names if _is_remote(facts.get(name))]
        reads = {name: base_name(name) not in given for name in remote}
        wanted = [name for name in remote if reads[name] or facts[name]["versioned"]]
        web = [name for name in wanted if _protocol_of(facts[name]) in WEB]
        stores = [name for name in wanted if name not in web]
        found = {
            **self._ask_all(stores, facts, reads, LIMIT_S),
            **self._ask_all(web, facts, reads, _WEB_LIMIT_S),
        }
        floats = set(floating)
        problems = []
        for name, told in found.items():
            facts[name]["latest_version"] = told.get("version")
            if told.get("content"):
                facts[name]["content"] = told["content"]
            problems += _problems_of(name, facts[name], told, floats=name in floats)
        return problems

    def _ask_all(
        self, names: list[str], facts: dict[str, Facts], reads: dict[str, bool], limit_s: float
    ) -> dict[str, dict[str, Any]]:
        if not names:
            return {}
        try:
            return do_apart(lambda: {name: self._ask(name, facts[name], reads=reads[name]) for name in names}, limit_s)
        except Exception as error:  # noqa: BLE001 - a storage that can't be asked is no reason not to plan the rest
            return {name: {"failure": f"{error}"} for name in names}

    def _ask(self, name: str, facts: Facts, *, reads: bool) -> dict[str, Any]:
        entry, location = self.find_entry(name) or {}, facts["location"]
        version = failure = None
        if facts["versioned"]:
            version, failure = self._latest(entry, location)
            if version is None:
                return {"failure": failure}
            location = version_path(location, version)
        if not reads:
            return {"version": version}
        return {"version": version, **self._content(entry, location, facts["places"][0]["suffix"] or "")}

    def _latest(self, entry: dict[str, Any], location: str) -> tuple[str | None, str | None]:
        """Return the version that Kedro would load now, and the reason if that can't be told."""
        try:
            fs, path = self.remote.open(entry, location)
            found = sorted(fs.glob(f"{path}/*/{os.path.basename(location)}"), reverse=True)
            if not found:
                # A glob without the right to look returns no names, and no error.
                fs.exists(path) or fs.ls(fs._parent(path))
        except FileNotFoundError:
            return None, None
        except Exception as error:  # noqa: BLE001 - whatever a storage raises
            return None, self.remote.describe(error)
        versions = (path.split("/")[-2] for path in found)
        return next((version for version in versions if not is_unfinished(self.attempts, version)), None), None

    def _content(self, entry: dict[str, Any], location: str, suffix: str) -> dict[str, Any]:
        """Return what is there now; empty if that can't be told, which the run itself will find out."""
        try:
            fs, path = self.remote.open(entry, location)
            found = hash_remote(fs, path, remote_protocol(location) or "", suffix)
        except Exception:  # noqa: BLE001 - whatever a storage raises
            return {}
        if found.hash is None:
            return {"unheld": True}
        return {"content": {"path": location, "bytes": found.bytes, "hash": found.hash}}


def _problems_of(name: str, facts: Facts, told: dict[str, Any], *, floats: bool) -> list[Problem]:
    if told.get("failure") and facts["versioned"]:
        message = f"'{name}' is at {facts['location']}, and its versions can't be listed: {told['failure']}"
        hint = "check the `credentials` of its entry in this environment, and what they permit"
        return [Problem("remote-unreadable", message, hint)]
    if told.get("unheld") and not floats:
        message = (
            f"'{name}' is read from {facts['location']}, whose server reports nothing that changes with the content, "
            "so a change could not be noticed"
        )
        hint = "list it under `floating`, or download it into the project"
        return [Problem("content-unknown", message, hint)]
    return []


def _is_remote(facts: Facts | None) -> bool:
    return bool(facts and _protocol_of(facts))


def _protocol_of(facts: Facts) -> str | None:
    return remote_protocol(facts["location"]) if facts["location"] else None
