"""A whole import, from file to booked trades, against a bare COPY of its executions and against ibflex.

    python -m benchmarks.child importing FILE --executions 100000 --runs 3

The three take turns, so that what slows the machine slows all of them. The COPY writes the rows that the
import wrote, byte for byte, into the same table, emptied, with its indexes, checks and triggers in place.
`--memory` imports once, in a process of its own, and says how much memory that took at most.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from django.apps import apps
from django.db import connection
from django_scopes import scope

from accounts.models import Workspace
from benchmarks.parsing import import_ibflex_parser, parse_with_ibflex
from journal.services import imports

TABLE = "journal_executionreport"


def import_file(path: Path, workspace_id: int) -> dict[str, Any]:
    with scope(workspace=workspace_id), path.open("rb") as stream:
        batch = imports.receive_file(
            workspace_id, stream, name=path.name, request=imports.ImportRequest(source="benchmark")
        )
        imports.confirm_import(batch)
        return imports.run_import(batch) or {}


def empty_workspace() -> int:
    """The id of a new workspace in a journal that holds nothing."""
    tables = [model._meta.db_table for model in apps.get_app_config("journal").get_models()]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
    return Workspace.objects.create(name="Benchmark", slug=f"benchmark-{time.time_ns()}").pk


def export_rows() -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY {TABLE} TO STDOUT") as copy:
        return b"".join(bytes(block) for block in copy)


def copy_rows(rows: bytes) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {TABLE} FROM STDIN") as copy:
        copy.write(rows)


def truncate() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLE}")


def count_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE}")
        return cursor.fetchone()[0]


def seconds_of(work: Callable[[], Any]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(path: Path, executions: int, runs: int) -> dict[str, Any]:
    import_ibflex_parser()
    times: dict[str, list[float]] = {"import": [], "copy": [], "ibflex": []}
    for _ in range(runs):
        workspace_id = empty_workspace()
        times["import"].append(seconds_of(lambda: import_file(path, workspace_id)))  # noqa: B023
        assert count_rows() == executions
        rows = export_rows()
        truncate()
        times["copy"].append(seconds_of(lambda: copy_rows(rows)))  # noqa: B023
        assert count_rows() == executions
        times["ibflex"].append(seconds_of(lambda: parse_with_ibflex(path)))
    middle = {name: median(each) for name, each in times.items()}
    return {
        "executions": executions,
        "medians": {name: round(each, 2) for name, each in middle.items()},
        "seconds": {name: [round(one, 3) for one in each] for name, each in times.items()},
        "to_copy": round(middle["import"] / middle["copy"], 2),
        "to_ibflex": round(middle["import"] / middle["ibflex"], 3),
    }


def measure_memory(path: Path, executions: int) -> dict[str, Any]:
    with _ChildPeaks() as children:
        import_file(path, empty_workspace())
    assert count_rows() == executions
    peak = _peak_bytes() + children.sum()
    return {"peak_mb": round(peak / 1024**2, 1), "reader_mb": round(children.sum() / 1024**2, 1)}


class _ChildPeaks:
    """The peaks of the processes that this one starts, looked at twenty times a second: they do not outlive their
    end, and what the system adds up for all children counts the moment before each became a program of its own."""

    def __init__(self) -> None:
        self._peaks: dict[str, int] = {}
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _ChildPeaks:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watcher.join()

    def sum(self) -> int:
        return sum(self._peaks.values())

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            for tasks in Path("/proc/self/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    for child in tasks.read_text().split():
                        self._look_at(child)

    def _look_at(self, child: str) -> None:
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        if b"journal.reading.worker" in command:
            self._peaks[child] = _high_water(Path(f"/proc/{child}/status"))


def _high_water(status: Path) -> int:
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _peak_bytes() -> int:
    """Of this program alone. On Linux `ru_maxrss` also remembers the process that started it, which may have been
    larger; the high-water mark in /proc starts anew with each program."""
    status = Path("/proc/self/status")
    if status.exists():
        return _high_water(status)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> None:
    options = argparse.ArgumentParser(description="Import against COPY and ibflex.")
    options.add_argument("path", type=Path)
    options.add_argument("--executions", type=int, default=100_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--memory", action="store_true")
    given = options.parse_args()
    if given.memory:
        print(json.dumps(measure_memory(given.path, given.executions)))
    else:
        print(json.dumps(compare(given.path, given.executions, given.runs)))


if __name__ == "__main__":
    main()
