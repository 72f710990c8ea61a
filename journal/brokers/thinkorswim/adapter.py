"""The account statement: fills from the trade history, their fees and all else from the movements of cash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import BinaryIO

from journal.brokers.base import (
    OtherRow,
    ParseOptions,
    Record,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.text.deliveries import mark_deliveries
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Header, Layout, find_header
from journal.brokers.text.moments import When, read_when
from journal.brokers.text.records import exact_price, fill
from journal.brokers.text.row import Desk, Row
from journal.brokers.text.safely import lacks, problem, safely
from journal.brokers.text.sheet import first_lines
from journal.brokers.text.tables import Line, named, oldest_first, read_table
from journal.brokers.text.traded import quoted
from journal.brokers.thinkorswim.cash import BALANCE, read_cash
from journal.brokers.thinkorswim.contracts import instrument_of
from journal.brokers.thinkorswim.orders import Order, attach, gather
from journal.brokers.thinkorswim.sections import CASH, FUTURES, HISTORY, LAYOUTS, Sections, split
from journal.domain.values import AssetClass, PositionEffect, Side

_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_EFFECTS = {
    "TO OPEN": PositionEffect.OPEN,
    "OPENING": PositionEffect.OPEN,
    "TO CLOSE": PositionEffect.CLOSE,
    "CLOSING": PositionEffect.CLOSE,
}
_ON_FUTURES = (AssetClass.FUTURE, AssetClass.FUTURE_OPTION)
# The business day starts at midnight in Chicago. What the clock of the statement showed then tells where it stands.
_CLOCKS = {
    0: "America/Chicago",
    1: "America/New_York",
    22: "America/Los_Angeles",
    23: "America/Denver",
}


class Thinkorswim:
    slug = "thinkorswim"
    broker = "thinkorswim"
    label = "thinkorswim account statement (CSV)"
    default_zone = "America/New_York"

    def recognises(self, head: bytes, name: str) -> bool:
        return any(find_header(line, LAYOUTS) for line in first_lines(head))

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        sections = split(read_table(stream))
        if not sections.tables:
            raise UnreadableStatement(
                "header_missing",
                f"No part of the file has the columns of {self.label}. Nothing was imported. Check that it is the "
                "export that docs/import.md names, and upload it as it was downloaded.",
            )
        yield from _Statement(sections, options, self.default_zone).read()


class _Statement:
    def __init__(self, sections: Sections, options: ParseOptions, default_zone: str) -> None:
        self._sections = sections
        self._options = options
        self._zone = default_zone
        self._desks: dict[int, Desk] = {}

    def read(self) -> Iterator[Record]:
        self._tell_clock()
        about = self._sections.about
        desk = self._desk(self._sections.tables[0][0])
        yield StatementInfo(
            row=1, account_id=about.account_id, base_currency="USD", account_alias="",
            from_on=about.from_on, to_on=about.to_on, generated_at=None,
            zone=desk.zone_of(about.account_id).key, raw={},
        )  # fmt: skip
        for section, line in self._sections.others:
            yield OtherRow(line.number, about.account_id, section, named((), line.cells))
        yield from self._read_tables()
        for one in self._desks.values():
            yield from one.notices.tell()

    def _read_tables(self) -> Iterator[Record]:
        orders = gather(self._rows(HISTORY))
        paid = [*self._rows(CASH), *self._rows(FUTURES)]
        trades = [row for row in paid if row.text("type").upper() == "TRD"]
        others = [row for row in paid if row.text("type").upper() != "TRD"]
        left = sorted([*attach(orders, trades), *others], key=lambda row: row.number)
        known = {row.number for row in left}
        for row in trades:
            if row.number not in known:
                yield row.kept("Money of fills")
        for order in _in_order(orders):
            yield from _read_order(order)
        for _, some in groupby(left, lambda row: row.moment_or_none and row.moment_or_none.day):
            records = [record for row in some for record in safely(row, read_cash)]
            yield from mark_deliveries(records)

    def _tell_clock(self) -> None:
        """By the first balance, where nobody chose a zone."""
        for header, line in self._sections.lines(CASH):
            row = Row(self._desk(header), line.number, line.cells, {})
            when = row.moment_or_none if row.text("type").upper() == BALANCE else None
            if when is not None and when.at is not None:
                self._desks.clear()
                if when.at.hour in _CLOCKS:
                    self._zone = _CLOCKS[when.at.hour]
                elif not self._options.zone:
                    self._desk(header).notices.add(
                        self._sections.about.account_id,
                        line.number,
                        "clock_elsewhere",
                        f"{when.at:%H:%M}",
                    )
                return

    def _rows(self, layout: Layout) -> list[Row]:
        return [
            _row(self._desk(header), header, line) for header, line in self._sections.lines(layout)
        ]

    def _desk(self, header: Header) -> Desk:
        if header.number not in self._desks:
            self._desks[header.number] = Desk(
                header=header,
                options=self._options,
                default_zone=self._zone,
                account_id=self._sections.about.account_id,
                point=".",
                day_first=self._options.day_first or False,
                date_column="date",
                moment=_MOMENTS[header.layout is HISTORY],
            )
        return self._desks[header.number]


def _moment(row: Row) -> When:
    return row.when("date")


def _moment_of_cash(row: Row) -> When:
    stated = f"{row.word('date', 'no_date')} {row.text('time')}"
    return read_when(stated, day_first=row.desk.day_first)


_MOMENTS: dict[bool, Callable[[Row], When]] = {True: _moment, False: _moment_of_cash}


def _row(desk: Desk, header: Header, line: Line) -> Row:
    cells = list(line.cells)
    place = header.places.get("symbol")
    if place is not None and place < len(cells):
        # "/MGCJ27:XCEC": a contract and its exchange
        cells[place] = cells[place].split(":")[0] if cells[place].startswith("/") else cells[place]
    return Row(desk, line.number, cells, named(header.names, line.cells))


def _in_order(orders: Sequence[Order]) -> Iterator[Order]:
    known = [order.at for order in orders if order.at is not None]
    is_newest_first = bool(known) and known[0] > known[-1]
    return oldest_first(orders, lambda order: order.at) if is_newest_first else iter(orders)


def _read_order(order: Order) -> Iterator[Record]:
    for place, leg in enumerate(order.legs):
        if len(leg.cells) <= leg.desk.header.places["price"]:
            yield problem(leg, lacks("row_short"))
        else:
            yield from safely(leg, partial(_read_leg, order, place))


def _read_leg(order: Order, place: int, row: Row) -> list[Record]:
    said = row.text("side").upper()
    if said not in _SIDES:
        raise Missing("no_direction", f"its side “{said[:20]}” is neither BUY nor SELL")
    signed = row.needed("quantity", "no_quantity")
    if (signed < 0) is not (said == "SELL") and row.text("quantity")[0] in "+-":
        raise Missing("no_direction", "its quantity has the sign of the other side of a trade")
    instrument = instrument_of(row)
    is_future = instrument.asset_class in _ON_FUTURES
    money = order.money if len(order.legs) == 1 and not is_future else None
    price = quoted(row, "price")
    units = signed.copy_abs() * instrument.multiplier
    fee = order.fees[place] if order.fees else None
    made = fill(row, instrument, _SIDES[said], signed, exact_price(row, price, units, money))
    return [
        made._replace(
            order_id=row.text("order") or order.ref,
            fee=fee,
            effect=_EFFECTS.get(row.text("effect").upper(), PositionEffect.UNKNOWN),
            proceeds=money,
            net_cash=None if money is None or fee is None else money - fee,
            order_type=row.text("order_type"),
            notes=(row.text("spread"),) if len(order.legs) > 1 and row.text("spread") else (),
        )
    ]
