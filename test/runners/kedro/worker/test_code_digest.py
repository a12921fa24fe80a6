"""Which edits of a project's code change the digest of a node, and which don't."""

from __future__ import annotations

import functools
import importlib
import itertools
import operator
import sys
import textwrap

import pytest
from runweave_worker.code.code_digest import ProjectCode

_numbers = itertools.count(1)

FILES = {
    "__init__.py": "",
    "nodes.py": '''
        """Nodes."""
        import json
        import PACKAGE.deep.inner
        from functools import partial
        from . import helpers, registry
        from .constants import LIMIT, UNUSED
        from .helpers import clean as tidy
        from .stars import *

        FACTOR = 2

        def scale(x):
            """Scale."""
            return x * FACTOR

        def limit(x):
            return tidy(x)[:LIMIT]

        def attribute(x):
            return helpers.strip(x)

        def lazily(x):
            from . import lazy
            return lazy.work(x)

        def by_constant(x):
            import importlib
            return importlib.import_module("PACKAGE.lazy").work(x)

        def whole(x):
            return helpers

        def starred(x):
            return star(x)

        def deep(x):
            return PACKAGE.deep.inner.work(x)

        def outer(x):
            return scale(x)

        def make(n):
            def inner(x):
                return x + n
            return inner

        class Model(Base if False else object):
            def fit(self, x): return scale(x)

        def uses_class(x):
            return Model().fit(x)

        def reads_globals(x):
            return globals()["FACTOR"]

        def unrelated(x):
            return x

        loose = lambda x: x
    ''',
    "helpers.py": """
        def clean(x):
            return strip(x)

        def strip(x):
            return x.strip()

        def other(x):
            return x
    """,
    "constants.py": "LIMIT = 10\nUNUSED = 1\n",
    "registry.py": "ENTRIES = {}\nENTRIES['a'] = 1\nlater = 3\n",
    "lazy.py": "def work(x):\n    return x\n",
    "stars.py": "def star(x):\n    return x\n",
    "deep/__init__.py": "",
    "deep/inner.py": "def work(x):\n    return x\n",
}


class Package:
    def __init__(self, root, name):
        self.root, self.name = root / name, name
        for file, text in FILES.items():
            path = self.root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).replace("PACKAGE", name))
        self.nodes = importlib.import_module(f"{name}.nodes")

    def digest(self, *functions):
        return ProjectCode().digests(getattr(self.nodes, each) if isinstance(each, str) else each for each in functions)

    def edit(self, file, old, new):
        path = self.root / file
        text = path.read_text()
        assert text.count(old) == 1, (file, old)
        path.write_text(text.replace(old, new))


@pytest.fixture
def package(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"digested{next(_numbers)}"
    yield Package(tmp_path, name)
    for module in [each for each in sys.modules if each.partition(".")[0] == name]:
        del sys.modules[module]


CHANGING = [
    ("scale", "nodes.py", "x * FACTOR", "x + FACTOR"),
    ("scale", "nodes.py", "FACTOR = 2", "FACTOR = 3"),
    ("outer", "nodes.py", "x * FACTOR", "x + FACTOR"),
    ("limit", "constants.py", "LIMIT = 10", "LIMIT = 11"),
    ("limit", "helpers.py", "x.strip()", "x.rstrip()"),
    ("attribute", "helpers.py", "x.strip()", "x.rstrip()"),
    ("lazily", "lazy.py", "return x", "return -x"),
    ("by_constant", "lazy.py", "return x", "return -x"),
    ("whole", "helpers.py", "def other(x):\n    return x", "def other(x):\n    return -x"),
    ("starred", "stars.py", "return x", "return -x"),
    ("deep", "deep/inner.py", "return x", "return -x"),
    ("uses_class", "nodes.py", "x * FACTOR", "x + FACTOR"),
    ("reads_globals", "nodes.py", "FACTOR = 2", "FACTOR = 3"),
    ("unrelated", "registry.py", "['a'] = 1", "['a'] = 2"),
    ("unrelated", "deep/__init__.py", "", None),
]


@pytest.mark.parametrize(("function", "file", "old", "new"), CHANGING)
def test_what_a_result_may_depend_on_counts(package, function, file, old, new):
    before = package.digest(function)
    if new is None:
        (package.root / file).write_text("import random\nrandom.seed(1)\n")
    else:
        package.edit(file, old, new)
    assert package.digest(function) != before


SAME = [
    ("scale", "nodes.py", "return x * FACTOR", "# faster\n    return (x  *\n        FACTOR)"),
    ("scale", "nodes.py", '"""Scale."""', '"""Scale all of it."""'),
    ("scale", "nodes.py", '"""Nodes."""', '"""All nodes."""'),
    ("scale", "nodes.py", "def unrelated(x):\n    return x", "def unrelated(x):\n    return -x"),
    ("limit", "constants.py", "UNUSED = 1", "UNUSED = 2"),
    ("limit", "helpers.py", "def other(x):\n    return x", "def other(x):\n    return -x"),
    ("unrelated", "lazy.py", "return x", "return -x"),
    ("unrelated", "registry.py", "later = 3", "later = 4"),
]


@pytest.mark.parametrize(("function", "file", "old", "new"), SAME)
def test_what_no_result_depends_on_does_not(package, function, file, old, new):
    before = package.digest(function)
    package.edit(file, old, new)
    assert package.digest(function) == before


def test_digests_are_named_by_module_and_leave_out_libraries(package):
    digests, obstacles = package.digest("limit")
    name = package.name
    assert {f"{name}.nodes", f"{name}.helpers", f"{name}.constants", f"{name}.registry"} <= set(digests)
    assert not [module for module in digests if module.partition(".")[0] != name]
    assert obstacles == []


def test_what_a_callable_carries_along_counts(package):
    make, scale = package.nodes.make, package.nodes.scale
    assert package.digest(make(1)) == package.digest(make(1))
    assert package.digest(make(1)) != package.digest(make(2))
    assert package.digest(functools.partial(scale, 1)) != package.digest(functools.partial(scale, 2))
    assert package.digest(functools.partial(scale, x=[1])) == package.digest(functools.partial(scale, x=[1]))


@pytest.mark.parametrize(
    "function", [str.strip, str.__add__, "a".__add__, dict.fromkeys, int.from_bytes, ",".join, operator.itemgetter(1)]
)
def test_functions_of_c_are_functions_too(package, function):
    """A worker that looked into `str.strip` did not start at all."""
    assert package.digest(function)[1] == []


def test_what_a_function_of_a_library_carries_along_counts(package):
    pairs = [(",".join, ";".join), ("a".__add__, "b".__add__), (operator.itemgetter(1), operator.itemgetter(2))]
    pairs += [(functools.partial(textwrap.indent, prefix="a"), functools.partial(textwrap.indent, prefix="b"))]
    for one, other in pairs:
        assert package.digest(one) == package.digest(one)
        assert package.digest(one) != package.digest(other)


def test_a_cached_function_counts_as_the_function(package):
    before = package.digest(functools.lru_cache(package.nodes.scale))
    assert before[1] == []
    package.edit("nodes.py", "x * FACTOR", "x + FACTOR")
    assert package.digest(functools.cache(package.nodes.scale)) != before


def test_what_can_not_be_compared_is_named(package):
    _, obstacles = package.digest(functools.partial(package.nodes.scale, iter([1]).__class__), make_generator(package))
    assert any("generator" in each for each in obstacles)


def make_generator(package):
    return functools.partial(package.nodes.scale, (each for each in (1, 2)))


def test_a_lambda_counts_as_its_whole_module(package):
    before = package.digest("loose")
    package.edit("nodes.py", "def unrelated(x):\n    return x", "def unrelated(x):\n    return -x")
    assert package.digest("loose") != before


def test_a_module_without_source_counts_as_its_bytes(package):
    before = package.digest("scale")
    (package.root / "nodes.py").write_text("this is not Python\n")
    assert package.digest("scale") != before


def test_functions_of_python_and_of_packages_leave_no_digest(package):
    assert package.digest(len, str, functools.reduce, textwrap.dedent) == ({}, [])
