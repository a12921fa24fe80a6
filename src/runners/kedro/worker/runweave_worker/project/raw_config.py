"""Keeps the parsed configuration files between runs, as long as those on disk are the same (Kedro 1.7 and later)."""

from __future__ import annotations

import contextlib
import os
import pickle
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from kedro.config import OmegaConfigLoader

Signature = tuple[tuple[str, int, int, int], ...]


class _Kept:
    """Parsed files of one kind, and what the files were."""

    def __init__(self, signature: Signature, raw: Any) -> None:
        self.signature = signature
        self.raw = raw

    @cached_property
    def _pickled(self) -> bytes:
        return pickle.dumps(self.raw)

    def copy(self) -> Any:
        """Return a copy of all files: `unsafe_merge` changes the first one, and makes parts of the others its own."""
        return pickle.loads(self._pickled)


class RawConfigCache:
    """Wraps `OmegaConfigLoader._read_raw_config`, which has a cache in mind but keeps none."""

    def __init__(self) -> None:
        self._original = getattr(OmegaConfigLoader, "_read_raw_config", None)
        self._kept: dict[tuple[Any, ...], _Kept] = {}
        self._is_last_user = False

    def install(self) -> bool:
        """Put the cache in place; false where this Kedro has no such method."""
        if self._original is None:
            return False
        cache = self

        def read_raw_config(loader: OmegaConfigLoader, key: str) -> Any:
            return cache.read(loader, key)

        OmegaConfigLoader._read_raw_config = read_raw_config
        return True

    @contextlib.contextmanager
    def lending(self) -> Iterator[None]:
        """Hand out copies meanwhile, although the run itself is still to come."""
        was, self._is_last_user = self._is_last_user, False
        try:
            yield
        finally:
            self._is_last_user = was

    def spend(self) -> None:
        """Hand out, from now on, what is kept as it is, once: the process of one run has no use for a pristine copy."""
        self._is_last_user = True

    def read(self, loader: OmegaConfigLoader, key: str) -> Any:
        """Return what the original returns, parsed anew only if a file changed."""
        if getattr(loader, "_protocol", None) != "file" or self._original is None:
            return self._original(loader, key)
        identity = (
            *(str(loader.conf_source), loader.env, loader.base_env, loader.default_run_env, key, loader.ignore_hidden),
            *(tuple(patterns) for patterns in (loader.config_patterns[key],)),
        )
        now = signature(loader)
        kept = self._kept.get(identity)
        if kept is None or kept.signature != now:
            kept = _Kept(now, self._original(loader, key))
            self._kept[identity] = kept
        if self._is_last_user:
            return self._kept.pop(identity).raw
        return kept.copy()


def signature(loader: OmegaConfigLoader) -> Signature:
    """Return name, times and size of all configuration files of both environments."""
    folders = {str(loader.base_env), str(loader.env or loader.default_run_env)}
    found: list[tuple[str, int, int, int]] = []
    for folder in sorted(folders):
        _collect(os.path.join(str(loader.conf_source), folder), found)
    return tuple(sorted(found))


def _collect(folder: str, found: list[tuple[str, int, int, int]]) -> None:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir():
            _collect(entry.path, found)
        else:
            info = entry.stat()
            found.append((entry.path, info.st_mtime_ns, info.st_ctime_ns, info.st_size))
