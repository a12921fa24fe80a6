"""A Kedro project, loaded ahead of its runs."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runweave_worker.errors import WorkerError, find_root_cause, traceback_text
from runweave_worker.randomness.randomness import Randomness
from runweave_worker.reads.read_watch import WATCH

from .missing_module import missing_module_hint
from .parameter_keys import escape_texts, spell_keys

if TYPE_CHECKING:
    from runweave_worker.code.node_work import ProjectWork

    from .raw_config import RawConfigCache

PLUGIN = "runweave-worker"
_BEFORE_SERVICE_SESSIONS = re.compile(r"0\.|1\.[0-3]\.")
_IMPORT_WARNING = re.compile(r"An error occurred while importing the '([^']+)' module")


@dataclass
class Project:
    """State that the runs of one project, Python and environment share."""

    path: Path
    env: str | None
    session: Any
    pipeline_names: list[str]
    failed_pipelines: dict[str, str]
    """Pipelines that Kedro leaves out because they fail to import, with what they raise."""
    randomness: Randomness
    configuration: RawConfigCache
    work: ProjectWork
    """Code and values that its nodes depend on."""
    is_of_one_environment: bool = False
    """True if code of the project was executed for its configuration, which is that of this environment."""
    built_entries: set[str] = field(default_factory=set)
    """Digests of the catalog entries that were seen to make a dataset."""

    def spell_params(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return runtime parameters with keys as the project has them, and texts that OmegaConf leaves alone."""
        from runweave_worker.compat import config_loader

        with self.configuration.lending():
            return spell_keys(escape_texts(given), lambda plain: config_loader(self.session, plain)["parameters"])


def load_project(path: str, env: str | None, conf_source: str | None) -> Project:
    """Import Kedro, the project and its pipelines. Raises WorkerError."""
    project_path = Path(path).expanduser().resolve()
    if not (project_path / "pyproject.toml").is_file():
        raise WorkerError(
            "project-not-found",
            f"no Kedro project at {project_path}: it has no pyproject.toml",
            "`project` names the folder with the pyproject.toml that has a [tool.kedro] section",
        )
    randomness = Randomness()
    # Kedro looks for conf/logging.yml in the working folder, at import.
    os.chdir(project_path)
    _import_kedro()
    names, failed = _bootstrap(project_path)
    _check_env(project_path, env, conf_source)
    session = _create_session(project_path, env, conf_source)
    from runweave_worker.code.node_work import ProjectWork

    from .raw_config import RawConfigCache

    return Project(project_path, env, session, names, failed, randomness, RawConfigCache(), ProjectWork())


def for_environment(project: Project, env: str | None, conf_source: str | None) -> Project:
    """Return the same project with another environment, for a process of its own. Raises WorkerError."""
    _check_env(project.path, env, conf_source)
    return dataclasses.replace(project, env=env, session=_create_session(project.path, env, conf_source))


def _import_kedro() -> None:
    try:
        import kedro  # noqa: F401
    except ImportError as error:
        raise WorkerError(
            "kedro-missing",
            f"{sys.executable} has no Kedro: {error}",
            "`python` in the workflow file names the interpreter of the project's environment",
        ) from error
    _refuse_old_kedro()
    from runweave_worker import compat

    compat.require_supported()


def _refuse_old_kedro() -> None:
    import kedro

    try:
        from kedro.framework.session import KedroServiceSession  # noqa: F401
    except ImportError as error:
        found = kedro.__version__
        if _BEFORE_SERVICE_SESSIONS.match(found):
            message = f"{sys.executable} has Kedro {found}; runweave needs 1.4 or later"
            raise WorkerError("kedro-too-old", message, "pip install 'kedro>=1.4'") from error
        message = f"the Kedro {found} of {sys.executable} can't be imported: {error}"
        raise WorkerError("kedro-missing", message, "install it again: something that it needs is missing") from error


def _bootstrap(project_path: Path) -> tuple[list[str], dict[str, str]]:
    from kedro.framework.startup import bootstrap_project

    from runweave_worker import compat

    try:
        bootstrap_project(project_path)
    except RuntimeError as error:
        raise WorkerError("project-not-found", f"no Kedro project at {project_path}: {error}") from error
    except Exception as error:
        raise _import_failure(project_path, error) from error
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with WATCH.executing_project():
                names = sorted(compat.pipelines)
    except (Exception, SystemExit) as error:
        raise _import_failure(project_path, error) from error
    return names, _failed_pipelines(caught)


def _failed_pipelines(caught: list[warnings.WarningMessage]) -> dict[str, str]:
    """Return the pipelines that find_pipelines left out, with the last line of what each raised; log the rest."""
    failed = {}
    for warning in caught:
        match = _IMPORT_WARNING.match(str(warning.message))
        if match:
            failed[match.group(1).rpartition(".")[2]] = str(warning.message).strip().splitlines()[-1]
        warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return failed


def _import_failure(project_path: Path, error: BaseException) -> WorkerError:
    """Kedro's `find_pipelines(raise_errors=True)` names the module only: what is missing is the cause of its error."""
    root = find_root_cause(error)
    because = "" if root is error else f" The cause is {type(root).__name__}: {root}"
    where = f"the project at {project_path} can't be imported by {sys.executable}"
    return WorkerError(
        "project-import",
        f"{where}: {type(error).__name__}: {error}{because}",
        _import_hint(root),
        traceback_text(root),
    )


def _import_hint(error: BaseException) -> str:
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    return missing_module_hint(missing) if missing else "`kedro registry list` shows the same error"


def _check_env(project_path: Path, env: str | None, conf_source: str | None) -> None:
    from runweave_worker.compat import settings

    conf = Path(conf_source) if conf_source else project_path / settings.CONF_SOURCE
    if conf_source and "://" not in conf_source and not conf.exists():
        raise WorkerError("conf-source-not-found", f"there is no configuration at {conf}", "fix `conf_source`")
    if env and (env in (".", "..") or any(character in env for character in "/\\\0")):
        raise WorkerError("env-not-found", f"{env!r} is not an environment: it is not the name of a folder in {conf}")
    if not env or not conf.is_dir() or (conf / env).is_dir():
        return
    there = sorted(entry.name for entry in conf.iterdir() if entry.is_dir() and entry.name[0] != ".")
    close = difflib.get_close_matches(env, there, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"environments: {', '.join(there)}"
    raise WorkerError("env-not-found", f"there is no environment '{env}' in {conf}", hint)


def _create_session(project_path: Path, env: str | None, conf_source: str | None) -> Any:
    from runweave_worker import compat

    disabled = {str(name).replace("_", "-").lower() for name in compat.settings.DISABLE_HOOKS_FOR_PLUGINS}
    if PLUGIN in disabled:
        raise WorkerError(
            "hooks-disabled",
            f"DISABLE_HOOKS_FOR_PLUGINS in the project's settings names {PLUGIN}, which reports its runs",
            f"remove '{PLUGIN}' from DISABLE_HOOKS_FOR_PLUGINS",
        )
    if not compat.has_own_loader():
        WATCH.reads.doubt("the project has a configuration loader of its own")
    try:
        session = compat.create_session("runweave", project_path, env, conf_source)
    except Exception as error:
        raise _import_failure(project_path, error) from error
    if PLUGIN not in compat.distribution_names(compat.hook_manager(session)):
        raise WorkerError(
            "hooks-disabled",
            f"the hooks of {PLUGIN} are not registered: its entry point was not found",
            "the folder of runweave_worker must be on PYTHONPATH",
        )
    return session
