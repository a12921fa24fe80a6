"""Errors as the protocol writes them. Does not import Kedro: its absence is one of these errors."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .secrets.secret_forms import hide
from .secrets.secret_names import list_environment_secrets

MAX_CAUSES = 20
MAX_TEXT = 64_000


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a slice from running, with what to do about it."""

    code: str
    message: str
    hint: str | None = None
    parameter: str | None = None
    """The path of the parameter that it is about, as `model.alpha`."""

    def to_json(self) -> dict[str, Any]:
        """Return the protocol's form."""
        about = {} if self.parameter is None else {"parameter": self.parameter}
        return {"code": self.code, "message": self.message, "hint": self.hint, **about}


class WorkerError(Exception):
    """A failure with a stable code, sent to Node as it is."""

    def __init__(self, code: str, message: str, hint: str | None = None, trace: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.trace = trace

    def to_json(self) -> dict[str, Any]:
        """Return the protocol's form, without the secrets of this process's environment."""
        message, trace = (text and hide_environment(text) for text in (self.message, self.trace))
        return {"code": self.code, "message": message, "hint": self.hint, "traceback": trace}


class SettleError(Exception):
    """Datasets of the slice that can't be settled; all of them at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(_problem_text(problem) for problem in problems))
        self.problems = problems


class PinMismatch(Exception):  # noqa: N818 - the protocol names it
    """A run loaded another version than the one that it was pinned to."""


class OutputMissing(Exception):  # noqa: N818 - the protocol names it
    """A declared output that the run did not save."""


class OutputRefused(Exception):  # noqa: N818 - the protocol names it
    """Data that were saved in a form that can't be recorded."""


class ResumeDiverged(Exception):  # noqa: N818 - the protocol names it
    """A node that ran again made other data than those on which results that were taken over rely."""


class Interrupted(KeyboardInterrupt):
    """The run was told to stop by a signal."""


def _problem_text(problem: Problem) -> str:
    return f"{problem.code}: {problem.message}" + (f" ({problem.hint})" if problem.hint else "")


def hide_environment(text: str) -> str:
    """Return a text without the secrets of this process's environment."""
    return hide(text, list_environment_secrets())


def traceback_text(error: BaseException, clean: Callable[[str], str] = hide_environment) -> str:
    """Return the traceback of one exception without its causes, cut to a size that fits a message once it is clean."""
    return clean("".join(traceback.format_exception(type(error), error, error.__traceback__, chain=False)))[-MAX_TEXT:]


def find_root_cause(error: BaseException) -> BaseException:
    """Return the first of a chain of `raise ... from ...`; the exception itself if it has no cause."""
    root = error
    for _ in range(MAX_CAUSES):
        root = root.__cause__ or root
    return root


def _class_name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def describe_exception(
    error: BaseException, node: str | None, clean: Callable[[str], str], depth: int = 0
) -> dict[str, Any]:
    """Return an exception and its causes in the protocol's form. `clean` takes the secrets out of a text."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return {
        "type": clean(type(error).__name__),
        "classes": [clean(_class_name(kind)) for kind in type(error).__mro__ if issubclass(kind, BaseException)],
        "message": clean(str(error))[:MAX_TEXT],
        "node": node,
        "traceback": traceback_text(error, clean),
        "cause": describe_exception(cause, None, clean, depth + 1)
        if cause is not None and depth < MAX_CAUSES
        else None,
    }
