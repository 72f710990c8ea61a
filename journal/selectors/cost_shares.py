"""Spin-offs: what came out of what, what both cost now, and what somebody stated of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from common.errors import NotFound
from journal.domain.corporate import ActionKind
from journal.models import CorporateActionReport, Correction, Execution, Leg
from journal.selectors.events import event_key_of

_SPUN = (ActionKind.SPIN_OFF, ActionKind.RIGHTS)


@dataclass(frozen=True, slots=True)
class SpinOff:
    """`new` and `old` are the legs that the new and the old shares are in; `old` is empty where the book holds none."""

    execution: Execution
    report: CorporateActionReport
    new: Leg | None
    old: list[Leg]
    correction: Correction | None


def get_spin_off(execution_id: int) -> SpinOff:
    """By the entry that it made."""
    execution = (
        Execution.objects.filter(pk=execution_id)
        .select_related("account", "instrument", "leg__instrument")
        .first()
    )
    missing = NotFound("spin_off_not_found", "There is no such spin-off in this workspace.")
    if execution is None:
        raise missing
    key = execution.fill_key
    report = spin_offs_among(execution.account_id, [key]).get(key)
    if report is None:
        raise missing
    correction = Correction.objects.filter(
        account_id=execution.account_id, fill_key=key, withdrawn_at=None
    )
    return SpinOff(
        execution,
        report,
        execution.leg,
        _old_legs(report),
        correction.select_related("author").first(),
    )


def spin_offs_among(account_id: int, fill_keys: list[str]) -> dict[str, CorporateActionReport]:
    """The rows of those entries that a spin-off made, by fill key."""
    keys = {event_key_of(key): key for key in fill_keys if event_key_of(key) != key}
    if not keys:
        return {}
    rows = CorporateActionReport.objects.filter(
        account_id=account_id, event_key__in=list(keys), kind__in=_SPUN
    ).select_related("instrument", "batch")
    return {keys[row.event_key]: row for row in rows.order_by("-id")}


def _old_legs(report: CorporateActionReport) -> list[Leg]:
    named = Q(pk__in=[])
    if report.other_isin:
        named |= Q(instrument__isin=report.other_isin)
    if report.other_symbol:
        named |= Q(instrument__symbol=report.other_symbol)
        named |= Q(instrument__former_symbols__contains=[report.other_symbol])
    held = Q(closed_at=None) | Q(closed_at__gte=report.effective_at)
    legs = Leg.objects.filter(
        named, held, account_id=report.account_id, opened_at__lt=report.effective_at
    )
    return list(
        legs.exclude(instrument_id=report.instrument_id).select_related("instrument").order_by("pk")
    )
