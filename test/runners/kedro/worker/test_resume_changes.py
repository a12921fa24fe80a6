"""Attempts that go on, after something has changed since the one before: what is taken over still holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from resume_rig import STEPS, begin, contents, killed, nodes_of, resumed
from rig import Worker


@pytest.fixture(scope="module")
def worker(workers):
    return begin(workers)


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


def test_configuration_that_only_hooks_read_runs_all_again(workers):
    before = begin(workers)
    settings = before.project / "src/toy/settings.py"
    patterns = {"base_env": "base", "default_run_env": "local", "config_patterns": {"spark": ["spark*"]}}
    settings.write_text(f"{settings.read_text()}CONFIG_LOADER_ARGS = {patterns}\n")
    spark = before.project / "conf/base/spark.yml"
    spark.write_text("cores: 1\n")
    worker = Worker(before.project, before.state)
    try:
        first = killed(worker, "files", "three")
        assert nodes_of(resumed(worker, "files", first)) == "three"
        spark.write_text("cores: 22\n")
        assert nodes_of(resumed(worker, "files", first)) == "one two three"
    finally:
        worker.close()


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
