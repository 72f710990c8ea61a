"""Entries by hand near the reports that came: what a person says of them, and how far around them is to be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.dateparse import parse_datetime

from common.sql import fetch
from journal.brokers.base import HAND_AUTHORITY
from journal.domain.joined import Entered, Row
from journal.domain.trading_day import day_starts_at, trading_day
from journal.domain.values import TradingDay
from journal.models import BrokerAccount, Correction, CorrectionKind

_ENTRIES = (
    "SELECT r.fill_key, r.instrument_id, r.executed_at FROM journal_executionreport r "
    "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
    f"WHERE r.account_id = %s AND r.instrument_id = ANY(%s) AND r.authority = {HAND_AUTHORITY}"
)
_A_DAY = timedelta(days=1)


def list_entered_instruments(account_id: int, instrument_ids: Collection[int]) -> set[int]:
    """Those of which the account has entries by hand."""
    return {row[1] for row in fetch(_ENTRIES, [account_id, list(instrument_ids)])}


class Periods:
    """By instrument the first and the last moment that are to be read, the trading days of its entries as a whole."""

    def __init__(self, account_id: int, periods: Mapping[int, tuple[datetime, datetime]]) -> None:
        self.periods = dict(periods)
        entries = fetch(_ENTRIES, [account_id, list(periods)])
        if not entries:
            return
        day = _day_of(account_id)
        changes = _changes(account_id, [key for key, *_ in entries])
        spans: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
        for key, instrument_id, at in entries:
            spans[instrument_id].append(_span(at, changes.get(key), day))
        for instrument_id, days in spans.items():
            self.periods[instrument_id] = _widened(self.periods[instrument_id], days)


def _span(
    at: datetime, correction: Correction | None, day: TradingDay
) -> tuple[datetime, datetime]:
    """The trading day of an entry, and the moment that it was entered for where a person moved it."""
    moved = correction and parse_datetime(correction.changes.get("executed_at", ""))
    on = trading_day(moved or at, day)
    return min(day_starts_at(on, day), at), max(day_starts_at(on + _A_DAY, day), at)


def _widened(
    period: tuple[datetime, datetime], days: Iterable[tuple[datetime, datetime]]
) -> tuple[datetime, datetime]:
    first, last = period
    waiting = sorted(days)
    while near := [one for one in waiting if one[0] <= last and one[1] >= first]:
        first = min(first, *(one[0] for one in near))
        last = max(last, *(one[1] for one in near))
        waiting = [one for one in waiting if one not in near]
    return first, last


def entered_among(account_id: int, rows: Mapping[str, list[Row]]) -> Entered | None:
    """What is to be known of the entries among the reports; None where there are none."""
    keys = [key for key, listed in rows.items() if any(row.by_hand for row in listed)]
    if not keys:
        return None
    corrected = {
        key: None
        if one.kind == CorrectionKind.EXCLUDE
        else _corrected(max(rows[key], key=lambda row: row.id), one.changes)
        for key, one in _changes(account_id, keys).items()
    }
    return Entered(_day_of(account_id), corrected)


def _day_of(account_id: int) -> TradingDay:
    return BrokerAccount.objects.get(pk=account_id).trading_day


def _changes(account_id: int, keys: list[str]) -> dict[str, Correction]:
    found = Correction.objects.filter(account_id=account_id, withdrawn_at=None, fill_key__in=keys)
    return {one.fill_key: one for one in found.order_by("pk")}


def _corrected(row: Row, changes: Mapping[str, str]) -> Row:
    return row._replace(
        side=changes.get("side", row.side),
        at=parse_datetime(changes.get("executed_at", "")) or row.at,
        quantity=Decimal(changes.get("quantity", row.quantity)),
        price=Decimal(changes.get("price", row.price)),
    )
