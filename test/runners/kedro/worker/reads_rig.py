"""Reads of a spec.json, from the parts of which tests think."""

from __future__ import annotations


def make_reads(inputs: dict, load_versions: dict, seen: dict) -> dict:
    """Return reads as Node tells them: of what is given, of versions in the project, of files that the plan saw."""
    reads = {name: {"rule": "frozen", "version": version} for name, version in load_versions.items()}
    for name, found in seen.items():
        reads[name] = {**reads.get(name, {"rule": "plain", "version": "file-0"}), "seen": found}
    for name, source in inputs.items():
        rule = next((kind for kind in ("each", "value") if kind in source), "consumed")
        reads[name] = {"rule": rule, **source}
    return reads
