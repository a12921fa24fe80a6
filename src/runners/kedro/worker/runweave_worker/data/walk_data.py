"""The files of a folder that are data, the same as in src/versions/hash.ts: the hashes of both are compared."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator

# Names of unfinished copies, the same as in src/versions/staging.ts and src/core/text/temporary-name.ts.
_STAGING = re.compile(
    r"\..+\.runweave-(moving|\d+-\w{8}|\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z-[0-9a-f]{12,}[0-9A-Za-z.-]*)",
    re.ASCII | re.DOTALL,
)


class NotData(OSError):  # noqa: N818 - as Node names it
    """An entry that is neither a file nor a folder: a process that opens it may wait without end."""


def is_staging(name: str) -> bool:
    """Tell whether a name is that of a copy that is not whole yet, or was cut off."""
    return ".runweave-" in name and _STAGING.fullmatch(name) is not None


def walk_data(folder: str, suffix: str = "") -> Iterator[str]:
    """Yield every file that ends with the suffix; no pipe, socket or device. Raises OSError for a dangling link."""
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not is_staging(name)]
        for file in files:
            path = os.path.join(parent, file)
            if file.endswith(suffix) and not is_staging(file) and stat.S_ISREG(os.stat(path).st_mode):
                yield path


def list_data(path: str, suffix: str = "") -> Iterator[str]:
    """Yield a file, or what `walk_data` does for a folder. Raises NotData, and OSError for a path without an entry."""
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        yield from walk_data(path, suffix)
    elif stat.S_ISREG(mode):
        yield path
    else:
        raise NotData(f"{path} is neither a file nor a folder")
