"""L26: the weekly run of one trader of 5,000 trades, and of many traders at once, through services and database."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.learning.worlds import Effort
from benchmarks.results import Result, at_most
from benchmarks.server import Server, private_server

ONE_TRADES, ONE_SECONDS = 5_000, 3
USERS, TRADES, ALL_SECONDS, PROCESSES = 2_000, 500, 60, 2
FEW, TRADERS = 100, 10


def weekly(effort: Effort) -> Iterator[Result]:
    """All 2,000 users in full, else a hundred, whose time is told as twenty times as much."""
    users = USERS if effort.is_full else FEW
    with tempfile.TemporaryDirectory() as folder, private_server(Path(folder)) as server:
        one = _run(server, "bench_one", traders=1, trades=ONE_TRADES, users=1, processes=1)
        many = _run(
            server, "bench_many", traders=TRADERS, trades=TRADES, users=users, processes=PROCESSES
        )
    yield at_most(
        f"L26 weekly run, all steps and the report, {ONE_TRADES:,} trades",
        round(one["slowest"], 2), ONE_SECONDS, " s",
    )  # fmt: skip
    share = USERS / many["users"]
    how = f"{many['users']:,} of them run" + (f", times {share:g}" if share > 1 else "")
    yield at_most(
        f"L26 weekly run of {USERS:,} traders of {TRADES} trades, {PROCESSES} processes, {how}",
        round(many["seconds"] * share, 1), ALL_SECONDS, " s",
    )  # fmt: skip
    # Beside them: what a machine that does nothing else would have to do, PostgreSQL's own work not counted.
    cpu = f"{one['median_cpu']:.2f} s, {many['median_cpu'] * 1000:.0f} ms"
    yield Result("L26 CPU of a worker for the one, and for one of the many (median)", "", cpu, None)


def _run(
    server: Server, database: str, *, traders: int, trades: int, users: int, processes: int
) -> Any:
    server.run(database, "manage.py", "migrate", "-v0")
    child = "-m", "benchmarks.child", "weekly"
    told = json.loads(
        _last(server.run(database, *child, "prepare", *map(str, (traders, trades, users))))
    )
    assert told["users"] == users
    return json.loads(_last(server.run(database, *child, "run", str(processes))))


def _last(said: str) -> str:
    return said.splitlines()[-1]


BENCHES = {"L26": weekly}
