"""The files of an attempt, written while disks fill up and processes are cut off."""

import os
import re
import resource

import pytest
from runweave_worker.data.walk_data import is_staging
from runweave_worker.protocol.attempt_folder import AttemptFolder

TEMPORARY = re.compile(r"\.exit\.runweave-\d+-\w{8}")
NODE = {"type": "node.started", "node": "first"}


def test_an_event_that_did_not_fit_fails_its_writer_and_no_other_event(tmp_path):
    """A disk that is full takes the beginning of a line, and says nothing."""
    folder = AttemptFolder(tmp_path)
    folder.append_event(NODE)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "events").stat().st_size + 20, limits[1]))
    try:
        with pytest.raises(OSError, match="only 20 of"):
            folder.append_event({**NODE, "node": "second"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    folder.append_event({**NODE, "node": "third"})
    assert [event["node"] for event in folder.read_events()] == ["first", "third"]


def test_an_event_after_a_line_that_was_cut_off_is_a_line_of_its_own(tmp_path):
    (tmp_path / "events").write_bytes(b'{"type": "node.sta')
    folder = AttemptFolder(tmp_path)
    folder.append_event(NODE)
    assert [event["node"] for event in folder.read_events()] == ["first"]


def test_a_file_that_does_not_fit_is_not_left_by_half(tmp_path):
    folder = AttemptFolder(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            folder.write_json("exit", {"text": "x" * 100})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.listdir(tmp_path) == []


def test_what_a_kill_leaves_of_a_file_is_named_as_runweave_knows_it(tmp_path, monkeypatch):
    """As in src/core/text/temporary-name.ts."""
    monkeypatch.setattr(os, "replace", lambda source, target: None)
    AttemptFolder(tmp_path).write_json("exit", {}, durable=False)
    (left,) = os.listdir(tmp_path)
    assert TEMPORARY.fullmatch(left)
    assert left.startswith(f".exit.runweave-{os.getpid()}-")
    assert is_staging(left)
