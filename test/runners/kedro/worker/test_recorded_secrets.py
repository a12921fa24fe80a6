"""What an attempt writes down and a project answers has no secrets; runs get those that they need all the same."""

from __future__ import annotations

import base64
import json
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from rig import text_entry

SECRETS = {
    "fs_args": "fs-args-t0ken-11",
    "storage_options": "storage-key-22",
    "metadata": "metadata-passw0rd-33",
    "nested": "nested-api-key-44",
    "user": "url-passw0rd-55",
    "query": "query-t0ken-66",
    "credentials": "credentials-k3y-77",
    "parameter": "parameter-secret-88",
    "variable": "variable-secret-99",
}
IO = """
from kedro.io import AbstractDataset

class Vault(AbstractDataset):
    def __init__(self, filepath, fs_args, load_args=None, metadata=None, options=None, credentials=None):
        self._filepath, self._given = filepath, [fs_args, load_args, metadata, options]
    def _check(self):
        assert self._given[0] == {"token": "fs-args-t0ken-11"}, self._given
        assert self._given[1] == {"storage_options": {"AccountKey": "storage-key-22"}}, self._given
    def load(self):
        self._check()
        return open(self._filepath).read()
    def save(self, data):
        self._check()
        open(self._filepath, "w").write(data)
    def _describe(self):
        return {}
"""
VAULT = {
    "type": "toy.io.Vault",
    "filepath": "data/vault.txt",
    "credentials": "mine",
    "fs_args": {"token": SECRETS["fs_args"]},
    "load_args": {"storage_options": {"AccountKey": SECRETS["storage_options"]}},
    "metadata": {"owner": {"password": SECRETS["metadata"]}},
    "options": [{"apiKey": SECRETS["nested"]}],
}
PIPELINES = """
import base64, json, os, urllib.parse

class Odd(Exception): pass

def forms(token, web):
    secret = open(__file__.replace("src/toy/pipeline_registry.py", "conf/local/key.txt")).read()
    named = type("E_" + secret.splitlines()[0].replace("-", "_"), (Odd,), {})
    told = [secret, repr(secret), json.dumps({"key": secret}),
            urllib.parse.quote(secret), urllib.parse.quote_plus(secret),
            base64.b64encode(f"user:{secret}".encode()).decode(), secret.splitlines()[1], secret[:-1], token,
            os.environ["THE_TOKEN"]]
    error = named(" | ".join(told))
    if hasattr(error, "add_note"):
        error.add_note("noted: " + secret)
    try:
        raise KeyError(secret)
    except KeyError as cause:
        raise error from cause

def register_pipelines():
    return {
        "make": pipeline([node(lambda: "kept", None, "vault", name="make")]),
        "use": pipeline([node(lambda x: x, "vault", "copy", name="use")]),
        "use_renamed": pipeline([node(lambda x: x, "other", "copy", name="use")]),
        "web": pipeline([node(lambda x: x, "web", "copy", name="read")]),
        "fail": pipeline([node(forms, ["params:db.token", "params:web"], "copy", name="fail")]),
    }
"""
KEY = "first-line-1 of the key\nsecond'line\" 2 & of it\n"


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "3")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(b"abc")

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def worker(workers, address):
    catalog = {
        "vault": VAULT,
        "copy": text_entry("data/copy.txt"),
        "web": text_entry(f"http://bob:{SECRETS['user']}@{address}/x.txt?token={SECRETS['query']}"),
    }
    parameters = {"db": {"token": SECRETS["parameter"]}, "web": "nothing"}
    files = {
        "src/toy/io.py": IO,
        "conf/local/credentials.yml": json.dumps({"mine": {"key": SECRETS["credentials"]}, "file": {"key": KEY}}),
        "conf/local/key.txt": KEY,
    }
    made = workers(
        catalog=catalog,
        pipelines=PIPELINES,
        parameters=parameters,
        files=files,
        env={"THE_TOKEN": SECRETS["variable"]},
    )
    assert made.ready()["event"] == "ready"
    return made


def find_secrets(text: str) -> list[str]:
    return [place for place, secret in SECRETS.items() if secret in text]


def written(attempt) -> str:
    return "\n".join(path.read_text() for path in attempt.folder.iterdir() if path.is_file())


@pytest.fixture(scope="module")
def made(worker):
    return worker.succeed("make")


def test_an_entry_is_recorded_without_secrets_at_any_depth(made):
    assert find_secrets(written(made)) == []
    config = made.outputs["vault"]["entry"]["config"]
    assert config["credentials"] == "mine"
    assert config["fs_args"] == {"token": "[secret]"}
    assert config["options"] == [{"apiKey": "[secret]"}]


@pytest.mark.parametrize(("pipeline", "name"), [("use", "vault"), ("use_renamed", "other")])
def test_a_consumer_gets_the_secrets_from_its_own_catalog(worker, made, pipeline, name):
    run = worker.succeed(pipeline, inputs={name: made.as_input("vault")})
    assert run.data("copy") == "kept"
    assert find_secrets(written(run)) == []


def test_a_project_that_has_not_got_them_is_told_what_is_missing(workers, made):
    pipelines = "def register_pipelines(): return {'__default__': pipeline([node(lambda x: x, 'vault', 'copy')])}\n"
    other = workers(catalog={"copy": text_entry("data/copy.txt")}, pipelines=pipelines, files={"src/toy/io.py": IO})
    run = other.fail(inputs={"vault": made.as_input("vault")}, load_versions={"vault": made.run_id})
    assert "consumed-without-secret" in run.error()
    assert "fs_args.token, load_args.storage_options.AccountKey, options.0.apiKey" in run.error()


def test_a_url_is_told_without_its_user_and_its_tokens_and_read_with_them(worker, address):
    facts = worker.probe(["web"])
    assert find_secrets(json.dumps(facts)) == []
    location = facts["datasets"]["web"]["location"]
    assert location == f"http://[secret]@{address}/x.txt?token=[secret]"
    seen = {"location": location, "bytes": 3, "modified_ms": None, "hash": facts["datasets"]["web"]["content"]["hash"]}
    run = worker.succeed("web", seen={"web": {**seen, "mark": None}})
    assert run.data("copy") == "abc"
    assert run.loaded("web")["location"] == location
    assert find_secrets(written(run)) == []
    changed = worker.fail("web", seen={"web": {**seen, "hash": "http:other", "mark": None}})
    assert "input-changed" in changed.error()
    assert find_secrets(written(changed)) == []


def test_an_exception_is_told_without_secrets_in_whatever_form(worker):
    run = worker.fail("fail")
    told = written(run)
    forms = [
        *KEY.splitlines(),
        KEY[:-1],
        repr(KEY)[1:-1],
        json.dumps(KEY)[1:-1],
        urllib.parse.quote(KEY),
        urllib.parse.quote_plus(KEY),
        base64.b64encode(f"user:{KEY}".encode()).decode()[8:-4],
        "first-line-1",
        "second",
        "first%2Dline",
    ]
    assert [form for form in forms if form in told] == []
    assert find_secrets(told) == []
    logged = run.log.read_text()
    assert [form for form in forms if form in logged] == []
    assert find_secrets(logged) == []
