"""Payments and corporate actions that one source gives an id and another does not: the same event, when account,
contract, amounts and day are the same.

Equal rows are counted: of three without an id and two with, one is new. Rows of one import are never compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from common.sql import fetch
from journal.brokers.base import CashRow, CorporateActionRow, InstrumentRow
from journal.domain.identity import known_id

Event = tuple[int, str, Any]  # account, event key, record
_DAY = timedelta(days=1)


class Compared(NamedTuple):
    """What rows must have in common beside contract and day, and when they happened: names in record and table."""

    table: str
    values: tuple[str, ...]
    at: str


_COMPARED = {
    CashRow: Compared("journal_cashreport", ("amount", "currency"), "occurred_at"),
    CorporateActionRow: Compared(
        "journal_corporateactionreport", ("signed_quantity", "cash"), "effective_at"
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
        day = getattr(record, compared.at).astimezone(zones[account_id]).date()
        values = (getattr(record, name) for name in compared.values)
        # A twin is named where this one is not.
        twin = (account_id, not known_id(record.broker_id), instrument, day, *values)
        if known[twin]:
            known[twin] -= 1
        else:
            left.append(event)
    return left


def _known(
    compared: Compared, account_id: int, batch_id: int, moments: list[datetime], zone: ZoneInfo
) -> Iterable[tuple[Any, ...]]:
    rows = fetch(
        f"SELECT e.broker_id, e.instrument_id, e.{compared.at}, {', '.join(f'e.{name}' for name in compared.values)} "
        f'FROM "{compared.table}" e JOIN journal_importbatch b ON b.id = e.batch_id AND b.withdrawn_at IS NULL '
        f"WHERE e.account_id = %s AND e.batch_id <> %s AND e.{compared.at} BETWEEN %s AND %s",
        [account_id, batch_id, min(moments) - _DAY, max(moments) + _DAY],
    )
    for broker_id, instrument_id, at, *values in rows:
        yield (
            account_id,
            bool(known_id(broker_id)),
            instrument_id,
            at.astimezone(zone).date(),
            *values,
        )
