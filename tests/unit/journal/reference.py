"""Booking as a child would do it: every fill is so many single units, and one unit closes one unit.

Slow, exact (fractions) and independent of the engine: it shares no code with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from journal.domain.values import Fill, LotMethod, Side


@dataclass
class Unit:
    price: Fraction
    fee: Fraction
    opening_id: int


@dataclass
class NaiveLeg:
    id: int
    gross: Fraction = Fraction(0)
    net: Fraction = Fraction(0)
    is_closed: bool = False


@dataclass
class NaiveBook:
    legs: list[NaiveLeg] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    gross_by_closing: dict[int, Fraction] = field(default_factory=dict)
    sign: int = 0


def book_naively(fills: list[Fill], method: LotMethod) -> NaiveBook:
    book = NaiveBook()
    for fill in fills:
        sign = 1 if fill.side is Side.BUY else -1
        fee = Fraction(fill.fee) / int(fill.quantity)
        for _ in range(int(fill.quantity)):
            if book.units and book.sign != sign:
                _close_one(book, fill, fee, method)
            else:
                _open_one(book, fill, fee, sign)
        if method is LotMethod.AVERAGE:
            _level(book)
    return book


def _open_one(book: NaiveBook, fill: Fill, fee: Fraction, sign: int) -> None:
    if not book.units:
        book.legs.append(NaiveLeg(fill.id))
        book.sign = sign
    book.units.append(Unit(Fraction(fill.price), fee, fill.id))


def _close_one(book: NaiveBook, fill: Fill, fee: Fraction, method: LotMethod) -> None:
    unit = book.units.pop(_next(book, method))
    gross = book.sign * (Fraction(fill.price) - unit.price)
    leg = book.legs[-1]
    leg.gross += gross
    leg.net += gross - unit.fee - fee
    leg.is_closed = not book.units
    book.gross_by_closing[fill.id] = book.gross_by_closing.get(fill.id, Fraction(0)) + gross


def _next(book: NaiveBook, method: LotMethod) -> int:
    if method is LotMethod.LIFO:
        last = book.units[-1].opening_id
        return next(i for i, unit in enumerate(book.units) if unit.opening_id == last)
    if method is LotMethod.HIFO:
        prices = [book.sign * unit.price for unit in book.units]
        return prices.index(max(prices))
    return 0


def _level(book: NaiveBook) -> None:
    """Average cost: after every fill all units have the same price and the same fee."""
    count = len(book.units)
    price = sum((unit.price for unit in book.units), Fraction(0)) / max(count, 1)
    fee = sum((unit.fee for unit in book.units), Fraction(0)) / max(count, 1)
    for unit in book.units:
        unit.price, unit.fee = price, fee
