"""Lines of an export into transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import BinaryIO
from zoneinfo import ZoneInfo

from journal.brokers.base import OtherRow, ParseOptions, Record
from journal.brokers.tastytrade import refusals
from journal.brokers.tastytrade.reader import SECTION, TransactionReader
from journal.brokers.tastytrade.row import Transaction, read_money, words
from journal.brokers.tastytrade.symbols import RIGHTS
from journal.brokers.tastytrade_csv.costs import Signs
from journal.brokers.tastytrade_csv.layouts import Layout, is_tax_file, layout_of
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.moments import read_when, read_zone
from journal.brokers.text.numbers import NOTHING, read_number
from journal.brokers.text.safely import FAULTS, lacks, left_out
from journal.brokers.text.tables import CutLine, Line, named, oldest_first, read_table

CURRENCY = "USD"  # tastytrade keeps accounts in US dollars only
_BEGINNING = 500


def read_transactions(
    stream: BinaryIO, options: ParseOptions, default_zone: str
) -> Iterator[Record]:
    lines = read_table(stream)
    header = next(lines, None)
    layout = layout_of(header.cells) if header else None
    if header is None or layout is None:
        raise (
            refusals.tax_file()
            if header and is_tax_file(header.cells)
            else refusals.not_transactions()
        )
    zone = options.zone_by_account.get("") or options.zone or default_zone
    beginning = list(islice(lines, _BEGINNING))
    signs = Signs(layout, (line.cells for line in beginning))
    table = Table(header.cells, layout, signs, read_zone(zone), options.day_first or False)
    reader = TransactionReader()
    rows: Iterator[Line] = chain(beginning, lines)
    if is_newest_first(table.when(line) for line in beginning):
        rows = oldest_first(rows, lambda line: table.stated(line, "date"))
    for line in rows:
        yield from table.read(line, reader)
    yield from reader.finish()


def is_newest_first(moments: Iterable[datetime | None]) -> bool:
    """By the first and the last of these that are known. Exports are, unless somebody sorted them."""
    known = [moment for moment in moments if moment is not None]
    return not known or known[0] >= known[-1]


class Table:
    def __init__(
        self, header: list[str], layout: Layout, signs: Signs, zone: ZoneInfo, day_first: bool
    ) -> None:
        self._header = header
        self._layout = layout
        self._signs = signs
        self._zone = zone
        self._day_first = day_first
        self._reference = ""

    def read(self, line: Line, reader: TransactionReader) -> Iterator[Record]:
        raw = named(self._header, line.cells)
        if not self.stated(line, "kind") and not self.stated(line, "date"):
            yield OtherRow(line.number, "", SECTION, raw)  # a footer or a sum
            return
        self._note_account(self.stated(line, "account"))
        try:
            if isinstance(line, CutLine):
                raise lacks("row_cut")
            one, is_contradicted = self._transaction(line, raw)
        except FAULTS as fault:
            yield left_out(line.number, "", raw, fault, refusals.REMEDIES.get)
            return
        if is_contradicted:
            reader.notices.add(one.account_id, one.row, "net_value_differs")
        yield from reader.take(one, self._reference)

    def when(self, line: Line) -> datetime | None:
        try:
            return self._when(self.stated(line, "date"))
        except BadValue:
            return None

    def _when(self, stated: str) -> datetime:
        return read_when(stated, day_first=self._day_first).instant(self._zone)

    def _note_account(self, reference: str) -> None:
        """Accounts are named in the first layout only, and shortened there: "Individual...12"."""
        if reference and self._reference and reference != self._reference:
            raise refusals.several_accounts(self._reference, reference)
        self._reference = reference or self._reference

    def _transaction(self, line: Line, raw: dict[str, str]) -> tuple[Transaction, bool]:
        stated = self.stated(line, "date")
        if not stated:
            raise Missing("no_date", "it states no date")
        at = self._when(stated)
        value = self._money(line, "value")
        cost = self._signs.cost(line.cells, value)
        one = Transaction(
            row=line.number,
            raw=raw,
            account_id="",
            at=at,
            day=at.astimezone(self._zone).date(),
            zone=self._zone.key,
            kind=words(self.stated(line, "kind")),
            sub_kind=words(self.stated(line, "sub_kind")),
            action=self._action(line),
            symbol=self.stated(line, "symbol"),
            instrument_type=words(self.stated(line, "instrument_type")),
            description=self.stated(line, "description"),
            quantity=read_number(self.stated(line, "quantity")),
            value=value,
            cost=cost.amount,
            currency=self.stated(line, "currency").upper() or CURRENCY,
            price=self._money(line, "price"),
            average=self._money(line, "average"),
            multiplier=read_number(self.stated(line, "multiplier")),
            underlying=self.stated(line, "underlying"),
            expiry_on=self._day(line),
            strike=read_number(self.stated(line, "strike")),
            right=RIGHTS.get(self.stated(line, "right").upper()),
            order_id=self.stated(line, "order"),
        )
        return one, cost.is_contradicted

    def _action(self, line: Line) -> str:
        side = self.stated(line, "side")
        if self._layout.is_first and side:
            effect = self.stated(line, "effect")
            return words(f"{side} to {effect}" if effect else side)
        return words(self.stated(line, "action"))

    def _day(self, line: Line) -> date | None:
        stated = self.stated(line, "expiry")
        return read_when(stated, day_first=False).day if stated else None

    def _money(self, line: Line, name: str) -> Decimal | None:
        return read_money(self.stated(line, name))

    def stated(self, line: Line, name: str) -> str:
        """The cell of that name, "" where it says nothing."""
        place = self._layout.columns.get(name)
        cell = line.cells[place] if place is not None and place < len(line.cells) else ""
        return "" if cell.lower() in NOTHING else cell
