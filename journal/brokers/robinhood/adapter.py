"""The account activity report: days without times, newest first, in dollars, fees inside the amounts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from journal.brokers.base import CashRow, CorporateActionRow, ExecutionRow, InstrumentRow, Record
from journal.brokers.robinhood.vocabulary import CASH, ENDS, TRADES, Trade
from journal.brokers.text.contracts import OptionName, read_option
from journal.brokers.text.deliveries import end_of_options, mark_deliveries
from journal.brokers.text.faults import BadNumber, Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.numbers import read_number
from journal.brokers.text.records import action, cash, check_direction, fill, price_of
from journal.brokers.text.row import Row
from journal.brokers.text.safely import safely
from journal.brokers.text.sheet import SheetParser
from journal.domain.corporate import ActionKind
from journal.domain.values import ONE, ZERO, PositionEffect, Side

_LAYOUT = Layout(
    needs={
        "date": "Activity Date", "settled": "Settle Date", "symbol": "Instrument",
        "description": "Description", "code": "Trans Code", "quantity": "Quantity",
        "price": "Price", "amount": "Amount",
    },
)  # fmt: skip
_ACTIONS = {"SPL": ActionKind.SPLIT, "SPR": ActionKind.REVERSE_SPLIT}
_CUSIP = re.compile(r"CUSIP:\s*([0-9A-Z]{9})", re.ASCII)
_EXPIRED = "Option Expiration for "
_HALF_CENT = Decimal("0.005")
# Regulatory fees of a sale are a few cents, and less than this part of it.
_FEE_PART = Decimal("0.02")


class Robinhood(SheetParser):
    slug = "robinhood"
    broker = "robinhood"
    label = "Robinhood account activity (CSV)"
    default_zone = "America/New_York"
    layouts = (_LAYOUT,)
    numbers = ("price", "amount")
    day_first = False
    newest_first = True

    def base_currency(self, rows: Sequence[Row]) -> str:
        return "USD"

    def read_rows(self, rows: Sequence[Row]) -> Iterator[Record]:
        records = [record for row in rows for record in safely(row, _read)]
        yield from mark_deliveries(records)


def _read(row: Row) -> Iterable[Record]:
    code = row.text("code")
    if code in TRADES:
        return [_trade(row, TRADES[code])]
    if code in ENDS:
        return [_end(row)]
    if code in _ACTIONS:
        return [_action(row, _ACTIONS[code])]
    if row.decimal("amount") and not row.text("quantity"):
        return [_cash(row, code)]
    return [row.unknown(code)]


def _trade(row: Row, trade: Trade) -> ExecutionRow:
    quantity, stated = _quantity(row), row.decimal("price")
    amount = row.decimal("amount")
    instrument = _instrument(row, trade.is_option)
    units = quantity.copy_abs() * instrument.multiplier
    fee = _fee(row, trade.side, units, stated, amount)
    proceeds = None if amount is None else amount + fee
    check_direction(trade.side, proceeds)
    if stated is not None and amount and not fee:
        # Prices are rounded to cents; what moved is not.
        is_near = abs(amount.copy_abs() - units * stated) <= units * _HALF_CENT + _HALF_CENT
        price = (amount / units).copy_abs() if is_near else price_of(row, stated, units, amount)
    else:
        price = price_of(row, stated, units, proceeds)
    return fill(row, instrument, trade.side, quantity, price)._replace(
        settled_on=row.day("settled"),
        fee=fee,
        effect=trade.effect,
        proceeds=proceeds,
        net_cash=amount,
    )


def _fee(
    row: Row, side: Side, units: Decimal, price: Decimal | None, amount: Decimal | None
) -> Decimal:
    """What a purchase cost more, or a sale yielded less, than quantity times price."""
    if price is None or not amount:
        return ZERO
    expected, moved = units * price, amount.copy_abs()
    fee = moved - expected if side is Side.BUY else expected - moved
    if units == units.to_integral_value() and ZERO < fee <= max(ONE, expected * _FEE_PART):
        row.notice("fee_of_total")
        return fee
    return ZERO


def _end(row: Row) -> ExecutionRow:
    """What was sold short is marked with an S behind the quantity. Assigned is only what was sold, exercised only what
    was bought."""
    end = ENDS[row.text("code")]
    is_short = (
        row.text("quantity").upper().endswith("S") if end.was_short is None else end.was_short
    )
    side = Side.BUY if is_short else Side.SELL
    return fill(row, _instrument(row, True), side, _quantity(row), ZERO)._replace(
        kind=end.kind,
        executed_at=end_of_options(row.moment.day),
        settled_on=row.day("settled"),
        effect=PositionEffect.CLOSE,
    )


def _action(row: Row, kind: ActionKind) -> CorporateActionRow:
    instrument = _instrument(row, False)
    quantity = _quantity(row)
    if row.text("quantity").upper().endswith("S"):
        quantity = -quantity
    return action(row, kind, instrument, quantity)._replace(
        action_id=f"{row.text('code')}:{row.moment.day}:{instrument.symbol}",
        description=row.text("description"),
    )


def _cash(row: Row, code: str) -> CashRow:
    if code not in CASH:
        row.notice("unknown_cash_type", code)
    kind = CASH.get(code, CASH["OTHER"])
    return cash(row, kind, row.needed("amount", "no_amount"), "USD")._replace(
        description=" ".join(row.text("description").split()),
        instrument=_instrument(row, False) if row.text("symbol") else None,
    )


def _quantity(row: Row) -> Decimal:
    """Positive. "210S" is 210 that are, or were, short."""
    cell = row.text("quantity")
    try:
        number = read_number(cell.rstrip("sS"), row.desk.point)
    except BadNumber:
        raise BadNumber(cell) from None
    if not number:
        raise Missing("no_quantity", "it states no quantity")
    return number.copy_abs()


def _instrument(row: Row, is_option: bool) -> InstrumentRow:
    description = row.text("description")
    if is_option:
        named = description.removeprefix(_EXPIRED)
        option: OptionName | None = read_option(named)
        if option is None:
            raise Missing("no_symbol", "its description names no option with its expiry and strike")
        return row.option(named, option, "USD")
    match = _CUSIP.search(description)
    return row.security(row.word("symbol", "no_symbol"), "USD", cusip=match[1] if match else "")
