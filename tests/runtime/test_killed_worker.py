"""A worker that dies in the middle of an import, and what is left of it: the whole import, once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.brokers.ibkr_flex.flex import statement, trade
from tests.runtime.running import ROOT, Copy, environment

pytestmark = [pytest.mark.xdist_group("runtime"), pytest.mark.slow]

FILLS = 20_000


def big_statement() -> str:
    return statement(
        *(
            trade(
                transactionID=str(n),
                tradeID=str(n),
                symbol=f"S{n % 300}",
                conid=str(n % 300 + 1),
                dateTime=f"202606{n * 27 // FILLS + 1:02d};{9 + n % 7:02d}{n % 60:02d}{n // 300 % 60:02d}",
                quantity=str(10 if n % 2 else -10),
                buySell="BUY" if n % 2 else "SELL",
            )
            for n in range(FILLS)
        )
    )


class Api:
    def __init__(self, copy: Copy, token: str) -> None:
        self.base, self.token = f"http://127.0.0.1:{copy.port}/api", token

    def get(self, path: str) -> dict:
        return self._ask(urllib.request.Request(f"{self.base}/{path}"))

    def post(self, path: str, content: dict) -> dict:
        request = urllib.request.Request(f"{self.base}/{path}", json.dumps(content).encode())
        request.add_header("Content-Type", "application/json")
        return self._ask(request)

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

    def wait(self, batch: int, until, seconds: float = 90) -> dict:
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


@pytest.fixture
def copy(tmp_path: Path):
    running = Copy(tmp_path / "data", API_RATE_LIMIT="100000/minute").wait_until_ready()
    yield running
    running.stop()


def test_an_import_whose_worker_is_killed_finishes_once(copy: Copy):
    manage(copy, "create_user", "alice@example.org", "--workspace", "Alice")
    api = Api(copy, manage(copy, "create_token", "alice@example.org"))
    batch = api.upload(big_statement().encode())["id"]

    def is_at_work(status: dict) -> bool:
        return status["state"] == "running" and bool((status["progress"] or {}).get("done"))

    api.wait(batch, is_at_work)
    worker = copy.child("worker")
    for process in [*worker.children(recursive=True), worker]:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    psutil.wait_procs([worker], timeout=10)
    assert api.get(f"trades/import/status/{batch}")["state"] == "running"
    assert api.get("executions")["results"] == []

    status = api.wait(batch, lambda status: status["state"] in ("done", "failed"))
    assert status["state"] == "done"
    assert status["result"]["accounts"][0]["executions"] == {
        "read": FILLS, "new": FILLS, "duplicate": 0,
    }  # fmt: skip
    again = api.upload(big_statement().encode())["id"]
    status = api.wait(again, lambda status: status["state"] in ("done", "failed"))
    assert status["result"]["accounts"][0]["executions"]["new"] == 0
