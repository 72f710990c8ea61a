"""A copy of the application in a process of its own, with a DATA_DIR, a port and a terminal of its own."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 120
STOP_SECONDS = 45


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(data_dir: Path, port: int, **more: str) -> dict[str, str]:
    ours = (
        "DATABASE_URL",
        "CELERY_BROKER_URL",
        "DJANGO_SETTINGS_MODULE",
        "FILLBOOK_TEST_DIR",
        "HOST",
    )
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    settings = {
        "DATA_DIR": str(data_dir),
        "PORT": str(port),
        "WORKER_CONCURRENCY": "1",
        "WEB_WORKERS": "1",
    }
    return {**clean, **settings, **more}


class Copy:
    def __init__(self, data_dir: Path, port: int | None = None, **more: str) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up"],
            env=environment(data_dir, self.port, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def wait_for(self, words: str, seconds: float = START_SECONDS) -> Copy:
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no “{words}” in:\n{self.output}") from None
            if line is None:
                raise AssertionError(f"ended without “{words}”:\n{self.output}")
            self.lines.append(line)
            if words in line:
                return self

    def wait_until_ready(self) -> Copy:
        return self.wait_for("Ready after")

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def end(self) -> tuple[int, str]:
        code = self.process.wait(START_SECONDS)
        while (line := self._queue.get(timeout=5)) is not None:
            self.lines.append(line)
        return code, self.output

    def stop(self) -> float:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOP_SECONDS)
        return time.monotonic() - began

    def child(self, slug: str) -> psutil.Process:
        signs = {
            "postgres": "postgres",
            "valkey": "valkey-server",
            "web": "gunicorn",
            "worker": "fillbook",
            "closing": "closing",
            "beat": "beat",
        }
        for process in psutil.Process(self.process.pid).children():
            words = [Path(word).name for word in process.cmdline()] + [process.name()]
            if signs[slug] in words:
                return process
        raise AssertionError(f"no {slug} is running")

    def health(self) -> tuple[int, dict[str, str]]:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/health", timeout=10
            ) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def wait_until_healthy(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        seen = None
        while time.monotonic() < deadline:
            try:
                seen = self.health()
            except OSError as error:
                seen = (0, {"error": str(error)})
            if seen[0] == 200:
                return
        raise AssertionError(f"still {seen}")


def family(copy: Copy) -> list[psutil.Process]:
    return psutil.Process(copy.process.pid).children(recursive=True)
