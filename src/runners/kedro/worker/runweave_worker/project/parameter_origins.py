"""Files of configuration and the parameters that each may give: values of ignored files are written down nowhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_SUFFIXES = frozenset({".yml", ".yaml", ".json"})
_ELSEWHERE = frozenset({"catalog", "credentials", "logging"})


def list_origins(loader: Any, base: Path) -> dict[str, list[str]] | None:
    """Return by file the parameters that it may give a value to, all as `""`. Paths are relative to the project.

    A parameter that is interpolated anywhere may get one from each file. None if the loader is not like those of Kedro,
    or does not read a folder.
    """
    source = Path(str(getattr(loader, "conf_source", "")))
    if not hasattr(loader, "config_patterns") or not hasattr(loader, "base_env") or not source.is_dir():
        return None
    files = {(kind, path) for kind, path in _files(loader, source)}
    texts = {path: dict(_leaves("", _read(path))) for kind, path in files if kind == "parameters"}
    mixed = sorted({leaf for leaves in texts.values() for leaf, value in leaves.items() if "${" in str(value)})
    found: dict[str, set[str]] = {}
    for kind, path in files:
        own = {*texts[path], "conf:parameters"} if kind == "parameters" else {f"conf:{kind}"}
        found.setdefault(os.path.relpath(path, base), set()).update(own, mixed)
    return {path: sorted(leaves) for path, leaves in sorted(found.items())}


def _files(loader: Any, source: Path) -> Iterator[tuple[str, Path]]:
    for folder in {str(loader.base_env or ""), str(loader.env or loader.default_run_env or "")}:
        for kind, patterns in loader.config_patterns.items():
            for pattern in patterns if kind not in _ELSEWHERE else ():
                for path in (source / folder).glob(pattern):
                    if path.suffix in _SUFFIXES and path.is_file():
                        yield kind, path


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict) or not value:
        yield name, value
        return
    for key, part in value.items():
        yield from _leaves(f"{name}.{key}" if name else str(key), part)
