"""What a run is given by reference."""

import pytest
from runweave_worker.errors import WorkerError
from runweave_worker.protocol.variables import fill_variables, hide, hide_in_exception, list_variables


def test_variables_are_filled_in_wherever_a_text_refers_to_them(monkeypatch):
    monkeypatch.setenv("TOKEN", "s3cret")
    assert fill_variables({"a": ["x ${env:TOKEN}", 1, None], "b": "${TOKEN}"}) == {
        "a": ["x s3cret", 1, None],
        "b": "${TOKEN}",
    }
    assert list(list_variables({"a": ["${env:TOKEN}"], "b": "${env:HOME}"})) == ["s3cret"]


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("TOKEN", raising=False)
    with pytest.raises(WorkerError, match="TOKEN is not set"):
        fill_variables("${env:TOKEN}")


def test_secrets_are_hidden_with_all_causes_the_longest_first():
    cause = {"message": "s3cret", "traceback": None, "cause": None}
    told = hide_in_exception(
        {"message": "s3cret-more", "traceback": "s3cret", "cause": cause}, ["s3cret", "s3cret-more"]
    )
    assert told == {"message": "[secret]", "traceback": "[secret]", "cause": {**cause, "message": "[secret]"}}
    assert hide("abc", ["abc"]) == "abc"
