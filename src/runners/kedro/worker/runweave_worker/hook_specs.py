"""Hooks that a project or a plugin may implement beyond Kedro's own: the arguments that they ask for are checked."""

from __future__ import annotations

from typing import Any

from kedro.framework.hooks.markers import hook_spec


class RunSpecs:
    """Hooks in the life of runs and sessions."""

    @hook_spec
    def after_session_run(self, run_params: dict[str, Any], error: BaseException | None) -> None:
        """Take note of the end of a run, in its process; `error` is what it raised."""

    @hook_spec
    def after_all_runs(self, session_id: str, status: str, runs: list[dict[str, Any]]) -> None:
        """Take note of the end of a session, once per project and environment that had runs in it."""
