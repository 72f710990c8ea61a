"""What a tastytrade account holds at this moment: positions with marks and quotes, orders at work, balances."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from journal.brokers.base import InstrumentRow
from journal.brokers.fetching import Link, PullFault, Verdict
from journal.brokers.live import AccountReading, Holding, WorkingOrder
from journal.brokers.pull_faults import half_answer
from journal.brokers.tastytrade.kinds import MOVES
from journal.brokers.tastytrade.reader import TransactionReader
from journal.brokers.tastytrade.row import read_money, words
from journal.brokers.tastytrade_json import faults
from journal.brokers.tastytrade_json.accounts import instant
from journal.brokers.tastytrade_json.cells import raw_of, signed, text_of
from journal.brokers.tastytrade_json.items import CURRENCY
from journal.brokers.tastytrade_json.lists import Item, Lists
from journal.brokers.tastytrade_json.naming import naming
from journal.brokers.tastytrade_json.quotes import Quoted, quotes_of
from journal.brokers.tastytrade_json.session import Session
from journal.brokers.text.numbers import read_number
from journal.brokers.text.safely import FAULTS
from journal.domain.values import ZERO

Part = TypeVar("Part")
_ZONE = ZoneInfo("America/New_York")
_PER_PAGE = 200
_SIGNS = {"long": 1, "short": -1, "zero": 0}
# An order in one of these can still fill.
AT_WORK = frozenset(
    {
        "received", "routed", "in flight", "live", "contingent", "cancel requested", "replace requested",
    }
)  # fmt: skip


class Contracts:
    """Of which contract an item of the API speaks."""

    def __init__(self, on: date) -> None:
        self._on = on
        self._reader = TransactionReader()

    def of(self, raw: dict[str, str]) -> InstrumentRow:
        """Raises Missing, BadValue."""
        return self._reader.contract_of(naming(0, raw, self._on, _ZONE))


class Account:
    """One account, asked now. Raises PullFault."""

    def __init__(self, link: Link, number: str) -> None:
        if not number.isalnum():
            raise faults.account_unknown(number[:40], [])
        self.link = link
        self.session = Session(link)
        self.path = f"/accounts/{number}"
        self._number = number
        self._lists = Lists(self.session, link)
        self.contracts = Contracts(link.now().astimezone(_ZONE).date())

    def read(self) -> AccountReading:
        """Without positions there is nothing to tell; whatever else fails for now is lacking."""
        at = self.link.now()
        lacking: list[str] = []
        held = self.positions()
        orders = _or_lacking("orders", lacking, lambda: tuple(self._working(self.live())), ())
        balances = _or_lacking("balances", lacking, self._balances, {})
        cash = signed(balances, "cash-balance")
        quotes = quotes_of(self.session, held)
        holdings = tuple(self._holding(one, at, quotes.get(one["symbol"])) for one in held)
        return AccountReading(
            account_id=self._number,
            as_of=at,
            currency=text_of(balances, "currency").upper() or CURRENCY,
            holdings=holdings,
            orders=orders,
            equity=signed(balances, "net-liquidating-value"),
            balance=cash,
            cash=None if cash is None else {CURRENCY: cash},
            margin_used=read_money(text_of(balances, "maintenance-requirement")),
            lacking=tuple(lacking),
        )

    def positions(self) -> list[dict[str, str]]:
        """Those that are not nothing. A row that is not understood is no position that is not there: it is a fault."""
        rows = self._lists.read(f"{self.path}/positions", _PER_PAGE, {"include-marks": "true"})
        return [raw for raw in map(raw_of, rows) if quantity_of(raw)]

    def live(self) -> list[Item]:
        """Today's orders, in whatever state, and older ones at work."""
        return self._lists.read(f"{self.path}/orders/live", _PER_PAGE, {})

    def orders_since(self, day: date) -> list[Item]:
        return self._lists.read(f"{self.path}/orders", _PER_PAGE, {"start-date": f"{day}"})

    def contract(self, raw: dict[str, str]) -> InstrumentRow:
        try:
            return self.contracts.of(raw)
        except FAULTS:
            raise half_answer(faults.NAME) from None

    def _balances(self) -> dict[str, str]:
        return raw_of(self.session.get(f"{self.path}/balances")["data"])

    def _holding(self, raw: dict[str, str], at: datetime, quoted: Quoted | None) -> Holding:
        """Its price is the broker's mark; how old that is tells the quote, where there is one."""
        quoted = quoted or Quoted()
        instrument, quantity = self.contract(raw), quantity_of(raw)
        mark = read_money(text_of(raw, "mark-price")) or _per_unit(raw, instrument, quantity)
        average = read_money(text_of(raw, "average-open-price"))
        pnl = None
        if mark is not None and average is not None:
            pnl = (mark - average) * quantity * instrument.multiplier
        return Holding(
            instrument=instrument,
            ticket="",
            signed_quantity=quantity,
            average_price=average,
            price=mark if mark is not None else read_money(text_of(raw, "close-price")),
            price_at=None if mark is None else quoted.at or at,
            open_pnl=pnl,
            bid=quoted.bid,
            ask=quoted.ask,
            size=quoted.size,
            is_halted=quoted.is_halted,
        )

    def _working(self, items: list[Item]) -> Iterator[WorkingOrder]:
        """A line for each leg. None of them is called reduce-only: the broker turns an order that closes what is gone
        into one that opens, unless it was asked not to."""
        for item in items:
            if not is_at_work(item):
                continue
            raw = raw_of(item)
            for leg in legs_of(item):
                move = MOVES.get(words(text_of(leg, "action")))
                quantity = read_number(text_of(leg, "quantity"))
                placed = instant(text_of(raw, "received-at"))
                if move is None or quantity is None or placed is None:
                    raise half_answer(faults.NAME)
                left = read_number(text_of(leg, "remaining-quantity"))
                yield WorkingOrder(
                    order_id=text_of(raw, "id"),
                    client_order_id=text_of(raw, "external-identifier"),
                    instrument=self.contract(leg),
                    side=move.side,
                    quantity=quantity,
                    filled_quantity=ZERO if left is None else quantity - left,
                    limit_price=read_money(text_of(raw, "price")),
                    stop_price=read_money(text_of(raw, "stop-trigger")),
                    is_reduce_only=False,
                    at=placed,
                )


def is_at_work(item: Item) -> bool:
    return words(str(item.get("status") or "")) in AT_WORK


def legs_of(item: Item) -> list[dict[str, str]]:
    legs = item.get("legs")
    if not isinstance(legs, list) or not all(isinstance(one, dict) for one in legs):
        raise half_answer(faults.NAME)
    return [raw_of(one) for one in legs]


def quantity_of(raw: dict[str, str]) -> Decimal:
    """Signed; only the direction says the side. Raises PullFault."""
    sign = _SIGNS.get(words(text_of(raw, "quantity-direction")))
    try:
        quantity = read_number(text_of(raw, "quantity"))
    except FAULTS:
        quantity = None
    if sign is None or quantity is None:
        raise half_answer(faults.NAME)
    return sign * quantity.copy_abs()


def _per_unit(raw: dict[str, str], instrument: InstrumentRow, quantity: Decimal) -> Decimal | None:
    """`mark` is of the whole position where the price of one is not stated."""
    whole = read_money(text_of(raw, "mark"))
    units = quantity.copy_abs() * instrument.multiplier
    return None if whole is None or not units else whole.copy_abs() / units


def _or_lacking(name: str, lacking: list[str], ask: Callable[[], Part], nothing: Any) -> Part:
    try:
        return ask()
    except PullFault as fault:
        if fault.verdict is not Verdict.LATER:
            raise
    except FAULTS:
        pass
    lacking.append(name)
    return nothing  # type: ignore[no-any-return]
