"""Tells what is a secret by its name or its form, as `core/secrets/secret-names.ts` and `secret-texts.ts` do."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from .secret_forms import HIDDEN

_BEFORE_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NAME = re.compile(
    r"(?:^|_)(?:pw|pwd|pass|pat|dsn|sas|jwt|auth|authorization|bearer|credentials?|secrets|passwords|tokens"
    r"|[a-z0-9]*(?:password|passwd|passphrase|secret|token)"
    r"|(?:api|access|private|secret|account|shared|storage|encryption|signing|ssh)_?keys?"
    r"|connection_?string)\d*(?:_|$)"
)
# Names of what is about a secret, but is none.
_ABOUT = re.compile(
    r"(?:^(?:max|min|num|n)_.*tokens|application_credentials"
    r"|_(?:file|path|dir|folder|sock|socket|name|type|method|mode|length|size|count|limit|ttl))$"
)
_USER = re.compile(r"(?<=://)(?:[^\s/?#]{0,200}:[^\s/?#]{0,1000}|[^\s/?#@:]{16,})(?=@)")
_QUERY = re.compile(r"([?&;]([^=?&;#\s]{1,100})=)([^&;#\s]+)")
_SIGNED = re.compile(r"sig|signature|key|code|x-(?:amz|goog)-(?:signature|credential)")
_LONG_NUMBER = 10**5
# Shorter values are hidden only for variables that a run refers to.
_MIN_VARIABLE = 8
# Variables that every process has, and whose values are in many paths.
PUBLIC = frozenset(["HOME", "HOSTNAME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER"])
_FORM = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10}|AIza[\w-]{35}"
    r"|hf_[A-Za-z0-9]{30})"
    r"|\b(?i:password|passwd|pwd|accountkey|sharedaccess(?:key|signature))\s{0,9}=\s{0,9}[^\s;]",
    re.ASCII,
)


def is_secret_name(name: str) -> bool:
    """Tell whether a name says that its value is a secret: `db_password`, `apiKey`, `X-Auth-Token`."""
    words = re.sub("[^a-z0-9]+", "_", _BEFORE_CAPITAL.sub("_", name).lower()).strip("_")
    return bool(_NAME.search(words)) and not _ABOUT.search(words)


def hide_in_url(text: str) -> str:
    """Return a text without the users and passwords of URLs, and without what secrets are named in a query."""
    if "=" not in text and "://" not in text:
        return text
    return _QUERY.sub(_hide_value, _USER.sub(HIDDEN, text))


def hide_in_urls(value: Any) -> Any:
    """Return a JSON value with `hide_in_url` done to each of its texts."""
    if isinstance(value, dict):
        return {key: hide_in_urls(each) for key, each in value.items()}
    if isinstance(value, list):
        return [hide_in_urls(each) for each in value]
    return hide_in_url(value) if isinstance(value, str) else value


def hide_in_text(text: str) -> str:
    """Return a text without what is a secret by its form: all of it, or what stands in its URLs."""
    return HIDDEN if _FORM.search(text) else hide_in_url(text)


def without_secrets(value: Any) -> Any:
    """Return a JSON value with `[secret]` for each secret in it, at any depth: by the name of its key, or by its form.

    Numbers and flags are none, and `credentials` with a text names them.
    """
    if isinstance(value, str):
        return hide_in_text(value)
    if isinstance(value, (list, tuple)):
        return [without_secrets(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: HIDDEN if _is_secret(key, each) else without_secrets(each) for key, each in value.items()}


def with_secrets(value: Any, own: Any) -> Any:
    """Return what `without_secrets` made of a value, with those secrets that another value has in the same places."""
    if isinstance(value, str) and HIDDEN in value:
        return own if own is not None and (value == HIDDEN or without_secrets(own) == value) else value
    if isinstance(value, list) and isinstance(own, (list, tuple)) and len(value) == len(own):
        return [with_secrets(*pair) for pair in zip(value, own, strict=True)]
    if isinstance(value, dict) and isinstance(own, dict):
        return {key: with_secrets(each, own.get(key)) for key, each in value.items()}
    return value


def with_user(location: str, own: str) -> str:
    """Return a location that `hide_in_url` was used on with the user and password of another one on the same host."""
    scheme, _, rest = location.partition(f"://{HIDDEN}@")
    host = rest.partition("/")[0]
    known = re.match(rf"{re.escape(scheme)}://(?:[^/?#]*@){re.escape(host)}(?=/|\Z)", own) if rest else None
    return f"{known[0]}{rest.removeprefix(host)}" if known else location


def hidden_places(value: Any, above: str = "") -> Iterator[str]:
    """Yield where a value has `[secret]`, as `fs_args.token`."""
    if isinstance(value, str) and HIDDEN in value:
        yield above
    elif isinstance(value, (dict, list)):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from hidden_places(each, f"{above}.{key}".lstrip("."))


def list_secrets(value: Any) -> Iterator[str]:
    """Yield each text that `without_secrets` leaves out of a value."""
    if isinstance(value, str):
        if _FORM.search(value):
            yield value
        yield from (match[0].partition(":")[2] or match[0] for match in _USER.finditer(value))
        yield from (match[3] for match in _QUERY.finditer(value) if _is_query_name(match[2]))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from list_texts(each) if _is_secret(key, each) else list_secrets(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from list_secrets(each)


def list_environment_secrets() -> Iterator[str]:
    """Yield the values of this process's variables that are secrets by their names, or by their form."""
    for name, value in os.environ.items():
        if len(value) >= _MIN_VARIABLE and name not in PUBLIC and is_secret_name(name):
            yield value
        else:
            yield from list_secrets(value)


def list_texts(value: Any) -> Iterator[str]:
    """Yield every text of a value, and every number of so many digits that it may be a secret."""
    if isinstance(value, (dict, list, tuple)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from list_texts(each)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int) and abs(value) >= _LONG_NUMBER:
        yield str(value)


def _is_secret(key: Any, value: Any) -> bool:
    if not is_secret_name(str(key)) or (key == "credentials" and isinstance(value, str)):
        return False
    return next(list_texts(value), None) is not None


def _is_query_name(name: str) -> bool:
    return is_secret_name(name) or _SIGNED.fullmatch(name.lower()) is not None


def _hide_value(match: re.Match[str]) -> str:
    return f"{match[1]}{HIDDEN}" if _is_query_name(match[2]) else match[0]
