"""Cash operations: money that moved, and the shares that it moved for. Everything is in the account's currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from journal.brokers.base import CashKind, CashRow, ExecutionRow, InstrumentRow, Record
from journal.brokers.text.faults import Missing
from journal.brokers.text.moments import When
from journal.brokers.text.records import cash, check_direction, fill
from journal.brokers.text.row import Row
from journal.brokers.text.safely import safely
from journal.brokers.text.sheet import SheetParser
from journal.brokers.text.tables import Line
from journal.brokers.xtb.layouts import CASH
from journal.brokers.xtb.moments import read_moment
from journal.brokers.xtb.vocabulary import (
    CASH as KINDS,
)
from journal.brokers.xtb.vocabulary import (
    CFD_COSTS,
    COMMISSIONS,
    PROFITS,
    PURCHASES,
    SALES,
    plain,
    position_in,
    read_trade,
)
from journal.domain.values import ZERO

_ROUNDING = Decimal("0.005")
_CENT = Decimal("0.01")
_ABOUT_SHARES = frozenset(
    {CashKind.DIVIDEND, CashKind.WITHHOLDING_TAX, CashKind.TAX, CashKind.FEE, CashKind.OTHER}
)


@dataclass(slots=True)
class _Partners:
    """Rows of one day that belong to a trade of shares, by the number of the trade's row."""

    profits: dict[int, Row] = field(default_factory=dict)
    commissions: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    taken: set[int] = field(default_factory=set)


class CashOperations(SheetParser):
    """Of one file. `booked` are the CFD positions whose trades it states: what is said of them here repeats that."""

    slug = broker = "xtb"
    label = "XTB"
    default_zone = "Europe/Warsaw"
    layouts = (CASH,)
    numbers = ("amount",)
    newest_first = True
    day_first = True

    def __init__(self, account: str, currency: str, booked: Collection[str]) -> None:
        self._account = account
        self._currency = currency
        self._booked = booked
        self.is_hedging = bool(booked) or None

    def account(self, preamble: Sequence[Line]) -> str:
        return self._account

    def base_currency(self, rows: Sequence[Row]) -> str:
        return self._currency

    def moment(self, row: Row) -> When:
        return read_moment(row, "date")

    def read_rows(self, rows: Sequence[Row]) -> Iterator[Record]:
        partners = _pair(rows)
        for row in rows:
            yield from safely(row, partial(self._read, partners))

    def _read(self, partners: _Partners, row: Row) -> Iterable[Record]:
        kind = plain(row.text("type"))
        if row.decimal("amount") == ZERO:
            return [row.kept("Nothing moved")]
        if kind in PURCHASES or kind in SALES:
            return [self._trade(row, partners)]
        if row.number in partners.taken:
            return [row.kept("Parts of trades")]
        if kind in PROFITS or kind in CFD_COSTS or kind in COMMISSIONS:
            if position_in(row.text("comment")) not in self._booked:
                row.notice("cfd_without_trade")
            return [row.kept("CFD")]
        if kind not in KINDS:
            return [row.unknown(row.text("type"))]
        return [self._cash(row, KINDS[kind])]

    def _trade(self, row: Row, partners: _Partners) -> ExecutionRow:
        trade = read_trade(row.text("comment"))
        if trade is None:
            raise Missing(
                "no_quantity", "its comment does not say how many were traded at which price"
            )
        money = row.needed("amount", "no_amount")
        profit = partners.profits.get(row.number)
        stated = None if profit is None else profit.needed("amount", "no_amount")
        money += stated or ZERO
        check_direction(trade.side, money)
        paid = [one.money("amount") for one in partners.commissions.get(row.number, ())]
        fee = -sum(paid, ZERO)
        price = _price(row, trade.quantity, trade.price, money)
        return fill(row, self._instrument(row), trade.side, trade.quantity, price)._replace(
            broker_id=row.text("id"),
            fee=fee,
            proceeds=money,
            net_cash=money - fee,
            # Before commissions. What opening cost is not told here: where closing cost nothing, opening did not.
            stated_pnl=None if fee else stated,
        )

    def _instrument(self, row: Row) -> InstrumentRow:
        return row.security(
            row.word("symbol", "no_symbol"), self._currency, description=row.text("instrument")
        )

    def _cash(self, row: Row, kind: CashKind) -> CashRow:
        amount = row.needed("amount", "no_amount")
        return cash(row, kind, amount, self._currency)._replace(
            broker_id=row.text("id"),
            description=": ".join(filter(None, (row.text("type"), row.text("comment")))),
            instrument=self._instrument(row)
            if kind in _ABOUT_SHARES and row.text("symbol")
            else None,
        )


def _pair(rows: Sequence[Row]) -> _Partners:
    """Of one day: a sale and its profit, and a trade and its commission, have symbol and second in common. Several of
    one second follow each other in the same order."""
    partners = _Partners()
    at: dict[tuple[object, ...], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        moment = row.moment_or_none
        kind = plain(row.text("type"))
        if moment is not None and row.text("symbol"):
            at[row.text("symbol"), moment][_role(kind)].append(row)
    for roles in at.values():
        for sale, profit in zip(roles["sale"], roles["profit"], strict=False):
            partners.profits[sale.number] = profit
            partners.taken.add(profit.number)
        trades = sorted(roles["purchase"] + roles["sale"], key=lambda one: one.number)
        for place, commission in enumerate(roles["commission"] if trades else ()):
            trade = trades[min(place, len(trades) - 1)]
            partners.commissions[trade.number].append(commission)
            partners.taken.add(commission.number)
    return partners


def _role(kind: str) -> str:
    if kind in SALES:
        return "sale"
    if kind in PURCHASES:
        return "purchase"
    if kind in PROFITS:
        return "profit"
    return "commission" if kind in COMMISSIONS else ""


def _price(row: Row, quantity: Decimal, stated: Decimal, money: Decimal) -> Decimal:
    """As stated, where that is the money that moved; else of the money, which is in the account's currency."""
    expected, moved = quantity * stated, abs(money)
    if abs(expected - moved) <= max(_CENT, moved * _ROUNDING):
        return stated
    row.notice("price_converted")
    return moved / quantity
