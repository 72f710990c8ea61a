"""JSON in, deals out. Either the list of `d._asdict()` for the deals of `history_deals_get`, or an object around it:

    {"account": account_info()._asdict(), "deals": [...], "symbols": [symbol_info(name)._asdict(), ...]}

`row` counts the deals from 1, and goes on to count what else is in the object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, BinaryIO, TypeVar
from zoneinfo import ZoneInfo

from journal.brokers.base import OtherRow, ParseOptions, ProblemRow, Record, UnreadableStatement
from journal.brokers.metatrader.cells import zone_of
from journal.brokers.metatrader.contracts import Fact
from journal.brokers.metatrader.records import Source, records_of
from journal.brokers.metatrader.remarks import left_out
from journal.brokers.metatrader.values import Deal, Entry, Head, Symbol
from journal.brokers.text.faults import BadDate, BadNumber, BadValue, Missing
from journal.brokers.text.json_file import load_json
from journal.brokers.text.numbers import read_number
from journal.brokers.text.workbook import exact
from journal.domain.values import ZERO

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the server's clock, of which no zone is known yet
_KINDS = (
    "buy", "sell", "balance", "credit", "charge", "correction", "bonus", "commission", "commission daily",
    "commission monthly", "commission agent daily", "commission agent monthly", "interest", "buy canceled",
    "sell canceled", "dividend", "dividend franked", "tax",
)  # fmt: skip
_ENTRIES = (Entry.IN, Entry.OUT, Entry.INOUT, Entry.OUT_BY)
_ACCOUNTS = ("account", "account_info")
_NETTING = ("0", "1")
_DEAL_FIELDS = frozenset({"ticket", "entry", "position_id"})

Row = dict[str, str]
Named = TypeVar("Named", bound=str)


def read_package(stream: BinaryIO, options: ParseOptions, default_zone: str) -> Iterator[Record]:
    """Raises UnreadableStatement: no JSON, half of it, or no deals in it."""
    found = load_json(stream, "Write it anew with json.dump, and upload it whole.")
    around: dict[str, Any] = found if isinstance(found, dict) else {"deals": found}
    deals = around.get("deals")
    if not isinstance(deals, list) or not all(isinstance(one, dict) for one in deals):
        raise _no_deals()
    rows = [_texts(one) for one in deals]
    if not any(one.keys() >= _DEAL_FIELDS for one in rows):
        raise _no_deals()
    head = _head(around, rows)
    source = Source(head, zone_of(options, head.account_id, default_zone))
    for number, row in enumerate(rows, 1):
        source.rows.append(_read_deal(number, row, head.account_id, source.zone))
    _read_symbols(around, source)
    _keep_rest(around, source, len(rows))
    yield from records_of(source)


def _no_deals() -> UnreadableStatement:
    return UnreadableStatement(
        "no_deals",
        "The file holds no list of deals. Nothing was imported. Write [d._asdict() for d in mt5.history_deals_get(…)], "
        'alone or as {"account": mt5.account_info()._asdict(), "deals": […]}.',
    )


def _texts(found: dict[str, Any]) -> Row:
    """The row as it was written, without what is empty. Anything that is no plain value stays as JSON."""
    row = {}
    for name, value in found.items():
        if value is None or value == "":
            continue
        row[name] = value if isinstance(value, str) else json.dumps(value)
    return row


def _head(around: dict[str, Any], rows: list[Row]) -> Head:
    stated: dict[str, Any] = next(
        (around[name] for name in _ACCOUNTS if isinstance(around.get(name), dict)), {}
    )
    info = _texts(stated)
    # A position that is turned around exists in netting accounts only. Anywhere else the deals name their position, and
    # booking each apart is right for both.
    is_netting = info["margin_mode"] in _NETTING if "margin_mode" in info else _turns(rows)
    head = Head(
        account_id=info.get("login", ""),
        currency=info.get("currency", ""),
        alias=info.get("server", ""),
        is_hedging=not is_netting,
    )
    head.raw = {name: value for name, value in info.items() if name != "name"}
    return head


def _turns(rows: list[Row]) -> bool:
    return any(row.get("entry") == "2" for row in rows)


def _read_deal(
    number: int, row: Row, account_id: str, zone: ZoneInfo
) -> Deal | OtherRow | ProblemRow:
    try:
        return _deal(number, row, zone)
    except (BadValue, Missing) as fault:
        what = f"deal {row.get('ticket', '')} {row.get('symbol', '')}".strip()[:60]
        return left_out(number, account_id, what, fault, row)


def _deal(number: int, row: Row, zone: ZoneInfo) -> Deal:
    kind = _name(row, "type", _KINDS)
    entry = _name(row, "entry", _ENTRIES) if kind in ("buy", "sell") else None
    is_trade = kind.startswith(("buy", "sell"))
    if is_trade and "symbol" not in row:
        raise Missing("no_symbol", "it names no symbol")
    if is_trade and "price" not in row:
        raise Missing("no_price", "it states no price")
    if is_trade and "volume" not in row:
        raise Missing("no_quantity", "it states no volume")
    return Deal(
        row=number,
        raw=row,
        ticket=_id(row, "ticket"),
        order=_id(row, "order"),
        position=_id(row, "position_id"),
        at=_at(row, zone),
        kind=kind,
        entry=entry,
        symbol=row.get("symbol", ""),
        volume=_number(row, "volume").copy_abs(),
        price=_number(row, "price"),
        costs=_number(row, "commission") + _number(row, "fee") + _number(row, "swap"),
        profit=_number(row, "profit"),
        comment=row.get("comment", ""),
        magic=_id(row, "magic"),
    )


def _name(row: Row, field: str, names: tuple[Named, ...]) -> Named:
    text = row.get(field, "")
    if not text.isdecimal() or int(text[:9]) >= len(names):
        raise BadValue(text, f"a {field} that this version knows")
    return names[int(text)]


def _id(row: Row, name: str) -> str:
    text = row.get(name, "")
    return "" if text == "0" else text


def _number(row: Row, name: str) -> Decimal:
    text = row.get(name, "")
    try:
        return read_number(exact(text)) or ZERO if text else ZERO
    except ValueError:
        raise BadNumber(text) from None


def _at(row: Row, zone: ZoneInfo) -> datetime:
    """The package gives the server's wall clock as if it were UTC."""
    text = row.get("time_msc") or row.get("time", "")
    if not text:
        raise Missing("no_date", "it states no time")
    if not text.isdecimal() or len(text) > 14:
        raise BadDate(text)
    unit = timedelta(milliseconds=1) if "time_msc" in row else timedelta(seconds=1)
    try:
        return (_EPOCH + int(text) * unit).replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise BadDate(text) from None


def _read_symbols(around: dict[str, Any], source: Source) -> None:
    listed = around.get("symbols")
    for one in listed if isinstance(listed, list) else ():
        row = _texts(one) if isinstance(one, dict) else {}
        try:
            size = _number(row, "trade_contract_size")
        except BadNumber:
            continue
        if size > 0 and row.get("name") and row.get("currency_profit"):
            source.symbols.append(Symbol(row["name"], row["currency_profit"], size))
    positions = around.get("positions")
    for one in positions if isinstance(positions, list) else ():
        _note_position(_texts(one) if isinstance(one, dict) else {}, source)


def _note_position(row: Row, source: Source) -> None:
    """What an open position's floating profit tells of its symbol."""
    try:
        points = _number(row, "price_current") - _number(row, "price_open")
        units = points * _number(row, "volume") * {"0": 1, "1": -1}[row.get("type", "")]
        source.hints[row.get("symbol", "")].append(Fact(units, _number(row, "profit")))
    except (BadNumber, KeyError):
        return


def _keep_rest(around: dict[str, Any], source: Source, count: int) -> None:
    """Everything else in the object, kept and counted."""
    number = count + 1
    for section, found in around.items():
        if section == "deals":
            continue
        for one in found if isinstance(found, list) else [found]:
            number += 1
            values = one if isinstance(one, dict) else {section: one}
            row = _texts(
                {
                    name: value
                    for name, value in values.items()
                    if name != "name" or section not in _ACCOUNTS
                }
            )
            source.rows.append(OtherRow(number, source.head.account_id, section, row))
