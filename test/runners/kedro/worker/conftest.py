from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[4] / "src/runners/kedro/worker")]

from rig import Worker, make_project  # noqa: E402 - from the folder that was just put on the path


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    """Make workers over generated projects; all of them end with the module."""
    made: list[Worker] = []

    def make(*options, env=None, state=None, python=None, **project):
        root = tmp_path_factory.mktemp("project")
        make_project(root, **project)
        extra = {"python": python} if python else {}
        worker = Worker(root, state or tmp_path_factory.mktemp("state"), *options, **extra, **(env or {}))
        made.append(worker)
        return worker

    yield make
    for worker in made:
        if worker.process.poll() is None:
            assert worker.close() == 0


@pytest.fixture(scope="module")
def server():
    """Serve S3 with the buckets `bucket` and `other`."""
    from s3 import serve_s3

    with serve_s3("bucket", "other") as started:
        yield started


@pytest.fixture(scope="module")
def fs(server):
    """Reach that server as nobody's project does."""
    from s3 import client

    return client(server)
