"""What planning needs to know of remote data that a slice only reads: the newest version, and what it holds now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .apart import do_apart
from .attempt_folder import is_unfinished
from .checksum import hash_remote
from .errors import Problem
from .locate import remote_protocol, version_path
from .remote import RemoteData

# Whoever serves them keeps no checksum that has to stay, and may never answer.
_NO_STORES = frozenset({"http", "https"})

Facts = dict[str, Any]


@dataclass(frozen=True)
class RemoteReads:
    """The remote data of one project, asked with the credentials of its entries."""

    remote: RemoteData
    find_entry: Callable[[str], dict[str, Any] | None]
    attempts: str | None

    def look(self, names: Iterable[str], facts: dict[str, Facts], supplied: Iterable[str]) -> list[Problem]:
        """Fill in what is there; return a problem for each dataset whose versions can't be listed.

        Of what is supplied nobody reads the content.
        """
        given = {name.partition("@")[0] for name in supplied}
        remote = [name for name in names if _is_remote(facts.get(name))]
        reads = {name: name.partition("@")[0] not in given for name in remote}
        wanted = [name for name in remote if reads[name] or facts[name]["versioned"]]
        if not wanted:
            return []
        try:
            found = do_apart(lambda: {name: self._ask(name, facts[name], reads=reads[name]) for name in wanted})
        except Exception as error:  # noqa: BLE001 - a storage that can't be asked is no reason not to plan the rest
            found = {name: {"failure": f"{error}"} for name in wanted}
        problems = []
        for name, told in found.items():
            facts[name]["latest_version"] = told.get("version")
            if told.get("content"):
                facts[name]["content"] = told["content"]
            if told.get("failure") and facts[name]["versioned"]:
                message = (
                    f"'{name}' is at {facts[name]['location']}, and its versions can't be listed: {told['failure']}"
                )
                hint = "check the `credentials` of its entry in this environment, and what they permit"
                problems.append(Problem("REMOTE_UNREADABLE", message, hint))
        return problems

    def _ask(self, name: str, facts: Facts, *, reads: bool) -> dict[str, Any]:
        entry, location = self.find_entry(name) or {}, facts["location"]
        version = failure = None
        if facts["versioned"]:
            version, failure = self._latest(entry, location)
            if version is None:
                return {"failure": failure}
            location = version_path(location, version)
        content = self._content(entry, location, facts["places"][0]["suffix"] or "") if reads else None
        return {"version": version, "content": content}

    def _latest(self, entry: dict[str, Any], location: str) -> tuple[str | None, str | None]:
        """Return the version that Kedro would load now, and why nobody can say."""
        try:
            fs, path = self.remote.open(entry, location)
            found = sorted(fs.glob(f"{path}/*/{os.path.basename(location)}"), reverse=True)
            if not found:
                # Without the right to look, a glob finds nothing and says so to nobody.
                fs.exists(path) or fs.ls(fs._parent(path))
        except FileNotFoundError:
            return None, None
        except Exception as error:  # noqa: BLE001 - whatever a storage raises
            return None, self.remote.describe(error)
        versions = (path.split("/")[-2] for path in found)
        return next((version for version in versions if not is_unfinished(self.attempts, version)), None), None

    def _content(self, entry: dict[str, Any], location: str, suffix: str) -> dict[str, Any] | None:
        """Return what is there now; None where nobody can tell, which the run itself will find out."""
        protocol = remote_protocol(location) or ""
        if protocol in _NO_STORES:
            return None
        try:
            fs, path = self.remote.open(entry, location)
            found = hash_remote(fs, path, protocol, suffix)
        except Exception:  # noqa: BLE001 - whatever a storage raises
            return None
        return {"path": location, "bytes": found.bytes, "hash": found.hash}


def _is_remote(facts: Facts | None) -> bool:
    return bool(facts and facts["location"] and remote_protocol(facts["location"]))
