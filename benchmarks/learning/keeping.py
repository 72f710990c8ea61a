"""L26: how long figures take to follow a close, in a PostgreSQL as durable as the one that people's data is in."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.learning.worlds import Effort
from benchmarks.results import Result, at_most
from benchmarks.server import private_server

TRADES = 5_000
CLOSES = 400
GOAL_MS = 50


def after_a_close(effort: Effort) -> Iterator[Result]:
    closes = effort.repetitions(CLOSES, least=60)
    with tempfile.TemporaryDirectory() as folder, private_server(Path(folder)) as server:
        server.run("bench_measuring", "manage.py", "migrate", "-v0")
        said = server.run(
            "bench_measuring", "-m", "benchmarks.child", "measuring", str(TRADES), str(closes)
        )
    found = json.loads(said.splitlines()[-1])
    close, late = found["close"], found["late"]
    what = f"L26 figures after a close at {TRADES:,} trades, {found['parts']} parts"
    median = f"median {close['median'] * 1000:.0f} ms"
    yield at_most(
        f"{what}, 95 % of {closes}, {median}", round(close["p95"] * 1000, 1), GOAL_MS, " ms"
    )
    late_ms = f"{late['p95'] * 1000:.0f} ms"
    yield Result("L26 a close that comes late, anywhere among them, 95 %", "", late_ms, None)
    yield Result(
        f"L26 all {TRADES:,} at once, a point after each", "", f"{found['whole']:.1f} s", None
    )


BENCHES = {"L26": after_a_close}
