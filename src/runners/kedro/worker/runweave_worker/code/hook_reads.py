"""Configuration of a project that hooks can read, and that no node and no catalog entry of a slice names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kedro.config import MissingConfigException

from runweave_worker.data.digest import digest

from .find_source import project_file

# Kinds that are looked at by themselves, as far as a slice needs them; credentials do not change a result.
_LOOKED_AT = frozenset({"catalog", "parameters", "credentials", "globals", "logging"})


def digest_hook_reads(loader: Any, plugins: Iterable[object]) -> dict[str, str]:
    """Return digests by name: of each further kind of configuration, and of all parameters if a hook is given them.

    Hooks set sessions and trackers up by files such as `spark.yml`, and read parameters in `after_context_created`.
    """
    found: dict[str, str] = {}
    for kind in sorted(getattr(loader, "config_patterns", {})):
        if kind not in _LOOKED_AT:
            told = _digest_of(loader, kind)
            found.update({} if told is None else {f"conf:{kind}": told})
    if any(_gets_context(plugin) for plugin in plugins):
        found["conf:parameters"] = _digest_of(loader, "parameters") or ""
    return found


def _digest_of(loader: Any, kind: str) -> str | None:
    try:
        return digest(loader[kind])
    except MissingConfigException:
        return None
    except Exception as error:  # noqa: BLE001 - what can't be read is told of by whoever needs it
        return digest(f"{type(error).__name__}: {error}")


def _gets_context(plugin: object) -> bool:
    """Tell whether it is the project's own and is given the context; a library's hooks have files of their own."""
    hook = getattr(plugin, "after_context_created", None)
    return hook is not None and project_file(getattr(hook, "__module__", "")) is not None
