"""Keys of runtime parameters that are numbers: a workflow comes as JSON, whose keys are texts.

`class_weight: {0: 1, 1: 2.8}` has the keys 0 and 1: beside them "0" and "1" would be keys of their own, and OmegaConf
refuses both in one mapping.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_INTERPOLATION = re.compile(r"(\\*)\$\{")


def spell_keys(given: dict[str, Any], read_known: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Return the runtime parameters with keys as the project's own parameters have them.

    `read_known` returns those, given the runtime parameters that need no look at them; it is called only if others do.
    """
    plain = {key: value for key, value in given.items() if not _has_numbers(value)}
    if len(plain) == len(given):
        return given
    try:
        known = read_known(plain)
    except Exception:  # noqa: BLE001 - parameters that can't be read are told of by whoever needs them
        return given
    return {key: value if key in plain else _spell(value, known.get(key)) for key, value in given.items()}


def escape_texts(value: Any) -> Any:
    """Return a value in which OmegaConf finds no interpolation: `${oc.env:NAME}` would be the value of a variable."""
    if isinstance(value, str):
        return _INTERPOLATION.sub(lambda match: match[1] * 2 + r"\${", value)
    if isinstance(value, list):
        return [escape_texts(each) for each in value]
    return {key: escape_texts(each) for key, each in value.items()} if isinstance(value, dict) else value


def read_number(key: str) -> int | float | bool | None:
    """Return what a key is if it is written as a number, or as `true` or `false`; None for any other text."""
    if key in {"true", "false"}:
        return key == "true"
    for kind in (int, float):
        try:
            number = kind(key)
        except ValueError:
            continue
        if repr(number) == key:
            return number
    return None


def _has_numbers(value: Any) -> bool:
    if isinstance(value, dict):
        return any(read_number(key) is not None or _has_numbers(part) for key, part in value.items())
    return isinstance(value, list) and any(_has_numbers(part) for part in value)


def _spell(value: Any, known: Any) -> Any:
    if isinstance(value, list):
        like = _merged(known) if isinstance(known, list) else None
        return [_spell(part, like) for part in value]
    if not isinstance(value, dict) or not isinstance(known, dict):
        return value
    spelled = {}
    for key, part in value.items():
        own = key if key in known else _own_key(key, known)
        spelled[own] = _spell(part, known.get(own))
    return spelled


def _merged(parts: list[Any]) -> dict[Any, Any]:
    """Return what the mappings of a list have among them: as a list is replaced whole, none has a counterpart."""
    return {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}


def _own_key(key: str, known: dict[Any, Any]) -> Any:
    """Return the key as the project has it; of a mapping that has numbers alone, the number for a new one too."""
    number = read_number(key)
    kinds = {type(each) for each in known}
    if number is None or not kinds or kinds & {str}:
        return number if number is not None and any(_is(each, number) for each in known) else key
    return next((each for each in known if _is(each, number)), number if type(number) in kinds else key)


def _is(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)
