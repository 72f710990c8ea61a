"""Items of the API into transactions. Numbers have no sign but an effect beside them: Credit, Debit or None."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from journal.brokers.base import ParseOptions, Record
from journal.brokers.tastytrade.reader import TransactionReader, left_out
from journal.brokers.tastytrade.row import Transaction, read_money, words
from journal.brokers.tastytrade_json.pages import Pages
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.moments import read_when, read_zone
from journal.brokers.text.numbers import NOTHING, read_number
from journal.domain.values import ZERO

_CENT = Decimal("0.01")
_COSTS = (
    "commission", "clearing-fees", "regulatory-fees", "proprietary-index-option-fees", "other-charge",
)  # fmt: skip
_CURRENCY = "USD"  # tastytrade keeps accounts in US dollars only


def read_transactions(
    stream: BinaryIO, options: ParseOptions, default_zone: str
) -> Iterator[Record]:
    zones = Zones(options, default_zone)
    reader = TransactionReader()
    pages = Pages(stream)
    one = None
    for item in pages.items():
        row = pages.count
        raw = _raw(item)
        account_id = _text(raw, "account-number")
        try:
            one, is_contradicted = _transaction(row, raw, account_id, zones.of(account_id))
        except (Missing, BadValue, ArithmeticError) as error:
            yield left_out(row, account_id, raw, error)
            continue
        if is_contradicted:
            reader.notices.add(one.account_id, one.row, "net_value_differs")
        yield from reader.take(one)
    if one is not None and pages.total > pages.count:
        reader.notices.add(one.account_id, one.row, "pages_missing", str(pages.total - pages.count))
    yield from reader.finish()


class Zones:
    """Times have offsets; the zone only says which day an expiration is of."""

    def __init__(self, options: ParseOptions, default_zone: str) -> None:
        self._options = options
        self._default = default_zone
        self._zones: dict[str, ZoneInfo] = {}

    def of(self, account_id: str) -> ZoneInfo:
        name = self._options.zone_by_account.get(account_id) or self._options.zone or self._default
        if name not in self._zones:
            self._zones[name] = read_zone(name)
        return self._zones[name]


def _transaction(
    row: int, raw: dict[str, str], account_id: str, zone: ZoneInfo
) -> tuple[Transaction, bool]:
    stated = _text(raw, "executed-at") or _text(raw, "transaction-date")
    if not stated:
        raise Missing("no_date", "it states no date")
    at = read_when(stated).instant(zone)
    value, cost = _signed(raw, "value"), _cost(raw)
    net = _signed(raw, "net-value")
    one = Transaction(
        row=row,
        raw=raw,
        account_id=account_id,
        at=at,
        day=at.astimezone(zone).date(),
        zone=zone.key,
        kind=words(_text(raw, "transaction-type")),
        sub_kind=words(_text(raw, "transaction-sub-type")),
        action=words(_text(raw, "action")),
        symbol=_text(raw, "symbol"),
        instrument_type=words(_text(raw, "instrument-type")),
        description=_text(raw, "description"),
        quantity=read_number(_text(raw, "quantity")),
        value=value,
        cost=cost,
        currency=_text(raw, "currency").upper() or _CURRENCY,
        price=read_money(_text(raw, "price")),
        underlying=_text(raw, "underlying-symbol"),
        id=_id(raw, "id"),
        exec_id=_id(raw, "exec-id"),
        trade_id=_id(raw, "ext-group-fill-id"),
        order_id=_id(raw, "order-id"),
        exchange=_text(raw, "destination-venue") or _text(raw, "exchange"),
        reverses_id=_id(raw, "reverses-id"),
    )
    return one, net is not None and abs((value or ZERO) - cost - net) > _CENT


def _cost(raw: dict[str, str]) -> Decimal:
    """Positive where it costs: Debit."""
    return -sum((_signed(raw, name) or ZERO for name in _COSTS), ZERO)


def _signed(raw: dict[str, str], name: str) -> Decimal | None:
    """Positive where it reaches the account. Raises BadNumber."""
    number = read_money(_text(raw, name))
    effect = _text(raw, f"{name}-effect").lower()
    if number is None or not effect:
        return number
    return number.copy_abs() if effect == "credit" else number.copy_abs().copy_negate()


def _raw(item: dict[str, Any]) -> dict[str, str]:
    """The item as it was written, without what is empty."""
    texts = ((name, _written(value)) for name, value in item.items())
    return {name: text for name, text in texts if text}


def _written(value: Any) -> str:
    if value is None or value in ([], {}):
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _text(raw: dict[str, str], name: str) -> str:
    text = raw.get(name, "").strip()
    return "" if name != "symbol" and text.lower() in NOTHING else text


def _id(raw: dict[str, str], name: str) -> str:
    text = _text(raw, name)
    return "" if text == "0" else text
