"""What a run prints shares a file with what others write there: each line goes there in one piece."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import runweave_worker

SCRIPT = """
import sys
from runweave_worker.process.streams import redirect
redirect(int(sys.argv[1]))
print("one", 2, "three")
print("no end of line", end="", flush=True)
"""
MOST = 65536


def test_each_line_is_one_write():
    # Such a pipe keeps writes apart.
    reading, writing = os.pipe2(os.O_DIRECT)
    environment = {**os.environ, "PYTHONPATH": str(Path(runweave_worker.__file__).parents[1])}
    arguments = [sys.executable, "-c", SCRIPT, str(writing)]
    subprocess.run(arguments, env=environment, pass_fds=[writing], check=True, capture_output=True)
    os.close(writing)
    assert [os.read(reading, MOST), os.read(reading, MOST)] == [b"one 2 three\n", b"no end of line"]
    os.close(reading)
