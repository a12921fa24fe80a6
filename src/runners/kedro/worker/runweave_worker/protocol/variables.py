"""`${env:NAME}` in what a run is given: filled in by its own process, and told by nobody. Imports nothing of Kedro."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

from runweave_worker.errors import WorkerError

_VARIABLE = re.compile(r"\$\{env:([A-Za-z_]\w*)\}", re.ASCII)
SECRET_LENGTH = 4
_NO_SECRET_KEYS = frozenset({"endpoint_url", "region_name", "signature_version", "anon"})
_PUBLIC = frozenset(["HOME", "HOSTNAME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER"])


def fill_variables(value: Any) -> Any:
    """Return a copy of a JSON value with each variable's value in its texts. Raises WorkerError if one is not set."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _value_of(match.group(1)), value)
    if isinstance(value, list):
        return [fill_variables(each) for each in value]
    if isinstance(value, dict):
        return {key: fill_variables(each) for key, each in value.items()}
    return value


def list_variables(value: Any) -> Iterator[str]:
    """Yield the values of all variables that a JSON value refers to, but for those that are in every path."""
    if isinstance(value, str):
        for name in _VARIABLE.findall(value):
            if name not in _PUBLIC:
                yield os.environ.get(name, "")
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from list_variables(each)


def list_credentials(value: Any) -> Iterator[str]:
    """Yield every text in credentials that may be a secret."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _NO_SECRET_KEYS:
                yield from list_credentials(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from list_credentials(each)
    elif isinstance(value, str):
        yield value


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return a text with every secret replaced, the longest first: one may be a part of another."""
    for secret in sorted({each for each in secrets if len(each) >= SECRET_LENGTH}, key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    return text


def hide_in_exception(told: dict[str, Any] | None, secrets: list[str]) -> dict[str, Any] | None:
    """Return a described exception and its causes without any secret."""
    if told is None:
        return None
    texts = {key: hide(told[key], secrets) for key in ("message", "traceback") if told[key] is not None}
    return {**told, **texts, "cause": hide_in_exception(told["cause"], secrets)}


def _value_of(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        message = f"the environment variable {name} is not set, and the run refers to it"
        raise WorkerError("start-failed", message, "set it, and start runweave again") from None
