"""The content hash of data: SHA-256 for local files and folders, the store's own checksum for remote ones."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Any

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Content:
    """What is at a location."""

    bytes: int | None
    hash: str | None


def hash_local(path: str, suffix: str = "") -> Content:
    """Return size and hash of a file, or of the files in a folder that end with `suffix`."""
    if os.path.isdir(path):
        return _hash_folder(path, suffix)
    digest, size = _hash_file(path)
    return Content(size, f"sha256:{digest}")


def hash_remote(fs: Any, path: str, protocol: str) -> Content:
    """Return the checksum that the remote store itself keeps."""
    return Content(fs.size(path), f"{protocol}:{fs.checksum(path)}")


def _hash_file(path: str) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _hash_folder(folder: str, suffix: str) -> Content:
    lines: list[str] = []
    total = 0
    for parent, _, files in os.walk(folder):
        for file in files:
            if file.endswith(suffix):
                path = os.path.join(parent, file)
                digest, size = _hash_file(path)
                lines.append(f"{digest}  {os.path.relpath(path, folder)}\n")
                total += size
    return Content(total, f"sha256:{hashlib.sha256(''.join(sorted(lines)).encode()).hexdigest()}")
