"""`python -m runweave_worker --project PATH`: starts a worker. See docs/worker-protocol.md."""

from __future__ import annotations

import argparse
import os
import sys

from .attempt.mark import take_room
from .process.lifeline import bound_to_orchestrator
from .process.unhurried import without_collecting
from .project.finalisers import release_globals
from .protocol.arguments import unwatch_arguments, watch_arguments
from .protocol.attempt_folder import BELL_FD, bell_identity
from .protocol.control import Control, fail
from .reads.byte_code import keep_settled_byte_code_only
from .reads.read_watch import WATCH
from .serve.keeping import note_variables


def main() -> int:
    """Load the project, tell Node, serve it."""
    options = _parse_options()
    take_room()
    note_variables()
    # Kedro's log handler wraps at 80 columns where there is no terminal.
    os.environ.setdefault("COLUMNS", "160")
    keep_settled_byte_code_only()
    watch_arguments()
    control = Control()
    if bell_identity() is not None:
        os.set_blocking(BELL_FD, False)
    try:
        with bound_to_orchestrator(), without_collecting(), WATCH.watching():
            from .project.project import load_project

            project = load_project(options.project, options.env, options.conf_source)
            # The import needs the Kedro that has just been looked for.
            from .serve.warm import warm

            warm(project)
    except BaseException as error:  # noqa: BLE001 - Node must learn of it, whatever it is
        return fail(control, error)
    unwatch_arguments()
    from .serve.ready import describe_ready

    control.send(describe_ready(project))
    if options.mode == "once":
        from .serve.once import serve_once

        serve_once(project, control)
    else:
        from .serve.zygote import serve

        serve(project, control)
    release_globals()
    return 0


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="runweave_worker")
    parser.add_argument("--project", required=True)
    parser.add_argument("--env")
    parser.add_argument("--conf-source")
    parser.add_argument("--mode", choices=("fork", "once"), default="fork")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
