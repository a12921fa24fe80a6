"""One line of a log per record: rich folds them to 80 columns where there is no terminal, paths and JSON too."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any


def write_whole_lines() -> None:
    """Have rich's log handlers write each record as one line: a log is read later, on terminals of any width.

    For the process of one run. Other handlers, and tracebacks that rich draws, are left as they are.
    """
    if "rich.logging" not in sys.modules:
        return
    from rich.console import Console
    from rich.logging import RichHandler

    for handler in _all_handlers():
        if isinstance(handler, RichHandler) and not handler.console.is_terminal:
            before = handler.console
            handler.console = Console(file=before._file, stderr=before.stderr, soft_wrap=True)
            handler._log_render = _one_line(handler._log_render)  # type: ignore[assignment]


def _all_handlers() -> Iterator[logging.Handler]:
    loggers = [logging.getLogger(), *logging.root.manager.loggerDict.values()]
    seen: set[int] = set()
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if id(handler) not in seen:
                seen.add(id(handler))
                yield handler


def _one_line(layout: Any) -> Callable[..., Any]:
    """Return what draws a record as its handler's own layout does, but beside one another instead of in columns."""
    from rich.console import Group
    from rich.text import Text

    def render(console: Any, renderables: Iterable[Any], **said: Any) -> Any:
        message, *rest = renderables
        parts: list[Any] = []
        if layout.show_time:
            shown = said.get("time_format") or layout.time_format
            when = said.get("log_time") or console.get_datetime()
            parts.append(shown(when) if callable(shown) else Text(when.strftime(shown)))
        if layout.show_level:
            parts.append(said.get("level", ""))
        parts.append(message if isinstance(message, Text) else Text(""))
        if layout.show_path and said.get("path") and "\n" not in parts[-1].plain:
            parts.append(Text(f"({said['path']}:{said.get('line_no')})"))
        line = Text(" ", end="").join(part if isinstance(part, Text) else Text(str(part)) for part in parts)
        line.end = "\n"
        return Group(line, *([] if isinstance(message, Text) else [message]), *rest)

    return render
