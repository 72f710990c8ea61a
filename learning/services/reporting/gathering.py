"""What a report is made of, read as of its moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from weakref import WeakKeyDictionary

from accounts.models import Workspace
from learning.domain.report.material import Held, Kept, Material
from learning.domain.returns import by_week
from learning.models import ExposureReading, ReportKind, RunKind
from learning.selectors import said
from learning.selectors.earnings import earnings_of
from learning.selectors.held import held_at
from learning.selectors.reports import focus_before
from learning.selectors.trials import tried
from learning.services.context import Context
from learning.services.reporting.period import Period, period_of
from learning.services.reporting.window import Window

_READS = (RunKind.PARAMETERS, RunKind.REGIME, RunKind.PROBABILITY)
_gathered: WeakKeyDictionary[Context, dict[ReportKind, Material]] = WeakKeyDictionary()


def gather(context: Context, kind: ReportKind) -> Material:
    """Read once per run: what a run depends on and what it computes are of the same reading. Its dice are 0."""
    own = _gathered.setdefault(context, {})
    if kind not in own:
        own[kind] = _gather(context, kind, period_of(kind, context.as_of, context.zone))
    return own[kind]


def _gather(context: Context, kind: ReportKind, period: Period) -> Material:
    results = said.results_by(context.workspace_id, _READS, context.as_of)
    parameters = results.get(RunKind.PARAMETERS)
    window = Window(context, period, parameters)
    looked = said.exposure_by(context.workspace_id, context.as_of)
    is_month = kind == ReportKind.MONTHLY
    before = focus_before(context.workspace_id, kind, context.as_of, period.since)
    return Material(
        kind=kind.value,
        workspace=Workspace.objects.values_list("name", flat=True).get(pk=context.workspace_id),
        zone=period.zone.key,
        since=period.since.isoformat(),
        until=period.until.isoformat(),
        begins=period.begins,
        ends=period.ends,
        as_of=context.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        currency=context.currency,
        dice=0,
        rows=window.rows(),
        offers=window.offers(),
        held=_held(context, looked),
        moves=said.moves_by(context.workspace_id, context.as_of),
        claims=said.claims_since(context.workspace_id, period.told_since, context.as_of),
        proposals=said.proposals_since(
            context.workspace_id, period.told_since, context.as_of, parameters
        ),
        notes=_notes(context, results, looked),
        focus=None if before is None else Kept(before["rule"], before["instruction"]),
        data_version=window.version,
        returns=tuple(by_week(context.returns, period.until)) if is_month else (),
        tried=tried(context.workspace_id, context.as_of).all if is_month else 0,
    )


def _held(context: Context, looked: ExposureReading | None) -> tuple[Held, ...]:
    """What is open, with how it stood when it was looked at last, and when its underlying reports."""
    held = held_at(context.workspace_id, context.as_of, context.currency)
    stood = said.standing_by(looked, context.currency)
    days = earnings_of(context.workspace_id, {one.underlying for one in held}, context.as_of)
    found = []
    for one in held:
        profit, of_maximum = stood.get(one.key, ("", None))
        day = days.get(one.underlying)
        found.append(
            one._replace(
                profit=profit, of_maximum=of_maximum, earnings_on="" if day is None else day.isoformat()
            )
        )  # fmt: skip
    return tuple(found)


def _notes(
    context: Context, results: Mapping[str, Any], looked: ExposureReading | None
) -> dict[str, tuple[str, ...]]:
    """What other steps say, by the section that shows it."""
    found = {
        "risk": said.exposure_note(looked, context.currency),
        "rules": said.rules_note(results.get(RunKind.PARAMETERS)),
        "regime": said.regime_note(results.get(RunKind.REGIME)),
        "calibration": said.calibration_note(results.get(RunKind.PROBABILITY)),
    }
    return {section: lines for section, lines in found.items() if lines}
