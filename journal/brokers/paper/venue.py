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
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from hashlib import blake2b

from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.paper.ledger import Conduct, Ledger, PaperFill, PaperFlow, PaperOrder
from journal.brokers.paper.prices import Market, bid_ask
from journal.domain.values import ZERO, Side

# What has to be there for each unit of money that is held, long or short.
MARGIN = Decimal("0.5")
NOTHING_TO_CLOSE = "There is nothing to close."


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
        at = self.advance(at)
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

    def refuse(self, client_id: str) -> None:
        """Whatever comes by this id from now on is turned away: so that its sender can know that none was taken."""
        if client_id not in self.ledger.orders and client_id not in self.ledger.refused:
            self.ledger.refused.append(client_id)

    def cancel(self, client_id: str, at: datetime) -> bool:
        """False where nothing was left to take back."""
        at = self.advance(at)
        order = self.ledger.orders.get(client_id)
        if order is None or order.state != "working":
            return False
        _end(order, "cancelled", at)
        return True

    def pay(self, amount: Decimal, at: datetime, text: str = "") -> PaperFlow:
        """Money comes, or goes where the amount is below nothing."""
        at = self.advance(at)
        flow = PaperFlow(f"C{len(self.ledger.flows) + 1}", amount, at, text)
        self.ledger.flows.append(flow)
        self.ledger.cash += amount
        return flow

    def quote(self, symbol: str, at: datetime) -> tuple[Decimal, Decimal]:
        """Bid and ask."""
        return bid_ask(self.seed, self.markets[symbol], at, self.ledger.shocks)

    def worth(self, symbol: str, at: datetime) -> Decimal:
        """What the position would bring now, below nothing where it would cost."""
        held = self.ledger.positions.get(symbol, ZERO)
        bid, ask = self.quote(symbol, at)
        return held * (bid if held > 0 else ask)

    def equity(self, at: datetime) -> Decimal:
        """Cash and what the positions would bring now."""
        return self.ledger.cash + sum(
            (self.worth(symbol, at) for symbol in self.ledger.positions), ZERO
        )

    def balance(self) -> Decimal:
        """Cash and what the positions have cost."""
        held = self.ledger.positions
        cost = (units * self.ledger.averages[symbol] for symbol, units in held.items())
        return self.ledger.cash + sum(cost, ZERO)

    def margin_used(self, at: datetime) -> Decimal:
        held = self.ledger.positions
        return sum((abs(self.worth(symbol, at)) for symbol in held), ZERO) * MARGIN

    def advance(self, at: datetime) -> datetime:
        """Everything that happens up to `at`, and the moment that it is for the broker then. Raises PullFault while the
        broker is away; it happens all the same."""
        at = self.ledger.at = max(at, self.ledger.at or at)
        for order in sorted(
            self.ledger.orders.values(), key=lambda one: (one.placed_at, one.client_id)
        ):
            if order.state == "working":
                self._work(order, at)
        for since, until in (*self.conduct.outages, *self.ledger.outages):
            if since <= at < until:
                raise PullFault("broker_away", "The paper broker gives no answer.", Verdict.LATER)
        return at

    def _take(self, order: PaperOrder, at: datetime) -> None:
        self.ledger.orders[order.client_id] = order
        order.number, order.placed_at = len(self.ledger.orders), at
        if why := self._why_not(order, at):
            _end(order, "rejected", at, why)
        elif order.limit_price is None and order.stop_price is None:
            order.parts = self._parts(order, at)

    def _why_not(self, order: PaperOrder, at: datetime) -> str:
        """ "" where the order is taken."""
        if order.client_id in self.ledger.refused:
            return "The order came too late."
        if order.symbol not in self.markets:
            return f"There is no {order.symbol} here."
        if order.quantity <= 0:
            return "The quantity has to be more than nothing."
        if self._chance(order, "refused") < self.conduct.refuses:
            return "The order was refused."
        return "" if self._is_affordable(order, at) else "There is not enough money."

    def _is_affordable(self, order: PaperOrder, at: datetime) -> bool:
        """What makes a position less always is."""
        held = self.ledger.positions.get(order.symbol, ZERO)
        after = held + (order.quantity if order.side is Side.BUY else -order.quantity)
        if order.is_reduce_only or abs(after) <= abs(held):
            return True
        ask = self.quote(order.symbol, at)[1]
        others = self.margin_used(at) - abs(self.worth(order.symbol, at)) * MARGIN
        return others + abs(after) * ask * MARGIN <= self.equity(at)

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
        bid, ask = self.quote(order.symbol, at)
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
                # It has closed what there was, or came when nothing was left.
                if order.filled:
                    _end(order, "filled", at)
                else:
                    _end(order, "rejected", at, NOTHING_TO_CLOSE)
                return
        bid, ask = self.quote(order.symbol, at)
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
            _end(order, "filled", at)

    def _chance(self, order: PaperOrder, what: str) -> float:
        drawn = blake2b(f"{self.seed}:{what}:{order.client_id}".encode(), digest_size=4).digest()
        return int.from_bytes(drawn) / 2**32


def _end(order: PaperOrder, state: str, at: datetime, reason: str = "") -> None:
    order.state, order.reason, order.ended_at, order.parts = state, reason, at, []


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
