"""What is in a file of XTB: its tables, and what stands above them of the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.archive import PACKED, joined
from journal.brokers.text.currencies import FIAT
from journal.brokers.text.faults import BadNumber
from journal.brokers.text.layout import Header, filled_up, header_of
from journal.brokers.text.numbers import decimal_point, read_number
from journal.brokers.text.tables import CHUNK_BYTES, Line, Table, open_table
from journal.brokers.text.workbook import read_sheets
from journal.brokers.xtb.layouts import CASH, LAYOUTS, POSITIONS
from journal.brokers.xtb.vocabulary import PURCHASES, plain, read_trade
from journal.domain.values import Side

# Where shares of an exchange are quoted in one currency.
_CURRENCIES = {
    "PL": "PLN", "US": "USD", "DE": "EUR", "FR": "EUR", "NL": "EUR", "ES": "EUR", "IT": "EUR",
    "PT": "EUR", "BE": "EUR", "FI": "EUR", "CZ": "CZK", "SE": "SEK", "NO": "NOK", "DK": "DKK",
    "CH": "CHF",
}  # fmt: skip
_PENSIONS = frozenset({"IKE", "IKZE"})
_CENT = Decimal("0.01")


class Report(NamedTuple):
    """`cash` and `positions` are None where the file has no such table. `currency` is the account's."""

    account: str
    currency: str
    cash: Table | None
    positions: Table | None


def read_report(stream: BinaryIO) -> Report:
    """All of a file, which states its currency in its head or by all its rows. Raises UnreadableStatement."""
    delimiter, sheets = _sheets(stream)
    tables: dict[int, list[Line]] = {}
    head: list[Line] = []
    cash: list[dict[str, str]] = []
    for lines in sheets:
        header = header_of(lines, LAYOUTS)
        head += [one for one in lines if header is None or one.number < header.number]
        if header is None:
            continue
        tables.setdefault(LAYOUTS.index(header.layout), filled_up(lines, header))
        if header.layout is CASH:
            cash += [_cells(header, one) for one in lines if one.number > header.number]
    if not tables:
        raise _not_theirs(is_empty=not any(sheets))
    currency = _labelled(head, "currency", FIAT.__contains__) or _derived(cash)
    if not currency:
        raise _no_currency()
    account = _labelled(head, "account number", str.isdecimal)
    found = {
        number: Table(delimiter, iter(lines)) for number, lines in tables.items()
    }  # fmt: skip
    return Report(
        account or _labelled(head, "account", str.isdecimal), currency,
        found.get(LAYOUTS.index(CASH)), found.get(LAYOUTS.index(POSITIONS)),
    )  # fmt: skip


def _sheets(stream: BinaryIO) -> tuple[str, list[list[Line]]]:
    start = stream.read(CHUNK_BYTES)
    whole = joined(start, stream)
    if start.startswith(PACKED):
        return ",", [list(lines) for _, lines in read_sheets(whole)]
    table = open_table(whole)
    return table.delimiter, [list(table.lines)]


def _cells(header: Header, line: Line) -> dict[str, str]:
    return {
        ours: line.cells[place] if place < len(line.cells) else ""
        for ours, place in header.places.items()
    }


def _labelled(head: Sequence[Line], label: str, fits: Callable[[str], bool]) -> str:
    """What stands right of a label, or below it."""
    for line, below in pairwise([*head, Line(0, [])]):
        for place, cell in enumerate(line.cells):
            if " ".join(cell.lower().split()).rstrip(":") != label:
                continue
            right = next((one for one in line.cells[place + 1 :] if one), "")
            under = below.cells[place] if place < len(below.cells) else ""
            for found in (right, under):
                if fits(found):
                    return found
    return ""


def _derived(rows: Iterable[dict[str, str]]) -> str:
    """The currency in which purchases cost just quantity times price, most of them; pension accounts are Polish."""
    votes: Counter[str] = Counter()
    for row in rows:
        if row.get("product", "").upper() in _PENSIONS:
            return "PLN"
        if plain(row["type"]) in PURCHASES and _costs_its_price(row):
            votes[_CURRENCIES.get(row["symbol"].rpartition(".")[2], "")] += 1
    del votes[""]
    return votes.most_common(1)[0][0] if votes else ""


def _costs_its_price(row: dict[str, str]) -> bool:
    trade = read_trade(row["comment"])
    try:
        paid = read_number(row["amount"], decimal_point([row["amount"]]) or ".")
    except BadNumber:
        return False
    if trade is None or trade.side is not Side.BUY or paid is None:
        return False
    return abs(paid + trade.quantity * trade.price) <= _CENT


def _not_theirs(*, is_empty: bool) -> UnreadableStatement:
    if is_empty:
        return UnreadableStatement("empty_file", "The file is empty. Export it again.")
    return UnreadableStatement(
        "header_missing",
        "No sheet has the columns of XTB's cash operations or closed positions. Nothing was imported. Check that it is "
        "the export that docs/import.md names, in English, and upload it as it was downloaded.",
    )


def _no_currency() -> UnreadableStatement:
    return UnreadableStatement(
        "no_account_currency",
        "The file does not say in which currency the account is, and no purchase in it tells. Nothing was imported. "
        "Export the workbook (XLSX) with the open positions, which states it.",
    )
