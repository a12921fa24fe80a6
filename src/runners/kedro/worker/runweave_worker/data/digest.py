"""Digests of values as a project's configuration has them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_HEX_DIGITS = 16


def canonical(value: Any) -> str:
    """Return JSON that is equal for equal values; what JSON has no form for counts as its text."""
    return json.dumps(_tell_keys(value), sort_keys=True, default=repr)


def digest(value: Any) -> str:
    """Return a short digest of a value."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:_HEX_DIGITS]


def _tell_keys(value: Any) -> Any:
    """Return a value that JSON tells from others: of keys that are no texts, it makes texts, or can't sort them."""
    if isinstance(value, dict):
        parts = {key: _tell_keys(part) for key, part in value.items()}
        if all(isinstance(key, str) for key in parts):
            return parts
        return {"keys": sorted((repr(key), canonical(part)) for key, part in value.items())}
    if isinstance(value, (list, tuple)):
        return [_tell_keys(part) for part in value]
    return value
