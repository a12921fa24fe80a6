"""What a run reads from a web server: held by what the server says of it, against a real one of the test's own."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rig import text_entry

PIPELINES = """
def register_pipelines():
    return {
        "shout": pipeline([node(lambda text: text.upper(), "served", "near", name="shout")]),
        "silent": pipeline([node(lambda text: text, "unheld", "near", name="copy")]),
        "gone": pipeline([node(lambda text: text, "unreached", "near", name="copy")]),
    }
"""
ANSWERS = {"/served.txt": (b"raw", {"ETag": '"one"'}), "/unheld.txt": (b"any", {})}


class Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(ANSWERS[self.path][0])

    def do_HEAD(self):
        body, headers = ANSWERS[self.path]
        self.send_response(200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def worker(workers, site):
    catalog = {
        "served": text_entry(f"{site}/served.txt"),
        "unheld": text_entry(f"{site}/unheld.txt"),
        # The port of a server that nobody can be.
        "unreached": text_entry("http://127.0.0.1:9/unreached.txt"),
        "near": text_entry("data/near.txt"),
    }
    made = workers(catalog=catalog, pipelines=PIPELINES)
    assert made.ready()["event"] == "ready"
    return made


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        ({"ETag": '"one"', "Last-Modified": "Wed, 21 Oct 2026 07:28:00 GMT"}, "etag", '3 "one"'),
        ({"ETag": 'W/"two"'}, "etag", '3 W/"two"'),
        ({"Last-Modified": "Wed, 21 Oct 2026 07:28:00 GMT"}, "last-modified", "3 Wed, 21 Oct 2026 07:28:00 GMT"),
    ],
)
def test_it_is_what_the_server_says_that_it_is(worker, site, monkeypatch, told, kind, words):
    monkeypatch.setitem(ANSWERS, "/served.txt", (b"raw", told))
    slice_of_run = worker.probe(["shout"])
    assert slice_of_run["problems"] == []
    content = slice_of_run["datasets"]["served"]["content"]
    mark = hashlib.sha256(words.encode()).hexdigest()
    assert content == {"path": f"{site}/served.txt", "bytes": 3, "hash": f"http:{kind}:{mark}"}


def test_a_run_reads_what_the_plan_saw_or_fails(worker, site, monkeypatch):
    content = worker.probe(["shout"])["datasets"]["served"]["content"]
    seen = {"served": {"location": content["path"], "bytes": 3, "modified_ms": None, "hash": content["hash"]}}
    assert worker.succeed("shout", seen=seen).data("near") == "RAW"
    monkeypatch.setitem(ANSWERS, "/served.txt", (b"new", {"ETag": '"other"'}))
    failed = worker.fail("shout", seen=seen)
    assert f"'served' at {site}/served.txt was {content['hash']} when the plan was made" in failed.error()
    assert failed.of("node.started") == []


def test_where_the_server_says_nothing_of_it_the_workflow_has_to(worker, site):
    [problem] = worker.probe(["silent"])["problems"]
    assert problem["code"] == "content-unknown"
    assert f"'unheld' is read from {site}/unheld.txt, whose server reports nothing" in problem["message"]
    assert worker.probe(["silent"], floating=["unheld"])["problems"] == []
    assert worker.succeed("silent", floating=["unheld"]).data("near") == "any"


def test_a_server_that_does_not_answer_keeps_nobody_from_planning(worker):
    facts = worker.probe(["gone"])
    assert facts["problems"] == []
    assert "content" not in facts["datasets"]["unreached"]
