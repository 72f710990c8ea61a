"""Readers of tables in which a row is a fill or a movement of cash: all that is not the broker's own.

A reader says what its columns are called and what a row becomes (docs/brokers/README.md shows one). This module finds
the header below whatever stands above it, decides notation and order by the file's own first rows, gives rows on day
by day, and turns a row that its reader cannot understand into a problem.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from typing import BinaryIO

from journal.brokers.base import (
    ExecutionRow,
    OtherRow,
    ParseOptions,
    Record,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.text.layout import HEADER_LINES_MAX, Header, Layout, find_header
from journal.brokers.text.moments import When, day_orders
from journal.brokers.text.numbers import decimal_point
from journal.brokers.text.row import Desk, Row
from journal.brokers.text.running import Moved, check_balances
from journal.brokers.text.safely import lacks, problem, safely
from journal.brokers.text.tables import (
    CutLine,
    Line,
    Table,
    named,
    oldest_first,
    open_table,
    read_table,
)
from journal.domain.values import LotMethod

ROWS_AHEAD = 400
DAY_ROWS_MAX = 20_000
_NOTE_WORDS_MIN = 4


class SheetParser:
    """A statement parser. Subclasses state what is below, and `read_row`."""

    slug: str
    broker: str
    label: str
    default_zone: str
    layouts: tuple[Layout, ...]
    # Our name of the column with the row's moment, and those of the columns with numbers.
    date_column = "date"
    numbers: tuple[str, ...] = ("quantity", "price", "fee", "amount")
    # Where the file's own rows do not tell.
    decimal_point = "."
    day_first: bool | None = None
    newest_first = False
    # How the account is to be booked, where the broker or the file tells.
    is_hedging: bool | None = None

    def recognises(self, head: bytes, name: str) -> bool:
        return any(find_header(line, self.layouts) for line in first_lines(head))

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        yield from self.read_table(open_table(stream), options)

    def read_table(self, table: Table, options: ParseOptions) -> Iterator[Record]:
        """For files whose table does not lie in text."""
        yield from _Sheet(self, options).read(table)

    def read_row(self, row: Row) -> Iterable[Record]:
        """What a row becomes. Nothing: it is kept and not used. May raise what `text.faults` has."""
        raise NotImplementedError

    def read_rows(self, rows: Sequence[Row]) -> Iterator[Record]:
        """All rows of a day, for readers whose rows need others. Row by row where a reader does not need it."""
        for row in rows:
            yield from safely(row, self.read_row)

    def moment(self, row: Row) -> When:
        """The row's own moment, for readers whose files state it in more than one column or in words of their own."""
        return row.when(self.date_column)

    def account(self, preamble: Sequence[Line]) -> str:
        """The account's number, where the lines above the header state it."""
        return ""

    def account_of_row(self, row: Row) -> str:
        """The account's number where each row states it, else that of the file."""
        return row.desk.account_id

    def base_currency(self, rows: Sequence[Row]) -> str:
        """The account's currency, where the broker has one only or the file's first rows tell."""
        return ""

    def lot_method(self, header: Header) -> LotMethod | None:
        """How the broker matches lots, where a file of this layout tells."""
        return None

    def moved(self, row: Row) -> Moved | None:
        """What a row moved and the balance after it, where the file states a running one."""
        return None

    def study(self, rows: Sequence[Row]) -> None:
        """What rows tell of others: given the file's first ones before any is read, then each day's."""


@lru_cache(maxsize=4)
def first_lines(head: bytes) -> tuple[Line, ...]:
    """The lines of a file's start among which a header must be; none where it is no table."""
    try:
        return tuple(islice(read_table(io.BytesIO(head)), HEADER_LINES_MAX))
    except UnreadableStatement:
        return ()


class _Sheet:
    """The reading of one file."""

    def __init__(self, parser: SheetParser, options: ParseOptions) -> None:
        self._parser = parser
        self._options = options
        self._announced: set[str] = set()
        self._last_account = ""
        self._is_newest_first = parser.newest_first
        self._base_currency = ""

    def read(self, table: Table) -> Iterator[Record]:
        lines = table.lines
        preamble: list[Line] = []
        header = self._find_header(lines, preamble)
        ahead = list(islice(lines, ROWS_AHEAD))
        desk = self._desk(header, preamble, ahead, table.delimiter)
        first = [self._row(desk, line) for line in ahead]
        self._is_newest_first = self._order(first)
        self._base_currency = self._parser.base_currency(first)
        self._parser.study(first)
        accounts = list(dict.fromkeys(row.account_id for row in first)) or [desk.account_id]
        for account_id in accounts:
            yield from self._announce(desk, account_id)
        for line in preamble:
            yield OtherRow(line.number, accounts[0], "Preamble", named((), line.cells))
        rows = chain(first, (self._row(desk, line) for line in lines))
        days = _days(rows)
        if type(self._parser).moved is not SheetParser.moved:
            days = check_balances(days, self._parser.moved, newest_first=self._is_newest_first)
        for some in days:
            yield from self._read_day(desk, some)
        yield from desk.notices.tell()

    def _find_header(self, lines: Iterator[Line], preamble: list[Line]) -> Header:
        for line in islice(lines, HEADER_LINES_MAX):
            header = find_header(line, self._parser.layouts)
            if header is not None:
                return header
            preamble.append(line)
        if not preamble:
            raise UnreadableStatement("empty_file", "The file is empty. Export it again.")
        raise UnreadableStatement(
            "header_missing",
            f"No line at the start of the file has the columns of {self._parser.label}. Nothing was imported. "
            "Check that it is the export that docs/import.md names, and upload it as it was downloaded.",
        )

    def _desk(
        self, header: Header, preamble: Sequence[Line], ahead: Sequence[Line], delimiter: str
    ) -> Desk:
        parser, options = self._parser, self._options
        numbers = _cells(ahead, header, parser.numbers)
        # A spreadsheet separates cells by semicolons where the comma is its decimal separator: 1,500 is one and a half.
        usual_point = "," if delimiter == ";" else parser.decimal_point
        return Desk(
            header=header,
            options=options,
            default_zone=parser.default_zone,
            account_id=parser.account(preamble),
            point=decimal_point(numbers) or usual_point,
            day_first=self._is_day_first(header, ahead),
            date_column=parser.date_column,
            moment=parser.moment,
        )

    def _is_day_first(self, header: Header, ahead: Sequence[Line]) -> bool | None:
        """None where the file's own dates contradict each other: those that can be read in two ways are problems."""
        if self._options.day_first is not None:
            return self._options.day_first
        orders = day_orders(_cells(ahead, header, (self._parser.date_column,)))
        if len(orders) > 1:
            return None
        return orders.pop() if orders else self._parser.day_first

    def _row(self, desk: Desk, line: Line) -> Row:
        row = Row(desk, line.number, line.cells, named(desk.header.names, line.cells))
        row.is_cut = isinstance(line, CutLine)
        row.account_id = self._parser.account_of_row(row)
        if row.account_id:
            self._last_account = row.account_id
        elif _set_aside(row) is not None:
            # A note below rows that name their accounts is of no further one.
            row.account_id = self._last_account
        return row

    def _order(self, rows: Sequence[Row]) -> bool:
        moments = [row.moment_or_none for row in rows]
        known = [moment for moment in moments if moment is not None]
        if known and known[0] != known[-1]:
            first, last = ((one.day, str(one.at or "")) for one in (known[0], known[-1]))
            return first > last if first != last else self._parser.newest_first
        return self._parser.newest_first

    def _announce(self, desk: Desk, account_id: str) -> Iterator[StatementInfo]:
        if account_id in self._announced:
            return
        self._announced.add(account_id)
        yield StatementInfo(
            # All of them the same row: they are one statement.
            row=1, account_id=account_id, base_currency=self._base_currency,
            account_alias="", from_on=None, to_on=None, generated_at=None,
            zone=desk.zone_of(account_id).key, raw={},
            is_hedging=self._parser.is_hedging, lot_method=self._parser.lot_method(desk.header),
        )  # fmt: skip

    def _read_day(self, desk: Desk, rows: Sequence[Row]) -> Iterator[Record]:
        for row in rows:
            yield from self._announce(desk, row.account_id)
        plain: list[Row] = []
        for row in rows:
            aside = _set_aside(row)
            if aside is None:
                plain.append(row)
            else:
                yield aside
        days_only = {row.number for row in plain if _is_day_only(row)}
        if self._is_newest_first:
            plain = list(oldest_first(plain, _instant))
        self._parser.study(plain)
        for record in self._parser.read_rows(plain):
            if type(record) is ExecutionRow and record.row in days_only:
                desk.notices.add(record.account_id, record.row, "day_only")
            yield record


def _is_day_only(row: Row) -> bool:
    return row.moment_or_none is not None and row.moment_or_none.at is None


def _instant(row: Row) -> tuple[str, When | None]:
    return row.account_id, row.moment_or_none


def _set_aside(row: Row) -> Record | None:
    """Totals, notes and headers that are repeated; rows that were cut off."""
    header = row.desk.header
    if row.cells == list(header.names):
        return row.kept("Header")
    filled = len(row.raw)
    stated = row.text(row.desk.date_column)
    if not any(map(str.isdigit, stated)) and filled <= max(2, len(header.layout.needs) // 2):
        return row.kept("Footer")
    if filled == 1 and len(stated.split()) >= _NOTE_WORDS_MIN and row.moment_or_none is None:
        # "Date downloaded 07/25/2027 9:41 am"
        return row.kept("Footer")
    if row.is_cut:
        return problem(row, lacks("row_cut"))
    if len(row.cells) <= header.last_needed:
        return problem(row, lacks("row_short"))
    return None


def _days(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows of one day after the other. A row without a readable day stays with those before it."""
    day: date | None = None
    some: list[Row] = []
    for row in rows:
        moment = row.moment_or_none
        if some and ((moment is not None and moment.day != day) or len(some) >= DAY_ROWS_MAX):
            yield some
            some = []
        if moment is not None:
            day = moment.day
        some.append(row)
    if some:
        yield some


def _cells(lines: Iterable[Line], header: Header, columns: Iterable[str]) -> Iterator[str]:
    places = [header.places[name] for name in columns if name in header.places]
    for line in lines:
        for place in places:
            if place < len(line.cells):
                yield line.cells[place]
