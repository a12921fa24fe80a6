"""A worker that is taken over has the variables of the session that has it."""

from __future__ import annotations

import os
import shutil

import pytest
from runweave_worker.serve import keeping

NAMES = ("KEPT", "CHANGED", "GONE", "OWN", "ADDED", "MADE")


@pytest.fixture(autouse=True)
def _begun(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in {"KEPT": "1", "CHANGED": "old", "GONE": "1", "OWN": "old"}.items():
        monkeypatch.setenv(name, value)
    keeping.note_variables()


def shown() -> dict[str, str]:
    return {name: os.environ[name] for name in NAMES if name in os.environ}


def take(**variables: str) -> None:
    others = {name: value for name, value in os.environ.items() if name not in NAMES}
    keeping.take_variables({**others, **variables})


def test_variables_of_the_new_session_are_set_and_others_taken_away():
    take(KEPT="1", CHANGED="new", OWN="old", ADDED="1")
    assert shown() == {"KEPT": "1", "CHANGED": "new", "OWN": "old", "ADDED": "1"}


def test_what_the_import_has_changed_stays():
    os.environ["OWN"] = "by the project"
    os.environ["MADE"] = "by the project"
    del os.environ["KEPT"]
    take(KEPT="2", CHANGED="old", GONE="1", OWN="new")
    assert shown() == {"CHANGED": "old", "GONE": "1", "OWN": "by the project", "MADE": "by the project"}


def test_a_third_session_is_compared_with_the_second():
    take(CHANGED="second")
    take(CHANGED="third", KEPT="3")
    assert shown() == {"CHANGED": "third", "KEPT": "3"}


def test_worker_whose_state_folder_is_gone_waits_no_longer(tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "_LOOK_S", 0.01)
    place = tmp_path / "workers"
    place.mkdir(mode=0o700)
    kept = keeping.begin_keeping({"socket": str(place / "s"), "limit_s": 600, "record": str(place / "1-waiting")})
    wake, _ = os.pipe()
    looks = []

    def is_told_to_end():
        looks.append(len(looks))
        if len(looks) == 3:
            shutil.rmtree(place)
        return False

    assert kept.await_next(wake, is_told_to_end) is None
    assert len(looks) == 3
