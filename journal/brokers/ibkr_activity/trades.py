"""Trades are told at up to three levels, and each fill counts once.

An `Order` sums up the `Trade` rows below it and is kept beside them; where none follow it is the finest there is, and
booked as one fill. `ClosedLot` rows belong to the fill before them. Subtotals and totals only add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from journal.brokers.base import (
    ORDER_AUTHORITY,
    ClosedLotRow,
    ExecutionRow,
    InstrumentRow,
    OtherRow,
    Record,
    ReportKind,
)
from journal.brokers.ibkr_activity.desk import Desk, Entry
from journal.brokers.ibkr_activity.layouts import fee_currency
from journal.brokers.ibkr_activity.problems import problem
from journal.brokers.ibkr_activity.sections import TRADE_LEVELS
from journal.brokers.ibkr_flex.trades import delivery_kind
from journal.brokers.ibkr_flex.words import Words
from journal.brokers.text.faults import BadValue, Missing
from journal.domain.values import ZERO, ExecutionKind, Side

AUTHORITY_STATEMENT = 40

_DELIVERIES = frozenset({ExecutionKind.ASSIGNMENT, ExecutionKind.EXERCISE, ExecutionKind.EXPIRY})
_CENT = Decimal("0.01")
_ROUNDING = Decimal("0.005")

Reader = Callable[[Entry], Record]


@dataclass(slots=True)
class LastFill:
    """The fill that the closed lots after it belong to."""

    instrument: InstrumentRow
    account: str
    signed: Decimal
    at: datetime


@dataclass(slots=True)
class OpenOrder:
    """The order whose trades are being read, and how much of it they have not told yet."""

    identity: tuple[str, ...]
    account: str
    row: int
    symbol: str
    left: Decimal


class TradeReader:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pending: Entry | None = None
        self._order: OpenOrder | None = None
        self._last: LastFill | None = None

    @property
    def last_account(self) -> str | None:
        return self._last.account if self._last else None

    def read(self, entry: Entry) -> Iterator[Record]:
        level = entry.text("level").casefold()
        if level == "order":
            yield from self.finish()
            self._pending = entry
        elif level == "trade":
            yield from self._take_trade(entry)
        else:
            yield from self._book_pending()
            if level == "closedlot":
                yield self._safely(entry, self._read_lot)
            else:
                yield self._keep_unknown(entry, level)

    def finish(self) -> Iterator[Record]:
        """At an order, at a subtotal and wherever else the trades of the order before are over."""
        yield from self._book_pending()
        order, self._order = self._order, None
        if order is not None and order.left:
            self._desk.notices.add(order.account, order.row, "order_differs", order.symbol)

    def _take_trade(self, entry: Entry) -> Iterator[Record]:
        pending = self._pending
        if pending is not None and _is_part(entry, pending):
            self._pending = None
            self._order = OpenOrder(
                _identity(pending), pending.account, pending.row.number, pending.text("symbol"),
                pending.wanted("quantity"),
            )  # fmt: skip
            yield OtherRow(pending.row.number, pending.account, pending.row.name, pending.raw)
        elif pending is not None or (self._order and self._order.identity != _identity(entry)):
            yield from self.finish()
        record = self._safely(entry, self._read_trade)
        if self._order is not None and isinstance(record, ExecutionRow):
            self._order.left -= entry.wanted("quantity")
        yield record

    def _book_pending(self) -> Iterator[Record]:
        entry, self._pending = self._pending, None
        if entry is not None:
            yield self._safely(entry, self._read_order)

    def _safely(self, entry: Entry, reader: Reader) -> Record:
        try:
            return reader(entry)
        except (BadValue, Missing, ArithmeticError) as bad:
            self._last = None
            return problem(entry.row.number, entry.account, entry.raw, bad)

    def _keep_unknown(self, entry: Entry, level: str) -> OtherRow:
        if level not in TRADE_LEVELS:
            self._desk.notices.add(
                entry.account, entry.row.number, "unknown_level", entry.text("level")
            )
        return OtherRow(entry.row.number, entry.account, entry.row.name, entry.raw)

    # -- fills -------------------------------------------------------------------------------------

    def _read_trade(self, entry: Entry) -> ExecutionRow | OtherRow:
        return self._read_fill(entry, AUTHORITY_STATEMENT)

    def _read_order(self, entry: Entry) -> ExecutionRow | OtherRow:
        record = self._read_fill(entry, ORDER_AUTHORITY)
        if isinstance(record, OtherRow):
            return record
        self._desk.notices.add(entry.account, entry.row.number, "order_rows_booked")
        return record._replace(notes=(*record.notes, "ORDER"))

    def _read_fill(self, entry: Entry, authority: int) -> ExecutionRow | OtherRow:
        desk, number = self._desk, entry.row.number
        self._last = None
        signed = entry.wanted("quantity")
        if not signed:
            desk.notices.add(entry.account, number, "zero_quantity")
            return OtherRow(number, entry.account, entry.row.name, entry.raw)
        words = desk.words(entry)
        instrument = desk.contract(entry)
        price = self._price(entry, signed * instrument.multiplier)
        is_buy = (signed > 0) is not (words.report is ReportKind.CANCEL)
        side = Side.BUY if is_buy else Side.SELL
        executed_at = desk.instant(entry)
        self._last = LastFill(instrument, entry.account, signed, executed_at)
        fee = entry.number("fee") or ZERO
        return ExecutionRow(
            row=number,
            account_id=entry.account,
            raw=entry.raw,
            instrument=instrument,
            report=words.report,
            kind=_kind(words, side, price, instrument),
            broker_id="",
            exec_id="",
            trade_id="",
            order_id="",
            order_reference="",
            original_ids=(),
            side=side,
            quantity=signed.copy_abs(),
            price=price,
            executed_at=executed_at,
            zone=desk.zone_name(entry.account),
            reported_on=None,
            settled_on=None,
            # copy_negate, not minus: minus rounds to the context's precision.
            fee=fee.copy_negate() if fee else ZERO,
            tax=ZERO,
            fee_currency=_fee_currency(entry) or instrument.currency,
            fx_rate=None,
            effect=words.effect,
            proceeds=entry.number("proceeds"),
            net_cash=None,
            stated_cost=entry.number("basis"),
            stated_pnl=entry.number("pnl"),
            order_type="",
            ordered_at=None,
            exchange=entry.text("exchange"),
            notes=words.notes,
            authority=authority,
        )

    def _price(self, entry: Entry, units: Decimal) -> Decimal:
        """As stated, or what the money of the row says: alone, or against it."""
        price = entry.number("price")
        column = "notional" if "notional" in entry.layout else "proceeds"
        money = entry.number(column)
        if price is None and money is None:
            raise Missing("no_price", "it states no price, and no amount to compute it from")
        if not money:
            return price or ZERO
        stated = money.copy_abs()
        if price is not None and abs(stated - (units * price).copy_abs()) <= max(
            _CENT, stated * _ROUNDING
        ):
            return price
        code, subject = (
            ("price_derived", column) if price is None else ("price_contradicts_money", "")
        )
        self._desk.notices.add(entry.account, entry.row.number, code, subject)
        return (stated / units).copy_abs()

    # -- closed lots -------------------------------------------------------------------------------

    def _read_lot(self, entry: Entry) -> ClosedLotRow | OtherRow:
        last = self._last
        if last is None:
            # Of a trade that could not be read.
            return OtherRow(entry.row.number, entry.account, entry.row.name, entry.raw)
        quantity = entry.wanted("quantity")
        if not quantity:
            raise Missing("no_quantity", "it states no quantity")
        instrument = self._desk.contract(entry)
        is_its_lot = instrument is last.instrument
        if is_its_lot and (quantity > 0) is (last.signed > 0):
            self._desk.notices.add(last.account, entry.row.number, "lot_sign")
        _, opened_at = self._desk.day(entry)
        return ClosedLotRow(
            row=entry.row.number,
            account_id=entry.account,
            raw=entry.raw,
            instrument=instrument,
            closing_broker_id="",
            opening_broker_id="",
            quantity=quantity.copy_abs(),
            open_price=entry.wanted("price"),
            opened_at=opened_at,
            closed_at=last.at if is_its_lot else None,
            cost=entry.number("basis"),
            realized_pnl=entry.number("pnl"),
        )


def _identity(entry: Entry) -> tuple[str, ...]:
    return (entry.account, *(entry.text(name) for name in ("category", "currency", "symbol")))


def _is_part(trade: Entry, order: Entry) -> bool:
    """Whether a trade below an order can be of it: the same contract and side, and no more of it."""
    try:
        part, whole = trade.number("quantity"), order.number("quantity")
    except BadValue:
        return False
    if not part or not whole or _identity(trade) != _identity(order):
        return False
    return (part > 0) is (whole > 0) and part.copy_abs() <= whole.copy_abs()


def _kind(words: Words, side: Side, price: Decimal, instrument: InstrumentRow) -> ExecutionKind:
    if words.kind in _DELIVERIES:
        return delivery_kind(words, side, price, instrument)
    return words.kind


def _fee_currency(entry: Entry) -> str:
    place = entry.layout.get("fee")
    return fee_currency(entry.row.header[place]) if place is not None else ""
