"""What the client costs the thread that trades, and whether all arrives after a long silence.

    PYTHONPATH=client/src python -m benchmarks.client [RECORDS]

A bot of one thread reports a fill every millisecond to a journal that answers at once, to one that takes two seconds
for every call, and to none. Then so many records are spooled while there is none, and a journal comes up: all have to
arrive, in order, once, and memory has to stay what it was.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from fillbook_client import Journal

ROOT = Path(__file__).resolve().parent.parent
CALLS = 4_000
PAUSE_SECONDS = 0.001
SLOW_SECONDS = 2.0


class Sink:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        self.port = int(process.stdout.readline())

    def taken(self) -> list[int]:
        """Records, those that came twice, those out of order."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: list[int] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def sink(delay: float, port: int = 0) -> Iterator[Sink]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink", str(delay), str(port)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Sink(process)
    finally:
        process.kill()
        process.wait()


def report(journal: Journal, number: int) -> None:
    journal.execution(
        "ACME", "buy", "10", "25.50", exec_id=str(number), fee="1.05", client_order_id="my-1"
    )


def costs(port: int, folder: Path) -> dict[str, float]:
    """Microseconds of a call: median and 99th percentile."""
    with Journal(
        f"http://127.0.0.1:{port}", "token", account="U1", spool=folder / f"{port}.db"
    ) as journal:
        for number in range(200):
            report(journal, number)
        times = []
        for number in range(200, 200 + CALLS):
            started = time.perf_counter()
            report(journal, number)
            times.append(time.perf_counter() - started)
            time.sleep(PAUSE_SECONDS)
        cuts = quantiles(times, n=100)
    return {"median": cuts[49] * 1e6, "p99": cuts[98] * 1e6, "most": max(times) * 1e6}


def free_port() -> int:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def after_silence(records: int, folder: Path) -> dict[str, Any]:
    port = free_port()
    with Journal(
        f"http://127.0.0.1:{port}", "token", account="U1", spool=folder / "silence.db"
    ) as journal:
        started = time.perf_counter()
        early = 0.0
        for number in range(records):
            report(journal, number)
            if number == records // 10:
                early = resident_mb()
        spooled = time.perf_counter() - started
        most = resident_mb()
        with sink(0.0, port) as server:
            while (taken := server.taken())[0] < records and time.perf_counter() - started < 1_800:
                time.sleep(0.5)
                most = max(most, resident_mb())
            journal.flush(30)
            taken = server.taken()
        return {
            "records": records,
            "seconds_to_spool": spooled,
            "seconds_to_deliver": time.perf_counter() - started - spooled,
            "arrived": taken[0],
            "twice": taken[1],
            "disordered": taken[2],
            "waiting": journal.status().waiting,
            "memory_growth": round(most / early, 3),
            "peak_mb": most,
        }


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="fillbook-client-") as name:
        folder = Path(name)
        for title, delay in (("up", 0.0), ("slow", SLOW_SECONDS)):
            with sink(delay) as server:
                found[title] = costs(server.port, folder)
        found["gone"] = costs(free_port(), folder)
        found["silence"] = after_silence(records, folder)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
