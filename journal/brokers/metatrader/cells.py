"""What readers of MetaTrader's reports share: rows of cells under a header, cells into numbers and instants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from journal.brokers.base import ParseOptions
from journal.brokers.text.faults import BadNumber, Missing
from journal.brokers.text.markup import Cell
from journal.brokers.text.moments import read_when, read_zone
from journal.brokers.text.numbers import decimal_point, read_number
from journal.brokers.text.tables import named
from journal.domain.values import ZERO

_VOLUME = re.compile(r"\s*/\s*")


def distinct(header: Sequence[str]) -> list[str]:
    """Column names, the second "Time" as "Time 2"."""
    names: list[str] = []
    for place, name in enumerate(header, 1):
        again = sum(one == name or one.startswith(f"{name} ") for one in names) if name else 0
        names.append(f"{name} {again + 1}" if again else name or f"#{place}")
    return names


def spread(cells: Iterable[Cell]) -> list[str]:
    """The texts at the columns where they stand. Cells that a browser does not show take none."""
    row: list[str] = []
    for cell in cells:
        if not cell.is_hidden:
            row += [cell.text, *[""] * (cell.span - 1)]
    while row and not row[-1]:
        row.pop()
    return row


def raw_of(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    # Some exports write this word where a browser had nothing to say.
    return named(header, ["" if cell == "undefined" else cell for cell in cells])


class Reading:
    """Cells of one file as values: its zone, and the decimal separator that its numbers agree on."""

    def __init__(self, zone: ZoneInfo, numbers: Iterable[str]) -> None:
        self.zone = zone
        self._point = decimal_point(numbers) or "."

    def number(self, text: str) -> Decimal:
        """Nothing is zero. Raises BadNumber."""
        return read_number(text, self._point) or ZERO

    def volume(self, text: str) -> Decimal:
        """Lots; of "0.05 / 0.10" the first, which is what was closed or filled. Raises BadNumber, Missing."""
        first = _VOLUME.split(text)[0]
        if not first:
            raise Missing("no_quantity", "it states no volume")
        volume = self.number(first)
        if volume < 0:
            raise BadNumber(text)
        return volume

    def price(self, text: str) -> Decimal:
        if not text:
            raise Missing("no_price", "it states no price")
        return self.number(text)

    def at(self, text: str) -> datetime:
        """UTC. Raises BadDate, AmbiguousDate, Missing."""
        if not text:
            raise Missing("no_date", "it states no time")
        return read_when(text).instant(self.zone)


def zone_of(options: ParseOptions, account_id: str, default: str) -> ZoneInfo:
    """Raises UnreadableStatement."""
    return read_zone(options.zone_by_account.get(account_id) or options.zone or default)
