"""Our parser and ibflex's on the same file, in one run.

python -m benchmarks.parsing [--executions 100000]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.flex_file import write_flex
from journal.brokers.base import ExecutionRow, ParseOptions
from journal.brokers.registry import get_parser

GOAL_RATIO = (
    0.2  # of the half of ibflex's time that a whole import may take, most is for the database
)


def import_ibflex_parser() -> ModuleType:
    """ibflex imports its web client, and with it requests, even for parsing a file; nothing here needs it."""
    if "requests" not in sys.modules and find_spec("requests") is None:
        stand_in = ModuleType("requests")
        stand_in.Response = object  # type: ignore[attr-defined]
        sys.modules["requests"] = stand_in
    from ibflex import parser  # noqa: PLC0415

    module: ModuleType = parser
    return module


def parse_with_ours(path: Path) -> int:
    with path.open("rb") as stream:
        records = get_parser("ibkr_flex").parse(stream, ParseOptions())
        return sum(type(record) is ExecutionRow for record in records)


def parse_with_ibflex(path: Path) -> int:
    response = import_ibflex_parser().parse(str(path))
    return sum(len(statement.Trades) for statement in response.FlexStatements)


def measure(*, executions: int = 100_000) -> dict[str, float | int]:
    """Seconds of each and their ratio; raises if the two do not see the same executions."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement.xml"
        write_flex(path, executions=executions)
        megabytes = path.stat().st_size / 1e6
        ours, our_seconds = _timed(parse_with_ours, path)
        theirs, their_seconds = _timed(parse_with_ibflex, path)
    if not ours == theirs == executions:
        raise AssertionError(f"{executions} executions, of which we see {ours} and ibflex {theirs}")
    return {
        "executions": executions,
        "megabytes": round(megabytes, 1),
        "seconds": round(our_seconds, 3),
        "ibflex_seconds": round(their_seconds, 3),
        "ratio": round(our_seconds / their_seconds, 4),
        "goal": GOAL_RATIO,
    }


def _timed(work: Callable[[Path], Any], path: Path) -> tuple[Any, float]:
    started = time.perf_counter()
    result = work(path)
    return result, time.perf_counter() - started


def main() -> None:
    options = argparse.ArgumentParser(description="Compare parsers on one generated statement.")
    options.add_argument("--executions", type=int, default=100_000)
    print(json.dumps(measure(executions=options.parse_args().executions), indent=2))


if __name__ == "__main__":
    main()
