"""What a row cost. Exports differ in the sign: -1.00 is a cost today, 0.14 was one in 2020."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.tastytrade.row import read_money
from journal.brokers.tastytrade_csv.layouts import Layout
from journal.brokers.text.faults import BadNumber
from journal.domain.values import ZERO

_CENT = Decimal("0.01")
_COLUMNS = ("commission", "fees")


class Cost(NamedTuple):
    """`is_contradicted`: the row's own total is another."""

    amount: Decimal
    is_contradicted: bool = False


class Signs:
    """By column whether costs are written negative: as most rows of the file's beginning have it.

    A row of the other sign gives something back. A beginning without costs leaves it to the first row that has one.
    """

    def __init__(self, layout: Layout, beginning: Iterable[Sequence[str]]) -> None:
        self._layout = layout
        self._signs: dict[str, int] = dict.fromkeys(_COLUMNS, 0)
        for cells in beginning:
            for name in _COLUMNS:
                self._signs[name] += _sign(layout, cells, name)

    def cost(self, cells: Sequence[str], value: Decimal | None) -> Cost:
        """Raises BadNumber."""
        amount = sum((self._cost(cells, name) for name in _COLUMNS), ZERO)
        total = _read(self._layout, cells, "total")
        if total is None:
            return Cost(amount)
        stated = (value or ZERO) - total
        return Cost(amount, is_contradicted=abs(stated - amount) > _CENT)

    def _cost(self, cells: Sequence[str], name: str) -> Decimal:
        number = _read(self._layout, cells, name)
        if not number:
            return ZERO
        if not self._signs[name]:
            self._signs[name] = 1 if number > 0 else -1
        return number if self._signs[name] > 0 else number.copy_negate()


def _read(layout: Layout, cells: Sequence[str], name: str) -> Decimal | None:
    place = layout.columns.get(name)
    return read_money(cells[place]) if place is not None and place < len(cells) else None


def _sign(layout: Layout, cells: Sequence[str], name: str) -> int:
    try:
        number = _read(layout, cells, name)
    except BadNumber:
        return 0
    return 0 if not number else 1 if number > 0 else -1
