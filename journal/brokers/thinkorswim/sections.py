"""A statement is several tables, one below the other, each under its title. Three of them are read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from journal.brokers.text.faults import BadValue
from journal.brokers.text.layout import Header, Layout, find_header
from journal.brokers.text.moments import read_when
from journal.brokers.text.tables import Line

HISTORY = Layout(
    needs={
        "date": "Exec Time", "spread": "Spread", "side": "Side", "quantity": "Qty", "effect": "Pos Effect",
        "symbol": "Symbol", "expiry": "Exp", "strike": "Strike", "type": "Type", "price": "Price",
        "net_price": "Net Price", "order_type": "Order Type",
    },
    may={"order": "Order ID"},
)  # fmt: skip
CASH = Layout(
    needs={
        "date": "DATE", "time": "TIME", "type": "TYPE", "ref": "REF #", "description": "DESCRIPTION",
        "misc": ("Misc Fees", "FEES"), "fee": ("Commissions & Fees", "COMMISSIONS"), "amount": "AMOUNT",
        "balance": "BALANCE",
    },
)  # fmt: skip
FUTURES = Layout(
    needs={
        "date": "Exec Date", "time": "Exec Time", "type": "Type", "ref": "Ref #", "description": "Description",
        "misc": "Misc Fees", "fee": "Commissions & Fees", "amount": "Amount", "balance": "Balance",
    },
    may={"traded": "Trade Date"},
)  # fmt: skip
LAYOUTS = (HISTORY, CASH, FUTURES)
# "Account Statement for 12345678SCHW (ira) since 5/1/27 through 5/31/27"
_ABOUT = re.compile(
    r"Account Statement for (\S+)(?: \([^)]*\))?(?: since (\S+) through (\S+))?", re.IGNORECASE
)
_TITLE_LENGTH_MAX = 40


class About(NamedTuple):
    account_id: str
    from_on: date | None
    to_on: date | None


class Other(NamedTuple):
    """A line of a part that is not read."""

    section: str
    line: Line


_NOBODY = About("", None, None)


@dataclass(slots=True)
class Sections:
    about: About = _NOBODY
    tables: list[tuple[Header, list[Line]]] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)

    def lines(self, layout: Layout) -> list[tuple[Header, Line]]:
        return [
            (header, line)
            for header, lines in self.tables
            if header.layout is layout
            for line in lines
        ]


def split(lines: Iterable[Line]) -> Sections:
    found = Sections()
    title = "Preamble"
    rows: list[Line] | None = None
    for line in lines:
        header = find_header(line, LAYOUTS)
        if header is not None:
            rows = []
            found.tables.append((header, rows))
        elif name := _title(line):
            title, rows = name, None
            found.others.append(Other(title, line))
        elif rows is not None:
            rows.append(line)
        else:
            if match := _ABOUT.match(line.cells[0]):
                found.about = About(match[1], _day(match[2]), _day(match[3]))
            found.others.append(Other(title, line))
    return found


def _title(line: Line) -> str:
    """Alone on its line, short, and without a number: "Account Trade History"."""
    filled = [cell for cell in line.cells if cell]
    is_title = len(filled) == 1 and line.cells[0] and len(filled[0]) <= _TITLE_LENGTH_MAX
    return filled[0] if is_title and not any(map(str.isdigit, filled[0])) else ""


def _day(text: str | None) -> date | None:
    try:
        return read_when(text, day_first=False).day if text else None
    except BadValue:
        return None
