"""An attempt that goes on where earlier ones of its run were cut off: what is left to do, and what is taken over."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from runweave_worker.compat import Pipeline, cut, is_parameter
from runweave_worker.data.base_name import base_name
from runweave_worker.data.beside import describe_beside, paths_beside
from runweave_worker.data.checksum import flush_local, hash_local, mark_local
from runweave_worker.data.locate import remote_protocol
from runweave_worker.errors import PinMismatch, ResumeDiverged
from runweave_worker.project.slices import data_names
from runweave_worker.protocol.attempt_folder import AttemptFolder
from runweave_worker.protocol.spec import FILTER_NAMES, SUPPLIED, Input, Resumes, Spec
from runweave_worker.remote.remote import RemoteData

from .attempt_record import AttemptRecord, node_shapes
from .earlier_attempts import RESUMPTION_FILE, EarlierAttempt, find_earlier
from .resume_plan import Execution, Past, ResumePlan, plan_resumption

SHOWN_REASONS = 20


def _beside(output: dict[str, Any]) -> tuple[str, ...]:
    """Return the files beside what a node saved that were there when it ended: those of others are no part of it."""
    return tuple(output.get("beside") or ())


@dataclass(frozen=True)
class TakenOutput:
    """A dataset that an earlier attempt saved, as whole as on the day when it did."""

    dataset: str
    node: str
    run_id: str
    output: dict[str, Any]
    settled: dict[str, Any]
    mark: str | None

    @property
    def version(self) -> str:
        """Return the version under which it was saved: that of its own attempt."""
        return self.output["version"] or self.run_id

    def to_version(self) -> dict[str, Any]:
        """Return it as the manifest lists outputs."""
        return {
            "version": self.version,
            **{key: self.output[key] for key in ("location", "bytes", "hash")},
            **{key: self.settled[key] for key in ("entry", "plain_location")},
            **describe_beside(_beside(self.output)),
        }


@dataclass
class Resumption:
    """Parts of a slice that an attempt takes over, and those that it runs itself."""

    plan: ResumePlan
    spec: Spec
    """Spec for what is left: data that were made before are like those that it consumes from other runs."""
    pipeline: Pipeline | None
    """Pipeline that is left; None if all is taken over."""
    remote: RemoteData
    taken: list[TakenOutput] = field(default_factory=list)
    checkpoints: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, str] = field(default_factory=dict)

    def outputs(self) -> dict[str, Any]:
        """Return what was taken over as the manifest lists outputs."""
        return {each.dataset: each.to_version() for each in self.taken}

    def check(self, events: list[dict[str, Any]]) -> None:
        """Look once more at what was taken over, as this attempt vouches for it. Raises PinMismatch, ResumeDiverged."""
        made = {name: output for event in events for name, output in (event.get("outputs") or {}).items()}
        for name, content in self.expected.items():
            if made.get(name, {}).get("hash") != content:
                raise ResumeDiverged(f"'{name}' should have been made again as it was, but this could not be checked")
        for each in self.taken:
            if not self._is_as_taken(each):
                location, by = each.output["location"], each.run_id
                raise PinMismatch(f"'{each.dataset}' was taken over from {by}, and {location} has changed since")

    def _is_as_taken(self, taken: TakenOutput) -> bool:
        """Tell whether it is still what was taken over, on this machine durably so."""
        location, suffix, known = taken.output["location"], taken.settled["suffix"], taken.output["hash"]
        if remote_protocol(location) is not None:
            return self.remote.hash_of(taken.settled["entry"]["config"], location, suffix) == known
        beside = _beside(taken.output)
        if mark_local(location, suffix, beside) == taken.mark:
            flush_local(location, suffix, beside)
            return True
        is_there = all(os.path.exists(path) for path in (location, *paths_beside(location, beside)))
        return is_there and hash_local(location, suffix, beside=beside, durable=True).hash == known


class Resumer:
    """Looks at what earlier attempts have left, and decides what is done again."""

    def __init__(self, spec: Spec, resumes: Resumes, pipeline: Pipeline, folder: AttemptFolder) -> None:
        self._spec = spec
        self._resumes = resumes
        self._pipeline = pipeline
        self._folder = folder
        self._earlier = {each.run_id: each for each in find_earlier(resumes.run_ids, folder.path.parent)}
        self._saved: dict[tuple[str, str], list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        self._marks: dict[tuple[str, str], str | None] = {}
        self._kept: dict[tuple[str, str], bool] = {}

    def resume(self, record: AttemptRecord, remote: RemoteData) -> Resumption | None:
        """Return what there is to take over; None if that is empty."""
        self._places = record.places
        self._remote = remote
        shapes = node_shapes(self._pipeline, record.places)
        executions: dict[str, list[Execution]] = defaultdict(list)
        confirms = {node.name: list(node.confirms) for node in self._pipeline.nodes}
        for earlier in self._earlier.values():
            for node, execution in earlier.executions(shapes, confirms):
                executions[node].append(execution)
                for name, output in earlier.finished[node].items():
                    self._saved[earlier.run_id, record.places[name]].append((name, output))
        past = Past(shapes, record.work, record.given, executions, self._is_kept)
        plan = plan_resumption(past, trusting=self._resumes.trusting)
        if not plan.taken:
            self._tell(plan)
            return None
        resumption = self._describe(plan)
        self._write(resumption)
        self._tell(plan)
        return resumption

    def _is_kept(self, place: str, execution: Execution) -> bool:
        key = execution.attempt, place
        if key not in self._kept:
            self._kept[key] = self._look(self._earlier[execution.attempt], place)
        return self._kept[key]

    def _look(self, earlier: EarlierAttempt, place: str) -> bool:
        names = {name for name in data_names(self._pipeline.datasets()) if self._places[name] == place}
        read = names & set(self._pipeline.all_inputs())
        if any(not earlier.settled.get(name, {}).get("entry") for name in read):
            return False
        return all(self._is_as_saved(earlier, name, output) for name, output in self._saved[earlier.run_id, place])

    def _is_as_saved(self, earlier: EarlierAttempt, name: str, output: dict[str, Any]) -> bool:
        location, known = output["location"], output["hash"]
        settled = earlier.settled.get(name, {})
        if location is None or known is None or not settled.get("entry"):
            return False
        suffix, beside = settled["suffix"], _beside(output)
        try:
            if remote_protocol(location) is None:
                self._marks[earlier.run_id, name] = mark_local(location, suffix, beside)
                return hash_local(location, suffix, beside=beside).hash == known
            return self._remote.hash_of(settled["entry"]["config"], location, suffix) == known
        except Exception:  # noqa: BLE001 - gone, or whatever a storage raises: then it can't be relied on
            return False

    def _describe(self, plan: ResumePlan) -> Resumption:
        names = list(plan.runs)
        rest = cut(self._pipeline, {**dict.fromkeys(FILTER_NAMES), "node_names": names}) if names else None
        taken = list(self._taken_outputs(plan))
        inputs = dict(self._taken_inputs(plan, rest)) if rest is not None else {}
        written = set(rest.all_outputs()) if rest is not None else set()
        by_dataset = {
            name: plan.expected[self._places[name]] for name in written if self._places[name] in plan.expected
        }
        spec = self._narrow(inputs, rest, names)
        checkpoints = {
            name: self._checkpoint(self._earlier[plan.taken[node.name].attempt], name)
            for node in self._pipeline.nodes
            if node.name in plan.taken
            for name in node.confirms
        }
        whole = {name: noted for name, noted in checkpoints.items() if noted["location"] is not None}
        return Resumption(plan, spec, rest, self._remote, taken, whole, by_dataset)

    def _checkpoint(self, earlier: EarlierAttempt, name: str) -> dict[str, Any]:
        noted = earlier.checkpoints[name]
        plain = earlier.settled[name]["plain_location"]
        return {**{key: noted[key] for key in ("location", "bytes", "hash")}, "plain_location": f"{plain}/CHECKPOINT"}

    def _taken_outputs(self, plan: ResumePlan) -> Iterator[TakenOutput]:
        for node, execution in plan.taken.items():
            earlier = self._earlier[execution.attempt]
            for name, output in earlier.finished[node].items():
                if output["location"] is not None:
                    mark = self._marks.get((earlier.run_id, name))
                    yield TakenOutput(name, node, earlier.run_id, output, earlier.settled[name], mark)

    def _taken_inputs(self, plan: ResumePlan, rest: Pipeline) -> Iterator[tuple[str, Input]]:
        """Yield what is left to do reads of what was done, under each name by which it does."""
        made_again = {self._places[name] for name in data_names(rest.all_outputs())}
        writers = {
            self._places[name]: execution.attempt
            for node in self._pipeline.nodes
            if (execution := plan.taken.get(node.name)) is not None
            for name in node.outputs
        }
        for name in data_names(rest.inputs()):
            attempt = writers.get(self._places[name])
            if attempt is None or self._places[name] in made_again:
                continue
            settled = self._earlier[attempt].settled[name]
            version = settled["version"] or attempt
            location = settled["location"]
            known = {output["location"]: output for _, output in self._saved[attempt, self._places[name]]}
            saved = known.get(location, {})
            entry, found = settled["entry"], saved.get("hash")
            yield name, Input(version, name, location, entry, False, found, beside=_beside(saved))

    def _narrow(self, inputs: dict[str, Input], rest: Pipeline | None, names: list[str]) -> Spec:
        """Return the spec of what is left: no input that it does not read, no output that it does not write."""
        spec = self._spec
        read = {base_name(name) for name in (rest.all_inputs() if rest else ()) if not is_parameter(name)}
        written = {base_name(name) for name in (rest.all_outputs() if rest else ())}

        kept = {
            name: each for name, each in spec.reads.items() if not isinstance(each, SUPPLIED) or base_name(name) in read
        }
        return dataclasses.replace(
            spec,
            filters={**dict.fromkeys(FILTER_NAMES), "node_names": names},
            reads={**kept, **inputs},
            outputs=tuple(name for name in spec.outputs if base_name(name) in written),
        )

    def _write(self, resumption: Resumption) -> None:
        """Put down what was decided, before anything is done: for people, and for an attempt after this one."""
        plan = resumption.plan
        content = {
            place: product.content for execution in plan.taken.values() for place, product in execution.wrote.items()
        }
        decided = {
            "trusting": self._resumes.trusting,
            "runs": plan.runs,
            "taken": {node: execution.attempt for node, execution in plan.taken.items()},
            "content": content,
            "expected": resumption.expected,
        }
        self._folder.write_json(RESUMPTION_FILE, decided)
        for each in resumption.taken:
            told = {"dataset": each.dataset, "version": each.version, "location": each.output["location"]}
            self._folder.append_event({"type": "dataset.resumed", **told, "node": each.node})

    def _tell(self, plan: ResumePlan) -> None:
        count = len(plan.taken) + len(plan.runs)
        print(f"resume: {len(plan.taken)} of {count} nodes are done, {len(plan.runs)} run", file=sys.stderr)
        again = {
            node: why
            for node, why in plan.runs.items()
            if any(node in each.finished for each in self._earlier.values())
        }
        for node, why in list(again.items())[:SHOWN_REASONS]:
            print(f"resume: '{node}' runs again: {why}", file=sys.stderr)
        if len(again) > SHOWN_REASONS:
            print(f"resume: and {len(again) - SHOWN_REASONS} more, see {RESUMPTION_FILE}", file=sys.stderr)
