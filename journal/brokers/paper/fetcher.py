"""The paper broker as a connection: its history as documents, what an account holds, and closing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.base import InstrumentRow
from journal.brokers.fetching import Credential, Document, Link, PullFault, Verdict, Window
from journal.brokers.live import AccountReading, ClosingOrder, Holding, WorkingOrder
from journal.brokers.paper.document import share, write_history
from journal.brokers.paper.keeping import keep
from journal.brokers.paper.ledger import PaperOrder
from journal.brokers.paper.terms import CREDENTIALS, Terms, enter_markets, read_terms
from journal.brokers.paper.venue import Venue
from journal.domain.exact import divide
from journal.domain.fate import Fate, Reply
from journal.domain.values import ZERO, Side

# Of anything else another order may be taken; where nothing is left to close, reading tells.
_FINAL = "There is no "


class Paper:
    slug = "paper"
    broker = "paper"
    label = "Paper account"
    credentials: tuple[Credential, ...] = CREDENTIALS
    overlap = timedelta(minutes=5)
    reach: timedelta | None = None

    def fetch(self, link: Link, window: Window) -> Iterator[Document]:
        with visit(link) as seat:
            until = min(window.until, seat.at)
            content = write_history(seat.venue.ledger, seat.terms.account, window, seat.at)
        name = f"Paper {seat.terms.account} {window.since:%Y-%m-%d} to {until:%Y-%m-%d %H%M%S}.json"
        yield Document(name, "paper", content, seat.terms.account, complete_until=until)

    def check(self, link: Link) -> str:
        with visit(link) as seat:
            ledger = seat.venue.ledger
            return f"{seat.terms.account}: {ledger.cash:f} {ledger.currency}, {len(ledger.positions)} positions."

    def read_account(self, link: Link, account_id: str) -> AccountReading:
        with visit(link, account_id) as seat:
            venue, ledger = seat.venue, seat.venue.ledger
            working = [one for one in ledger.orders.values() if one.state == "working"]
            return AccountReading(
                account_id=seat.terms.account,
                as_of=seat.at,
                currency=ledger.currency,
                holdings=tuple(_holding(venue, symbol, working, seat.at) for symbol in ledger.positions),
                orders=tuple(_working(one, ledger.currency) for one in working),
                equity=venue.equity(seat.at),
                balance=venue.balance(),
                cash={ledger.currency: ledger.cash},
                margin_used=venue.margin_used(seat.at),
            )  # fmt: skip

    def send_close(self, link: Link, account_id: str, order: ClosingOrder) -> Reply:
        with visit(link, account_id) as seat:
            placed = seat.venue.place(
                PaperOrder(
                    order.client_id, order.instrument.symbol, order.side, order.quantity, seat.at,
                    is_reduce_only=True,
                ),
                seat.at,
            )  # fmt: skip
            if placed is None:
                return Reply(Fate.UNKNOWN, reason="The paper broker gave no answer.")
            return _reply(placed, seat.venue)

    def find_order(self, link: Link, account_id: str, client_id: str) -> Reply:
        """An order that is not there never will be: whatever comes by this id from now on is refused."""
        with visit(link, account_id) as seat:
            found = seat.venue.find(client_id, seat.at)
            if found is None:
                seat.venue.refuse(client_id)
                return Reply(Fate.NEVER, reason="No such order came.")
            return _reply(found, seat.venue)

    def cancel_orders(self, link: Link, account_id: str, instrument: InstrumentRow) -> bool:
        with visit(link, account_id) as seat:
            for order in list(seat.venue.ledger.orders.values()):
                if order.symbol == instrument.symbol and order.state == "working":
                    seat.venue.cancel(order.client_id, seat.at)
            return True


class Seat(NamedTuple):
    """One account at the broker for the length of one call; `at` is the moment there."""

    venue: Venue
    terms: Terms
    at: datetime


@contextmanager
def visit(link: Link, account_id: str = "") -> Iterator[Seat]:
    """Nobody else is at the account meanwhile. Raises PullFault."""
    terms = read_terms(link.credentials)
    if account_id not in ("", terms.account):
        raise PullFault(
            "other_account",
            f"The paper connection is for the account {terms.account}, not for {account_id}.",
            Verdict.PERSON,
        )
    with keep(link, terms) as ledger:
        enter_markets(terms, ledger, link.now())
        venue = Venue(ledger.seed, ledger.markets, ledger, terms.conduct)
        yield Seat(venue, terms, venue.advance(link.now()))


def _holding(venue: Venue, symbol: str, working: list[PaperOrder], at: datetime) -> Holding:
    held, average = venue.ledger.positions[symbol], venue.ledger.averages[symbol]
    bid, ask = venue.quote(symbol, at)
    price = bid if held > 0 else ask
    closing = [one for one in working if one.symbol == symbol and _closes(one, held)]
    return Holding(
        share(symbol, venue.ledger.currency), "", held, average, price, at, (price - average) * held,
        stop_price=next((one.stop_price for one in closing if one.stop_price is not None), None),
        target_price=next((one.limit_price for one in closing if one.stop_price is None), None),
        bid=bid, ask=ask,
    )  # fmt: skip


def _closes(order: PaperOrder, held: Decimal) -> bool:
    return order.is_reduce_only and (order.side is Side.SELL) is (held > ZERO)


def _working(order: PaperOrder, currency: str) -> WorkingOrder:
    return WorkingOrder(
        f"O{order.number}", order.client_id, share(order.symbol, currency), order.side, order.quantity, order.filled,
        order.limit_price, order.stop_price, order.is_reduce_only, order.placed_at,
    )  # fmt: skip


def _reply(order: PaperOrder, venue: Venue) -> Reply:
    """An order that was cancelled is over with what it had."""
    fates = {"filled": Fate.FILLED, "working": Fate.WORKING}
    fate = fates.get(order.state, Fate.REJECTED)
    fills = [one for one in venue.ledger.fills if one.client_id == order.client_id]
    paid = sum((one.quantity * one.price for one in fills), ZERO)
    return Reply(
        fate,
        order.filled,
        f"O{order.number}",
        is_final=order.reason.startswith(_FINAL),
        reason=order.reason,
        price=divide(paid, order.filled) if order.filled else None,
    )
