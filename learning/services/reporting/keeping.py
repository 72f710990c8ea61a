"""Reports as rows, made of their runs."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from learning.models import LearningRun, Report, ReportKind
from learning.services.reporting.period import period_of
from learning.services.running import read

_HEADLINE_MAX = 255


def keep(run: LearningRun) -> Report:
    """The report that a run made, or the one that was told of that moment before."""
    told = read(run)
    document, material = told["document"], told["material"]
    period = period_of(ReportKind(run.kind), run.as_of, ZoneInfo(document["zone"]))
    in_period = [
        row for row in _rows(material) if material["begins"] <= row["closed"] < material["ends"]
    ]
    report, _ = Report.objects.get_or_create(
        workspace_id=run.workspace_id,
        kind=run.kind,
        as_of=run.as_of,
        defaults={
            "run": run,
            "since": date.fromisoformat(document["since"]),
            "until": date.fromisoformat(document["until"]),
            "zone": document["zone"],
            "headline": document["headline"][:_HEADLINE_MAX],
            "trades": len(in_period),
            "focus": told["focus"],
            "is_scheduled": period.is_scheduled,
        },
    )
    return report


def _rows(material: dict[str, dict[str, list[list[object]]]]) -> list[dict[str, int]]:
    table = material["rows"]
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]  # type: ignore[arg-type]
