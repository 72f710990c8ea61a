"""JSON in, deals out. Either the list of `d._asdict()` for the deals of `history_deals_get`, or an object around it:

    {"account": account_info()._asdict(), "deals": [...], "symbols": [symbol_info(name)._asdict(), ...]}

or what the bridge pushes (`snapshot`).

`row` counts the deals from 1, and goes on to count what else is in the object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from journal.brokers.base import OtherRow, ParseOptions, ProblemRow, Record, UnreadableStatement
from journal.brokers.metatrader.cells import zone_of
from journal.brokers.metatrader.records import Source, records_of
from journal.brokers.metatrader.remarks import REMEDIES
from journal.brokers.metatrader.values import Deal, Entry, Head
from journal.brokers.mt5_deals.fields import (
    SIGNS,
    Row,
    at_of,
    id_of,
    name_of,
    number_of,
    rows_of,
    stated,
    texts_of,
)
from journal.brokers.mt5_deals.snapshot import Snapshot, read_snapshot
from journal.brokers.mt5_deals.state import held_of, read_state
from journal.brokers.text.faults import BadNumber, BadValue, Missing
from journal.brokers.text.json_file import load_json
from journal.brokers.text.lots import Fact, Symbol
from journal.brokers.text.safely import left_out

_KINDS = (
    "buy", "sell", "balance", "credit", "charge", "correction", "bonus", "commission", "commission daily",
    "commission monthly", "commission agent daily", "commission agent monthly", "interest", "buy canceled",
    "sell canceled", "dividend", "dividend franked", "tax",
)  # fmt: skip
_ENTRIES = (Entry.IN, Entry.OUT, Entry.INOUT, Entry.OUT_BY)
_ACCOUNTS = ("account", "account_info")
_NETTING = ("0", "1")
_DEAL_FIELDS = frozenset({"ticket", "entry", "position_id"})


def read_package(stream: BinaryIO, options: ParseOptions, default_zone: str) -> Iterator[Record]:
    """Raises UnreadableStatement: no JSON, half of it, no deals in it, or a zone that its ticks contradict."""
    found = load_json(stream, "Write it anew with json.dump, and upload it whole.")
    around: dict[str, Any] = found if isinstance(found, dict) else {"deals": found}
    snapshot = read_snapshot(around)
    rows = _deals_of(around, snapshot)
    head = _head(around, rows)
    source = Source(head, zone_of(options, head.account_id, default_zone))
    if snapshot is not None:
        read_state(around, snapshot, source)
    for number, row in enumerate(rows, 1):
        source.rows.append(_read_deal(number, row, head.account_id, source.zone))
    _read_symbols(around, source)
    _keep_rest(around, source, len(rows), snapshot)
    yield from records_of(source)


def _deals_of(around: dict[str, Any], snapshot: Snapshot | None) -> list[Row]:
    deals = around.get("deals", None if snapshot is None else [])
    if not isinstance(deals, list) or not all(isinstance(one, dict) for one in deals):
        raise _no_deals()
    rows = [texts_of(one) for one in deals]
    if snapshot is None and not any(one.keys() >= _DEAL_FIELDS for one in rows):
        raise _no_deals()
    return rows


def _no_deals() -> UnreadableStatement:
    return UnreadableStatement(
        "no_deals",
        "The file holds no list of deals. Nothing was imported. Write [d._asdict() for d in mt5.history_deals_get(…)], "
        'alone or as {"account": mt5.account_info()._asdict(), "deals": […]}.',
    )


def _head(around: dict[str, Any], rows: list[Row]) -> Head:
    found: dict[str, Any] = next(
        (around[name] for name in _ACCOUNTS if isinstance(around.get(name), dict)), {}
    )
    info = texts_of(found)
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
        return left_out(number, account_id, row, fault, REMEDIES.get, what)


def _deal(number: int, row: Row, zone: ZoneInfo) -> Deal:
    kind = name_of(row, "type", _KINDS)
    entry = name_of(row, "entry", _ENTRIES) if kind in ("buy", "sell") else None
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
        ticket=id_of(row, "ticket"),
        order=id_of(row, "order"),
        position=id_of(row, "position_id"),
        at=at_of(row, zone),
        kind=kind,
        entry=entry,
        symbol=row.get("symbol", ""),
        volume=number_of(row, "volume").copy_abs(),
        price=number_of(row, "price"),
        costs=number_of(row, "commission") + number_of(row, "fee") + number_of(row, "swap"),
        profit=number_of(row, "profit"),
        comment=row.get("comment", ""),
        magic=id_of(row, "magic"),
    )


def _read_symbols(around: dict[str, Any], source: Source) -> None:
    for row in rows_of(around, "symbols"):
        size = stated(row, "trade_contract_size")
        if size and size > 0 and row.get("name") and row.get("currency_profit"):
            source.symbols.append(Symbol(row["name"], row["currency_profit"], size))
    for row in rows_of(around, "positions"):
        _note_position(row, source)


def _note_position(row: Row, source: Source) -> None:
    """What an open position's floating profit tells of its symbol."""
    try:
        points = number_of(row, "price_current") - number_of(row, "price_open")
        units = points * number_of(row, "volume") * SIGNS[row.get("type", "")]
        source.hints[row.get("symbol", "")].append(Fact(units, number_of(row, "profit")))
    except (BadNumber, KeyError):
        return


def _keep_rest(
    around: dict[str, Any], source: Source, count: int, snapshot: Snapshot | None
) -> None:
    """Everything else in the object, kept and counted; positions, if it is sure of which day they are."""
    number = count + 1
    for section, found in around.items():
        if section == "deals" or (snapshot is not None and not isinstance(found, dict | list)):
            continue
        for one in found if isinstance(found, list) else [found]:
            number += 1
            values = one if isinstance(one, dict) else {section: one}
            row = texts_of(
                {
                    name: value
                    for name, value in values.items()
                    if name != "name" or section not in _ACCOUNTS
                }
            )
            held = None
            if section == "positions" and source.positions_of is not None:
                held = held_of(number, row, source.zone)
            if held is not None:
                source.held.append(held)
            else:
                source.rows.append(OtherRow(number, source.head.account_id, section, row))
