"""Tells which nodes of a slice run again after earlier attempts of it, and which results are taken over. Pure.

A place is where nodes meet: a dataset, with its `@` siblings and all names of the same files. A result is taken over if
its node has finished with the same work on the same content, and what it saved is still there as it was. If not, or if
data in memory that it made are needed, a node runs again. Then every node that consumed what it makes again runs again
too, unless that is expected to be equal. The run has to compare such an expectation with what was made, and to give up
if it is not met.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class NodeShape:
    """A node, as far as it meets others."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


@dataclass(frozen=True)
class Product:
    """Data that one execution of a node left at a place."""

    content: str
    """Equal for equal data; for data that can't be looked at, a name of this execution alone."""
    is_known: bool
    """True if `content` tells of the data, so that another execution can have the same."""
    in_memory: bool = False


@dataclass(frozen=True)
class Execution:
    """A node that has finished in an earlier attempt."""

    attempt: str
    work: str
    """Code, parameters and settings that it ran with."""
    read: Mapping[str, str | None]
    """Place -> content; None for data that could not be looked at."""
    wrote: Mapping[str, Product]


@dataclass(frozen=True)
class Past:
    """Facts on which a resumption is decided."""

    nodes: Sequence[NodeShape]
    """Nodes in an order that can be executed."""
    work: Mapping[str, str]
    """Work of each node, as it would run now."""
    given: Mapping[str, str | None]
    """Content, now, of each place that no node of the slice writes; None where runweave can't look."""
    executions: Mapping[str, Sequence[Execution]]
    """Executions by node, newest first."""
    is_kept: Callable[[str, Execution], bool]
    """Tells whether the data of an execution at a place are still as they were."""


@dataclass
class ResumePlan:
    """Every node is in one of the two."""

    runs: dict[str, str] = field(default_factory=dict)
    """Nodes to execute, each with the reason why."""
    taken: dict[str, Execution] = field(default_factory=dict)
    expected: dict[str, str] = field(default_factory=dict)
    """Content on which results that are taken over rely, for places that are made again."""


def plan_resumption(past: Past, *, trusting: bool) -> ResumePlan:
    """Decide about every node. Without trust, data that are made again are never expected to be equal."""
    return _Planner(past, trusting=trusting).plan()


class _Planner:
    def __init__(self, past: Past, *, trusting: bool) -> None:
        self._past = past
        self._trusting = trusting
        self._nodes = {node.name: node for node in past.nodes}
        self._writers: dict[str, list[str]] = defaultdict(list)
        self._readers: dict[str, list[str]] = defaultdict(list)
        for node in past.nodes:
            for place in node.writes:
                self._writers[place].append(node.name)
            for place in node.reads:
                self._readers[place].append(node.name)
        self._valid: dict[str, Execution] = {}
        self._likely: dict[str, Execution] = {}
        self._content: dict[str, str | None] = dict(past.given)
        self._pending: list[str] = []
        self._plan = ResumePlan()

    def plan(self) -> ResumePlan:
        for node in self._past.nodes:
            self._judge(node)
        while self._pending:
            self._follow(self._nodes[self._pending.pop()])
        self._plan.runs = {name: self._plan.runs[name] for name in self._nodes if name in self._plan.runs}
        self._plan.taken = {name: self._valid[name] for name in self._nodes if name not in self._plan.runs}
        relied_on = {place for name in self._plan.taken for place in self._nodes[name].reads}
        self._plan.expected = {place: what for place, what in self._plan.expected.items() if place in relied_on}
        return self._plan

    def _judge(self, node: NodeShape) -> None:
        """Find an execution that still holds, or one that will most likely come to the same again."""
        executions = self._past.executions.get(node.name, ())
        same = [each for each in executions if each.work == self._past.work.get(node.name)]
        found = next((each for each in same if self._reads_equal(node, each)), None)
        if found is not None:
            self._valid[node.name] = found
            lost = [
                place
                for place, product in found.wrote.items()
                if not product.in_memory and not self._kept(found, place)
            ]
            if lost:
                self._run(node.name, f"what it saved as '{lost[0]}' is gone, or has changed")
        else:
            self._run(node.name, self._tell_invalid(node, executions, same))
            likely = next((each for each in same if not self._reads_differ(node, each)), None)
            if likely is not None and self._trusting:
                self._likely[node.name] = likely
        self._note_content(node)

    def _note_content(self, node: NodeShape) -> None:
        execution = self._valid.get(node.name) or self._likely.get(node.name)
        for place in node.writes:
            product = execution.wrote.get(place) if execution else None
            self._content[place] = product.content if product else None

    def _kept(self, execution: Execution, place: str) -> bool:
        return self._past.is_kept(place, execution)

    def _reads_equal(self, node: NodeShape, execution: Execution) -> bool:
        pairs = [(execution.read.get(place), self._content.get(place)) for place in node.reads]
        return all(was is not None and was == now for was, now in pairs)

    def _reads_differ(self, node: NodeShape, execution: Execution) -> bool:
        """Tell whether data have most likely changed; those that could not be looked at may well be the same."""
        for place in node.reads:
            was, now = execution.read.get(place), self._content.get(place)
            is_made_anew = now is None and place in self._writers
            if is_made_anew or (was is not None and now is not None and was != now):
                return True
        return False

    def _tell_invalid(self, node: NodeShape, executions: Iterable[Execution], same: Sequence[Execution]) -> str:
        if not executions:
            return "it has not finished"
        if not same:
            return "its code, parameters or settings have changed"
        newest = same[0]
        changed = [place for place in node.reads if newest.read.get(place) != self._content.get(place)]
        if changed:
            return f"'{changed[0]}', which it reads, has changed or is made again"
        return f"it is unknown whether '{node.reads[0]}', which it reads, is the same"

    def _run(self, name: str, why: str) -> None:
        if name not in self._plan.runs:
            self._plan.runs[name] = why
            self._pending.append(name)

    def _follow(self, node: NodeShape) -> None:
        """Run what has to run because this node does."""
        for place in node.reads:
            for writer in self._writers[place]:
                self._require(writer, place, node.name)
        for place in node.writes:
            for writer in self._writers[place]:
                self._run(writer, f"'{place}', which it saves too, is made again by '{node.name}'")
            for reader in self._readers[place]:
                self._consider(reader, place, node.name)

    def _require(self, writer: str, place: str, reader: str) -> None:
        execution = self._valid.get(writer)
        product = execution.wrote.get(place) if execution else None
        if execution is None or product is None or product.in_memory or not self._kept(execution, place):
            self._run(writer, f"'{place}', which was in memory, is needed by '{reader}'")

    def _consider(self, reader: str, place: str, writer: str) -> None:
        """Keep a reader's result only if what it read is known and expected to be made again as it was."""
        if reader in self._plan.runs:
            return
        execution = self._valid.get(writer) or self._likely.get(writer)
        product = execution.wrote.get(place) if execution else None
        is_alone = len(self._writers[place]) == 1
        if self._trusting and product is not None and product.is_known and is_alone:
            self._plan.expected[place] = product.content
        else:
            self._run(reader, f"'{place}', which it has read, is made again by '{writer}'")
