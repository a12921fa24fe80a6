"""`python -m runweave_worker --project PATH`: starts a worker. See docs/worker-protocol.md."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import traceback

from .attempt_folder import BELL_FD, bell_identity
from .byte_code import keep_settled_byte_code_only
from .control import Control
from .errors import WorkerError
from .finalisers import release_globals
from .lifeline import bound_to_parent
from .mark import take_room
from .unhurried import without_collecting

EXIT_ENVIRONMENT = 3


def main() -> int:
    """Load the project, tell Node, serve it."""
    options = _parse_options()
    take_room()
    # Kedro's log handler wraps at 80 columns where there is no terminal.
    os.environ.setdefault("COLUMNS", "160")
    keep_settled_byte_code_only()
    control = Control()
    if bell_identity() is not None:
        os.set_blocking(BELL_FD, False)
    try:
        with bound_to_parent(), without_collecting():
            from .project import load_project

            project = load_project(options.project, options.env, options.conf_source)
            # It needs the Kedro that has just been looked for.
            from .warm import warm

            warm(project)
    except WorkerError as error:
        return _fail(control, error)
    except BaseException as error:  # noqa: BLE001 - Node must learn of it, whatever it is
        message = f"the worker failed to start: {type(error).__name__}: {error}"
        return _fail(control, WorkerError("project-import", message, None, traceback.format_exc()))
    from .compat import kedro_version
    from .environment import packages, platform_name
    from .find_source import loaded_sources
    from .session_end import has_hook
    from .zygote import Zygote, is_fork_safe

    control.send(
        {
            "event": "ready",
            "pid": os.getpid(),
            "python": platform.python_version(),
            "kedro": kedro_version(),
            "platform": platform_name(),
            "packages": packages(),
            "sources": loaded_sources(),
            "pipelines": project.pipeline_names,
            "failed_pipelines": project.failed_pipelines,
            "awaits_end": has_hook(project.session),
            "fork_safe": is_fork_safe(),
        }
    )
    if options.mode == "once":
        from .once import serve_once

        serve_once(project, control)
    else:
        Zygote(project, control).serve()
    release_globals()
    return 0


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="runweave_worker")
    parser.add_argument("--project", required=True)
    parser.add_argument("--env")
    parser.add_argument("--conf-source")
    parser.add_argument("--mode", choices=("fork", "once"), default="fork")
    return parser.parse_args()


def _fail(control: Control, error: WorkerError) -> int:
    control.send({"event": "failed", "error": error.to_json()})
    return EXIT_ENVIRONMENT


if __name__ == "__main__":
    sys.exit(main())
