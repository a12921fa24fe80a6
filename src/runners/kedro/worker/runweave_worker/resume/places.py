"""Places where the nodes of a slice meet, and the present content of those that none of them writes."""

from __future__ import annotations

from collections import defaultdict

from runweave_worker.code.work_parts import portable_entry
from runweave_worker.compat import EntryFinder, Pipeline
from runweave_worker.data.base_name import base_name
from runweave_worker.data.checksum import hash_remote, mark_local
from runweave_worker.data.digest import digest
from runweave_worker.data.locate import Location, is_memory, locate
from runweave_worker.project.slices import data_names
from runweave_worker.protocol.spec import Each, Input, Spec, Value
from runweave_worker.remote.remote import RemoteData
from runweave_worker.secrets.secret_names import hide_in_url
from runweave_worker.settle.consume import is_versioned
from runweave_worker.settle.isolate import Member, group_by_files


def find_places(pipeline: Pipeline, finder: EntryFinder, spec: Spec, base: str) -> dict[str, str]:
    """Return the place of each dataset: `@` siblings and names of the same files have one, if the slice writes any."""
    names = data_names(pipeline.datasets())
    written = set(data_names(pipeline.all_outputs()))
    supplied = {base_name(name) for name in spec.supplied()}
    members = [
        Member(name, place, name in written, False)
        for name in names
        if base_name(name) not in supplied
        for place in _locations(name, finder, base)
    ]
    groups = [{member.name for member in group} for group in group_by_files(members)]
    by_base: dict[str, set[str]] = defaultdict(set)
    for name in names:
        by_base[base_name(name)].add(name)
    places = {name: name for name in names}
    for group in _merged([group for group in (*groups, *by_base.values()) if len(group) > 1]):
        own = sorted(group & written)
        if own:
            places.update(dict.fromkeys(group, base_name(own[0])))
    return places


def _merged(groups: list[set[str]]) -> list[set[str]]:
    merged: list[set[str]] = []
    for group in groups:
        touching = [each for each in merged if each & group]
        merged = [each for each in merged if not each & group]
        merged.append(group.union(*touching))
    return merged


def _locations(name: str, finder: EntryFinder, base: str) -> list[Location]:
    entry = finder.find(name)
    return [] if entry is None or is_memory(entry) else locate(entry, base)


class GivenData:
    """Tells what a slice reads from outside, so that two attempts can compare it. Large data are not read."""

    def __init__(self, spec: Spec, finder: EntryFinder, base: str, remote: RemoteData) -> None:
        self._spec = spec
        self._finder = finder
        self._base = base
        self._remote = remote

    def identify(self, name: str) -> str | None:
        """Return what is equal only for equal data; None where runweave can't look."""
        spec = self._spec
        if name in spec.floating:
            return None
        read = spec.reads.get(name)
        if isinstance(read, Each):
            return digest({arm: self._identify_input(source) for arm, source in read.arms.items()})
        given = spec.find(name, Input) or spec.find(name, Value)
        if given is None:
            return self._identify_own(name)
        return given.version if isinstance(given, Value) else self._identify_input(given)

    def _identify_input(self, source: Input) -> str:
        config = (source.entry or {}).get("config")
        how = portable_entry(config, self._base) if isinstance(config, dict) else None
        return digest([source.hash or [source.run_id, source.location], source.as_downstream, how])

    def _identify_own(self, name: str) -> str | None:
        places = _locations(name, self._finder, self._base)
        entry = self._finder.find(name)
        if entry is None or not places:
            return None
        path = places[0].path
        if is_versioned(entry):
            pin = self._spec.pin_of(name)
            return None if pin is None else f"{hide_in_url(path)} {pin}"
        if places[0].protocol is None:
            mark = mark_local(path, places[0].suffix or "")
            return None if mark is None else f"{path} {mark}"
        try:
            fs, key = self._remote.open(entry, path)
            return hash_remote(fs, key, places[0].protocol, places[0].suffix or "").hash
        except Exception:  # noqa: BLE001 - whatever a storage raises; then nobody can tell
            return None
