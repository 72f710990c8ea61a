"""What a report is made of, read as of its moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from accounts.models import Workspace
from learning.domain.parameters.candidates import Candidates
from learning.domain.report.material import DAY, PAST_DAYS, Held, Kept, Material, Offer, Row
from learning.domain.returns import by_week
from learning.models import ExposureReading, ReportKind, RunKind
from learning.selectors import said
from learning.selectors.adherence import Decided, entry_costs
from learning.selectors.earnings import earnings_of
from learning.selectors.facts import Row as Fact
from learning.selectors.facts import seconds_of
from learning.selectors.held import held_at
from learning.selectors.reports import focus_before
from learning.selectors.trials import tried
from learning.services.context import Context, Reads
from learning.services.reporting.period import Period, period_of

READS = (Reads.TRADES, Reads.CANDIDATES)
_gathered: WeakKeyDictionary[Context, dict[ReportKind, Material]] = WeakKeyDictionary()


def gather(context: Context, kind: ReportKind) -> Material:
    """Read once per run: what a run depends on and what it computes are of the same reading. Its dice are 0."""
    own = _gathered.setdefault(context, {})
    if kind not in own:
        own[kind] = _gather(context, kind, period_of(kind, context.as_of, context.zone))
    return own[kind]


def _gather(context: Context, kind: ReportKind, period: Period) -> Material:
    facts = _in_window(context.rows, period)
    parameters = said.result_by(context.workspace_id, RunKind.PARAMETERS, context.as_of)
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
        rows=_rows(context, facts),
        offers=_offers(context.candidates, period),
        held=_held(context, looked),
        moves=said.moves_by(context.workspace_id, context.as_of),
        claims=said.claims_since(context.workspace_id, period.told_since, context.as_of),
        proposals=said.proposals_since(context.workspace_id, period.told_since, context.as_of),
        notes=_notes(context, parameters, looked),
        focus=None if before is None else Kept(before["rule"], before["instruction"]),
        data_version=context.data_version(READS),
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
    context: Context, parameters: Any, looked: ExposureReading | None
) -> dict[str, tuple[str, ...]]:
    """What other steps say, by the section that shows it."""
    workspace_id, as_of = context.workspace_id, context.as_of
    found = {
        "risk": said.exposure_note(looked, context.currency),
        "rules": said.rules_note(parameters),
        "regime": said.regime_note(said.result_by(workspace_id, RunKind.REGIME, as_of)),
        "calibration": said.calibration_note(
            said.result_by(workspace_id, RunKind.PROBABILITY, as_of)
        ),
    }
    return {section: lines for section, lines in found.items() if lines}


def _in_window(rows: Sequence[Fact], period: Period) -> list[Fact]:
    """Closed in the period or in the days before it that it is judged by."""
    since = period.begins - PAST_DAYS * DAY
    return [one for one in rows if since <= one.closed_at.timestamp() < period.ends]


def _rows(context: Context, facts: Sequence[Fact]) -> tuple[Row, ...]:
    money = set(context.own_trades.key.tolist())
    planned = _planned(context)
    decided = {one.id: one for one in context.decided}
    nothing = Decided(0, {}, "", "")
    costs = entry_costs(context.filled)
    moments = [seconds_of([one.opened_at, one.closed_at, one.known_at]) for one in facts]
    return tuple(
        Row(
            key=one.id,
            symbol=one.symbol,
            opened=int(opened),
            closed=int(closed),
            known_at=int(known_at),
            pnl=str(one.pnl) if one.id in money else "",
            r=one.r,
            result=one.result,
            r_plan=planned.get(one.id),
            process=(of := decided.get(one.id, nothing)).grade,
            quadrant=of.quadrant,
            checks=of.checks,
            entry_cost=(cost := costs.get(one.id, (None, None)))[0],
            spread_share=cost[1],
        )
        for one, (opened, closed, known_at) in zip(facts, moments, strict=True)
    )


def _planned(context: Context) -> dict[int, float]:
    """What the plan of each trade came to without hands on it, by the recommendation that it followed."""
    candidates = context.candidates
    r_plan = {
        int(key): float(r)
        for key, r in zip(candidates.key, candidates.r_told, strict=True)
        if np.isfinite(r)
    }
    followed = context.followed
    return {id_: r_plan[key] for id_, key in followed.items() if key in r_plan}


def _offers(candidates: Candidates, period: Period) -> tuple[Offer, ...]:
    since = period.begins - PAST_DAYS * DAY
    rows = np.flatnonzero((candidates.opened >= since) & (candidates.opened < period.ends))
    return tuple(
        Offer(
            key=int(candidates.key[at]),
            opened=int(candidates.opened[at]),
            known_at=int(candidates.known_at[at]),
            r_plan=_number(candidates.r_plan[at]),
            r_actual=_number(candidates.r_actual[at]),
            fate=int(candidates.fate[at]),
            shadow=bool(candidates.shadow[at]),
            mark=int(candidates.mark[at]),
        )
        for at in rows
    )


def _number(value: np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None
