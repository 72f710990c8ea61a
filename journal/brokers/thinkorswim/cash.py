"""Movements of cash that no order of the history explains: payments, ends of options, shares that they delivered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from journal.brokers.base import CashKind, CashRow, ExecutionRow, OptionEventRow, Record
from journal.brokers.text.deliveries import end_of_options, expiry
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.records import cash, exact_price, fill
from journal.brokers.text.remarks import LACKS
from journal.brokers.text.row import Row
from journal.brokers.thinkorswim.contracts import option, read_described, stock
from journal.brokers.thinkorswim.orders import costs
from journal.domain.values import ZERO, ExecutionKind, PositionEffect, Side

BALANCE = "BAL"
# "REMOVAL OF OPTION DUE TO EXPIRATION -3.0 QXA 100 (Weeklys) 9 MAR 27 305.0 CALL",
# "Removed due to Assignment 1.0 .QXA271231P580"
_END = re.compile(
    r"(?:REMOVAL OF OPTION|REMOVED) DUE TO (EXPIRATION|ASSIGNMENT|EXERCISE)\D*?([+-]?\d[\d,.]*) (.+)",
    re.IGNORECASE,
)
_KINDS = {
    "ASSIGNMENT": (ExecutionKind.ASSIGNMENT, Side.BUY),
    "EXERCISE": (ExecutionKind.EXERCISE, Side.SELL),
}
# "SOLD -100.0 QXA UPON OPTION ASSIGNMENT", "tIP BOT +100 QXA @14.93"
_TRADE = re.compile(
    r"\b(BOT|SOLD) ([+-]?[\d.,]+) ([A-Z][A-Z0-9.]*)(?: UPON\b.*| @(-?[\d.,]+).*)?$", re.ASCII
)
_SIDES = {"BOT": Side.BUY, "SOLD": Side.SELL}
# By a word of the description; the first that fits. Then by the type.
_WORDS = (
    ("FOREIGN TAX", CashKind.WITHHOLDING_TAX),
    ("INTEREST", CashKind.INTEREST_RECEIVED),
    ("DIVIDEND", CashKind.DIVIDEND),
    ("DISTRIBUTION", CashKind.DIVIDEND),
    (" FEE", CashKind.FEE),
    ("MARK TO", CashKind.ADJUSTMENT),
    ("ADJUSTMENT", CashKind.ADJUSTMENT),
    ("COURTESY", CashKind.ADJUSTMENT),
    ("REBATE", CashKind.ADJUSTMENT),
    ("ACH ", CashKind.DEPOSIT),
    ("WIRE", CashKind.DEPOSIT),
    ("ELECTRONIC FUNDING", CashKind.DEPOSIT),
    ("FUNDS RECEIVED", CashKind.DEPOSIT),
    ("LIQUIDATION", CashKind.TRANSFER),
    ("TRANSFER", CashKind.TRANSFER),
    ("JOURNAL", CashKind.TRANSFER),
)
_TYPES = {
    "DOI": CashKind.DIVIDEND, "EFN": CashKind.DEPOSIT, "WIN": CashKind.DEPOSIT, "JRN": CashKind.TRANSFER,
    "LIQ": CashKind.TRANSFER, "ADJ": CashKind.ADJUSTMENT, "FND": CashKind.ADJUSTMENT,
}  # fmt: skip
# "ORDINARY DIVIDEND~QXA"
_ABOUT = re.compile(r"~([A-Z][A-Z0-9.]*)$", re.ASCII)


def read_cash(row: Row) -> Iterable[Record]:
    kind, description = row.text("type").upper(), row.text("description")
    if kind == BALANCE or not kind:
        return [row.kept("Balances")]
    if match := _END.search(description):
        return [_end(row, match)]
    if match := _TRADE.search(description):
        return [_trade(row, match)]
    if kind == "TRD":
        raise Missing("no_fill", LACKS["no_fill"])
    if not row.decimal("amount") and not costs(row):
        return [row.unknown(description)]
    return _moved(row, kind, description)


def _end(row: Row, match: re.Match[str]) -> ExecutionRow | OptionEventRow:
    """The sign of the units is what it does to the position: what was sold short comes back."""
    described = read_described(match[3])
    if described is None:
        raise Missing("no_symbol", "it does not say which option ended")
    signed = _number(match[2])
    instrument = option(row, described)
    # Booked in the morning after.
    day = min(row.moment.day, described.name.expiry_on)
    stated = match[1].upper()
    if stated not in _KINDS:
        return expiry(row, instrument, signed, day)
    kind, side = _KINDS[stated]
    return fill(row, instrument, side, signed, ZERO)._replace(
        kind=kind,
        executed_at=end_of_options(day),
        reported_on=row.moment.day,
        fee=costs(row),
        effect=PositionEffect.CLOSE,
    )


def _trade(row: Row, match: re.Match[str]) -> ExecutionRow:
    """A trade of shares that the history leaves out, as it does what an option delivered."""
    quantity, amount = _number(match[2]).copy_abs(), row.decimal("amount")
    side, fee = _SIDES[match[1]], costs(row)
    stated = _number(match[4]) if match[4] else None
    price = exact_price(row, stated, quantity, amount)
    return fill(row, stock(row, match[3]), side, quantity, price)._replace(
        order_id=row.text("ref").strip('="'),
        fee=fee,
        proceeds=amount,
        net_cash=None if amount is None else amount - fee,
    )


def _moved(row: Row, type_: str, description: str) -> list[Record]:
    words = description.upper()
    kind = next((one for word, one in _WORDS if word in words), _TYPES.get(type_))
    if kind is None:
        row.notice("unknown_cash_type", type_)
    amount, fee = row.money("amount"), costs(row)
    found: list[Record] = []
    if amount:
        found.append(_cash(row, kind or CashKind.OTHER, amount))
    if fee:
        found.append(_cash(row, CashKind.FEE, -fee))
    return found


def _cash(row: Row, kind: CashKind, amount: Decimal) -> CashRow:
    description = row.text("description")
    about = _ABOUT.search(description)
    return cash(row, kind, amount, "USD")._replace(
        description=description,
        instrument=stock(row, about[1]) if about and kind is CashKind.DIVIDEND else None,
    )


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "").rstrip("."))
    except ArithmeticError:
        raise BadValue(text, "a number") from None
    if not number:
        raise Missing("no_quantity", LACKS["no_quantity"])
    return number
