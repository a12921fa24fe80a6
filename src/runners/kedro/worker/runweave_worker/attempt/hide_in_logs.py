"""Takes secrets out of what Kedro logs of an exception, as out of its record. Does not import Kedro."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from runweave_worker.secrets.secret_forms import hide


def hide_in_kedro_logs(secrets: Callable[[], list[str]]) -> None:
    """Hide secrets in what Kedro's own loggers tell of failures: the last lines of a log are shown with the failure.

    For the process of one run, and those that it forks. What the project logs and prints itself is left as it is.
    """
    make_record = logging.getLogRecordFactory()
    is_asking = False

    def make_hidden(*args: Any, **kwargs: Any) -> logging.LogRecord:
        nonlocal is_asking
        record = make_record(*args, **kwargs)
        # Reading credentials may log, too.
        if is_asking or record.levelno < logging.ERROR or record.name.partition(".")[0] != "kedro":
            return record
        is_asking = True
        try:
            record.msg, record.args = hide(record.getMessage(), secrets()), ()
        except Exception:  # noqa: BLE001 - a record that can't be formatted is for its handlers to tell of
            return record
        finally:
            is_asking = False
        return record

    logging.setLogRecordFactory(make_hidden)
