"""The worker gives up, as it ends, what a project has held since it was imported; no process that it forked does."""

from __future__ import annotations

import atexit
import sys
import threading
import weakref

from runweave_worker.code.find_source import own_modules


def leave_finalisers_to_parent() -> None:
    """Let this process, which was forked, not end what its parent holds, as a temporary folder that all runs use.

    Exit handlers are another matter: a project counts on them at the end of each run.
    """
    for each in list(weakref.finalize._registry):
        each.atexit = False


def release_globals() -> None:
    """Call the exit handlers, then take the project's modules apart, so that what they alone hold is finalised.

    Python does not come to it: what it would have to collect first is frozen, so that children share its pages.
    """
    if threading.active_count() > 1:
        # Python waits for threads first, which may need both.
        return
    atexit._run_exitfuncs()
    own = own_modules() - {"__main__"}
    for name in [name for name in reversed(sys.modules) if name in own]:
        vars(sys.modules[name]).clear()
