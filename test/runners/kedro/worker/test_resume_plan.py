"""What runs again after attempts that were cut off: cases by name, then random pipelines, cuts and changes."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field

import pytest
from runweave_worker.resume.resume_plan import Execution, NodeShape, Past, Product, ResumePlan, plan_resumption

CASES = int(os.environ.get("RUNWEAVE_RESUME_CASES", "1500"))


@dataclass
class World:
    """Nodes whose outputs follow from their inputs, files that outlive an attempt, and memory that does not."""

    nodes: list[NodeShape]
    memory: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    """Places in memory whose content nobody can compare."""
    given: dict[str, str | None] = field(default_factory=dict)
    work: dict[str, str] = field(default_factory=dict)
    random_nodes: frozenset[str] = frozenset()
    disk: dict[tuple[str, str], str] = field(default_factory=dict)
    executions: dict[str, list[Execution]] = field(default_factory=dict)
    attempts: int = 0

    def past(self) -> Past:
        return Past(
            self.nodes, {n.name: self.work_of(n) for n in self.nodes}, self.shown(), self.executions, self.is_kept
        )

    def work_of(self, node: NodeShape) -> str:
        return self.work.get(node.name, "same")

    def shown(self) -> dict[str, str | None]:
        return {place: None if place in self.unseen else content for place, content in self.given.items()}

    def is_kept(self, place: str, execution: Execution) -> bool:
        return self.disk.get((execution.attempt, place)) == execution.wrote[place].content

    def attempt(self, plan: ResumePlan, cut: int | None) -> str:
        """Execute a plan; with `cut`, stop in the middle of that node. Return how it ended."""
        self.attempts += 1
        name = f"a{self.attempts}"
        now = {place: content for place, content in self.given.items() if content is not None}
        known = dict(self.shown())
        for execution in plan.taken.values():
            known.update({place: product.content for place, product in execution.wrote.items()})
            kept = [place for place, product in execution.wrote.items() if not product.in_memory]
            now.update({place: self.disk[execution.attempt, place] for place in kept})
        for count, node in enumerate(each for each in self.nodes if each.name in plan.runs):
            made = {place: self.make(node, place, now) for place in node.writes}
            if count == cut:
                self.disk.update({(name, place): made[place] for place in node.writes[:1]})
                return "cut off"
            now.update(made)
            self.disk.update({(name, place): what for place, what in made.items() if place not in self.memory})
            wrote = {place: self.product(name, place, what) for place, what in made.items()}
            read = {place: known.get(place) for place in node.reads}
            known.update({place: product.content for place, product in wrote.items()})
            self.executions.setdefault(node.name, []).insert(0, Execution(name, self.work_of(node), read, wrote))
            if any(wrote[p].content != plan.expected[p] for p in node.writes if p in plan.expected):
                return "diverged"
        self.result = now
        return "success"

    def product(self, attempt: str, place: str, content: str) -> Product:
        is_known = place not in self.unseen
        return Product(content if is_known else f"{attempt}:{place}", is_known, place in self.memory)

    def make(self, node: NodeShape, place: str, now: dict[str, str]) -> str:
        inputs = ",".join(f"{read}={now[read]}" for read in node.reads)
        nonce = f"#{random.random()}" if node.name in self.random_nodes else ""
        return str(hash(f"{node.name}.{place}.{self.work_of(node)}({inputs}){nonce}"))

    def everything(self) -> ResumePlan:
        return ResumePlan({node.name: "" for node in self.nodes})


def world(*nodes: tuple[str, str, str], **more) -> World:
    shapes = [NodeShape(name, tuple(reads.split()), tuple(writes.split())) for name, reads, writes in nodes]
    places = {place for shape in shapes for place in shape.reads} - {p for shape in shapes for p in shape.writes}
    given = {place: f"{place}!" for place in places}
    return World(
        shapes, given=given, **{key: frozenset(v.split()) if isinstance(v, str) else v for key, v in more.items()}
    )


def resume(made: World, cut: int, trusting=True) -> ResumePlan:
    """Cut the first attempt off after `cut` nodes and plan the second."""
    assert made.attempt(made.everything(), cut) == "cut off"
    return plan_resumption(made.past(), trusting=trusting)


CHAIN = (("load", "raw", "a"), ("fit", "a", "b"), ("score", "b", "c"), ("end", "c", "d"))


@pytest.mark.parametrize("cut", range(4))
def test_goes_on_at_the_node_that_was_cut_off(cut):
    plan = resume(world(*CHAIN), cut)
    assert list(plan.runs) == ["load", "fit", "score", "end"][cut:]
    assert set(plan.runs.values()) == {"it has not finished"} or cut == 0


def test_what_was_in_memory_is_made_again_and_nothing_that_is_on_disk():
    plan = resume(world(*CHAIN, memory="a b"), 3)
    assert list(plan.runs) == ["end"]
    plan = resume(world(*CHAIN, memory="b"), 2)
    assert list(plan.runs) == ["fit", "score", "end"]
    assert plan.runs["fit"] == "'b', which was in memory, is needed by 'score'"


SPLIT = (("split", "raw", "train test"), ("fit", "train", "model"), ("score", "model test", "metrics"))


def test_a_finished_reader_of_memory_is_kept_if_equal_data_are_made_again():
    plan = resume(world(*SPLIT, memory="train test"), 2)
    assert list(plan.runs) == ["split", "score"]
    assert list(plan.expected) == ["train"]


@pytest.mark.parametrize("more", [{"trusting": False}, {"unseen": "train test"}])
def test_a_finished_reader_of_memory_runs_again_if_nobody_can_tell_whether_it_is_equal(more):
    plan = resume(
        world(*SPLIT, memory="train test", **{k: v for k, v in more.items() if k == "unseen"}),
        2,
        more.get("trusting", True),
    )
    assert list(plan.runs) == ["split", "fit", "score"]
    assert plan.runs["fit"] == "'train', which it has read, is made again by 'split'"


def test_data_that_turn_out_different_end_the_attempt_and_the_next_one_trusts_nothing():
    made = world(*SPLIT, memory="train test", random_nodes="split")
    plan = resume(made, 2)
    assert made.attempt(plan, None) == "diverged"
    assert list(plan_resumption(made.past(), trusting=False).runs) == ["split", "fit", "score"]


def test_a_node_of_several_outputs_of_which_one_was_saved_has_not_finished():
    plan = resume(world(("two", "raw", "a b"), ("end", "a b", "c")), 0)
    assert list(plan.runs) == ["two", "end"]


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_what_is_not_on_disk_as_it_was_saved_is_made_again(damage):
    made = world(*CHAIN)
    made.attempt(made.everything(), 3)
    if damage == "gone":
        del made.disk["a1", "b"]
    else:
        made.disk["a1", "b"] = "else"
    plan = plan_resumption(made.past(), trusting=True)
    assert list(plan.runs) == ["fit", "end"]
    assert plan.runs["fit"] == "what it saved as 'b' is gone, or has changed"
    assert list(plan_resumption(made.past(), trusting=False).runs) == ["fit", "score", "end"]


def test_other_code_or_parameters_run_again_with_all_that_depends_on_them():
    made = world(*CHAIN, ("aside", "raw", "e"))
    made.attempt(made.everything(), 4)
    made.work["fit"] = "other"
    plan = plan_resumption(made.past(), trusting=True)
    assert list(plan.runs) == ["fit", "score", "end", "aside"]
    assert plan.runs["fit"] == "its code, parameters or settings have changed"
    assert plan.runs["score"] == "'b', which it reads, has changed or is made again"


def test_an_input_that_has_changed_runs_everything_again_that_depends_on_it():
    made = world(*CHAIN, ("aside", "other", "e"), ("last", "e", "f"))
    made.attempt(made.everything(), 5)
    made.given["raw"] = "changed"
    assert list(plan_resumption(made.past(), trusting=True).runs) == ["load", "fit", "score", "end", "last"]


def test_an_input_that_nobody_can_look_at_is_read_again_and_its_result_compared():
    plan = resume(world(*CHAIN, unseen="raw"), 3)
    assert list(plan.runs) == ["load", "end"]
    assert list(plan.expected) == ["a"]


def test_nothing_is_left_if_everything_has_finished():
    made = world(*CHAIN, memory="a d")
    made.attempt(made.everything(), None)
    assert plan_resumption(made.past(), trusting=True).runs == {}


def test_two_writers_of_one_place_run_together():
    made = world(("one", "raw", "folder"), ("two", "raw", "folder x"), ("read", "folder", "y"))
    made.attempt(made.everything(), 2)
    made.executions["two"].clear()
    assert list(plan_resumption(made.past(), trusting=True).runs) == ["one", "two", "read"]


def draw_world(chance: random.Random) -> World:
    count = chance.randint(1, 12)
    places = [f"g{index}" for index in range(chance.randint(1, 3))]
    given, nodes, memory, unseen = list(places), [], set(), set()
    for index in range(count):
        reads = chance.sample(places, min(len(places), chance.randint(0, 3)))
        writes = [f"n{index}.{out}" for out in range(chance.randint(0, 3))]
        nodes.append(NodeShape(f"n{index}", tuple(reads), tuple(writes)))
        places += writes
        memory |= {place for place in writes if chance.random() < 0.4}
    unseen = {place for place in [*memory, *given] if chance.random() < 0.25}
    return World(nodes, frozenset(memory), frozenset(unseen), {place: f"{place}!" for place in given})


def disturb(made: World, chance: random.Random) -> None:
    for key in list(made.disk):
        if chance.random() < 0.03:
            del made.disk[key]
    for node in made.nodes:
        if chance.random() < 0.03:
            made.work[node.name] = f"other {made.attempts}"
    for place in made.given:
        # What nobody can look at may change too, but then no resumption and no retry would be the same.
        if place not in made.unseen and chance.random() < 0.05:
            made.given[place] = f"changed {made.attempts}"


@pytest.mark.parametrize("disturbed", [False, True])
def test_any_pipeline_cut_off_anywhere_comes_to_what_it_would_have_come_to(disturbed):
    for seed in range(CASES):
        chance = random.Random(seed)
        made = draw_world(chance)
        made.random_nodes = frozenset()
        plan, trusting, ended = made.everything(), True, ""
        for _ in range(6):
            cut = chance.choice([None, *range(len(made.nodes))])
            ended = made.attempt(plan, cut)
            if ended == "success":
                break
            trusting = trusting and ended != "diverged"
            if disturbed:
                disturb(made, chance)
            plan = plan_resumption(made.past(), trusting=trusting)
        else:
            ended = made.attempt(plan, None)
            if ended == "diverged":
                ended = made.attempt(plan_resumption(made.past(), trusting=False), None)
        assert ended == "success", seed
        reference = World(made.nodes, made.memory, made.unseen, made.given, made.work)
        assert reference.attempt(reference.everything(), None) == "success"
        kept = {place: what for place, what in made.result.items() if place not in made.memory}
        assert kept == {place: what for place, what in reference.result.items() if place not in made.memory}, seed


def test_no_finished_node_runs_again_unless_its_memory_is_needed():
    for seed in range(CASES):
        chance = random.Random(seed)
        made = draw_world(chance)
        made.unseen = frozenset()
        plan = made.everything()
        for _ in range(3):
            if made.attempt(plan, chance.randint(0, len(made.nodes))) == "success":
                break
            plan = plan_resumption(made.past(), trusting=True)
            needed = {node.name for node in made.nodes if node.name not in made.executions}
            for node in reversed(made.nodes):
                readers = [other for other in made.nodes if other.name in needed]
                if any(place in made.memory for other in readers for place in node.writes if place in other.reads):
                    needed.add(node.name)
            assert set(plan.runs) == needed, seed


def test_whatever_is_random_no_result_mixes_two_executions():
    for seed in range(CASES):
        chance = random.Random(seed)
        made = draw_world(chance)
        made.random_nodes = frozenset(node.name for node in made.nodes if chance.random() < 0.3)
        plan, trusting, ended = made.everything(), True, ""
        for step in range(8):
            cut = chance.choice([None, *range(len(made.nodes))]) if step < 5 else None
            ended = made.attempt(plan, cut)
            if ended == "success":
                break
            trusting = trusting and ended != "diverged"
            plan = plan_resumption(made.past(), trusting=trusting)
        assert ended == "success", seed
        final = {node.name: plan.taken.get(node.name) or made.executions[node.name][0] for node in made.nodes}
        content = dict(made.shown())
        for node in made.nodes:
            content.update({place: product.content for place, product in final[node.name].wrote.items()})
        for node in made.nodes:
            for place in node.reads:
                assert final[node.name].read[place] == content[place] or place in made.unseen & made.given.keys(), seed
