"""A local S3 server for tests, and a client of it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import s3fs
import yaml

SERVER = Path(__file__).parents[3] / "rig/s3_server.py"


@contextlib.contextmanager
def serve_s3(*buckets: str) -> Iterator[dict]:
    """Start a server; gives its endpoint and the one key that it accepts."""
    command = [sys.executable, str(SERVER), *buckets]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        yield json.loads(server.stdout.readline())
        server.stdin.close()


def credentials(server: dict, **over: str) -> dict:
    """Return an entry of credentials.yml."""
    given = {"key": server["key"], "secret": server["secret"], **over}
    return {**given, "client_kwargs": {"endpoint_url": server["endpoint"], "region_name": "us-east-1"}}


def client(server: dict) -> s3fs.S3FileSystem:
    """Return a client without any cache."""
    return s3fs.S3FileSystem(**credentials(server), use_listings_cache=False, skip_instance_cache=True)


def credentials_file(server: dict, **over: str) -> dict[str, str]:
    """Return the file of a project that has those credentials as `store`."""
    return {"conf/local/credentials.yml": yaml.safe_dump({"store": credentials(server, **over)})}
