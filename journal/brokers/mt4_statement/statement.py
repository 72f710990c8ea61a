"""Rows of the statement in, deals out.

MetaTrader 4 has no deals: a row is an order with its opening and its closing. Each becomes two deals, whose numbers are
the ticket with 0 and with 1 behind it, so that they keep their order where both happened in one second. All costs are
stated for both together, and go with the closing. What is left of a partly closed order gets a ticket of its own from
MetaTrader, so a ticket is always a position of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from journal.brokers.base import OtherRow, ParseOptions, ProblemRow, Record, UnreadableStatement
from journal.brokers.metatrader.cells import Reading, distinct, raw_of, spread, zone_of
from journal.brokers.metatrader.records import Source, records_of
from journal.brokers.metatrader.remarks import REMEDIES
from journal.brokers.metatrader.values import Deal, Entry, Head
from journal.brokers.text.faults import BadDate, BadValue, Missing
from journal.brokers.text.lots import Fact
from journal.brokers.text.markup import MarkupRow, read_markup
from journal.brokers.text.moments import read_when
from journal.brokers.text.safely import left_out

_COLUMNS = (
    "ticket", "open time", "type", "size", "item", "price", "s / l", "t / p", "close time", "price 2", "commission",
    "taxes", "swap", "profit",
)  # fmt: skip
_MONEY = ("price", "price 2", "commission", "swap", "profit")
_SECTIONS = ("closed transactions", "open trades", "working orders", "summary", "details")
_LABEL = re.compile(
    r"\s*(account|currency|name|leverage|company)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL
)
_DATE = re.compile(r"(\d{4})\s+([A-Za-z]+)\s+(\d{1,2}),?\s+(\d{1,2}:\d\d)")
_BALANCES = ("balance", "equity")


def read_statement(stream: BinaryIO, options: ParseOptions, default_zone: str) -> Iterator[Record]:
    """Raises UnreadableStatement: half a page, or one without the table of orders."""
    statement = _Statement()
    for row in read_markup(stream):
        statement.take(row)
    if not statement.has_orders:
        raise UnreadableStatement(
            "no_orders",
            "The file has no table of orders in English. Nothing was imported. In MetaTrader 4 set the terminal to "
            "English, open the Account History tab, choose the period, and in its menu Save as Detailed Report.",
        )
    yield from records_of(statement.read(options, default_zone))


class _Statement:
    def __init__(self) -> None:
        self.has_orders = False
        self._section = ""
        self._head = Head(is_hedging=True)
        self._date = ""
        self._header: list[str] = []
        self._columns: dict[str, int] = {}
        self._stated: dict[str, str] = {}
        self._rows: list[tuple[str, int, list[str], str, dict[str, int], list[str]]] = []

    def take(self, row: MarkupRow) -> None:
        cells = spread(row.cells)
        if not cells:
            return
        names = [" ".join(one.lower().split()) for one in distinct(cells)]
        first = cells[0].rstrip(":").lower()
        if {"ticket", "open time", "type", "size", "item", "profit"} <= set(names):
            self.has_orders = True
            self._header = distinct(cells)
            self._columns = {name: place for place, name in enumerate(names) if name in _COLUMNS}
            if "market price" in names:
                self._columns["price 2"] = names.index("market price")
        elif first in _SECTIONS and cells[0].endswith(":"):
            self._section = first
        elif not self._section and not self._header:
            self._take_head(cells)
        else:
            self._note_balances(cells)
            title = row.cells[0].title
            self._rows.append(
                (self._section, row.number, cells, title, self._columns, self._header)
            )

    def _take_head(self, cells: list[str]) -> None:
        for cell in filter(None, cells):
            if match := _LABEL.fullmatch(cell):
                self._stated.setdefault(match[1].lower(), match[2].strip())
            elif match := _DATE.search(cell):
                self._date = f"{match[3]} {match[2]} {match[1]} {match[4]}"

    def _note_balances(self, cells: list[str]) -> None:
        """`Balance:` with its figure in the next cell that holds anything."""
        label = ""
        for cell in filter(None, cells):
            if label in _BALANCES:
                self._stated.setdefault(f"{label}:", cell)
            label = cell.rstrip(":").lower() if cell.endswith(":") else ""

    def read(self, options: ParseOptions, default_zone: str) -> Source:
        head, stated = self._head, self._stated
        head.account_id = stated.get("account", "").split(" ")[0]
        head.currency = stated.get("currency", "")
        known = {"account": head.account_id, "currency": head.currency, "date": self._date}
        head.raw = {name: value for name, value in known.items() if value}
        source = Source(head, zone_of(options, head.account_id, default_zone))
        reading = Reading(source.zone, self._numbers())
        self._read_balances(reading)
        for section, number, cells, title, columns, header in self._rows:
            row = _Row(number, cells, title, columns, raw_of(header, cells))
            source.rows += _read_row(section, row, reading, source)
        return source

    def _numbers(self) -> Iterator[str]:
        for _, _, cells, _, columns, _ in self._rows[:500]:
            yield from (
                cells[columns[one]] for one in _MONEY if columns.get(one, len(cells)) < len(cells)
            )

    def _read_balances(self, reading: Reading) -> None:
        head, stated = self._head, self._stated
        try:
            head.generated_at = read_when(self._date).instant(reading.zone) if self._date else None
            head.balance = reading.number(stated["balance:"]) if "balance:" in stated else None
            head.equity = reading.number(stated["equity:"]) if "equity:" in stated else None
        except BadValue:
            return


class _Row:
    def __init__(
        self,
        number: int,
        cells: list[str],
        title: str,
        columns: dict[str, int],
        raw: dict[str, str],
    ) -> None:
        self.number = number
        self.cells = cells
        # What a browser shows when one points at the ticket: "[sl]", "from #4711", or the order's comment.
        self.title = title.removeprefix(f"#{cells[0]}").strip()
        self.raw = {**raw, "Comment": title} if title else raw
        self._columns = columns

    def __getitem__(self, name: str) -> str:
        place = self._columns.get(name, -1)
        return self.cells[place] if 0 <= place < len(self.cells) else ""


_Read = list[Deal | OtherRow | ProblemRow]


def _read_row(section: str, row: _Row, reading: Reading, source: Source) -> _Read:
    account_id = source.head.account_id
    try:
        read = _deals_of(section, row, reading, source)
    except (BadValue, Missing) as fault:
        what = f"ticket {row['ticket']} {row['item']}".strip()[:60]
        return [left_out(row.number, account_id, row.raw, fault, REMEDIES.get, what)]
    return [*read] or [OtherRow(row.number, account_id, section.title() or "Summary", row.raw)]


def _deals_of(section: str, row: _Row, reading: Reading, source: Source) -> list[Deal]:
    """None for what was never filled, and for what "close by" leaves behind: the other order's row has all of it."""
    kind = row["type"].lower()
    if section not in ("closed transactions", "open trades") or not row["ticket"].isdecimal():
        return []
    if kind in ("balance", "credit"):
        return [_movement(row, kind, reading)]
    if kind not in ("buy", "sell") or not row["price 2"] or not reading.volume(row["size"]):
        return []
    if section == "open trades":
        _hint(row, kind, reading, source)
        return [_opening(row, kind, reading)]
    return [_opening(row, kind, reading), _closing(row, kind, reading)]


def _movement(row: _Row, kind: str, reading: Reading) -> Deal:
    """The comment takes the columns up to the amount, which comes last."""
    amount = row.cells[-1]
    if len(row.cells) < 4 or not amount:
        raise Missing("no_amount", "it states no amount")
    return Deal(
        row=row.number,
        raw=row.raw,
        ticket=row["ticket"],
        order="",
        position="",
        at=reading.at(row["open time"]),
        kind=kind,
        entry=None,
        profit=reading.number(amount),
        comment=next((cell for cell in row.cells[3:-1] if cell), ""),
    )


def _opening(row: _Row, kind: str, reading: Reading) -> Deal:
    return Deal(
        row=row.number,
        raw=row.raw,
        ticket=f"{row['ticket']}0",
        order=row["ticket"],
        position=row["ticket"],
        at=reading.at(row["open time"]),
        kind=kind,
        entry=Entry.IN,
        symbol=_symbol(row),
        volume=reading.volume(row["size"]),
        price=reading.price(row["price"]),
        comment=row.title,
    )


def _closing(row: _Row, kind: str, reading: Reading) -> Deal:
    deal = _opening(row, kind, reading)
    deal.ticket = f"{row['ticket']}1"
    deal.kind = "sell" if kind == "buy" else "buy"
    deal.entry = Entry.OUT
    deal.at = reading.at(row["close time"])
    deal.price = reading.price(row["price 2"])
    deal.costs = sum(
        (reading.number(row[name]) for name in ("commission", "taxes", "swap")), start=Decimal(0)
    )
    if not row["profit"]:
        raise Missing("no_amount", "it states no profit")
    deal.profit = reading.number(row["profit"])
    if deal.at < reading.at(row["open time"]):
        raise BadDate(row["close time"])
    return deal


def _hint(row: _Row, kind: str, reading: Reading, source: Source) -> None:
    """What an open order's floating profit tells of its symbol."""
    points = reading.price(row["price 2"]) - reading.price(row["price"])
    units = points * reading.volume(row["size"]) * (1 if kind == "buy" else -1)
    source.hints[_symbol(row)].append(Fact(units, reading.number(row["profit"])))


def _symbol(row: _Row) -> str:
    if not row["item"]:
        raise Missing("no_symbol", "it names no symbol")
    # MetaTrader 4 writes symbols small in its reports.
    return row["item"].upper()
