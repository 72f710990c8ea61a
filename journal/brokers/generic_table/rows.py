"""Rows of a mapped table into fills: one for each row, or two where a row is a whole trade."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from journal.brokers.base import ExecutionRow, Record
from journal.brokers.generic_table.contracts import contract_of
from journal.brokers.generic_table.lookups import ExactLayout, action_in, meant_by, our_names
from journal.brokers.generic_table.mapping import (
    Action,
    AmountIs,
    FeeSign,
    Role,
    Shape,
    SideFrom,
    TableMapping,
)
from journal.brokers.generic_table.money import currency_in, unit_in
from journal.brokers.generic_table.when import is_clock, read_parts
from journal.brokers.text.currencies import major
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.moments import When
from journal.brokers.text.records import fill, price_of
from journal.brokers.text.remarks import LACKS
from journal.brokers.text.round_trips import End, round_trip
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import ONE, ZERO, PositionEffect, Side

# Below what a broker's own reader says of the same fill, above anything that sums up an order.
AUTHORITY = 35
_IDS_MAX = 2_000_000
_NUMBERS = (
    Role.QUANTITY,
    Role.PRICE,
    Role.AMOUNT,
    Role.FEE,
    Role.TAX,
    Role.EXIT_PRICE,
    Role.EXIT_FEE,
)
_BUYS = frozenset({Action.BUY, Action.BUY_TO_OPEN, Action.BUY_TO_CLOSE})
_EFFECTS = {
    Action.BUY_TO_OPEN: PositionEffect.OPEN,
    Action.SELL_TO_OPEN: PositionEffect.OPEN,
    Action.BUY_TO_CLOSE: PositionEffect.CLOSE,
    Action.SELL_TO_CLOSE: PositionEffect.CLOSE,
}
_PNL_TOLERANCE = Decimal("0.02")


class MappedSheet(SheetParser):
    """The engine of brokers' tables, with columns that a mapping names. One for each file."""

    slug = "generic_table"
    broker = ""
    label = "the mapping"
    default_zone = "UTC"

    def __init__(self, mapping: TableMapping, *, has_zone: bool) -> None:
        self._mapping = mapping
        self._has_zone = has_zone
        self._columns = our_names(mapping)
        self._ids: dict[tuple[str, str], int] = {}
        needed = {ours: theirs for ours, theirs in self._columns.items() if ours == Role.DATE}
        others = {ours: theirs for ours, theirs in self._columns.items() if ours != Role.DATE}
        self.layouts = (ExactLayout(needs=needed, may=others),)
        self.day_first = mapping.day_first
        self.decimal_point = mapping.point or "."
        # Where the separator was chosen the cells are not asked.
        self.numbers = () if mapping.point else tuple(self._names(*_NUMBERS))

    def account_of_row(self, row: Row) -> str:
        return row.text(Role.ACCOUNT)

    def moment(self, row: Row) -> When:
        row.word(Role.DATE, "no_date")
        return self._when(row, Role.DATE, Role.TIME)

    def read_row(self, row: Row) -> Iterable[Record]:
        if not self._counts(row):
            return []
        action = self._action(row)
        if action is None:
            return [row.unknown(row.text(Role.SIDE))]
        if action is Action.SKIP:
            return []
        quantity = row.decimal(Role.QUANTITY)
        if quantity is None:
            raise Missing("no_quantity", LACKS["no_quantity"])
        if not quantity:
            row.notice("zero_quantity")
            return []
        side = Side.BUY if action in _BUYS else Side.SELL
        self._check_sign(row, side, quantity)
        if self._mapping.shape is Shape.TRADES:
            return self._trade(row, side, quantity.copy_abs())
        return [self._fill(row, action, side, quantity.copy_abs())]

    # --- What a row is ------------------------------------------------------------------------------------------

    def _counts(self, row: Row) -> bool:
        for name in self._names(Role.STATUS):
            word = row.text(name)
            counts = meant_by(self._mapping.statuses, word) if word else True
            if counts is None:
                row.notice("unknown_row_type", word)
            if not counts:
                return False
        return True

    def _action(self, row: Row) -> Action | None:
        mapping = self._mapping
        if mapping.side_from is SideFrom.COLUMN:
            word = row.text(Role.SIDE)
            if not word:
                raise Missing("no_direction", LACKS["no_direction"])
            return action_in(mapping.sides, word)
        is_amount = mapping.side_from is SideFrom.AMOUNT
        number = row.decimal(Role.AMOUNT if is_amount else Role.QUANTITY)
        if not number:
            if is_amount and row.decimal(Role.QUANTITY):
                raise Missing("no_direction", "it states no money whose sign tells the side")
            return Action.SKIP
        return Action.BUY if (number > ZERO) is not is_amount else Action.SELL

    def _check_sign(self, row: Row, side: Side, quantity: Decimal) -> None:
        """A purchase of less than nothing is a correction or a column that was chosen wrongly."""
        if quantity < ZERO and side is Side.BUY and self._mapping.side_from is SideFrom.COLUMN:
            raise Missing("no_direction", "it was bought, but its quantity is below nothing")

    # --- One fill -----------------------------------------------------------------------------------------------

    def _fill(self, row: Row, action: Action, side: Side, quantity: Decimal) -> ExecutionRow:
        currency, scale = _currency(row, self._mapping)
        instrument = contract_of(row, self._mapping, currency)
        fee, unit = self._costs(row, Role.FEE, currency)
        tax, tax_unit = self._costs(row, Role.TAX, currency)
        unit = self._one_currency(row, unit, tax_unit) or instrument.currency
        money = self._money(row, side, fee, tax) if unit == instrument.currency else None
        stated = row.decimal(Role.PRICE)
        if stated is None and unit != instrument.currency:
            raise Missing("no_price", LACKS["no_price"])
        units = quantity * instrument.multiplier
        price = price_of(row, stated, units if scale == ONE else units * scale, money)
        self._note_zone(row)
        return fill(row, instrument, side, quantity, price * scale)._replace(
            broker_id=self._execution_id(row),
            order_id=row.text(Role.ORDER_ID),
            fee=fee,
            tax=tax,
            fee_currency=unit,
            effect=_EFFECTS.get(action, PositionEffect.UNKNOWN),
            authority=AUTHORITY,
        )

    def _money(
        self, row: Row, side: Side, fee: Decimal | None, tax: Decimal | None
    ) -> Decimal | None:
        """What the units cost or yielded, without fees; the side gives it its sign."""
        amount = row.decimal(Role.AMOUNT)
        if not amount:
            return None
        moved, costs = amount.copy_abs(), (fee or ZERO) + (tax or ZERO)
        if self._mapping.amount_is is AmountIs.NET:
            moved = moved - costs if side is Side.BUY else moved + costs
        return moved if moved > ZERO else None

    def _execution_id(self, row: Row) -> str:
        stated = row.text(Role.EXECUTION_ID)
        if not stated:
            return ""
        known = self._ids.setdefault((row.account_id, stated), row.number)
        if known != row.number:
            raise Missing("repeated_id", f"it has the same execution id as row {known}")
        if len(self._ids) > _IDS_MAX:
            self._ids.clear()
        return stated

    # --- A whole trade ------------------------------------------------------------------------------------------

    def _trade(self, row: Row, side: Side, quantity: Decimal) -> list[Record]:
        """Two parts of fills: where another file has the fills as wholes, these count."""
        currency, scale = _currency(row, self._mapping)
        instrument = contract_of(row, self._mapping, currency)
        self._note_zone(row)
        stated_id = self._execution_id(row)
        entry, unit, tax = self._entry(row, scale, currency, stated_id)
        leaving, exit_unit = self._leaving(row, scale, currency, stated_id)
        trip = round_trip(
            row,
            instrument,
            quantity,
            (entry, leaving or entry),
            is_long=side is Side.BUY,
            net_profit=None,
        )
        opened = trip.opened._replace(
            order_id=row.text(Role.ORDER_ID), tax=tax, fee_currency=unit or instrument.currency
        )
        if leaving is None:
            row.notice("trade_open")
            return [opened]
        if leaving.at < entry.at:
            raise Missing("exit_before_entry", "its exit is before its entry")
        closed = trip.closed._replace(fee_currency=exit_unit or instrument.currency)
        self._compare_profit(row, opened, closed)
        return [opened, closed, *trip.lots]

    def _entry(
        self, row: Row, scale: Decimal, currency: str, stated_id: str
    ) -> tuple[End, str, Decimal | None]:
        price = row.decimal(Role.PRICE)
        if price is None:
            raise Missing("no_price", "it states no price of the entry")
        fee, unit = self._costs(row, Role.FEE, currency)
        tax, tax_unit = self._costs(row, Role.TAX, currency)
        end = End(price * scale, row.at, stated_id and f"{stated_id}:entry", fee=fee)
        return end, self._one_currency(row, unit, tax_unit), tax

    def _leaving(
        self, row: Row, scale: Decimal, currency: str, stated_id: str
    ) -> tuple[End | None, str]:
        """None: the trade is still open."""
        price = row.decimal(Role.EXIT_PRICE)
        if price is None:
            return None, ""
        fee, unit = self._costs(row, Role.EXIT_FEE, currency)
        # A fee for all of the trade goes with the entry.
        own = fee if self._names(Role.EXIT_FEE) else ZERO
        at = self._exit(row).instant(row.zone)
        return End(_price(row, price * scale), at, stated_id and f"{stated_id}:exit", fee=own), unit

    def _exit(self, row: Row) -> When:
        """A time alone is of the day of the entry."""
        if Role.EXIT_DATE in self._columns:
            row.word(Role.EXIT_DATE, "no_date")
            if not is_clock(row.text(Role.EXIT_DATE)):
                return self._when(row, Role.EXIT_DATE, Role.EXIT_TIME)
            return read_parts(f"{row.moment.day}", row.text(Role.EXIT_DATE), day_first=False)
        return read_parts(f"{row.moment.day}", row.word(Role.EXIT_TIME, "no_date"), day_first=False)

    def _compare_profit(self, row: Row, entry: ExecutionRow, leaving: ExecutionRow) -> None:
        stated = row.decimal(Role.PROFIT)
        if stated is None:
            return
        bought, sold = (entry, leaving) if entry.side is Side.BUY else (leaving, entry)
        gross = (sold.price - bought.price) * entry.quantity * entry.instrument.multiplier
        costs = sum((one or ZERO for one in (entry.fee, entry.tax, leaving.fee)), ZERO)
        most = max(_PNL_TOLERANCE, abs(gross) / 200)
        if min(abs(stated - gross), abs(stated - gross + costs)) > most:
            row.notice("profit_differs")

    # --- Cells --------------------------------------------------------------------------------------------------

    def _names(self, *roles: Role) -> list[str]:
        """Our names of the columns with these roles."""
        return [ours for ours in self._columns if ours.partition("#")[0] in roles]

    def _when(self, row: Row, date: Role, time: Role) -> When:
        return read_parts(row.text(date), row.text(time), day_first=row.desk.day_first)

    def _note_zone(self, row: Row) -> None:
        if not self._has_zone and row.moment.at is not None and row.moment.offset is None:
            row.notice("zone_assumed")

    def _costs(self, row: Row, role: Role, currency: str) -> tuple[Decimal | None, str]:
        """What the columns of a kind cost together, in which currency ("" none is stated). None: no column says it."""
        names = self._names(role)
        found = [(row.text(name), number) for name in names if (number := row.decimal(name))]
        if not names:
            return (None if role in (Role.FEE, Role.EXIT_FEE) else ZERO), ""
        units = {unit_in(cell) for cell, _ in found} - {""}
        if len(units) > 1:
            raise Missing("no_currency", "it states fees in more than one currency")
        total = sum((number for _, number in found), ZERO)
        cost = -total if self._mapping.fee_sign is FeeSign.NEGATIVE else total
        if cost < ZERO:
            row.notice("fee_rebate")
        return cost, units.pop() if units else row.text(Role.FEE_CURRENCY)

    def _one_currency(self, row: Row, fee: str, tax: str) -> str:
        if fee and tax and fee != tax:
            raise Missing("no_currency", "it states fees in more than one currency")
        return fee or tax


def _price(row: Row, price: Decimal) -> Decimal:
    if price < ZERO:
        raise BadValue(row.text(Role.EXIT_PRICE), "a price")
    return price


def _currency(row: Row, mapping: TableMapping) -> tuple[str, Decimal]:
    """The currency of the row's prices, and what one of its units is worth in it."""
    stated = row.text(Role.CURRENCY)
    if not stated:
        cell = row.text(Role.PRICE) or row.text(Role.AMOUNT)
        stated = currency_in(cell, mapping.currency or "USD") or mapping.currency
    if not stated:
        raise Missing("no_currency", LACKS["no_currency"])
    return major(stated)
