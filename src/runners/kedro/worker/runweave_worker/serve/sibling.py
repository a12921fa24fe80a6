"""A worker for another environment of a project, forked from one that has imported the project already."""

from __future__ import annotations

import os
import random
import signal
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from runweave_worker.errors import WorkerError
from runweave_worker.process.ending import leave
from runweave_worker.process.fork_safety import is_fork_safe
from runweave_worker.process.lifeline import bound_to_orchestrator
from runweave_worker.process.streams import LOG_FLAGS, redirect
from runweave_worker.process.unhurried import without_collecting
from runweave_worker.project.finalisers import leave_finalisers_to_parent
from runweave_worker.project.project import Project, for_environment
from runweave_worker.protocol.arguments import are_arguments_read, name_environment
from runweave_worker.protocol.channels import Listener, accept_channels, listen
from runweave_worker.protocol.control import Control, fail
from runweave_worker.reads.read_watch import WATCH

from .ready import describe_ready
from .warm import warm

Serve = Callable[[Project, Control], None]


def prepare_sibling(project: Project, request: dict[str, Any], *, has_answered: bool) -> Listener:
    """Return the socket that a sibling is to be reached by. Raises WorkerError where it has to import the project.

    What is imported is the same for all environments, unless the import has read the command line, which names one.
    What code of the project keeps that was executed for the configuration, or for an answer, may be anywhere in memory.
    """
    if project.is_of_one_environment or has_answered or are_arguments_read() or not is_fork_safe():
        raise WorkerError("start-failed", "this process has served one environment already")
    try:
        return listen(request["socket"])
    except OSError as error:
        raise WorkerError("start-failed", f"there can be no socket at {request['socket']}: {error}") from error


def become_sibling(
    elder: Project, request: dict[str, Any], listener: Listener, *, state: tuple[Any, ...], serve: Serve
) -> NoReturn:
    """Serve another environment in this process, which was just forked; `state` is that of the elder's generator."""
    code = 1
    try:
        random.setstate(state)
        code = _begin(elder, request, listener, serve)
    except BaseException:  # noqa: BLE001 - nothing may unwind into the loop of the elder
        traceback.print_exc()
    finally:
        # The elder, which waits, gives up what both hold.
        leave_finalisers_to_parent()
        leave(code)


def _begin(elder: Project, request: dict[str, Any], listener: Listener, serve: Serve) -> int:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    redirect(os.open(request["log"], LOG_FLAGS, 0o600))
    control = accept_channels(listener)
    listener.remove()
    if control is None:
        return 1
    env = request.get("env")
    name_environment(env)
    try:
        with bound_to_orchestrator(), without_collecting(), WATCH.watching():
            elder.randomness.watch()
            project = for_environment(elder, env, request.get("conf_source"))
            warm(project)
    except BaseException as error:  # noqa: BLE001 - Node must learn of it, whatever it is
        return fail(control, error)
    control.send(describe_ready(project))
    serve(project, control)
    return 0
