"""Contracts that something else than a transaction names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from journal.brokers.tastytrade.row import Transaction, words
from journal.brokers.tastytrade_json.cells import text_of
from journal.brokers.tastytrade_json.items import CURRENCY
from journal.brokers.text.numbers import read_number
from journal.domain.values import ZERO


def naming(row: int, raw: dict[str, str], on: date, zone: ZoneInfo) -> Transaction:
    """What finds a contract reads transactions."""
    return Transaction(
        row=row,
        raw=raw,
        account_id=text_of(raw, "account-number"),
        at=datetime(on.year, on.month, on.day, tzinfo=UTC),
        day=on,
        zone=zone.key,
        kind="",
        sub_kind="",
        action="",
        symbol=text_of(raw, "symbol"),
        instrument_type=words(text_of(raw, "instrument-type")),
        description="",
        quantity=None,
        value=None,
        cost=ZERO,
        currency=CURRENCY,
        multiplier=read_number(text_of(raw, "multiplier")),
        underlying=text_of(raw, "underlying-symbol"),
    )
