"""Transactions of a brokerage account as Schwab's site exports them: newest first, days without times, in dollars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from journal.brokers.base import (
    CashKind,
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    InstrumentRow,
    OtherRow,
    Record,
    TransferRow,
)
from journal.brokers.schwab.halves import Half, pair_halves
from journal.brokers.schwab.vocabulary import ACTIONS, CASH, ENDS, MOVES, TRADES
from journal.brokers.text.american import security_in_dollars
from journal.brokers.text.contracts import read_option
from journal.brokers.text.deliveries import end_of_options, mark_deliveries
from journal.brokers.text.layout import Layout
from journal.brokers.text.moments import When, read_when
from journal.brokers.text.records import action, cash, check_direction, fill, price_of, transfer
from journal.brokers.text.row import Row
from journal.brokers.text.safely import safely
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import ZERO, PositionEffect, Side

_LAYOUT = Layout(
    needs={
        "date": "Date", "action": "Action", "symbol": "Symbol", "description": "Description",
        "quantity": "Quantity", "price": "Price", "fee": "Fees & Comm", "amount": "Amount",
    },
)  # fmt: skip
_AS_OF = re.compile(r"(\S+)\s+as of\s+(\S+)", re.IGNORECASE)


class Schwab(SheetParser):
    slug = "schwab"
    broker = "schwab"
    label = "Charles Schwab transactions (CSV)"
    default_zone = "America/New_York"
    layouts = (_LAYOUT,)
    day_first = False
    newest_first = True

    def base_currency(self, rows: Sequence[Row]) -> str:
        return "USD"

    def moment(self, row: Row) -> When:
        """The day of booking: "07/15/2024 as of 07/12/2024" was booked on the 15th."""
        return read_when(_days(row)[0], day_first=row.desk.day_first)

    def read_rows(self, rows: Sequence[Row]) -> Iterator[Record]:
        halves = pair_halves(rows)
        records = [record for row in rows for record in safely(row, partial(_read, halves))]
        yield from mark_deliveries(records)


def _days(row: Row) -> tuple[str, str]:
    """The day of booking and the day that it is booked as of."""
    stated = row.word("date", "no_date")
    match = _AS_OF.fullmatch(stated)
    return (match[1], match[2]) if match else (stated, stated)


def _as_of(row: Row) -> datetime:
    return read_when(_days(row)[1], day_first=row.desk.day_first).instant(row.zone)


def _as_of_day(row: Row) -> date:
    return read_when(_days(row)[1], day_first=row.desk.day_first).day


def _read(halves: Mapping[int, Half], row: Row) -> Iterable[Record]:
    name = row.text("action")
    if name in TRADES:
        return [_trade(row)]
    if name in ENDS:
        return [_end(row)]
    if name in ACTIONS:
        return [_action(row, halves.get(row.number))]
    if name in MOVES:
        return [_move(row)]
    if name in CASH:
        return [_cash(row, CASH[name])]
    return [row.unknown(name)]


def _trade(row: Row) -> ExecutionRow:
    trade = TRADES[row.text("action")]
    quantity = row.needed("quantity", "no_quantity").copy_abs()
    fee, amount, stated = row.money("fee").copy_abs(), row.decimal("amount"), row.decimal("price")
    # The amount is what moved: with the fees, which make a purchase dearer and a sale yield less.
    proceeds = None if amount is None else amount + fee
    instrument = _instrument(row, quantity, stated, proceeds)
    price = price_of(row, stated, quantity * instrument.multiplier, proceeds)
    check_direction(trade.side, proceeds)
    return fill(row, instrument, trade.side, quantity, price)._replace(
        executed_at=_as_of(row),
        reported_on=row.moment.day,
        fee=fee,
        effect=trade.effect,
        proceeds=proceeds,
        net_cash=amount,
    )


def _end(row: Row) -> ExecutionRow:
    """An option that ended. Its quantity is signed as the position changes: what was sold short comes back."""
    signed = row.needed("quantity", "no_quantity")
    side = Side.BUY if signed > 0 else Side.SELL
    return fill(row, _instrument(row), side, signed, ZERO)._replace(
        kind=ENDS[row.text("action")],
        executed_at=end_of_options(_as_of_day(row)),
        reported_on=row.moment.day,
        effect=PositionEffect.CLOSE,
    )


def _action(row: Row, half: Half | None) -> CorporateActionRow | CashRow | OtherRow:
    """At the day of booking, which is the first on which the new units and prices count."""
    kind, amount = ACTIONS[row.text("action")], row.money("amount")
    signed = row.money("quantity")
    if not signed and not amount:
        return row.kept("Corporate actions")
    instrument = _instrument(row)
    if half is not None:
        instrument = row.security(half.symbol, "USD", description=instrument.description)
    day = row.moment.day
    return action(row, kind, instrument, signed)._replace(
        action_id=half.action_id if half else f"{row.text('action')}:{day}:{instrument.symbol}",
        cash=amount,
        reported_on=day,
        description=row.text("description"),
    )


def _move(row: Row) -> TransferRow | CashRow:
    signed = row.decimal("quantity")
    if not signed or not row.text("symbol"):
        return _cash(row, CashKind.TRANSFER)
    return transfer(row, _instrument(row), signed)._replace(
        price=row.decimal("price"),
        cash=row.money("amount"),
        reported_on=row.moment.day,
        kind=row.text("action"),
        counterparty=row.text("description"),
    )


def _cash(row: Row, kind: CashKind) -> CashRow:
    amount = row.needed("amount", "no_amount")
    return cash(row, kind, amount, "USD")._replace(
        occurred_at=_as_of(row),
        reported_on=row.moment.day,
        description=f"{row.text('action')}: {row.text('description')}",
        instrument=_instrument(row) if row.text("symbol") else None,
    )


def _instrument(
    row: Row,
    quantity: Decimal = ZERO,
    price: Decimal | None = None,
    money: Decimal | None = None,
) -> InstrumentRow:
    symbol = row.word("symbol", "no_symbol")
    option = read_option(symbol)
    if option is not None:
        return row.option(symbol, option, "USD")
    return security_in_dollars(row, symbol, row.text("description"), quantity, price, money)
