"""Tells which names of a catalog stand for one dataset."""

from __future__ import annotations


def base_name(name: str) -> str:
    """Return the name that the forms of a transcoded dataset share: `table` for `table@pandas`."""
    return name.partition("@")[0]
