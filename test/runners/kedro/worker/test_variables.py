"""What a run is given by reference."""

import pytest
from omegaconf import OmegaConf
from runweave_worker.errors import WorkerError
from runweave_worker.project.parameter_keys import escape_texts
from runweave_worker.protocol.variables import fill_variables, list_variables


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


def test_what_is_escaped_is_literal(monkeypatch):
    monkeypatch.setenv("TOKEN", "s3cret")
    assert fill_variables(["$${env:TOKEN} ${env:TOKEN}", "$$${x}"]) == ["${env:TOKEN} s3cret", "$${x}"]
    assert list(list_variables(["$${env:TOKEN}"])) == []


@pytest.mark.parametrize(
    "text", ["${oc.env:TOKEN}", "a ${x} b", r"\${x}", r"\\${x}", "$${a}", "${", r"a\b", "${a${b}}"]
)
def test_no_text_is_an_interpolation_of_the_configuration(monkeypatch, text):
    monkeypatch.setenv("TOKEN", "s3cret")
    merged = OmegaConf.merge({"p": 1}, escape_texts({"p": [text, {"q": text}]}))
    assert OmegaConf.to_container(merged, resolve=True) == {"p": [text, {"q": text}]}
