"""Goals and what was measured: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple


class Result(NamedTuple):
    """`is_met` None is a figure without a goal. `note` is told where a goal is missed."""

    what: str
    goal: str
    measured: str
    is_met: bool | None
    note: str = ""

    @property
    def verdict(self) -> str:
        return {True: "ok", False: "MISS", None: ""}[self.is_met]


def at_most(what: str, measured: float, goal: float, unit: str = "") -> Result:
    return Result(what, f"≤ {goal:,g}{unit}", f"{measured:,g}{unit}", bool(measured <= goal))


def at_least(what: str, measured: float, goal: float, unit: str = "") -> Result:
    return Result(what, f"≥ {goal:,g}{unit}", f"{measured:,g}{unit}", bool(measured >= goal))


def write_line(one: Result) -> str:
    return f"  {one.what}  {one.goal}  {one.measured}  {one.verdict}".rstrip()


def write_table(results: Sequence[Result]) -> str:
    rows = [("", "goal", "measured", "")]
    rows += [(one.what, one.goal, one.measured, one.verdict) for one in results]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip()
        for row in rows
    ]
    notes = [f"{one.what}: {one.note}" for one in results if one.is_met is False and one.note]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:], *notes])


def write_json(
    folder: Path, results: list[Result], details: dict[str, Any], *, now: datetime
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now:%Y%m%dT%H%M%SZ}.json"
    content = {
        "at": now.isoformat(),
        "results": [{**one._asdict(), "verdict": one.verdict} for one in results],
        "details": details,
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
