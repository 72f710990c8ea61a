"""Lines of cells in, all that the report says of the account out. XLSX and HTML have the same lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from journal.brokers.base import OtherRow, ParseOptions, ProblemRow, Record, UnreadableStatement
from journal.brokers.metatrader.cells import Reading, distinct, raw_of, zone_of
from journal.brokers.metatrader.records import Source, records_of
from journal.brokers.metatrader.remarks import REMEDIES
from journal.brokers.metatrader.values import Deal, Entry, Head, Listed
from journal.brokers.mt5_report.words import DIRECTIONS, LABELS, columns_of, plain, section_of
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.lots import Fact
from journal.brokers.text.safely import left_out
from journal.brokers.text.tables import Line

# "10001 (USD, Broker-Server, real, Hedge)"
_ACCOUNT = re.compile(r"\s*([^\s(]+)\s*(?:\((.*)\))?\s*")
_PERSONAL = frozenset({"name"})
_LINES_TO_KNOW_NUMBERS_BY = 500
_MODES = {"hedge": True, "hedging": True, "netting": False, "exchange": False}


def read_report(
    lines: Iterator[Line], options: ParseOptions, default_zone: str
) -> Iterator[Record]:
    """Raises UnreadableStatement: a report without its deals, or no report."""
    report = _Report()
    for line in lines:
        report.take(line)
    if not report.has_deals:
        raise UnreadableStatement(
            "no_deals",
            "The file has no table of deals, which is what is imported. Nothing was imported. In MetaTrader 5 open "
            "the History tab, choose the period, and in its menu Report → Open XML or HTML; with a terminal in another "
            "language than English or Russian set it to English first.",
        )
    yield from records_of(report.read(options, default_zone))


class _Report:
    """First all lines are sorted into sections: the zone and the notation of numbers belong to the whole file."""

    def __init__(self) -> None:
        self.has_deals = False
        self._section = ""
        self._header: list[str] = []
        self._columns: dict[str, int] = {}
        self._head = Head()
        self._stated: dict[str, str] = {}
        self._rows: list[tuple[str, int, list[str], dict[str, int], list[str]]] = []

    def take(self, line: Line) -> None:
        columns = columns_of(line.cells)
        section = section_of(columns)
        if section:
            self._section, self._header, self._columns = section, distinct(line.cells), columns
            self.has_deals |= section == "Deals"
        elif sum(map(bool, line.cells)) == 1 and line.cells[0]:
            # The name of a section, or a title: what comes under it has a header of its own.
            self._section, self._header, self._columns = "", [], {}
        elif not self._section:
            self._take_pairs(line)
        else:
            self._rows.append((self._section, line.number, line.cells, self._columns, self._header))
            if self._is_summary(line.cells):
                self._rows.pop()
                self._section = ""
                self._take_pairs(line)

    def _is_summary(self, cells: list[str]) -> bool:
        return bool(cells[0]) and cells[0].endswith(":")

    def _take_pairs(self, line: Line) -> None:
        """`Label: value` across the line: the head, the summary, the results."""
        label = ""
        said: dict[str, str] = {}
        for cell in filter(None, line.cells):
            if cell.endswith(":"):
                label = cell
            elif label:
                said[label.rstrip(":")] = cell
                self._stated.setdefault(LABELS.get(plain(label), ""), cell)
                label = ""
        if any(LABELS.get(plain(one)) in _PERSONAL for one in said):
            return
        if said:
            self._rows.append(("Summary", line.number, list(said.values()), {}, list(said)))

    def read(self, options: ParseOptions, default_zone: str) -> Source:
        self._read_head()
        head = self._head
        source = Source(head, zone_of(options, head.account_id, default_zone))
        reading = Reading(source.zone, self._numbers())
        self._read_balances(reading)
        for section, number, cells, columns, header in self._rows:
            row = _Row(number, cells, columns, raw_of(header, cells), head.account_id)
            if section == "Deals":
                source.rows.append(_read_deal(row, reading))
                continue
            if section in ("Positions", "Open Positions"):
                _note_position(section, row, reading, source)
            source.rows.append(OtherRow(number, head.account_id, section, row.raw))
        return source

    def _read_head(self) -> None:
        head = self._head
        match = _ACCOUNT.fullmatch(self._stated.get("account", ""))
        if match is None:
            return
        head.account_id = match[1]
        parts = [part.strip() for part in (match[2] or "").split(",")]
        if parts[0]:
            head.currency = parts[0]
        head.is_hedging = _MODES.get(parts[-1].lower())
        head.alias = parts[1] if len(parts) > 1 else ""
        stated = {
            "account": head.account_id,
            "currency": head.currency,
            "server": head.alias,
            "mode": parts[-1] if len(parts) > 2 else "",
            "company": self._stated.get("company", ""),
            "date": self._stated.get("date", ""),
        }
        head.raw = {name: value for name, value in stated.items() if value}

    def _read_balances(self, reading: Reading) -> None:
        head, stated = self._head, self._stated
        try:
            head.generated_at = reading.at(stated.get("date", ""))
            head.balance = reading.number(stated["balance"]) if "balance" in stated else None
            head.equity = reading.number(stated["equity"]) if "equity" in stated else None
        except (BadValue, Missing):
            return

    def _numbers(self) -> Iterator[str]:
        for section, _, cells, columns, _ in self._rows[:_LINES_TO_KNOW_NUMBERS_BY]:
            if section in ("Deals", "Positions"):
                for name in ("price", "profit", "commission", "swap", "balance"):
                    place = columns.get(name, len(cells))
                    if place < len(cells):
                        yield cells[place]


class _Row:
    """The cells of a line by the names of their columns."""

    def __init__(
        self,
        number: int,
        cells: list[str],
        columns: dict[str, int],
        raw: dict[str, str],
        account_id: str,
    ) -> None:
        self.number = number
        self.raw = raw
        self.account_id = account_id
        self._cells = cells
        self._columns = columns

    def __getitem__(self, name: str) -> str:
        place = self._columns.get(name, -1)
        cell = self._cells[place].strip() if 0 <= place < len(self._cells) else ""
        return "" if cell == "undefined" else cell


def _read_deal(row: _Row, reading: Reading) -> Deal | OtherRow | ProblemRow:
    if not row["time"] and not row["deal"]:
        return OtherRow(row.number, row.account_id, "Totals", row.raw)
    try:
        return _deal(row, reading)
    except (BadValue, Missing) as fault:
        what = f"deal {row['deal']} {row['symbol']}".strip()[:60]
        return left_out(row.number, row.account_id, row.raw, fault, REMEDIES.get, what)


def _deal(row: _Row, reading: Reading) -> Deal:
    kind = row["type"].lower()
    is_trade = kind.startswith(("buy", "sell"))
    direction = DIRECTIONS.get(row["direction"].lower())
    if is_trade and not row["symbol"]:
        raise Missing("no_symbol", "it names no symbol")
    if kind in ("buy", "sell") and direction is None:
        raise Missing("no_direction", "its direction is none of in, out, in/out and out by")
    if not is_trade and not row["profit"]:
        raise Missing("no_amount", "it states no amount")
    costs = sum(
        (reading.number(row[name]) for name in ("commission", "fee", "swap")), start=Decimal(0)
    )
    return Deal(
        row=row.number,
        raw=row.raw,
        ticket=row["deal"],
        order=row["order"],
        position="",
        at=reading.at(row["time"]),
        kind=kind,
        entry=Entry(direction) if kind in ("buy", "sell") and direction else None,
        symbol=row["symbol"],
        volume=reading.volume(row["volume"]) if is_trade else Decimal(0),
        price=reading.price(row["price"]) if is_trade else Decimal(0),
        costs=costs,
        profit=reading.number(row["profit"]),
        comment=row["comment"],
    )


def _note_position(section: str, row: _Row, reading: Reading, source: Source) -> None:
    """What the list of positions tells of the deals. A row that tells nothing is no trouble: it repeats them."""
    try:
        sign = {"buy": 1, "sell": -1}[row["type"].lower()]
        volume, opened = reading.volume(row["volume"]), reading.price(row["price"])
        closed = reading.price(row["market price"] or row["price 2"])
        at = reading.at(row["time 2"]) if section == "Positions" else None
        profit = reading.number(row["profit"])
    except (BadValue, Missing, LookupError):
        return
    if section == "Positions":
        ticket = row["position"]
        source.listed.append(
            Listed(ticket, row["symbol"], sign, volume, opened, closed, at, profit)
        )
    else:
        source.hints[row["symbol"]].append(Fact((closed - opened) * volume * sign, profit))
