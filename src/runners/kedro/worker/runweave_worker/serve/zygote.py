"""The zygote: forks one child per attempt, waits for it, writes its exit. Does no other work, starts no thread."""

from __future__ import annotations

import contextlib
import gc
import os
import random
import select
import signal
from collections.abc import Callable
from typing import Any, NoReturn

from runweave_worker.attempt.child import run_attempt
from runweave_worker.attempt.ended_child import Ended, end_of
from runweave_worker.attempt.strays import Stray, Strays, adopt_orphans, end_strays
from runweave_worker.errors import WorkerError
from runweave_worker.process.ending import STOP_SIGNALS, leave
from runweave_worker.process.fork_safety import is_fork_safe
from runweave_worker.process.groups import group_exists, group_of, signal_group
from runweave_worker.process.lifeline import bound_to_orchestrator
from runweave_worker.process.process_facts import memory_bytes
from runweave_worker.process.streams import LOG_FLAGS, flush_streams, redirect
from runweave_worker.project.finalisers import leave_finalisers_to_parent
from runweave_worker.project.project import Project
from runweave_worker.protocol.attempt_folder import AttemptFolder, timestamp
from runweave_worker.protocol.control import Control, refuse, reply

from .keeping import Keeping, begin_keeping
from .questions import answer_of
from .ready import describe_ready
from .session_end import call_after_all_runs
from .sibling import become_sibling, prepare_sibling

SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGKILL": signal.SIGKILL}
# Requests that a worker which was told to end still answers, for the runs that it has.
ANSWERED_AT_THE_END = ("ping", "stop")
GROUP_POLL_S = 0.01
GROUP_PATIENCE_S = 15.0
TRACKER_PATIENCE_S = 10.0


def serve(project: Project, control: Control) -> None:
    """Run what a worker is asked for until it is told to end or its channel is closed, and its processes have ended."""
    Zygote(project, control).serve()


class Zygote:
    """The loop over the control channel and the ends of children."""

    def __init__(self, project: Project, control: Control) -> None:
        self.project = project
        self.control = control
        self.children: dict[int, AttemptFolder] = {}
        self.ended: dict[int, Ended] = {}
        self.finishing: dict[int, dict[str, Any]] = {}
        """The processes that call `after_all_runs`, with the request that each of them answers."""
        self.siblings: set[int] = set()
        """The workers for other environments that were forked from this one: they use what it holds."""
        self.is_fork_safe = is_fork_safe()
        self.has_answered = False
        self.is_ending = False
        """True once it was told to end (SIGTERM): it takes no more runs."""
        self.keeping: Keeping | None = None
        """Place where the next session finds it, if it is to wait for one."""
        self._has_told_ending = False
        self.strays = Strays()
        self._wake_read, self._wake_write = os.pipe()

    def serve(self) -> None:
        """Work for one session after the other, until it is told to end or none comes any more."""
        self._prepare()
        self._work()
        while (keeping := self.keeping) is not None:
            self.keeping = None
            control = keeping.await_next(self._wake_read, lambda: self.is_ending)
            if control is not None:
                self.control = control
                control.send(describe_ready(self.project))
                self._work()

    def _work(self) -> None:
        """Work until it is told to end, or the control channel is closed, and no child or sibling is left."""
        while self._is_needed():
            readers = [self._wake_read, *([self.control.fd] if self.control.open else [])]
            ready, _, _ = select.select(readers, [], [], GROUP_POLL_S if self.ended else None)
            if self._wake_read in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_read, 4096)
            self._tell_ending()
            self._reap()
            self._settle_ended()
            if self.control.open and self.control.fd in ready:
                for request in self.control.receive():
                    self._handle(request)

    def _is_needed(self) -> bool:
        takes_work = self.control.open and not self.is_ending
        return bool(takes_work or self.children or self.ended or self.finishing or self.siblings)

    def _prepare(self) -> None:
        for fd in (self._wake_read, self._wake_write):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self._end_all())
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.strays.keep_present(())
        # Objects of the parent are never collected, so that children share their pages.
        gc.freeze()

    def _end_all(self) -> None:
        """Take no more work and ask every child to stop."""
        self.is_ending = True
        for pid in (*self.children, *self.finishing):
            signal_group(pid, signal.SIGTERM)

    def _tell_ending(self) -> None:
        """Say that there is no use in asking, not within the signal's handler, which may cut a message in two."""
        if self.is_ending and not self._has_told_ending:
            self._has_told_ending = True
            self.control.send({"event": "ending"})

    def _handle(self, request: dict[str, Any]) -> None:
        handlers = {
            "probe": self._probe,
            "start": self._start,
            "stop": self._stop,
            "finish": self._finish,
            "sibling": self._fork_sibling,
            "keep": self._keep,
            "ping": lambda request: reply(self.control, request),
        }
        handler = handlers.get(str(request.get("op")), self._answer)
        try:
            if self.is_ending and request.get("op") not in ANSWERED_AT_THE_END:
                self._tell_ending()
                raise WorkerError("worker-ending", "it was told to end")
            handler(request)
        except WorkerError as error:
            refuse(self.control, request, error)
        except Exception as error:  # noqa: BLE001 - a wrong request must not end the runs of others
            refuse(self.control, request, WorkerError("start-failed", f"{type(error).__name__}: {error}"))

    def _probe(self, request: dict[str, Any]) -> None:
        running = {*self.children, *self.finishing}
        known = {stray.pid for stray in self.strays.find(running)}
        self._answer(request)
        self.strays.keep_present({*running, *known})

    def _answer(self, request: dict[str, Any]) -> None:
        has_runs = self.children or self.ended or self.finishing
        self.has_answered = True
        with contextlib.nullcontext() if has_runs else bound_to_orchestrator():
            answer = answer_of(self.project, request)
        if answer is None:
            raise WorkerError("start-failed", f"there is no operation {request.get('op')!r}")
        if self.is_fork_safe and not is_fork_safe():
            # An answer may have begun a thread, by what was imported or resolved for it: told before the next run.
            self.is_fork_safe = False
            self.control.send({"event": "fork_unsafe"})
        reply(self.control, request, **answer)

    def _start(self, request: dict[str, Any]) -> None:
        folder = AttemptFolder(request["folder"], request.get("seals"))
        if not folder.path.is_absolute() or not (folder.path / "spec.json").is_file():
            raise WorkerError("start-failed", f"there is no spec.json in {folder.path}")
        base = memory_bytes("VmRSS")
        pid = self._fork(request["log"], lambda: run_attempt(self.project, folder, base))
        self.children[pid] = folder
        reply(self.control, request, pid=pid)

    def _finish(self, request: dict[str, Any]) -> None:
        summary, limit_s = request["summary"], int(request["limit_s"])
        pid = self._fork(request["log"], lambda: call_after_all_runs(self.project, summary, limit_s))
        self.finishing[pid] = request

    def _fork_sibling(self, request: dict[str, Any]) -> None:
        listener = prepare_sibling(self.project, request, has_answered=self.has_answered)
        # Python seeds its generator anew in a child: here, the project is still being imported.
        state = random.getstate()
        flush_streams()
        pid = os.fork()
        if pid == 0:
            os.close(self._wake_read)
            os.close(self._wake_write)
            become_sibling(self.project, request, listener, state=state, serve=serve)
        listener.close()
        self.siblings.add(pid)
        self.strays.keep(pid)
        reply(self.control, request, pid=pid)

    def _keep(self, request: dict[str, Any]) -> None:
        if self.children or self.ended or self.finishing or self.siblings or not is_fork_safe():
            raise WorkerError("start-failed", "it can't be kept: it has something to do, or can't be forked")
        self.keeping = begin_keeping(request)
        reply(self.control, request)

    def _fork(self, log_path: str, work: Callable[[], int]) -> int:
        """Return the process that does the work and ends with the exit code that it returns."""
        log = os.open(log_path, LOG_FLAGS, 0o600)
        try:
            flush_streams()
            # A stop waits until the child listens: it is neither lost nor taken for one of the zygote itself.
            signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
            pid = os.fork()
            if pid == 0:
                self._become_child(log, work)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            os.close(log)
        with contextlib.suppress(OSError):
            # Parent and child both set the group, so that a stop finds it with either of them first.
            os.setpgid(pid, pid)
        return pid

    def _become_child(self, log: int, work: Callable[[], int]) -> NoReturn:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            with contextlib.suppress(PermissionError):
                os.setsid()
            adopt_orphans()
            leave_finalisers_to_parent()
            self.control.close()
            os.close(self._wake_read)
            os.close(self._wake_write)
            redirect(log)
            self.project.randomness.start()
            code = work()
        except BaseException:  # noqa: BLE001 - nothing may unwind into the zygote's loop
            import traceback

            traceback.print_exc()
        finally:
            leave(code, wait_for_threads=code == 0)

    def _stop(self, request: dict[str, Any]) -> None:
        number = SIGNALS.get(str(request.get("signal")))
        if number is None:
            raise WorkerError("start-failed", f"{request.get('signal')!r} is not one of {', '.join(SIGNALS)}")
        for pid, folder in self.children.items():
            if folder.run_id != request.get("run_id"):
                continue
            if number == signal.SIGKILL:
                # The rest of its group follows when it is reaped, but for what cleans up after it.
                os.kill(pid, number)
            else:
                signal_group(pid, number)
        reply(self.control, request)

    def _reap(self) -> None:
        while True:
            try:
                # The zombie stays for now: as long as it does, no other process can get its pid or group.
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            pid = found.si_pid
            folder, request = self.children.pop(pid, None), self.finishing.pop(pid, None)
            self.siblings.discard(pid)
            strays = self._strays_of_ended() if folder is not None else []
            in_group = {stray.pid for stray in strays if group_of(stray.pid) == pid}
            if (folder or request) and not any(stray.is_tracker for stray in strays):
                signal_group(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            if request is not None:
                reply(self.control, request, exit_code=os.waitstatus_to_exitcode(status))
            if folder is not None:
                # Processes in the group of a failed run are no news: it ended in the middle of its work.
                news = [s for s in strays if status == 0 or s.pid not in in_group]
                told = [s for s in news if not (s.is_tracker or s.is_exiting)]
                self.ended[pid] = end_of(pid, folder, status, told)
                end_strays(strays, trackers=False)

    def _strays_of_ended(self) -> list[Stray]:
        """Return what is left of runs that have ended."""
        running = {folder.run_id for folder in self.children.values()}
        found = self.strays.find({*self.children, *self.finishing})
        return [stray for stray in found if running.isdisjoint(stray.run_ids)]

    def _settle_ended(self) -> None:
        """Report the ends of children whose processes have all ended."""
        for pid, end in list(self.ended.items()):
            strays = self._strays_of_ended()
            end_strays(strays, trackers=end.age_s > TRACKER_PATIENCE_S)
            if (strays or group_exists(pid)) and end.age_s < GROUP_PATIENCE_S:
                continue
            self.ended.pop(pid)
            if end.is_recorded:
                with contextlib.suppress(OSError):
                    # The file is not flushed: if it is lost, the attempt counts as cut off, which is safe.
                    end.folder.write_sealed("exit", {**end.to_json(), "time": timestamp()}, durable=False)
            self.control.send({"event": "exit", "run_id": end.folder.run_id, **end.to_json()})
