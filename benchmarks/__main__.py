"""All numbers that Fillbook promises, in one run. See docs/benchmarks.md.

    python -m benchmarks [--quick] [--only imports,booking,memory,pages,capture,client,reconciliation] [--folder DIR]

Everything runs against a PostgreSQL of its own, in a temporary folder that is removed at the end. With --folder
it stays, and the large demo workspace is not built again the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import booking
from benchmarks.flex_file import write_flex
from benchmarks.results import Result, at_least, at_most, write_json, write_table
from benchmarks.server import ROOT, Server, describe, private_server

RESULTS = ROOT / "bench-results"


@dataclass(frozen=True, slots=True)
class Sizes:
    file: int
    small: int
    large: int
    runs: int
    spooled: int
    accounts: int


FULL = Sizes(file=100_000, small=10_000, large=1_000_000, runs=3, spooled=1_000_000, accounts=1_000)
QUICK = Sizes(file=20_000, small=6_000, large=60_000, runs=3, spooled=50_000, accounts=200)


@dataclass(slots=True)
class Bench:
    server: Server
    folder: Path
    sizes: Sizes
    details: dict[str, Any] = field(default_factory=dict)

    # -- imports -------------------------------------------------------------------------------------

    def imports(self) -> list[Result]:
        found = self._import_part("bench_import", "--runs", str(self.sizes.runs))
        self.details["import"] = found
        seconds = found["medians"]
        what = f"Import of {self.sizes.file:,} executions ({seconds['import']:.1f} s)"
        return [
            at_most(f"{what} ÷ bare COPY ({seconds['copy']:.1f} s)", found["to_copy"], 5),
            at_most(
                f"{what} ÷ ibflex parsing ({seconds['ibflex']:.1f} s)", found["to_ibflex"], 0.5
            ),
        ]

    def memory(self) -> list[Result]:
        found = self._import_part("bench_memory", "--memory")
        self.details["memory"] = found
        what = f"Peak memory of an import of {self.sizes.file:,} executions"
        return [at_most(what, found["peak_mb"], 300, " MB")]

    def _import_part(self, database: str, *options: str) -> dict[str, Any]:
        path = self.folder / f"statement-{self.sizes.file}.xml"
        if not path.exists():
            write_flex(path, executions=self.sizes.file)
        self.server.drop(database)
        self.server.run(database, "manage.py", "migrate", "-v0")
        size = ("--executions", str(self.sizes.file))
        said = self.server.run(
            database, "-m", "benchmarks.child", "importing", str(path), *size, *options
        )
        return _last_line(said)

    # -- capture -------------------------------------------------------------------------------------

    def capture(self) -> list[Result]:
        """Over HTTP, with the web server and the broker that `make run` starts."""
        self.server.drop("bench_capture")
        self.server.run("bench_capture", "manage.py", "migrate", "-v0")
        said = self.server.run(
            "bench_capture", "-m", "benchmarks.child", "capturing",
            CELERY_BROKER_URL=self.server.layout.broker_url,
        )  # fmt: skip
        found = self.details["capture"] = _last_line(said)
        batch, single = found["batch"], found["single"]
        times = f"{batch['call'] * 1000:.0f} ms ÷ {batch['copy'] * 1000:.0f} ms"
        rates = f"{single['capture']:.0f}/s ÷ {single['bare']:.0f}/s"
        return [
            at_most(f"Capture of 1,000 fills in a call ÷ bare COPY, {times}", batch["ratio"], 6),
            at_least(f"Capture one by one ÷ bare view, {rates}", single["ratio"], 0.4),
        ]

    # -- reconciliation ------------------------------------------------------------------------------

    def reconciliation(self) -> list[Result]:
        self.server.drop("bench_reconciliation")
        self.server.run("bench_reconciliation", "manage.py", "migrate", "-v0")
        said = self.server.run(
            "bench_reconciliation",
            "-m",
            "benchmarks.child",
            "reconciling",
            str(self.sizes.accounts),
        )
        found = self.details["reconciliation"] = _last_line(said)
        many, single = found["many"], found["single"]
        times = f"{many['cycle'] * 1000:.0f} ms ÷ {many['insert'] * 1000:.0f} ms"
        answers = f"{single['p95'] * 1000:.0f} ms ÷ {single['answer'] * 1000:.0f} ms"
        what = f"Reconciling {self.sizes.accounts:,} accounts × 20 positions"
        return [
            at_most(f"{what} ÷ bare bulk insert of the snapshot, {times}", many["ratio"], 4),
            at_most(f"One account, 95 % ÷ its broker’s answer, {answers}", single["ratio"], 1.2),
        ]

    # -- client --------------------------------------------------------------------------------------

    def client(self) -> list[Result]:
        """What reporting costs a bot, and what arrives after the journal was gone for long."""
        said = subprocess.run(
            [sys.executable, "-m", "benchmarks.client", str(self.sizes.spooled)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "client" / "src")},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found = self.details["client"] = _last_line(said.stdout)
        results = []
        for name in ("up", "slow", "gone"):
            cost = found[name]
            title = f"Client, a call of the bot, journal {name}"
            results += [
                at_most(f"{title}, median", round(cost["median"]), 100, " µs"),
                at_most(f"{title}, 99 %", round(cost["p99"]), 2_000, " µs"),
            ]
        after = found["silence"]
        wrong = after["records"] - after["arrived"] + after["twice"] + after["disordered"]
        times = f"{after['seconds_to_spool']:.0f} s + {after['seconds_to_deliver']:.0f} s"
        return [
            *results,
            at_most(
                f"{after['records']:,} records after a long silence ({times}), lost, twice or out of order",
                wrong, 0,
            ),
            at_most("Memory of that, ÷ after a tenth of it", after["memory_growth"], 1.1),
        ]  # fmt: skip

    # -- booking -------------------------------------------------------------------------------------

    def booking(self) -> list[Result]:
        found = booking.measure()
        self.details["booking"] = found
        rates = found["fills_per_second"]
        sizes = sorted(rates)
        return [
            at_least("Booking alone, slowest size", min(rates.values()), 200_000, " fills/s"),
            at_least(f"Booking {sizes[-1]:,} ÷ {sizes[0]:,} fills, rate", found["linear"], 0.7),
        ]

    # -- pages ---------------------------------------------------------------------------------------

    def pages(self) -> list[Result]:
        """Two databases in one installation, each with one workspace. They take turns, twice."""
        sizes = {self.sizes.small: "bench_small", self.sizes.large: "bench_large"}
        for executions, database in sizes.items():
            self._seed(f"{database}_{executions}", executions)
        rounds = [
            {executions: self._pages(f"{database}_{executions}") for executions, database in sizes.items()}
            for _ in range(2)
        ]  # fmt: skip
        self.details["pages"] = rounds
        names = rounds[0][self.sizes.small]["pages"]
        return [result for name in names for result in self._page_results(name, rounds)]

    def _seed(self, database: str, executions: int) -> None:
        self.server.run(database, "manage.py", "prepare", "-v0")
        if "executions" in (said := self._demo_of(database)):
            _say(f"  {database} is there: {said}")
            return
        started = time.monotonic()
        self.server.run(
            database, "manage.py", "seed_demo", "--statements-only", "--executions", str(executions)
        )
        self.details[f"seconds to build {database}"] = round(time.monotonic() - started, 1)

    def _demo_of(self, database: str) -> str:
        """A demo that was built to its end has notes; half of one is built on."""
        check = (
            "from journal.models import TradeNote, Execution; from django_scopes import scopes_disabled as s\n"
            "with s(): print(f'{Execution.objects.count()} executions' if TradeNote.objects.exists() else '')"
        )
        return self.server.run(database, "manage.py", "shell", "-v0", "-c", check)

    def _pages(self, database: str) -> dict[str, Any]:
        return _last_line(self.server.run(database, "-m", "benchmarks.child", "pages"))

    def _page_results(self, name: str, rounds: list[dict[int, Any]]) -> list[Result]:
        small, large = self.sizes.small, self.sizes.large
        times = {
            size: median(second for one in rounds for second in one[size]["pages"][name]["seconds"])
            for size in (small, large)
        }
        last = rounds[-1]
        queries = {size: last[size]["pages"][name]["queries"] for size in (small, large)}
        page = last[large]["pages"][name]
        milliseconds = " ÷ ".join(f"{times[size] * 1000:.0f} ms" for size in (large, small))
        title = f"{name.capitalize()}, {large:,} ÷ {small:,} executions"
        return [
            at_most(f"{title}, {milliseconds}", round(times[large] / times[small], 2), 2),
            Result(f"{title}, queries", "the same", f"{queries[large]} and {queries[small]}",
                   queries[large] == queries[small]),
            Result(f"{name.capitalize()} at {large:,}, rows read by one query at most",
                   f"≤ {last[large]['bound']:,}", f"{page['rows_most']:,}",
                   page["rows_most"] <= last[large]["bound"], page["rows_most_in"]),
        ]  # fmt: skip


def _last_line(output: str) -> dict[str, Any]:
    found = json.loads(output.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    options = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.split("\n")[0]
    )
    options.add_argument(
        "--quick", action="store_true", help="smaller sizes: minutes become seconds"
    )
    options.add_argument(
        "--only",
        default="booking,imports,memory,capture,client,reconciliation,pages",
        help="parts, with commas between",
    )
    options.add_argument("--folder", type=Path, help="keep data here, and use what is there")
    given = options.parse_args()
    started = time.monotonic()
    with ExitStack() as stack:
        folder = given.folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="fillbook-bench-"))
        )
        folder.mkdir(parents=True, exist_ok=True)
        _say(describe())
        server = stack.enter_context(private_server(folder))
        bench = Bench(server, folder, QUICK if given.quick else FULL)
        results = run_parts(bench, given.only.split(","))
    results.append(Result("Whole run", "", f"{time.monotonic() - started:,.0f} s", None))
    _say(f"\n{write_table(results)}\n")
    path = write_json(RESULTS, results, bench.details, now=datetime.now(UTC))
    _say(
        f"Written to {path.relative_to(ROOT)}"
        + " (a quick run: goals are for the full sizes)" * given.quick
    )
    return 1 if any(one.is_met is False for one in results) else 0


def run_parts(bench: Bench, names: list[str]) -> list[Result]:
    parts: dict[str, Callable[[], list[Result]]] = {
        "booking": bench.booking,
        "imports": bench.imports,
        "memory": bench.memory,
        "pages": bench.pages,
        "capture": bench.capture,
        "client": bench.client,
        "reconciliation": bench.reconciliation,
    }
    results = []
    for name in names:
        began = time.monotonic()
        _say(f"{name} …")
        found = parts[name]()
        results += found
        _say(f"  {time.monotonic() - began:.0f} s")
    return results


if __name__ == "__main__":
    sys.exit(main())
