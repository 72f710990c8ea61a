"""Payments, transfers, corporate actions and ends of options that one source gives an id and another does not: the same
event, when account, contract, amounts and day are the same.

Equal rows are counted: of three without an id and two with, one is new. Rows of one import are never compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from common.sql import fetch
from journal.brokers.base import (
    CashRow,
    CorporateActionRow,
    InstrumentRow,
    OptionEventRow,
    TransferRow,
)
from journal.domain.identity import known_id

Event = tuple[int, str, Any]  # account, event key, record
_DAY = timedelta(days=1)


class Compared(NamedTuple):
    """What rows must have in common beside contract and day, when they happened (a moment or a day), and their own id:
    names in record and table."""

    table: str
    values: tuple[str, ...]
    at: str
    name: str = "broker_id"


_COMPARED = {
    CashRow: Compared("journal_cashreport", ("amount", "currency"), "occurred_at"),
    CorporateActionRow: Compared(
        "journal_corporateactionreport", ("signed_quantity", "cash"), "effective_at"
    ),
    TransferRow: Compared("journal_transferreport", ("signed_quantity", "cash"), "occurred_at"),
    OptionEventRow: Compared(
        "journal_optioneventreport", ("kind", "signed_quantity"), "happened_on", "trade_id"
    ),
}


def without_twins(
    kind: type,
    events: list[Event],
    *,
    batch_id: int,
    resolve: Callable[[InstrumentRow], int],
    zones: Mapping[int, ZoneInfo],
) -> list[Event]:
    """The events that no other import states already: with an id where they have none, or the other way round."""
    compared = _COMPARED.get(kind)
    if compared is None or not events:
        return events
    known: Counter[tuple[Any, ...]] = Counter()
    for account_id in {account_id for account_id, _, _ in events}:
        moments = [getattr(record, compared.at) for id_, _, record in events if id_ == account_id]
        known.update(_known(compared, account_id, batch_id, moments, zones[account_id]))
    left = []
    for event in events:
        account_id, _, record = event
        instrument = None if record.instrument is None else resolve(record.instrument)
        day = _day(getattr(record, compared.at), zones[account_id])
        values = (getattr(record, name) for name in compared.values)
        # A twin is named where this one is not.
        is_named = bool(known_id(getattr(record, compared.name)))
        twin = (account_id, not is_named, instrument, day, *values)
        if known[twin]:
            known[twin] -= 1
        else:
            left.append(event)
    return left


def _known(
    compared: Compared, account_id: int, batch_id: int, moments: list[date], zone: ZoneInfo
) -> Iterable[tuple[Any, ...]]:
    columns = (compared.name, "instrument_id", compared.at, *compared.values)
    rows = fetch(
        f"SELECT {', '.join(f'e.{name}' for name in columns)} "
        f'FROM "{compared.table}" e JOIN journal_importbatch b ON b.id = e.batch_id AND b.withdrawn_at IS NULL '
        f"WHERE e.account_id = %s AND e.batch_id <> %s AND e.{compared.at} BETWEEN %s AND %s",
        [account_id, batch_id, min(moments) - _DAY, max(moments) + _DAY],
    )
    for name, instrument_id, at, *values in rows:
        yield (account_id, bool(known_id(name)), instrument_id, _day(at, zone), *values)


def _day(at: date, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date() if isinstance(at, datetime) else at
