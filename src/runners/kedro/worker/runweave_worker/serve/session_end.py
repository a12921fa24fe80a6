"""`after_all_runs`: called once per session, when no run of it is left, in a process of its own."""

from __future__ import annotations

import signal
import traceback
from typing import Any

from runweave_worker import compat
from runweave_worker.process import ending
from runweave_worker.project.project import Project


def has_hook(session: Any) -> bool:
    """Tell whether a hook of the project or of a plugin waits for the end of sessions."""
    return bool(compat.hook_manager(session).hook.after_all_runs.get_hookimpls())


def call_after_all_runs(project: Project, summary: dict[str, Any], limit_s: int) -> int:
    """Call the hooks on objects as they were after the import, and return the exit code of this process."""
    ending.listen_to_signals()
    # Work after the last run has limited time.
    signal.alarm(limit_s)
    try:
        compat.hook_manager(project.session).hook.after_all_runs(**summary)
    except BaseException:  # noqa: BLE001 - the session has ended; its log tells
        traceback.print_exc()
        return 1
    return 0
