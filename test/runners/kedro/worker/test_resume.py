"""Attempts that go on where one was killed: what runs again, and that it comes to what it would have come to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rig import Worker, json_entry, text_entry

STEPS = """
import functools, inspect, os, signal
from pathlib import Path

DIE = Path(__file__).parents[2] / "die"

def die_if(told):
    if DIE.exists() and DIE.read_text() == told:
        os.kill(os.getpid(), signal.SIGKILL)

def step(name, work):
    if inspect.isgeneratorfunction(work):
        @functools.wraps(work)
        def run(*data):
            for number, chunk in enumerate(work(*data)):
                yield chunk
                die_if(f"{name}/{number}")
    else:
        @functools.wraps(work)
        def run(*data):
            die_if(name)
            meddle = DIE.with_name("meddle")
            if meddle.exists():
                Path(meddle.read_text()).write_text("meddled")
            return work(*data)
    return run

def grow(text): return text + "."
def join(*texts): return "+".join(texts)
def two(text): return text + "1", text + "2"
def length(text): return {"length": len(text)}
def show(data): return repr(data)
def parts(text): return {f"p{n}": text * n for n in range(1, 4)}
def gather(loaded): return "".join(f"{name}={loaded[name]()};" for name in sorted(loaded))
def gather_new(loaded): return "".join(f"{name}={loaded[name]};" for name in sorted(loaded))
def pieces(text):
    for n in range(3):
        yield f"{text}{n} "
def scaled(text, factor): return text * factor
def secret(text): return text + os.urandom(4).hex()
def nothing(text): return None
def last(*texts):
    die_if("all")
    return join(*texts)
"""
DATASETS = """
import os
from kedro_datasets.text import TextDataset
from toy.steps import die_if

class AppendingDataset(TextDataset):
    def _save(self, data):
        with open(self._get_save_path(), "a") as file:
            file.write(data)

    save = _save

class DyingDataset(TextDataset):
    # Dies with half of its file written.
    def save(self, data):
        super().save(data[: len(data) // 2])
        die_if("save " + os.path.basename(str(self._filepath)))
        super().save(data)
"""
PIPELINES = """
from toy.steps import *
def n(name, work, inputs, outputs, **more):
    return node(step(name, work), inputs, outputs, name=name, **more)
def register_pipelines():
    return {
        "files": pipeline([n("one", grow, "raw", "a"), n("two", grow, "a", "b"), n("three", grow, "b", "c")]),
        "memory": pipeline([n("one", grow, "raw", "m1"), n("two", grow, "m1", "a"), n("three", grow, "a", "m2"),
                            n("four", join, ["m2", "a"], "b")]),
        "shared": pipeline([n("split", two, "raw", ["m1", "m2"]), n("fit", grow, "m1", "a"),
                            n("score", join, ["a", "m2"], "b")]),
        "several": pipeline([n("one", two, "raw", ["a", "b"]), n("both", join, ["a", "b"], "c")]),
        "dying": pipeline([n("one", two, "raw", ["a", "dying"]), n("both", join, ["a", "dying"], "c")]),
        "cached": pipeline([n("one", grow, "raw", "cached"), n("two", grow, "cached", "a"),
                            n("three", join, ["cached", "a"], "b")]),
        "uncatalogued": pipeline([n("one", length, "raw", "found"), n("two", show, "found", "a"),
                                  n("three", length, "a", "left")]),
        "stream": pipeline([n("one", pieces, "raw", "log"), n("two", grow, "log", "a"), n("three", grow, "a", "b")]),
        "parts": pipeline([n("one", parts, "raw", "parts"), n("two", gather, "parts", "a"),
                           n("three", grow, "a", "b")]),
        "confirmed": pipeline([n("one", gather_new, "incoming", "a", confirms="incoming"), n("two", grow, "a", "b")]),
        "transcoded": pipeline([n("one", length, "raw", "pair@json"), n("two", grow, "pair@text", "a"),
                                n("three", grow, "a", "b")]),
        "alias": pipeline([n("a_one", grow, "raw", "plain"), n("b_two", grow, "alias", "a"),
                           n("c_three", grow, "a", "b")]),
        "factory": pipeline([n("one", grow, "raw", "x.made"), n("two", grow, "x.made", "y.made")]),
        "spaced": pipeline([n("one", grow, "raw", "a"), n("two", grow, "a", "b")], namespace="sp", inputs={"raw"}),
        "versioned": pipeline([n("one", grow, "raw", "kept"), n("two", grow, "kept", "a"), n("three", grow, "a", "b")]),
        "silent": pipeline([n("one", grow, "raw", "a"), n("two", nothing, "a", None), n("three", grow, "a", "b")]),
        "scaled": pipeline([n("one", grow, "raw", "a"), n("two", scaled, ["a", "params:factor"], "b"),
                            n("three", grow, "b", "c"), n("aside", grow, "a", "d"), n("zz", grow, "d", "e")]),
        "random": pipeline([n("split", lambda text: (secret(text), text), "raw", ["m1", "m2"]),
                            n("fit", grow, "m1", "a"), n("score", join, ["a", "m2", "m1"], "b")]),
        "wide": pipeline([node(grow, "raw", f"f{i}.made", name=f"w{i}") for i in range(4)]
                         + [node(last, [f"f{i}.made" for i in range(4)], "a", name="all")]),
    }
"""
CATALOG = {
    **{name: text_entry(f"data/{name}.txt") for name in ("raw", "a", "b", "c", "d", "e", "sp.a", "sp.b")},
    "plain": text_entry("data/plain.txt"),
    "alias": text_entry("data/plain.txt"),
    "kept": text_entry("data/kept.txt", versioned=True),
    "cached": {"type": "CachedDataset", "dataset": text_entry("data/cached.txt")},
    "log": {"type": "toy.kinds.AppendingDataset", "filepath": "data/log.txt"},
    "dying": {"type": "toy.kinds.DyingDataset", "filepath": "data/dying.txt"},
    "parts": {
        "type": "partitions.PartitionedDataset",
        "path": "data/parts",
        "dataset": "text.TextDataset",
        "filename_suffix": ".txt",
    },
    "incoming": {
        "type": "partitions.IncrementalDataset",
        "path": "data/incoming",
        "dataset": "text.TextDataset",
        "filename_suffix": ".txt",
    },
    "pair@json": json_entry("data/pair.json"),
    "pair@text": text_entry("data/pair.json"),
    "{name}.made": text_entry("data/{name}.made.txt"),
}
HOOKS = """
from kedro.framework.hooks import hook_impl
from toy.steps import die_if
class Hooks:
    @hook_impl
    def before_pipeline_run(self, pipeline):
        print("the hook sees", *(node.name for node in pipeline.nodes))
    @hook_impl
    def after_pipeline_run(self):
        die_if("end")
"""
# Per pipeline: its outputs for other runs, and per node at which it is killed the nodes that run then.
EXPECTED = {
    "files": {"one": "one two three", "two": "two three", "three": "three"},
    "memory": {"two": "one two three four", "three": "three four", "four": "three four"},
    "shared": {"fit": "split fit score", "score": "split score"},
    "several": {"one": "one both", "both": "both"},
    "dying": {"save dying.txt": "one both", "both": "both"},
    "cached": {"two": "two three", "three": "three"},
    "uncatalogued": {"two": "two three", "three": "three"},
    "stream": {"one/1": "one two three", "two": "two three", "three": "three"},
    "parts": {"two": "two three", "three": "three"},
    "confirmed": {"two": "two"},
    "transcoded": {"two": "two three", "three": "three"},
    "alias": {"b_two": "b_two c_three", "c_three": "c_three"},
    "factory": {"two": "two"},
    "spaced": {"two": "sp.two"},
    "versioned": {"two": "two three", "three": "three"},
    "silent": {"two": "two"},
}
OUTPUTS = {"uncatalogued": ["found", "left"], "transcoded": ["pair"], "memory": ["b"]}


@pytest.fixture(scope="module")
def worker(workers):
    return begin(workers)


def begin(workers):
    files = {"src/toy/steps.py": STEPS, "src/toy/kinds.py": DATASETS, "src/toy/hooks.py": HOOKS, "data/raw.txt": "raw"}
    files |= {f"data/incoming/{n}.txt": n for n in "abc"}
    settings = "from toy.hooks import Hooks\nHOOKS = (Hooks(),)\n"
    project = {"catalog": CATALOG, "pipelines": PIPELINES, "parameters": {"factor": 2}}
    made = workers(**project, settings=settings, files=files)
    assert made.ready()["event"] == "ready", made.log.read_text()
    return made


def killed(worker, pipeline, at, **fields):
    (worker.project / "die").write_text(at)
    attempt = worker.run(pipeline, **fields)
    (worker.project / "die").unlink()
    assert attempt.exit["signal"] == "SIGKILL", attempt.story()
    return attempt


def resumed(worker, pipeline, *earlier, trusting=True, **fields):
    resumes = {"run_ids": [each.run_id for each in reversed(earlier)], "trusting": trusting}
    return worker.run(pipeline, resumes=resumes, **fields)


def nodes_of(attempt):
    return " ".join(event["node"] for event in attempt.of("node.started"))


def contents(attempt):
    assert attempt.exit["exit_code"] == 0, attempt.story()
    return {name: output["hash"] for name, output in attempt.outputs.items()}


def is_whole(attempt):
    for output in attempt.outputs.values():
        assert output["version"] in output["location"] or output["version"] == attempt.run_id
        assert os.path.exists(output["location"])


@pytest.mark.parametrize("pipeline", EXPECTED)
def test_goes_on_at_the_node_where_it_was_killed(worker, pipeline):
    fields = {"outputs": OUTPUTS.get(pipeline, [])}
    uninterrupted = contents(worker.succeed(pipeline, **fields))
    for at, expected in EXPECTED[pipeline].items():
        first = killed(worker, pipeline, at, **fields)
        second = resumed(worker, pipeline, first, **fields)
        assert contents(second) == uninterrupted, (at, second.story())
        assert nodes_of(second) == expected, (at, second.story())
        is_whole(second)
        taken = {event["dataset"]: event["version"] for event in second.of("dataset.resumed")}
        assert set(taken.values()) <= {first.run_id}
        assert {name: output["version"] for name, output in second.outputs.items() if name in taken} == taken


def test_hooks_see_the_nodes_that_are_left(worker):
    first = killed(worker, "files", "three")
    second = resumed(worker, "files", first)
    assert "the hook sees three\n" in second.log.read_text()
    assert second.of("pipeline.started")[0]["total_nodes"] == 1


def test_a_run_that_was_killed_after_its_last_node_executes_nothing(worker):
    first = killed(worker, "files", "end")
    second = resumed(worker, "files", first, outputs=["c"])
    assert contents(second) == contents(worker.succeed("files"))
    assert nodes_of(second) == ""
    assert second.outputs["c"]["version"] == first.run_id


@pytest.mark.parametrize("runner", ["ThreadRunner", "ParallelRunner"])
def test_nodes_that_finished_side_by_side_are_all_taken_over(worker, runner):
    first = killed_in_any_process(worker, "wide", "all", runner)
    second = resumed(worker, "wide", first, runner=runner)
    assert contents(second) == contents(worker.succeed("wide"))
    assert nodes_of(second) == "all"


def killed_in_any_process(worker, pipeline, at, runner):
    """A process of a ParallelRunner that dies is a failure of the run; the last word is that of its parent."""
    (worker.project / "die").write_text(at)
    attempt = worker.run(pipeline, runner=runner)
    (worker.project / "die").unlink()
    assert attempt.exit["exit_code"] != 0, attempt.story()
    return attempt


def test_a_chain_of_attempts_takes_over_from_all_of_them(worker):
    first = killed(worker, "files", "two")
    second = killed(worker, "files", "three", **resuming(first))
    third = resumed(worker, "files", first, second)
    assert nodes_of(second) == "two three"
    assert nodes_of(third) == "three"
    versions = {name: output["version"] for name, output in third.outputs.items()}
    assert versions == {"a": first.run_id, "b": second.run_id, "c": third.run_id}
    assert contents(third) == contents(worker.succeed("files"))


def test_an_attempt_that_began_afresh_hides_those_before_it(worker):
    first = killed(worker, "files", "three")
    afresh = killed(worker, "files", "two")
    assert nodes_of(resumed(worker, "files", first, afresh)) == "two three"


def test_an_attempt_that_never_began_hides_nothing(worker):
    first = killed(worker, "files", "three")
    never = worker.prepare("files", **resuming(first))
    (never.folder / "spec.json").unlink()
    assert nodes_of(resumed(worker, "files", first, never)) == "three"


def resuming(*earlier, trusting=True):
    return {"resumes": {"run_ids": [each.run_id for each in reversed(earlier)], "trusting": trusting}}


@pytest.mark.parametrize("damage", ["gone", "changed", "cut"])
def test_what_is_not_as_it_was_saved_is_made_again(worker, damage):
    first = killed(worker, "files", "three")
    path = Path(first.of("dataset.saved")[0]["location"])
    if damage == "gone":
        path.unlink()
    else:
        path.write_text("raw?" if damage == "changed" else "ra")
    second = resumed(worker, "files", first)
    assert contents(second) == contents(worker.succeed("files"))
    assert nodes_of(second) == "one three"
    assert "'one' runs again: what it saved as 'a' is gone, or has changed" in second.log.read_text()


def test_other_parameters_run_what_depends_on_them_again(worker):
    first = killed(worker, "scaled", "zz")
    second = resumed(worker, "scaled", first, runtime_params={"factor": 3})
    assert contents(second) == contents(worker.succeed("scaled", runtime_params={"factor": 3}))
    assert sorted(nodes_of(second).split()) == ["three", "two", "zz"]
    assert {"one", "two", "aside"} <= set(nodes_of(first).split())


def test_an_input_that_has_changed_runs_all_that_depends_on_it_again(worker):
    first = killed(worker, "files", "three")
    raw = worker.project / "data/raw.txt"
    raw.write_text("new")
    try:
        second = resumed(worker, "files", first)
        assert contents(second) == contents(worker.succeed("files"))
        assert nodes_of(second) == "one two three"
        assert second.of("dataset.resumed") == []
    finally:
        raw.write_text("raw")


def test_code_that_has_changed_runs_what_reaches_it_again(workers):
    before = begin(workers)
    first = killed(before, "files", "three")
    steps = before.project / "src/toy/steps.py"
    steps.write_text(STEPS + "\n# a remark\n")
    unchanged = Worker(before.project, before.state)
    registry = before.project / "src/toy/pipeline_registry.py"
    try:
        assert nodes_of(resumed(unchanged, "files", first)) == "three"
        unchanged.close()
        registry.write_text(registry.read_text().replace('n("two", grow, "a", "b")', 'n("two", join, "a", "b")', 1))
        changed = Worker(before.project, before.state)
        second = resumed(changed, "files", first)
        assert nodes_of(second) == "two three"
        assert "'two' runs again: its code, parameters or settings have changed" in second.log.read_text()
        steps.write_text(STEPS.replace('return text + "."', 'return text + "!"'))
        changed.close()
        other = Worker(before.project, before.state)
        second = resumed(other, "files", first)
        assert nodes_of(second) == "one two three"
        assert second.data("a") == "raw!"
    finally:
        other.close()


def test_data_in_memory_that_turn_out_different_end_the_attempt_at_once(worker):
    first = killed(worker, "random", "score")
    second = resumed(worker, "random", first)
    assert second.manifest["exception"]["type"] == "ResumeDiverged"
    assert nodes_of(second) == "split"
    third = resumed(worker, "random", first, second, trusting=False)
    assert nodes_of(third) == "split fit score"
    drawn = third.data("b").rsplit("+", 1)[1]
    assert third.data("a") == f"{drawn}."


def test_without_trust_all_that_read_what_is_made_again_runs_again(worker):
    first = killed(worker, "shared", "score")
    assert nodes_of(resumed(worker, "shared", first, trusting=False)) == "split fit score"


def test_what_was_taken_over_and_changes_while_the_rest_runs_fails_the_attempt(worker):
    first = killed(worker, "files", "three")
    path = first.of("dataset.saved")[0]["location"]
    (worker.project / "meddle").write_text(path)
    second = resumed(worker, "files", first)
    (worker.project / "meddle").unlink()
    assert second.error() == f"PinMismatch: 'a' was taken over from {first.run_id}, and {path} has changed since"


def test_files_of_earlier_attempts_that_are_nonsense_cost_no_more_than_the_work(worker):
    first = killed(worker, "files", "three")
    (first.folder / "work.json").write_text('{"work": [], "places": 7}')
    second = resumed(worker, "files", first)
    assert contents(second) == contents(worker.succeed("files"))
    assert nodes_of(second) == "one two three"


@pytest.mark.parametrize("kind", ["isolate", "floating"])
def test_data_at_plain_paths_are_taken_over_by_their_content_too(worker, kind):
    fields = {"isolate": "none"} if kind == "isolate" else {"floating": ["b"]}
    first = killed(worker, "files", "three", **fields)
    second = resumed(worker, "files", first, **fields)
    assert contents(second) == contents(worker.succeed("files"))
    assert nodes_of(second) == "three"


def test_every_byte_of_the_events_of_an_attempt_may_be_its_last(worker):
    first = killed(worker, "several", "both")
    events = (first.folder / "events").read_bytes()
    whole = contents(worker.succeed("several"))
    for size in range(0, len(events), 61):
        (first.folder / "events").write_bytes(events[:size])
        second = resumed(worker, "several", first)
        assert contents(second) == whole
        assert nodes_of(second) == ("both" if b"node.finished" in events[:size].rpartition(b"\n")[0] else "one both")
