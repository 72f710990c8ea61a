"""Which numbers of a table multiply to which: what tells its price from its other prices, and fees within its money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.generic_table.mapping import AmountIs, FeeSign
from journal.domain.values import ZERO

Numbers = Mapping[int, Decimal]
_ROUNDING = Decimal("0.005")
_CENT = Decimal("0.02")
_PART_OF_FEE = Decimal("0.4")
_MOST = 0.9
_HUNDRED = Decimal(100)


class Fit(NamedTuple):
    """In which part of the rows quantity times price makes the money, and what of the fees is then known. `exact`: in
    which part to the cent."""

    share: float
    exact: float
    amount_is: AmountIs | None
    fee_sign: FeeSign | None

    @property
    def is_good(self) -> bool:
        return self.share >= _MOST


NONE = Fit(0.0, 0.0, None, None)


def best_fit(
    quantity: Numbers, price: Numbers, money: Numbers, fees: Numbers, bought: Mapping[int, bool]
) -> Fit:
    """`fees` are summed up by row; `bought`: the rows that are fills, with their side."""
    ways = (
        (AmountIs.GROSS, None),
        (AmountIs.NET, FeeSign.POSITIVE),
        (AmountIs.NET, FeeSign.NEGATIVE),
    )
    found = [_fit(quantity, price, money, fees, bought, way) for way in ways]
    best = max(found, key=lambda fit: (fit.share, fit.exact))
    same = [fit for fit in found if fit[:2] == best[:2]]
    if len({fit.amount_is for fit in same}) > 1:
        return best._replace(amount_is=None, fee_sign=None)
    return best if len(same) == 1 else best._replace(fee_sign=None)


def _fit(
    quantity: Numbers, price: Numbers, money: Numbers, fees: Numbers, bought: Mapping[int, bool],
    way: tuple[AmountIs, FeeSign | None],
) -> Fit:  # fmt: skip
    rows = [row for row in bought if row in quantity and row in price and money.get(row)]
    right = exact = 0
    for row in rows:
        units, moved = abs(quantity[row] * price[row]), abs(money[row])
        fee, cost = abs(fees.get(row, ZERO)), ZERO
        if way[0] is AmountIs.NET:
            cost = fees.get(row, ZERO) * (1 if way[1] is FeeSign.POSITIVE else -1)
        cost = cost if bought[row] else -cost
        off = min(abs(units * factor + cost - moved) for factor in (1, _HUNDRED))
        # Rounding is let pass, but not as much as would hide a fee.
        right += off <= max(_CENT, fee * _PART_OF_FEE if fee else moved * _ROUNDING)
        exact += off <= _CENT
    return Fit(right / len(rows), exact / len(rows), *way) if rows else NONE


def sum_of(columns: Sequence[Numbers]) -> dict[int, Decimal]:
    total: dict[int, Decimal] = {}
    for column in columns:
        for row, number in column.items():
            total[row] = total.get(row, ZERO) + number
    return total


def is_total(column: Numbers, others: Sequence[Numbers]) -> bool:
    """Whether a column is the sum of the others, and not of nothings."""
    expected = sum_of(others)
    return (
        any(column.values())
        and len(others) > 0
        and all(
            column.get(row, ZERO) == expected.get(row, ZERO)
            for row in column.keys() | expected.keys()
        )
    )
