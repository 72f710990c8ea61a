"""A terse language for fills and what follows from them.

A fill is `+5@100`: bought 5 at 100. Suffixes, in any order: `f1.50` fee, `C` closes, `O` opens, `R` closes and opens,
`x` expiry, `a` assignment, `e` exercise, `t` transfer, `s` cash settlement, `?` price not known, `u0.1` fee in units,
`p12` stated P&L, `c500` stated cost, `gA` hedging ticket A, `^3` sequence, `i2` instrument 2.
A match is `5@100>110`: 5 opened at 100, closed at 110; `?>110` has no basis. A lot is `5@100`, negative when short.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from journal.domain.booking import book
from journal.domain.values import (
    ZERO,
    AssetClass,
    BookEvent,
    Booking,
    Contract,
    ExecutionKind,
    Fill,
    LotMethod,
    PositionEffect,
    Side,
)

START = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
FILL = re.compile(r"([+-])([\d.]+)@(-?[\d.]+)(\S*)")
SUFFIX = re.compile(r"([a-zA-Z?^])(-?[A-Z\d.]*)")
EFFECTS = {
    "C": PositionEffect.CLOSE,
    "O": PositionEffect.OPEN,
    "R": PositionEffect.CLOSE_OPEN,
}
KINDS = {
    "x": ExecutionKind.EXPIRY,
    "a": ExecutionKind.ASSIGNMENT,
    "e": ExecutionKind.EXERCISE,
    "t": ExecutionKind.TRANSFER,
    "s": ExecutionKind.CASH_SETTLEMENT,
}
NUMBERS = {
    "f": "fee",
    "u": "asset_fee",
    "p": "stated_pnl",
    "c": "stated_cost",
}


def contract(instrument_id: int = 1, **changes) -> Contract:
    given = {"asset_class": AssetClass.STOCK, "currency": "USD"} | changes
    return Contract(instrument_id, **given)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def fill(text: str, number: int = 1) -> Fill:
    found = FILL.fullmatch(text)
    assert found is not None, f"not a fill: {text}"
    sign, quantity, price, rest = found.groups()
    result = Fill(
        id=number,
        instrument_id=1,
        executed_at=at(number),
        sequence=0,
        side=Side.BUY if sign == "+" else Side.SELL,
        quantity=Decimal(quantity),
        price=Decimal(price),
        broker_id=f"B{number}",
    )
    for letter, value in SUFFIX.findall(rest):
        _apply_suffix(result, letter, value)
    return result


def _apply_suffix(result: Fill, letter: str, value: str) -> None:
    if letter in EFFECTS:
        result.effect = EFFECTS[letter]
    elif letter in KINDS:
        result.kind = KINDS[letter]
    elif letter in NUMBERS:
        setattr(result, NUMBERS[letter], Decimal(value))
    elif letter == "g":
        result.group = value
    elif letter == "i":
        result.instrument_id = int(value)
    elif letter == "^":
        result.sequence = int(value)
    else:
        assert letter == "?", f"unknown suffix {letter}"
        result.price_known = False


def fills(text: str) -> list[Fill]:
    return [fill(word, number) for number, word in enumerate(text.split(), start=1)]


def booked(
    events: str | Iterable[BookEvent],
    method: LotMethod = LotMethod.FIFO,
    contracts: Iterable[Contract] = (contract(),),
    **options,
) -> Booking:
    stream = fills(events) if isinstance(events, str) else events
    known = {each.instrument_id: each for each in contracts}
    return book(stream, contracts=known, method=method, **options)


def plain(number: Decimal | None) -> str:
    if number is None:
        return "?"
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def matches(booking: Booking) -> str:
    return " ".join(
        f"{plain(each.quantity)}@{plain(each.open_price)}>{plain(each.close_price)}"
        for each in booking.matches
    )


def lots(booking: Booking) -> str:
    return " ".join(
        f"{plain(lot.signed_quantity)}@{plain(lot.price) if lot.cost_known else '?'}"
        for lot in booking.lots
    )


def legs(booking: Booking) -> str:
    """`1:long 10 > 110` is leg 1, at most 10, closed with a net P&L of 110; `..` while it is open."""
    return ", ".join(
        f"{leg.id}:{leg.direction.value} {plain(leg.max_quantity)} "
        f"{'..' if leg.closed_at is None else '>'} {plain(leg.net_pnl)}"
        for leg in booking.legs
    )


def codes(booking: Booking) -> list[str]:
    return [problem.code for problem in booking.problems]


def total_gross(booking: Booking) -> Decimal:
    return sum((each.gross_pnl for each in booking.matches if each.gross_pnl is not None), ZERO)


def total_net(booking: Booking) -> Decimal:
    return sum((each.net_pnl for each in booking.matches if each.net_pnl is not None), ZERO)


def total_fees(booking: Booking) -> Decimal:
    closed = sum((each.open_fee + each.close_fee for each in booking.matches), ZERO)
    return closed + sum((lot.fee for lot in booking.lots), ZERO)
