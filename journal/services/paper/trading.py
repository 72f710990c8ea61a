"""What can be done at a paper account by hand: orders, money, and what its market and its broker are to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn

from common.errors import Rejected, Unavailable
from journal.brokers.fetchers import get_fetcher
from journal.brokers.fetching import PullFault, Rate, Verdict
from journal.brokers.live import AccountReading
from journal.brokers.paper.fetcher import Paper, Seat, visit
from journal.brokers.paper.keeping import keep
from journal.brokers.paper.ledger import Ledger, PaperFlow, PaperOrder
from journal.brokers.paper.prices import Shock
from journal.brokers.paper.terms import read_terms
from journal.domain.values import ZERO, Side
from journal.models import Connection
from journal.services.pulls.clock import SYSTEM, Clock
from journal.services.pulls.credentials import credentials_of


@dataclass
class _Link:
    """No more than the paper broker asks of one: nothing leaves this machine."""

    credentials: Mapping[str, str]
    clock: Clock
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def http(self) -> NoReturn:
        raise AssertionError("The paper broker is asked nothing over a network.")

    def remember(self, **values: Any) -> None:
        self.state.update(values)

    def take_turn(self, whom: str, *rates: Rate) -> None:
        return None

    def now(self) -> datetime:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)


class Wish(NamedTuple):
    """An order as somebody wants it; at market where it has no price. The same `client_id` again is the same order."""

    client_id: str
    symbol: str
    side: Side
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    is_reduce_only: bool = False


def place_order(connection: Connection, wish: Wish, *, clock: Clock = SYSTEM) -> PaperOrder | None:
    """As it stands then, also where it was refused; None where no answer came. Raises Unavailable while there is an
    outage."""
    with _seat(connection, clock) as seat:
        order = PaperOrder(
            wish.client_id, wish.symbol.upper(), wish.side, wish.quantity, seat.at, wish.limit_price, wish.stop_price,
            wish.is_reduce_only,
        )  # fmt: skip
        return seat.venue.place(order, seat.at)


def cancel_order(connection: Connection, client_id: str, *, clock: Clock = SYSTEM) -> bool:
    """False where nothing was left to take back."""
    with _seat(connection, clock) as seat:
        return seat.venue.cancel(client_id, seat.at)


def pay(
    connection: Connection, amount: Decimal, text: str = "", *, clock: Clock = SYSTEM
) -> PaperFlow:
    """Raises Rejected where more would go than is there."""
    with _seat(connection, clock) as seat:
        if amount == ZERO or seat.venue.ledger.cash + amount < ZERO:
            raise Rejected("no_money", "There is not so much money in the account.")
        return seat.venue.pay(amount, seat.at, text)


def look(connection: Connection, *, clock: Clock = SYSTEM) -> AccountReading:
    with _told():
        link = _link(connection, clock)
        return Paper().read_account(link, read_terms(link.credentials).account)


def move_market(
    connection: Connection,
    change: Decimal,
    *,
    seconds: int = 0,
    symbol: str = "",
    clock: Clock = SYSTEM,
) -> None:
    """Prices of one market, or of all, go by this part of themselves within so many seconds from now: -0.3 takes three
    tenths away."""
    if not -1 < change <= 10:
        raise Rejected("move_unlikely", "Prices can lose less than all, and gain up to ten times.")
    with _ledger(connection, clock) as ledger:
        ledger.shocks.append(Shock(clock.now(), change, seconds, symbol.upper()))


def go_away(connection: Connection, seconds: float, *, clock: Clock = SYSTEM) -> None:
    """The broker gives no answer for so long."""
    with _ledger(connection, clock) as ledger:
        now = clock.now()
        ledger.outages.append((now, now + timedelta(seconds=seconds)))


def come_back(connection: Connection, *, clock: Clock = SYSTEM) -> None:
    with _ledger(connection, clock) as ledger:
        now = clock.now()
        ledger.outages = [
            (since, min(until, now)) for since, until in ledger.outages if since < now
        ]


@contextmanager
def _seat(connection: Connection, clock: Clock) -> Iterator[Seat]:
    with _told(), visit(_link(connection, clock)) as seat:
        yield seat


@contextmanager
def _ledger(connection: Connection, clock: Clock) -> Iterator[Ledger]:
    """Also during an outage."""
    with _told():
        link = _link(connection, clock)
        with keep(link, read_terms(link.credentials)) as ledger:
            yield ledger


def _link(connection: Connection, clock: Clock) -> _Link:
    if not isinstance(get_fetcher(connection.fetcher), Paper):
        raise Rejected("not_paper", f"“{connection}” is no paper account.")
    if connection.disconnected_at is not None:
        raise Rejected("disconnected", f"“{connection}” was taken away.")
    return _Link(credentials_of(connection), clock)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except PullFault as fault:
        if fault.verdict is Verdict.LATER:
            raise Unavailable(fault.code, fault.message) from None
        raise Rejected(fault.code, fault.message) from None
