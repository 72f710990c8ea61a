"""Closed positions: a row is a position from opening to close. Shares are in the cash operations too, CFDs only here.

What a lot of a CFD is, and in which currency it is quoted, no column says: it follows from the profits of all positions
(`text.lots`), so they are read once for that before any is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from journal.brokers.base import POSITION, Record
from journal.brokers.text.faults import Missing
from journal.brokers.text.lots import POINTS, Contract, Contracts, Fact
from journal.brokers.text.moments import When
from journal.brokers.text.records import AUTHORITY
from journal.brokers.text.round_trips import End, round_trip
from journal.brokers.text.row import Row
from journal.brokers.text.sheet import SheetParser
from journal.brokers.text.tables import Line
from journal.brokers.xtb.layouts import POSITIONS
from journal.brokers.xtb.moments import read_moment
from journal.domain.exact import divide
from journal.domain.values import ONE, ZERO

_IS_LONG = {"buy": True, "sell": False}
_CENT = Decimal("0.01")


class _Positions(SheetParser):
    slug = broker = "xtb"
    label = "XTB"
    default_zone = "Europe/Warsaw"
    layouts = (POSITIONS,)
    numbers = ("open", "price", "profit")
    newest_first = True
    day_first = True

    def moment(self, row: Row) -> When:
        return read_moment(row, "date")


class PositionFacts(_Positions):
    """Reads what the CFD positions of a file tell of their contracts, and gives no record."""

    def __init__(self) -> None:
        self.facts: dict[str, list[Fact]] = defaultdict(list)
        self.booked: set[str] = set()

    def read_row(self, row: Row) -> Iterable[Record]:
        if _is_cfd(row):
            fact = _fact(row)
            if fact.units and fact.profit:
                self.facts[row.text("symbol")].append(fact)
            self.booked.add(row.text("position"))
        return []


class ClosedPositions(_Positions):
    is_hedging = True

    def __init__(self, account: str, currency: str, learnt: PositionFacts) -> None:
        self._account = account
        self._currency = currency
        self._contracts = Contracts(currency, learnt.facts, {})

    def account(self, preamble: Sequence[Line]) -> str:
        return self._account

    def base_currency(self, rows: Sequence[Row]) -> str:
        return self._currency

    def read_row(self, row: Row) -> Iterable[Record]:
        if row.text("type").lower() not in _IS_LONG:
            return [row.kept("Totals and orders")]
        if not _is_cfd(row):
            return [row.kept("Shares: as the cash operations state them")]
        return self._position(row)

    def _position(self, row: Row) -> list[Record]:
        symbol = row.word("symbol", "no_symbol")
        contract = self._contracts.find(symbol)
        if contract is None:
            raise Missing(
                "contract_unknown", f"the file does not say what one lot of {symbol[:20]} is"
            )
        _tell(row, contract, symbol)
        fact = _fact(row)
        rate = _rate(row, contract, fact)
        costs = -sum((row.money(name) for name in ("commission", "swap", "rollover")), ZERO)
        net = None if rate is None else divide(fact.profit - costs, rate)
        trip = round_trip(
            row,
            row.desk.contract(contract.instrument),
            _lots(row),
            _ends(row, costs),
            is_long=_is_long(row),
            net_profit=net,
        )
        ticket = row.text("position")
        group = f"{POSITION}{ticket}" if ticket else ""
        opened, closed = (
            # No part: nothing else states more of this position.
            one._replace(
                authority=AUTHORITY, fx_rate=rate, fee_currency=self._currency, trade_id=group
            )
            for one in (trip.opened, trip.closed)
        )
        return [opened, closed, *trip.lots]


def _ends(row: Row, costs: Decimal) -> tuple[End, End]:
    """A position that was closed in parts is several rows: each has the time of its close."""
    ticket = row.text("position")
    name = f"{ticket}@{row.at:%Y%m%d%H%M%S}" if ticket else ""
    opened_at = read_moment(row, "opened").instant(row.zone)
    return (
        End(row.needed("open", "no_price"), opened_at, name and f"{name}:open", fee=ZERO),
        End(row.needed("price", "no_price"), row.at, name and f"{name}:close", fee=costs),
    )


def _tell(row: Row, contract: Contract, symbol: str) -> None:
    if contract.is_assumed:
        row.notice("contract_size_assumed", symbol)
    if contract.instrument.currency == POINTS:
        row.notice("quoted_in_points", symbol)


def _rate(row: Row, contract: Contract, fact: Fact) -> Decimal | None:
    """The account's currency for one of the instrument's: what the position's own profit says, if it says anything."""
    quoted = fact.units * contract.instrument.multiplier
    if contract.is_own:
        if abs(quoted - fact.profit) > _CENT:
            row.notice("profit_without_price")
        return ONE
    if quoted * fact.profit > ZERO:
        return divide(fact.profit, quoted)
    if abs(fact.profit) > _CENT:
        row.notice("profit_without_price")
    return None


def _is_cfd(row: Row) -> bool:
    """Where no category is stated: shares have a value at which they were bought, CFDs a margin."""
    if row.text("type").lower() not in _IS_LONG:
        return False
    category = row.text("category").upper()
    return category == "CFD" if category else not row.money("purchase")


def _is_long(row: Row) -> bool:
    return _IS_LONG[row.text("type").lower()]


def _lots(row: Row) -> Decimal:
    return row.needed("quantity", "no_quantity").copy_abs()


def _fact(row: Row) -> Fact:
    profit = row.decimal("profit")
    if profit is None:
        raise Missing("no_amount", "it states no profit")
    move = row.needed("price", "no_price") - row.needed("open", "no_price")
    return Fact((move if _is_long(row) else -move) * _lots(row), profit)
