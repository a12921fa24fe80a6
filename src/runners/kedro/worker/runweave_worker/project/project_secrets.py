"""Secrets of a project, which are hidden in all that is told of it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

from runweave_worker.compat import credentials_of
from runweave_worker.protocol.variables import list_credentials
from runweave_worker.secrets.secret_forms import hide
from runweave_worker.secrets.secret_names import list_environment_secrets, list_secrets


def list_project_secrets(make_loader: Callable[[], Any]) -> list[str]:
    """Return all credentials of a configuration, and what is a secret by its name or form elsewhere.

    That is in its catalog, its parameters and the environment. What can't be read has none.
    """
    found = list(list_environment_secrets())
    for kind, find in (("credentials", list_credentials), ("catalog", list_secrets), ("parameters", list_secrets)):
        with contextlib.suppress(Exception):
            loader = make_loader()
            found += find(credentials_of(loader) if kind == "credentials" else loader[kind])
    return found


def make_cleaner(make_loader: Callable[[], Any]) -> Callable[[str], str]:
    """Return what takes the secrets of a configuration out of a text. They are read when it is first needed."""
    secrets = functools.cache(lambda: list_project_secrets(make_loader))
    return lambda text: hide(text, secrets())
