"""A worker that does wrong what the real one can't be made to do. Which: the environment's FAKE_FAULT."""

import hmac
import json
import os
import signal
import socket
import sys

FAULT = os.environ["FAKE_FAULT"]
VERSION = {"version": "v", "location": "/v/a", "bytes": 1, "hash": None, "entry": None, "plain_location": None}
control = socket.socket(fileno=3)


def send(message):
    control.sendall((json.dumps(message) + "\n").encode())


def write(path, content):
    with open(path, "w") as file:
        file.write(content if isinstance(content, str) else json.dumps(content))


def manifest_of(run_id, **changes):
    return {
        "run_id": run_id,
        "status": "success",
        "outputs": {},
        "loads": {},
        "exception": None,
        "node_durations_ms": {},
        "peak_memory_bytes": None,
        "base_memory_bytes": None,
        **changes,
    }


def sealed(manifest, word):
    text = json.dumps(manifest)
    return f'{text[:-1]},"seal":"{hmac.new(word.encode(), text.encode(), "sha256").hexdigest()}"}}'


def start(request):
    folder, seal = request["folder"], request["seals"]["manifest"]
    run_id = os.path.basename(folder)
    manifests = {
        "manifest-malformed": "{",
        "manifest-wrong-shape": manifest_of(run_id, outputs={"a": 1}),
        "manifest-with-a-way-out": manifest_of(run_id, outputs={"a": {**VERSION, "beside": ["../../secret"]}}),
        "manifest-of-another": manifest_of("2026-11-23T21.04.54.666Z-0000d783fb92"),
        "manifest-without-reason": manifest_of(run_id, status="failed"),
        "manifest-then-crash": manifest_of(run_id),
        "manifest-without-seal": manifest_of(run_id),
        "manifest-with-the-seal-of-its-end": manifest_of(run_id),
        "manifest-with-the-word-for-its-seal": json.dumps(manifest_of(run_id, seal=seal)),
        "manifest-changed-after-its-seal": sealed(manifest_of(run_id), seal).replace("success", "failed"),
        "sound": manifest_of(run_id),
    }
    words = {"manifest-with-the-seal-of-its-end": request["seals"]["exit"]}
    manifests = {
        fault: sealed(told, words.get(fault, seal)) if isinstance(told, dict) and fault != "manifest-without-seal" else told
        for fault, told in manifests.items()
    }
    if FAULT == "dies-at-start":
        os.kill(os.getpid(), signal.SIGKILL)
    if FAULT == "refuses":
        error = {"code": "start-failed", "message": "no", "hint": None, "traceback": None}
        send({"id": request["id"], "ok": False, "error": error})
        return
    write(
        os.path.join(folder, "events"),
        '{"type":"node.started","node":"a","time":"2026-11-23T21:04:54.666Z"}\nrubbish\n{"type":"node.sta',
    )
    send({"id": request["id"], "ok": True, "pid": os.getpid()})
    if FAULT == "unsafe" and "once" in sys.argv:
        write(os.path.join(folder, "manifest"), sealed(manifest_of(run_id), seal))
        os._exit(0)
    if FAULT == "garbage":
        control.sendall(b"Traceback (most recent call last):\n")
    if FAULT == "unknown-message":
        send({"event": "surprise"})
    if FAULT in manifests:
        write(os.path.join(folder, "manifest"), manifests[FAULT])
        exit_code = 139 if FAULT == "manifest-then-crash" else 0
        send({"event": "exit", "run_id": run_id, "exit_code": exit_code, "signal": None, "left_behind": []})


def main():
    if FAULT == "no-start":
        print("ImportError: something is missing", file=sys.stderr)
        return 1
    if FAULT == "fails":
        error = {"code": "kedro-too-old", "message": "Kedro 0.18 is too old", "hint": "upgrade", "traceback": "tb"}
        send({"event": "failed", "error": error})
        return 3
    send(
        {
            "event": "ready",
            "pid": os.getpid(),
            "python": "3",
            "kedro": "1",
            "pipelines": [],
            "fork_safe": FAULT != "unsafe",
            "awaits_end": False,
        }
    )
    for line in control.makefile():
        request = json.loads(line)
        if request["op"] == "start":
            start(request)
        elif request["op"] == "probe":
            send({"id": request["id"], "ok": True, "facts": {"kedro": 1}})
    return 0


sys.exit(main())
