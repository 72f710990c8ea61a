"""The paper broker itself: takes orders, fills them in parts and late, refuses some, goes silent when it is told to.

All that it knows is in `Ledger`, plain values that can be stored between two calls. What is by chance is drawn from the
seed and the order's own name, so that the same orders fare the same in every run.

Invariants (for any orders and conduct):

* Cash and positions are what the fills make of them, to the cent.
* An order never fills for more than it is, and a closing one never for more than the position.
* An order that is sent again by the same client id is the order that is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from hashlib import blake2b
from typing import NamedTuple

from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.paper.prices import Market, bid_ask
from journal.domain.values import ZERO, Side


class Conduct(NamedTuple):
    """How the broker behaves: chances from 0 to 1, seconds, and times at which it gives no answer. An order that
    `goes_missing` has no answer, and half of those were taken all the same."""

    latency: float = 0
    in_parts: float = 0
    refuses: float = 0
    goes_missing: float = 0
    outages: tuple[tuple[datetime, datetime], ...] = ()
    fee: Decimal = Decimal("0.5")


class PaperFill(NamedTuple):
    id: str
    client_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime


@dataclass(slots=True)
class PaperOrder:
    """`limit_price` None is at market. `parts` are still to be filled: when, and how much."""

    client_id: str
    symbol: str
    side: Side
    quantity: Decimal
    placed_at: datetime
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    is_reduce_only: bool = False
    is_triggered: bool = False
    filled: Decimal = ZERO
    state: str = "working"
    reason: str = ""
    parts: list[tuple[datetime, Decimal]] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        return self.quantity - self.filled


@dataclass(slots=True)
class Ledger:
    currency: str
    cash: Decimal
    positions: dict[str, Decimal] = field(default_factory=dict)
    averages: dict[str, Decimal] = field(default_factory=dict)
    orders: dict[str, PaperOrder] = field(default_factory=dict)
    fills: list[PaperFill] = field(default_factory=list)


class Venue:
    """One account at the paper broker. Raises PullFault (LATER) while there is an outage."""

    def __init__(
        self,
        seed: int,
        markets: Mapping[str, Market],
        ledger: Ledger,
        conduct: Conduct | None = None,
    ) -> None:
        self.seed, self.markets, self.ledger = seed, markets, ledger
        self.conduct = conduct or Conduct()

    def place(self, order: PaperOrder, at: datetime) -> PaperOrder | None:
        """The order as it stands then; None where no answer came. Looking for it tells what became of it."""
        self.advance(at)
        known = self.ledger.orders.get(order.client_id)
        if known is not None:
            return known
        if self._chance(order, "missing") < self.conduct.goes_missing:
            if self._chance(order, "lost") < 1 / 2:
                self._take(order, at)
            return None
        self._take(order, at)
        self.advance(at)
        return order

    def find(self, client_id: str, at: datetime) -> PaperOrder | None:
        self.advance(at)
        return self.ledger.orders.get(client_id)

    def cancel(self, client_id: str, at: datetime) -> bool:
        """False where nothing was left to take back."""
        self.advance(at)
        order = self.ledger.orders.get(client_id)
        if order is None or order.state != "working":
            return False
        order.state, order.parts = "cancelled", []
        return True

    def equity(self, at: datetime) -> Decimal:
        """Cash and what the positions would bring now."""
        worth = ZERO
        for symbol, held in self.ledger.positions.items():
            bid, ask = bid_ask(self.seed, self.markets[symbol], at)
            worth += held * (bid if held > 0 else ask)
        return self.ledger.cash + worth

    def advance(self, at: datetime) -> None:
        """Everything that happens up to `at`. Raises PullFault while the broker is away; it happens all the same."""
        for order in sorted(
            self.ledger.orders.values(), key=lambda one: (one.placed_at, one.client_id)
        ):
            if order.state == "working":
                self._work(order, at)
        for since, until in self.conduct.outages:
            if since <= at < until:
                raise PullFault("broker_away", "The paper broker gives no answer.", Verdict.LATER)

    def _take(self, order: PaperOrder, at: datetime) -> None:
        self.ledger.orders[order.client_id] = order
        if order.symbol not in self.markets:
            order.state, order.reason = "rejected", f"There is no {order.symbol} here."
        elif order.quantity <= 0:
            order.state, order.reason = "rejected", "The quantity has to be more than nothing."
        elif self._chance(order, "refused") < self.conduct.refuses:
            order.state, order.reason = "rejected", "The order was refused."
        elif order.limit_price is None and order.stop_price is None:
            order.parts = self._parts(order, at)

    def _parts(self, order: PaperOrder, at: datetime) -> list[tuple[datetime, Decimal]]:
        first = at + timedelta(seconds=self.conduct.latency * self._chance(order, "latency"))
        if self._chance(order, "parts") >= self.conduct.in_parts:
            return [(first, order.left)]
        half = (order.left / 2).quantize(Decimal(1), ROUND_DOWN)
        later = first + timedelta(seconds=1 + self.conduct.latency)
        return [one for one in ((first, half), (later, order.left - half)) if one[1]]

    def _work(self, order: PaperOrder, at: datetime) -> None:
        if not order.parts and self._is_due(order, at):
            order.parts = self._parts(order, at)
        while order.parts and order.parts[0][0] <= at and order.state == "working":
            moment, quantity = order.parts.pop(0)
            self._fill(order, quantity, moment)

    def _is_due(self, order: PaperOrder, at: datetime) -> bool:
        """A stop becomes an order at market when its price is reached; a limit waits for its own."""
        bid, ask = bid_ask(self.seed, self.markets[order.symbol], at)
        buys = order.side is Side.BUY
        if order.stop_price is not None and not order.is_triggered:
            order.is_triggered = ask >= order.stop_price if buys else bid <= order.stop_price
            if not order.is_triggered:
                return False
        if order.limit_price is None:
            return True
        return ask <= order.limit_price if buys else bid >= order.limit_price

    def _fill(self, order: PaperOrder, quantity: Decimal, at: datetime) -> None:
        ledger = self.ledger
        held = ledger.positions.get(order.symbol, ZERO)
        sign = 1 if order.side is Side.BUY else -1
        if order.is_reduce_only:
            quantity = min(quantity, max(-sign * held, ZERO))
            if not quantity:
                order.state, order.reason, order.parts = (
                    "rejected",
                    "There is nothing to close.",
                    [],
                )
                return
        bid, ask = bid_ask(self.seed, self.markets[order.symbol], at)
        price = ask if sign > 0 else bid
        if order.limit_price is not None:
            price = min(price, order.limit_price) if sign > 0 else max(price, order.limit_price)
        fill = PaperFill(
            f"P{len(ledger.fills) + 1}", order.client_id, order.symbol, order.side, quantity, price,
            self.conduct.fee, at,
        )  # fmt: skip
        ledger.fills.append(fill)
        order.filled += quantity
        ledger.cash -= sign * quantity * price + fill.fee
        _move(ledger, order.symbol, held, sign * quantity, price)
        if not order.left or (order.is_reduce_only and not order.parts):
            order.state = "filled"

    def _chance(self, order: PaperOrder, what: str) -> float:
        drawn = blake2b(f"{self.seed}:{what}:{order.client_id}".encode(), digest_size=4).digest()
        return int.from_bytes(drawn) / 2**32


def _move(ledger: Ledger, symbol: str, held: Decimal, moved: Decimal, price: Decimal) -> None:
    """Average cost: what is added changes it, what is taken away does not."""
    after = held + moved
    if not after:
        ledger.positions.pop(symbol)
        ledger.averages.pop(symbol)
        return
    average = ledger.averages.get(symbol, ZERO)
    if held * after <= 0:
        average = price
    elif abs(after) > abs(held):
        average = (held * average + moved * price) / after
    ledger.positions[symbol], ledger.averages[symbol] = after, average
