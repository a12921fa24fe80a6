"""Tells what a worker is when it can serve its project."""

from __future__ import annotations

import os
import platform
from typing import Any

from runweave_worker.code.find_source import loaded_sources
from runweave_worker.compat import kedro_version
from runweave_worker.process.environment import packages, platform_name
from runweave_worker.process.fork_safety import is_fork_safe
from runweave_worker.project.project import Project

from .session_end import has_hook


def describe_ready(project: Project) -> dict[str, Any]:
    """Return the message `ready`, in the protocol's form."""
    return {
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
