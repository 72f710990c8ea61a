"""What a download has beside transactions: its own description, orders, positions, and balances at the end of a day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from journal.brokers.base import (
    CashBalanceRow,
    NavRow,
    OtherRow,
    PositionRow,
    Record,
    StatementInfo,
)
from journal.brokers.tastytrade import refusals
from journal.brokers.tastytrade.reader import TransactionReader
from journal.brokers.tastytrade.row import read_money, words
from journal.brokers.tastytrade_json.cells import raw_of, signed, text_of
from journal.brokers.tastytrade_json.items import CURRENCY, Zones
from journal.brokers.tastytrade_json.naming import naming
from journal.brokers.text.faults import BadDate, Missing
from journal.brokers.text.moments import read_when
from journal.brokers.text.numbers import read_number

_UTC = ZoneInfo("UTC")
_SIGNS = {"long": 1, "short": -1, "zero": 0}


class What(StrEnum):
    """The values are the sections under which the rows are kept, and the names of their counts."""

    DOWNLOAD = "download"
    TRANSACTION = "transactions"
    ORDER = "orders"
    POSITION = "positions"
    BALANCE = "balances"


# The fields that only such an item has. Whatever is none of these is a transaction that lacks something.
_FIELDS = (
    ("download", What.DOWNLOAD),
    ("transaction-type", What.TRANSACTION),
    ("quantity-direction", What.POSITION),
    ("order-type", What.ORDER),
    ("cash-balance", What.BALANCE),
)


def what_is(item: dict[str, Any]) -> What:
    found = (what for field, what in _FIELDS if field in item)
    return next(found, What.TRANSACTION)


class Download:
    """The first item of a document that our own fetcher has put together."""

    def __init__(self, row: int, stated: object, zones: Zones) -> None:
        """Raises UnreadableStatement where it is not what our fetcher writes."""
        found: dict[str, Any] = stated if isinstance(stated, dict) else {}
        raw = raw_of(found)
        self._seen: Counter[str] = Counter()
        try:
            self.account_id = raw["account-number"]
            self._counts = {f"{name}": f"{count}" for name, count in found["counts"].items()}
            self.positions_of = _day(raw["positions-of"]) if "positions-of" in raw else None
            self.info = StatementInfo(
                row=row,
                account_id=self.account_id,
                base_currency=CURRENCY,
                account_alias=raw.get("nickname", ""),
                from_on=_day(raw["from"]),
                to_on=_day(raw["to"]),
                generated_at=read_when(raw["downloaded-at"]).instant(_UTC),
                zone=zones.of(self.account_id).key,
                raw=raw,
            )
        except (KeyError, AttributeError, BadDate):
            raise refusals.broken(row) from None

    def count(self, what: What) -> None:
        self._seen[what.value] += 1

    def check(self, row: int) -> None:
        """Raises UnreadableStatement where the document does not hold what its start says."""
        if any(f"{self._seen[name]}" != count for name, count in self._counts.items()):
            raise refusals.truncated(row)


def read_balance(row: int, raw: dict[str, str]) -> list[Record]:
    """Cash and net liquidating value at the end of a day."""
    day = text_of(raw, "snapshot-date")
    if not day:
        raise Missing("no_date", "it states no date")
    on, account_id = read_when(day).day, text_of(raw, "account-number")
    currency = text_of(raw, "currency").upper() or CURRENCY
    cash, value = signed(raw, "cash-balance"), read_money(text_of(raw, "net-liquidating-value"))
    found: list[Record] = [CashBalanceRow(row, account_id, raw, currency, False, cash, None, on)]
    if value is not None:
        found.append(NavRow(row, account_id, raw, on, value))
    return found


def read_position(
    row: int, raw: dict[str, str], on: date, zone: ZoneInfo, reader: TransactionReader
) -> list[Record]:
    """`on`: the day at whose end it was held. `cost-effect` is that of closing; only the direction says the side."""
    sign = _SIGNS.get(words(text_of(raw, "quantity-direction")))
    quantity = read_number(text_of(raw, "quantity"))
    if sign is None:
        raise Missing("no_side", "it does not say whether it is held long or short")
    if quantity is None:
        raise Missing("no_quantity", "it states no quantity")
    if not sign * quantity:
        return [OtherRow(row, text_of(raw, "account-number"), What.POSITION.value, raw)]
    instrument = reader.contract_of(naming(row, raw, on, zone))
    average = read_money(text_of(raw, "average-open-price"))
    units = quantity.copy_abs() * instrument.multiplier
    return [
        PositionRow(
            row=row,
            account_id=text_of(raw, "account-number"),
            raw=raw,
            instrument=instrument,
            signed_quantity=sign * quantity.copy_abs(),
            mark_price=read_money(text_of(raw, "close-price")),
            value=None,
            cost=None if average is None else average * units,
            unrealized_pnl=None,
            fx_rate=None,
            reported_on=on,
            is_lot=False,
            opened_at=None,
            opening_broker_id="",
        )
    ]


def _day(text: str) -> date:
    return read_when(text).day
