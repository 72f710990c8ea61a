"""Transactions of a brokerage account: newest first, days alone, options in words, and types that may be missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from journal.brokers.base import CashKind, CashRow, ExecutionRow, InstrumentRow, Record
from journal.brokers.etrade.vocabulary import CASH, DESCRIBED, ENDS, EXPIRED, OPENING, TRADES, Trade
from journal.brokers.text.american import security_in_dollars
from journal.brokers.text.contracts import OptionName, read_option
from journal.brokers.text.deliveries import end_of_options, expiry, mark_deliveries
from journal.brokers.text.faults import BadValue
from journal.brokers.text.layout import Layout
from journal.brokers.text.numbers import NOTHING
from journal.brokers.text.records import cash, check_direction, exact_price, fill
from journal.brokers.text.row import Row
from journal.brokers.text.safely import safely
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import ZERO, PositionEffect, Side

_FORMER = Layout(
    needs={
        "date": "TransactionDate", "type": "TransactionType", "class": "SecurityType", "symbol": "Symbol",
        "quantity": "Quantity", "amount": "Amount", "price": "Price", "fee": "Commission",
        "description": "Description",
    },
)  # fmt: skip
_CURRENT = Layout(
    needs={
        "date": "Activity/Trade Date", "booked": "Transaction Date", "settled": "Settlement Date",
        "type": "Activity Type", "description": "Description", "symbol": "Symbol", "quantity": "Quantity #",
        "price": "Price $", "amount": "Amount $", "fee": "Commission",
    },
    may={"cusip": "Cusip", "more_fees": "Fees"},
)  # fmt: skip
# "PUT  QXA   02/28/27   370.000" at the start of a description
_OPTION = re.compile(r"(?:CALL|PUT)\s+\S+\s+\d\d?/\d\d?/\d\d\s+\d+(?:\.\d+)?", re.ASCII)
_NOT_STATED = frozenset({"", "0"})
_REINVESTED = "reinvest"
_BANK = ("ach", "wire")
_OF_SECURITIES = frozenset(
    {CashKind.DIVIDEND, CashKind.WITHHOLDING_TAX, CashKind.FEE, CashKind.OTHER}
)


class Etrade(SheetParser):
    slug = "etrade"
    broker = "etrade"
    label = "E*TRADE transactions (CSV)"
    default_zone = "America/New_York"
    layouts = (_FORMER, _CURRENT)
    numbers = ("price", "amount")
    day_first = False
    newest_first = True

    def base_currency(self, rows: Sequence[Row]) -> str:
        return "USD"

    def read_rows(self, rows: Sequence[Row]) -> Iterator[Record]:
        records = [record for row in rows for record in safely(row, _read)]
        yield from mark_deliveries(records)


def _read(row: Row) -> Iterable[Record]:
    name = _text(row, "type").lower()
    if name in _NOT_STATED:
        name = _guess(row)
    if name in EXPIRED or name in ENDS:
        return [_end(row, name)]
    trade = TRADES.get(name) or _reinvestment(row, name)
    if trade is not None:
        return [_trade(row, trade)]
    if name in CASH or (row.decimal("amount") and not row.decimal("quantity")):
        return [_cash(row, name)]
    return [row.unknown(_text(row, "type") or _text(row, "description"))]


def _guess(row: Row) -> str:
    """Of rows without a type: what moved units for money is a trade, by the sign of the units."""
    signed, amount = row.money("quantity"), row.money("amount")
    if signed and amount and row.money("price"):
        return "bought" if signed > 0 else "sold"
    return _described(row)


def _described(row: Row) -> str:
    description = _text(row, "description").upper()
    return next((name for word, name in DESCRIBED if word in description), "")


def _reinvestment(row: Row, name: str) -> Trade | None:
    """Units for a dividend, under its own name or under that of the dividend."""
    is_purchase = row.money("quantity") > ZERO > row.money("amount")
    return Trade(Side.BUY) if is_purchase and (_REINVESTED in name or name in CASH) else None


def _trade(row: Row, trade: Trade) -> ExecutionRow:
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    fee = row.money("fee").copy_abs() + row.money("more_fees").copy_abs()
    amount, stated = row.decimal("amount"), row.decimal("price") or None
    proceeds = None if amount is None else amount + fee
    check_direction(trade.side, proceeds)
    instrument = _instrument(row, quantity, stated, proceeds)
    price = exact_price(row, stated, quantity * instrument.multiplier, proceeds)
    return fill(row, instrument, trade.side, quantity, price)._replace(
        settled_on=_settled_on(row),
        fee=fee,
        effect=_effect(row, trade),
        proceeds=proceeds,
        net_cash=amount,
    )


def _effect(row: Row, trade: Trade) -> PositionEffect:
    """Former files say of options in their description whether they were opened."""
    if trade.effect is not PositionEffect.UNKNOWN or _option(row) is None:
        return trade.effect
    description = _text(row, "description").upper()
    return next((effect for word, effect in OPENING if word in description), trade.effect)


def _end(row: Row, name: str) -> Record:
    """Booked on the next business day. The day of settlement is that on which the option ended, and its own last day
    is the latest that it can be."""
    option, signed = _option(row), row.needed("quantity", "no_quantity")
    instrument = _instrument(row)
    days = (row.moment.day, _settled_on(row), option.expiry_on if option else None)
    day = min(filter(None, days))
    if name in EXPIRED:
        return expiry(row, instrument, signed, day)
    kind, side = ENDS[name]
    return fill(row, instrument, side, signed, ZERO)._replace(
        kind=kind,
        executed_at=end_of_options(day),
        reported_on=row.moment.day,
        effect=PositionEffect.CLOSE,
    )


def _cash(row: Row, name: str) -> CashRow:
    stated = row.text("type") if row.text("type") not in _NOT_STATED else ""
    if name not in CASH:
        row.notice("unknown_cash_type", stated or _text(row, "description"))
    if name == "transfer":
        name = _described(row) if _described(row) in _BANK else name
    kind = CASH.get(name, CashKind.OTHER)
    about = (stated, _text(row, "description"))
    return cash(row, kind, row.needed("amount", "no_amount"), "USD")._replace(
        description=": ".join(filter(None, (" ".join(one.split()) for one in about))),
        instrument=_instrument(row) if _text(row, "symbol") and kind in _OF_SECURITIES else None,
    )


def _settled_on(row: Row) -> date | None:
    try:
        return row.day("settled") if _text(row, "settled") else None
    except BadValue:
        return None


def _option(row: Row) -> OptionName | None:
    """Named by the description, or in former files by the symbol."""
    match = _OPTION.match(_text(row, "description"))
    return read_option(match[0] if match else _text(row, "symbol"))


def _instrument(
    row: Row,
    quantity: Decimal = ZERO,
    price: Decimal | None = None,
    money: Decimal | None = None,
) -> InstrumentRow:
    option = _option(row)
    if option is not None:
        return row.option(option.plain, option, "USD")
    symbol = _text(row, "symbol") or _text(row, "cusip") or row.word("symbol", "no_symbol")
    # Descriptions are of the trade as much as of the security, and differ from row to row.
    return security_in_dollars(row, symbol, "", quantity, price, money)


def _text(row: Row, name: str) -> str:
    """Newer files write "--" for nothing."""
    cell = row.text(name)
    return "" if cell.lower() in NOTHING else cell
