"""The content hash of data: SHA-256 for local files and folders, the store's own checksum for remote ones."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .beside import paths_beside
from .locate import WEB
from .walk_data import list_data, walk_data

_CHUNK = 1 << 20
_PREFIX = "sha256:"
# Headers of a server's answer that fsspec hands on, the strongest first.
_SERVED = ("ETag", "Content-MD5", "Digest", "Last-Modified")
# Some file systems refuse to flush a file that was opened for reading; it stays unflushed then.
_UNFLUSHABLE = {errno.EBADF, errno.EINVAL, errno.ENOTSUP, errno.EROFS}


@dataclass(frozen=True)
class Content:
    """Size and hash of what is at a location."""

    bytes: int | None
    hash: str | None


def hash_local(path: str, suffix: str = "", *, beside: Sequence[str] = (), durable: bool = False) -> Content:
    """Return size and hash of a file, or of the files in a folder that end with `suffix`.

    With names of files beside it, of all of these together. If durable, the files are flushed to the disk as well, so
    that the hash is of what survives a loss of power.
    """
    main = _hash_alone(path, suffix, durable)
    if not beside:
        return main
    parts = {os.path.basename(path): main}
    for name, each in zip(beside, paths_beside(path, beside), strict=True):
        parts[name] = _hash_alone(each, "", durable)
    lines = [_line(str(content.hash).removeprefix(_PREFIX), name) for name, content in parts.items()]
    return Content(sum(content.bytes or 0 for content in parts.values()), _hash_lines(lines))


def mark_local(path: str, suffix: str = "", beside: Sequence[str] = ()) -> str | None:
    """Return what changes when a file, or one of a folder that ends with `suffix`, is written; None if it is not there.

    With names of files beside it, also when one of these is. Cheap: no content is read. The time of the last change of
    an inode can't be set, so a restored file has another mark.
    """
    try:
        marks = [_mark_alone(path, suffix), *(_mark_alone(each) for each in paths_beside(path, beside))]
    except OSError:
        return None
    return _digest(f"{name} {mark}" for name, mark in zip(("", *beside), marks, strict=True)) if beside else marks[0]


def _mark_alone(path: str, suffix: str = "") -> str:
    if not os.path.isdir(path):
        return _mark(path)
    return _digest(sorted(f"{file} {_mark(file)}" for file in walk_data(path, suffix)))


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _mark(path: str) -> str:
    found = os.stat(path)
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def flush_local(path: str, suffix: str = "", beside: Sequence[str] = ()) -> None:
    """Bring a file, or the files in a folder that end with `suffix`, to the disk without reading them.

    Those beside it too.
    """
    _flush_alone(path, suffix)
    for each in paths_beside(path, beside):
        _flush_alone(each, "")


def _flush_alone(path: str, suffix: str) -> None:
    for file in list_data(path, suffix):
        fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        try:
            _flush(fd)
        finally:
            os.close(fd)


def hash_remote(fs: Any, path: str, protocol: str, suffix: str = "") -> Content:
    """Return size and the store's own checksum of a remote file, or of the files in a folder that end with `suffix`.

    Equal checksums mean equal content, different ones not always the opposite: an ETag of S3 is the MD5 of the content
    only for what was uploaded in one part and without a key of one's own; else it also depends on the parts. For data
    of a web server, the hash is None if no header tells of their content.
    """
    if protocol in WEB:
        return _hash_served(fs, path, protocol)
    fs.invalidate_cache()
    info = fs.info(path)
    if info.get("type") != "directory":
        return Content(info.get("size"), f"{protocol}:{_remote_checksum(fs, path, info)}")
    found = {each: about for each, about in fs.find(path, detail=True).items() if each.endswith(suffix)}
    lines = [f"{_remote_checksum(fs, each, about)}  {each.removeprefix(path)}\n" for each, about in found.items()]
    digest = hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
    return Content(sum(about.get("size") or 0 for about in found.values()), f"{protocol}:sha256:{digest}")


def _hash_served(fs: Any, url: str, protocol: str) -> Content:
    """Return size and checksum of what a web server serves; the latter only if it tells what changes with the content.

    What changes is its entity tag, a digest, or the time of the last change (RFC 9110, section 8.8). A server may say
    anything: the checksum is of its words.
    """
    fs.invalidate_cache()
    info = fs.info(url)
    told = next((key for key in _SERVED if info.get(key)), None)
    size = info.get("size")
    if told is None:
        return Content(size, None)
    return Content(size, f"{protocol}:{told.lower()}:{hashlib.sha256(f'{size} {info[told]}'.encode()).hexdigest()}")


def _remote_checksum(fs: Any, path: str, info: dict[str, Any]) -> str:
    return checksum_of(info) or str(fs.checksum(path))


def checksum_of(info: dict[str, Any]) -> str | None:
    """Return the checksum that a store tells of with an object, None if it tells of none."""
    for key in ("md5Hash", "ETag", "etag"):
        if info.get(key):
            return f"{key.lower()}:{str(info[key]).strip(chr(34))}"
    return None


def _hash_alone(path: str, suffix: str, durable: bool) -> Content:
    if os.path.isdir(path):
        return _hash_folder(path, suffix, durable)
    (file,) = list_data(path)
    digest, size = _hash_file(file, durable)
    return Content(size, f"{_PREFIX}{digest}")


def _hash_file(path: str, durable: bool) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
        if durable:
            _flush(file.fileno())
    return digest.hexdigest(), size


def _flush(fd: int) -> None:
    try:
        (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(fd)
    except OSError as error:
        if error.errno not in _UNFLUSHABLE:
            raise


def _hash_folder(folder: str, suffix: str, durable: bool) -> Content:
    lines: list[str] = []
    total = 0
    for path in walk_data(folder, suffix):
        digest, size = _hash_file(path, durable)
        lines.append(_line(digest, os.path.relpath(path, folder)))
        total += size
    return Content(total, _hash_lines(lines))


def _line(digest: str, name: str) -> str:
    return f"{digest}  {name}\n"


def _hash_lines(lines: list[str]) -> str:
    # A name need not be UTF-8.
    listed = "".join(sorted(lines)).encode("utf-8", "surrogateescape")
    return f"{_PREFIX}{hashlib.sha256(listed).hexdigest()}"
