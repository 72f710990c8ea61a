"""L26: the weekly run of one trader of 5,000 trades, and the Monday of many, through services and database."""

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
ALIKE = 3
"""So often the one trader is run, as copies of him: a worker's first run fills its tables, which others find filled."""
USERS, TRADES, ALL_SECONDS, PROCESSES = 2_000, 500, 60, 2
FEW, TRADERS = 100, 10


def weekly(effort: Effort) -> Iterator[Result]:
    """All 2,000 users in full, else a hundred, whose times are told as twenty times as much."""
    users = USERS if effort.is_full else FEW
    with tempfile.TemporaryDirectory() as folder, private_server(Path(folder)) as server:
        one = _run(server, "bench_one", traders=1, trades=ONE_TRADES, users=ALIKE, processes=1)
        many = _run(
            server, "bench_many", traders=TRADERS, trades=TRADES, users=users, processes=PROCESSES
        )
    yield at_most(
        f"L26 weekly run, all steps from the first trade on and the report, {ONE_TRADES:,} trades, median of {ALIKE}",
        round(one["night"]["median"] + one["monday"]["median"], 2), ONE_SECONDS, " s",
    )  # fmt: skip
    share = USERS / many["users"]
    how = f"{many['users']:,} of them run" + (f", times {share:g}" if share > 1 else "")
    whose = f"of {USERS:,} traders of {TRADES} trades, {PROCESSES} processes, {how}"
    yield at_most(
        f"L26 Monday {whose}, nothing heard since the night",
        round(many["monday"]["seconds"] * share, 1), ALL_SECONDS, " s",
    )  # fmt: skip
    # Beside it: a night in which there are news of everybody, or the first after the rules have changed.
    anew = round(many["night"]["seconds"] * share, 1)
    yield Result(f"L26 all steps made anew {whose}", "", f"{anew:g} s", None)
    # What a machine that does nothing else would have to do, PostgreSQL's own work not counted.
    night, monday = many["night"]["median_cpu"], many["monday"]["median_cpu"]
    cpu = f"{one['night']['median_cpu']:.2f} s, {night * 1000:.0f} ms, {monday * 1000:.0f} ms"
    yield Result(
        "L26 CPU of a worker for the one, for one of the many, and for its Monday", "", cpu, None
    )


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
