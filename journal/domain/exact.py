"""Arithmetic that never loses a cent.

Sums, differences and products run in a context wide enough that they are exact for any figure a broker can
state. Only a division can be inexact, and a division is only ever used to hand out a share of a whole:
the share is rounded to 28 digits, and whoever takes the last share takes what is left. So the shares add up to
the whole, always.
"""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

SUM_DIGITS = 120
SHARE_DIGITS = 28

divide = Context(prec=SHARE_DIGITS).divide


def exact_sums() -> AbstractContextManager[Context]:
    """A context in which + - * are exact. Booking opens it once for a whole stream."""
    return localcontext(Context(prec=SUM_DIGITS))


def share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """`part` out of `of` of the whole, to 28 digits; the whole itself, however long, when it is all of it."""
    if part == of:
        return whole
    return divide(whole * part, of)


def sum_of_known(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The exact sum; None where one of them is."""
    with exact_sums():
        return add_known(amounts)


def add_known(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The same for who has opened `exact_sums` already."""
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
