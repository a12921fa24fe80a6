"""The part of the project's pipelines that one run executes."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

from runweave_worker.compat import Pipeline, combine, cut, is_parameter, pipelines
from runweave_worker.data.base_name import base_name
from runweave_worker.errors import Problem

Filters = dict[str, "list[str] | None"]


def data_names(names: Iterable[str]) -> list[str]:
    """Return the names sorted, parameters left out."""
    return sorted(name for name in names if not is_parameter(name))


def slice_pipeline(
    pipeline_names: list[str], filters: Filters, failed: dict[str, str]
) -> tuple[Pipeline | None, list[Problem]]:
    """Return the slice, or what keeps it from being one. `failed` are the pipelines that did not import."""
    problems = _failed_imports(pipeline_names, failed)
    if problems:
        return None, problems
    unknown = [name for name in pipeline_names if name not in pipelines]
    if unknown:
        return None, [_unknown("unknown-pipeline", name, list(pipelines)) for name in unknown]
    whole = combine(pipeline_names)
    problems = _unknown_names(whole, filters)
    if problems:
        return None, problems
    part = _try_cut(whole, filters)
    if part is None:
        return None, [_empty(whole, ", ".join(pipeline_names) or "__default__", filters)]
    return part, []


def _try_cut(whole: Pipeline, filters: Filters) -> Pipeline | None:
    try:
        part = cut(whole, filters)
    except ValueError:
        return None
    return part if part.nodes else None


def _empty(whole: Pipeline, name: str, filters: Filters) -> Problem:
    """Return what each filter leaves by itself, so that one sees which of them don't go together."""
    given = [option for option in filters if filters[option]]
    if not whole.nodes or not given:
        return Problem("empty-slice", f"{name} has no node", "name a pipeline that has some")
    alone = [_try_cut(whole, {**dict.fromkeys(filters), option: filters[option]}) for option in given]
    left = [
        f"`{_SPELLINGS.get(option, option)}` leaves {_listed(part)}" for option, part in zip(given, alone, strict=True)
    ]
    return Problem("empty-slice", f"no node of {name} is left by all its filters together", "; ".join(left))


# Names of filters in a workflow file, where Kedro has others.
_SPELLINGS = {"node_names": "nodes"}
MAX_LISTED = 5


def _listed(part: Pipeline | None) -> str:
    names = [node.name for node in part.nodes] if part is not None else []
    rest = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    return ", ".join(names[:MAX_LISTED]) + rest or "nothing"


def _failed_imports(pipeline_names: list[str], failed: dict[str, str]) -> list[Problem]:
    """Kedro only warns of such a pipeline: it would be missing from `__default__`, and unknown by its name."""
    is_default = not pipeline_names or "__default__" in pipeline_names
    return [
        Problem("pipeline-import", f"pipeline '{name}' can't be imported: {why}", "the worker's log has the traceback")
        for name, why in failed.items()
        if is_default or (name in pipeline_names and name not in pipelines)
    ]


def _unknown_names(whole: Pipeline, filters: Filters) -> list[Problem]:
    nodes = [node.name for node in whole.nodes]
    tags = sorted({tag for node in whole.nodes for tag in node.tags})
    spaces = sorted(_namespaces(whole))
    known: dict[str, tuple[str, list[str]]] = {
        "node_names": ("unknown-node", nodes),
        "from_nodes": ("unknown-node", nodes),
        "to_nodes": ("unknown-node", nodes),
        "tags": ("unknown-tag", tags),
        "namespaces": ("unknown-namespace", spaces),
        "from_inputs": ("unknown-dataset", _with_plain(whole)),
        "to_outputs": ("unknown-dataset", _with_plain(whole)),
    }
    problems = []
    for option, (code, names) in known.items():
        problems += [_unknown(code, name, names) for name in filters[option] or () if name not in names]
    return problems


def _namespaces(whole: Pipeline) -> set[str]:
    found: set[str] = set()
    for node in whole.nodes:
        parts = (node.namespace or "").split(".")
        found |= {".".join(parts[: end + 1]) for end in range(len(parts)) if parts[0]}
    return found


def _with_plain(whole: Pipeline) -> list[str]:
    names = set(whole.datasets())
    return sorted(names | {base_name(name) for name in names})


def _unknown(code: str, name: str, names: list[str]) -> Problem:
    noun = code.removeprefix("unknown-")
    inner = [each for each in names if each.endswith(f".{name}")]
    close = inner or difflib.get_close_matches(name, names, n=3)
    shown = ", ".join(sorted(set(names))[:20])
    there = f"there are: {shown}" if shown else f"there is no {noun} at all"
    hint = f"did you mean {' or '.join(repr(each) for each in close)}?" if close else there
    where = "the project" if noun == "pipeline" else "what this run selects"
    return Problem(code, f"there is no {noun} '{name}' in {where}", hint)


def read_before_written(pipeline: Pipeline) -> Callable[[str, str], bool]:
    """Return a test whether a dataset is bound to be read before another one is saved."""
    dependencies = pipeline.node_dependencies

    def goes_before(read: str, written: str) -> bool:
        pending = [node for node in pipeline.nodes if written in node.outputs]
        seen = set(pending)
        while pending:
            node = pending.pop()
            if read in node.inputs:
                return True
            new = set(dependencies.get(node, ())) - seen
            seen |= new
            pending += new
        return False

    return goes_before
