"""What hides secrets, tried with the tables that the TypeScript side is tried with too."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from runweave_worker.errors import MAX_TEXT, describe_exception
from runweave_worker.secrets.secret_forms import hide
from runweave_worker.secrets.secret_names import (
    hidden_places,
    hide_in_text,
    is_secret_name,
    list_environment_secrets,
    list_secrets,
    with_secrets,
    with_user,
    without_secrets,
)

TABLES = Path(__file__).parents[3] / "core" / "secrets"
FORMS, NAMES, TEXTS = (json.loads((TABLES / f"{name}.json").read_text()) for name in ("forms", "names", "texts"))
CASES = [
    pytest.param(row["secret"], text, id=f"{row['what']}: {form}")
    for row in FORMS
    for form, text in row["forms"].items()
]


@pytest.mark.parametrize(("secret", "text"), CASES)
def test_a_secret_is_hidden_in_each_form(secret, text):
    left = [word for rest in hide(f"<{text}>", [secret]).split("[secret]") for word in re.findall(r"[^\W_]{6,}", rest)]
    assert [word for word in left if word not in {"several", "ExceptionGroup", "ValueError", "KeyError"}] == []


def test_the_longest_is_hidden_first_and_the_password_of_a_url_by_itself():
    assert hide("s3cret-more, s3cret, abc", ["s3cret", "s3cret-more", "abc"]) == "[secret], [secret], abc"
    url = "postgresql://ann:p%4055word@host/db"
    assert hide(f"{url} p@55word p%4055word postgresql", [url]) == "[secret] [secret] [secret] postgresql"


def test_variables_of_the_environment_are_secrets_by_name_or_form(monkeypatch):
    for name, value in {
        "A_TOKEN": "t0ken-4711",
        "PWD": "/work/here",
        "DB": "pg://ann:pa55word@h/d",
        "B_TOKEN": "short",
    }.items():
        monkeypatch.setenv(name, value)
    found = set(list_environment_secrets())
    assert {"t0ken-4711", "pa55word"} <= found
    assert not found & {"/work/here", "short"}


@pytest.mark.parametrize("length", [600, 5_000, 200_000])
def test_a_secret_of_any_length_is_hidden(length):
    secret = "".join(chr(97 + at * at % 23) for at in range(length))
    assert hide(f"<{secret}>", [secret]).replace("[secret]", "") == "<>"


def test_texts_of_backslashes_take_no_longer_than_others():
    assert len(hide("\\" * 200_000, ["a\\b\"c'd\\\\e", '"' + '\\"' * 8])) == 200_000


class S3cretTokenError(ValueError):
    """Has a secret for a name."""


def test_an_exception_is_told_without_secrets_before_anything_of_it_is_cut():
    secrets = ["s3cret-token-4711", "S3cretToken"]
    try:
        try:
            raise S3cretTokenError("a" * (MAX_TEXT - 9) + secrets[0])
        except S3cretTokenError as error:
            raise ValueError(secrets[0] + "b" * MAX_TEXT) from error
    except ValueError as error:
        told = describe_exception(error, None, lambda text: hide(text, secrets))
    assert told["message"].startswith("[secret]bbb")
    assert told["cause"]["message"].endswith("a[secret]"[:9])
    assert told["cause"]["type"] == "[secret]Error"
    assert "s3cret" not in json.dumps(told).lower()


@pytest.mark.parametrize("name", NAMES["secret"])
def test_names_of_secrets(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", NAMES["no secret"])
def test_names_of_others(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row["text"])
def test_texts_are_told_without_what_is_a_secret_by_its_form(row):
    assert hide_in_text(row["text"]) == row["told"]
    assert list(list_secrets(row["text"])) == row["secrets"]
    assert without_secrets([{"a": row["text"]}]) == [{"a": row["told"]}]


ENTRY = {
    "type": "pandas.CSVDataset",
    "filepath": "https://ann:pa55word@host/x.csv?token=T0KEN",
    "credentials": "by_name",
    "fs_args": {"token": "t-1", "open_args_load": {"mode": "rb"}},
    "load_args": {"storage_options": {"AccountKey": "k-2", "anon": False}, "max_tokens": 5, "sep": ";"},
    "metadata": {"kedro-viz": {"layer": "raw"}, "owners": [{"name": "ann", "password": 12345678}]},
}
TOLD = {
    **ENTRY,
    "filepath": "https://[secret]@host/x.csv?token=[secret]",
    "fs_args": {"token": "[secret]", "open_args_load": {"mode": "rb"}},
    "load_args": {"storage_options": {"AccountKey": "[secret]", "anon": False}, "max_tokens": 5, "sep": ";"},
    "metadata": {"kedro-viz": {"layer": "raw"}, "owners": [{"name": "ann", "password": "[secret]"}]},
}


def test_an_entry_is_told_without_secrets_at_any_depth_and_gets_them_back_from_another():
    assert without_secrets(ENTRY) == TOLD
    assert sorted(list_secrets(ENTRY)) == ["12345678", "T0KEN", "k-2", "pa55word", "t-1"]
    assert list(hidden_places(TOLD)) == [
        *("filepath", "fs_args.token", "load_args.storage_options.AccountKey", "metadata.owners.0.password"),
    ]
    assert with_secrets(TOLD, ENTRY) == ENTRY
    assert with_secrets(TOLD, {"fs_args": {"token": "other"}}) == {
        **TOLD,
        "fs_args": {**TOLD["fs_args"], "token": "other"},
    }
    assert with_secrets(TOLD, None) == TOLD


def test_a_location_gets_its_user_back_from_another_one_on_the_same_host():
    assert with_user("sftp://[secret]@host/b/x", "sftp://ann:pw@host/a") == "sftp://ann:pw@host/b/x"
    for own in ("sftp://ann:pw@host2/a", "sftp://host/a", "/a"):
        assert with_user("sftp://[secret]@host/b/x", own) == "sftp://[secret]@host/b/x"
    assert with_user("sftp://host/b", "sftp://ann:pw@host/a") == "sftp://host/b"
