"""What people corrected, and where it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from common.errors import NotFound
from journal.models import (
    CorporateActionReport,
    Correction,
    CorrectionKind,
    Execution,
    ExecutionReport,
    Leg,
    Trade,
)
from journal.selectors.events import action_key, event_key_of
from journal.selectors.evidence import NEWEST_FIRST
from journal.selectors.joined_fills import fills_of, keys_of, list_sums


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A fill that would be in the book had nobody excluded it."""

    correction: Correction
    report: ExecutionReport


def list_corrections() -> QuerySet[Correction]:
    """Those that hold first, then the newest."""
    rows = Correction.objects.select_related("account", "author")
    return rows.order_by("-withdrawn_at", "-id")


def get_correction(correction_id: int) -> Correction:
    found = Correction.objects.filter(pk=correction_id).first()
    if found is None:
        raise NotFound("correction_not_found", "There is no such correction in this workspace.")
    return found


def find_correction(account_id: int, fill_key: str) -> Correction | None:
    """The one that holds for the fill, under whichever of its keys; not that of an entry that sums it up."""
    keys = keys_of(account_id, [fill_key])
    found = Correction.objects.filter(
        account_id=account_id,
        fill_key__in=keys.keys() - list_sums(account_id, keys),
        withdrawn_at=None,
    )
    return min(found, key=lambda one: (one.fill_key != fill_key, one.pk), default=None)


def corrections_of(
    trade: Trade, legs: Sequence[Leg], fills: Mapping[str, str]
) -> tuple[dict[str, Correction], list[LeftOut]]:
    """What holds for the trade: amended fills by key, and fills of its instruments and days that were left out.

    `fills` are all keys under which its fills were reported, each with the fill's own."""
    found = Correction.objects.filter(
        Q(fill_key__in=list(fills)) | Q(kind=CorrectionKind.EXCLUDE),
        account_id=trade.account_id,
        withdrawn_at=None,
    ).select_related("author")
    sums = list_sums(trade.account_id, [one.fill_key for one in found])
    amended: dict[str, Correction] = {}
    excluded: dict[str, Correction] = {}
    for one in found:
        if one.fill_key in sums:
            continue
        if one.kind == CorrectionKind.EXCLUDE:
            excluded[one.fill_key] = one
        else:
            amended[fills[one.fill_key]] = one
    reports = ExecutionReport.objects.filter(
        account_id=trade.account_id,
        fill_key__in=list(excluded),
        instrument_id__in=[leg.instrument_id for leg in legs],
        executed_at__gte=trade.opened_at,
    ).order_by("executed_at", "-authority", *NEWEST_FIRST)
    if trade.closed_at:
        reports = reports.filter(executed_at__lte=trade.closed_at)
    first = {report.fill_key: report for report in reversed(reports)}
    return amended, [LeftOut(excluded[key], report) for key, report in reversed(first.items())]


def reports_of(corrections: Sequence[Correction]) -> dict[tuple[int, str], ExecutionReport]:
    """The report of each corrected fill that counts, by account and fill key."""
    keys: dict[int, list[str]] = defaultdict(list)
    for one in corrections:
        keys[one.account_id].append(one.fill_key)
    wanted = Q(pk__in=[])
    for account_id, fill_keys in keys.items():
        wanted |= Q(account_id=account_id, fill_key__in=fill_keys)
    reports = ExecutionReport.objects.filter(wanted).select_related("instrument")
    found: dict[tuple[int, str], ExecutionReport] = {}
    for report in reports.order_by("-authority", *NEWEST_FIRST):
        found.setdefault((report.account_id, report.fill_key), report)
    return found


def actions_of(corrections: Sequence[Correction]) -> dict[tuple[int, str], CorporateActionReport]:
    """The row of each spin-off that a share of cost was stated for, by account and fill key."""
    stated = [one for one in corrections if one.kind == CorrectionKind.COST_SHARE]
    if not stated:
        return {}
    rows = CorporateActionReport.objects.filter(
        account_id__in={one.account_id for one in stated},
        event_key__in=[event_key_of(one.fill_key) for one in stated],
    ).select_related("instrument", "batch")
    return {(row.account_id, action_key(row.event_key)): row for row in rows.order_by("-id")}


def find_trade_of(account_id: int, fill_key: str) -> int | None:
    """The trade that the fill is in now, under whichever key it was reported; None when it is in none."""
    fill = fills_of(account_id, [fill_key])[fill_key]
    execution = (
        Execution.objects.filter(account_id=account_id, fill_key=fill).select_related("leg").first()
    )
    return execution.leg.trade_id if execution and execution.leg_id and execution.leg else None


def list_retimed_instruments(account_id: int) -> set[int]:
    """Instruments with a fill that is booked at another time than it was reported at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT r.instrument_id FROM journal_correction c "
            "JOIN journal_executionreport r "
            "ON r.account_id = c.account_id AND r.fill_key = c.fill_key "
            "WHERE c.account_id = %s AND c.withdrawn_at IS NULL AND c.changes ? 'executed_at'",
            [account_id],
        )
        return {row[0] for row in cursor.fetchall()}
