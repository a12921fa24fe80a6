"""Whoever reads the command line while the project is imported is noted, in whatever way he does."""

from __future__ import annotations

import sys

import pytest
from runweave_worker.protocol import arguments

LOOKS = [
    "len(sys.argv)",
    "sys.argv[1:]",
    "'--env' in sys.argv",
    "list(sys.argv)",
    "' '.join(sys.argv)",
    "[*sys.argv]",
    "sys.argv.copy()",
    "sys.argv == []",
    "bool(sys.argv)",
    "str(sys.argv)",
    "sys.argv + []",
    "sys.argv * 1",
    "tuple(reversed(sys.argv))",
    "list(enumerate(sys.orig_argv))",
    "__import__('argparse').ArgumentParser(add_help=False).parse_known_args()",
    "__import__('json').dumps(sys.argv)",
]


@pytest.fixture(autouse=True)
def given(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["worker", "--env", "base", "--mode", "fork"])
    monkeypatch.setattr(sys, "orig_argv", ["python", "--env", "base"])
    monkeypatch.setattr(arguments._Watched, "is_read", False)


@pytest.mark.parametrize("look", LOOKS)
def test_it_is_noted(look):
    arguments.watch_arguments()
    assert not arguments.are_arguments_read()
    exec(look)
    assert arguments.are_arguments_read()


def test_the_lists_are_put_back_as_they_were():
    arguments.watch_arguments()
    arguments.unwatch_arguments()
    assert type(sys.argv) is type(sys.orig_argv) is list
    assert sys.argv == ["worker", "--env", "base", "--mode", "fork"]


@pytest.mark.parametrize(("env", "rest"), [("prod", ["--env", "prod"]), (None, [])])
def test_it_says_the_environment_of_a_sibling(env, rest):
    arguments.name_environment(env)
    assert sys.argv == ["worker", "--mode", "fork", *rest]
    assert sys.orig_argv == ["python", *rest]
