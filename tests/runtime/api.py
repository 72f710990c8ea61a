"""A copy of the application, spoken to over its API and its commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import psutil

from tests.runtime.running import ROOT, Copy, environment


class Api:
    def __init__(self, copy: Copy, token: str) -> None:
        self.base, self.token = f"http://127.0.0.1:{copy.port}/api", token

    def get(self, path: str) -> dict:
        return self._ask(urllib.request.Request(f"{self.base}/{path}"))

    def upload(self, content: bytes) -> dict:
        body = (
            b'--edge\r\nContent-Disposition: form-data; name="file"; filename="big.xml"\r\n'
            b"Content-Type: application/xml\r\n\r\n" + content + b"\r\n--edge--\r\n"
        )
        request = urllib.request.Request(f"{self.base}/trades/import/flex", body, method="POST")
        request.add_header("Content-Type", "multipart/form-data; boundary=edge")
        return self._ask(request)

    def _ask(self, request: urllib.request.Request) -> dict:
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def post(self, path: str, body: dict) -> dict:
        request = urllib.request.Request(f"{self.base}/{path}", json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        return self._ask(request)

    def wait(self, batch: int | str, until, seconds: float = 90) -> dict:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.get(f"trades/import/status/{batch}")
            if until(status):
                return status
            time.sleep(0.1)
        raise AssertionError(f"still {status}")


def manage(copy: Copy, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment(copy.data_dir, copy.port),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


def kill_worker(copy: Copy) -> None:
    """With all its processes, as by kill -9."""
    worker = copy.child("worker")
    for process in [*worker.children(recursive=True), worker]:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    psutil.wait_procs([worker], timeout=10)
