"""What the learner promises, held against worlds whose truth is known. See docs/learning.md.

    python -m benchmarks.learning [--only L1,L7] [--quick | --full] [--jobs 2]

One line per measure: the benchmark, the goal, what was measured, `ok` or `MISS`. The status is 1 where one is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib import import_module

from benchmarks.__main__ import RESULTS
from benchmarks.learning.worlds import Effort
from benchmarks.results import Result, write_json, write_line, write_table

Bench = Callable[[Effort], Iterable[Result]]

TOPICS: tuple[str, ...] = (
    "claims",
    "keeping",
    "metrics",
    "sizing",
    "speech",
    "exits",
    "knowing",
    "thresholds",
    "weekly",
    "winning",
)
"""Modules beside this one; each has BENCHES: the benchmark's name (L1 …) to what measures it."""


def benches() -> dict[str, list[Bench]]:
    """What measures each; several topics may share one, as those of speed do."""
    found: dict[str, list[Bench]] = {}
    for topic in TOPICS:
        for name, bench in import_module(f"benchmarks.learning.{topic}").BENCHES.items():
            found.setdefault(name, []).append(bench)
    return dict(sorted(found.items(), key=lambda item: int(item[0][1:])))


def run(name: str, effort: Effort) -> tuple[list[Result], float]:
    """All lines of one benchmark, and the seconds it took. Runs in a process of its own."""
    began = time.perf_counter()
    return [
        line for bench in benches()[name] for line in bench(effort)
    ], time.perf_counter() - began


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.learning", description=__doc__)
    parser.add_argument("--only", default="", help="names, with commas between them")
    parser.add_argument("--quick", action="store_true", help="a tenth of the repetitions")
    parser.add_argument(
        "--full", action="store_true", help="what takes an hour too: L26 of 2,000 users"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    known = benches()
    names = [name for name in asked.only.split(",") if name] or list(known)
    if unknown := [name for name in names if name not in known]:
        parser.error(f"no benchmark is called {', '.join(unknown)}: {', '.join(known)}")
    effort = Effort(0.1 if asked.quick else 1.0, is_full=asked.full)
    results: list[Result] = []
    seconds: dict[str, float] = {}
    with ProcessPoolExecutor(asked.jobs) as pool:
        waiting = {name: pool.submit(run, name, effort) for name in names}
        for name, future in waiting.items():
            lines, seconds[name] = future.result()
            results += lines
            # What is measured is not lost where somebody stops the rest.
            told = [f"{name}: {seconds[name]:.0f} s", *map(write_line, lines)]
            print(*told, sep="\n", file=sys.stderr, flush=True)
    print(write_table(results))
    path = write_json(
        RESULTS / "learning",
        results,
        {"seconds": seconds, "effort": effort.share},
        now=datetime.now(UTC),
    )
    print(path)
    return int(any(one.is_met is False for one in results))


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    sys.exit(main(sys.argv[1:]))
