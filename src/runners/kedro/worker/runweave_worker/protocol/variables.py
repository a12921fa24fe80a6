"""`${env:NAME}` in what a run is given: filled in by its own process, and never told. `$${` stands for `${` itself.

Does not import Kedro.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from runweave_worker.errors import WorkerError
from runweave_worker.secrets.secret_names import PUBLIC, list_texts

_VARIABLE = re.compile(r"\$\$\{|\$\{env:([A-Za-z_]\w*)\}", re.ASCII)
_NO_SECRET_KEYS = frozenset({"endpoint_url", "region_name", "signature_version", "anon"})


def fill_variables(value: Any) -> Any:
    """Return a copy of a JSON value with each variable's value in its texts. Raises WorkerError if one is not set."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _value_of(match[1]) if match[1] else "${", value)
    if isinstance(value, list):
        return [fill_variables(each) for each in value]
    if isinstance(value, dict):
        return {key: fill_variables(each) for key, each in value.items()}
    return value


def list_variables(value: Any) -> Iterator[str]:
    """Yield the values of all variables that a JSON value refers to, but for those that are in every path."""
    if isinstance(value, str):
        for name in _VARIABLE.findall(value):
            if name and name not in PUBLIC:
                yield os.environ.get(name, "")
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from list_variables(each)


def list_credentials(value: Any) -> Iterator[str]:
    """Yield every text in credentials that may be a secret, and every long number."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _NO_SECRET_KEYS:
                yield from list_credentials(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from list_credentials(each)
    else:
        yield from list_texts(value)


def _value_of(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        message = f"the environment variable {name} is not set, and the run refers to it"
        raise WorkerError("start-failed", message, "set it, and start runweave again") from None
