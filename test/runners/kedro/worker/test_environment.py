"""What a worker tells of its interpreter."""

from __future__ import annotations

import sys
from importlib.metadata import version

import pytest
from runweave_worker.process.environment import packages, platform_name


def test_installed_packages_have_the_versions_that_python_gives_them():
    """Names are normalised; versions are those of the metadata."""
    found = packages()
    for name in ("kedro", "pandas", "kedro-datasets", "pytest"):
        assert found[name] == version(name)
    assert "runweave-worker" not in found


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("Some_Thing.x-1.2.dist-info", {"some-thing-x": "1.2"}),
        ("old-0.1-py3.12.egg-info", {"old": "0.1"}),
        ("not_a_package", {}),
        ("broken.dist-info", {}),
    ],
)
def test_the_name_of_a_folder_tells(tmp_path, monkeypatch, folder, expected):
    """Every form of folder that pip and setuptools leave."""
    (tmp_path / folder).mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "missing")])
    assert packages() == expected


def test_the_first_of_a_name_counts(tmp_path, monkeypatch):
    """As when importing."""
    for place, number in (("a", "1"), ("b", "2")):
        (tmp_path / place / f"pkg-{number}.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "a"), str(tmp_path / "b")])
    assert packages() == {"pkg": "1"}


def test_the_platform_is_named():
    """System, machine and kernel."""
    assert platform_name().startswith(f"{sys.platform} ")
