"""The paper broker for the tests of all fetchers: it is asked over no network, so trouble is an outage on demand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

from journal.brokers.fetching import Link
from journal.brokers.paper.keeping import offer_keeper
from journal.brokers.paper.ledger import Ledger, PaperOrder
from journal.brokers.paper.terms import Terms, enter_markets, open_ledger
from journal.brokers.paper.venue import Venue
from journal.domain.values import Side
from tests.simulators.link import Clock

TERMS = {"account": "PAPER-7", "money": "50000", "seed": "3"}


class PaperTrouble:
    """Its accounts, by number, and what a test scripts."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ledgers: dict[str, Ledger] = {}
        self.is_away = False

    def fail(self, path: str, fault: object, *, times: int = 1) -> None:
        self.is_away = True

    def mend(self) -> None:
        self.is_away = False

    @contextmanager
    def keep(self, link: Link, terms: Terms) -> Iterator[Ledger]:
        ledger = self.ledgers.get(terms.account)
        if ledger is None:
            ledger = self.ledgers[terms.account] = self._begun(terms)
        now = self.clock.now()
        ledger.outages = [(now, now + timedelta(days=1))] if self.is_away else []
        yield ledger

    def _begun(self, terms: Terms) -> Ledger:
        """A day ago, with a trade since."""
        at = self.clock.now() - timedelta(days=1)
        ledger = open_ledger(terms, at)
        enter_markets(terms, ledger, at)
        venue = Venue(ledger.seed, ledger.markets, ledger)
        venue.place(PaperOrder("first", "ACME", Side.BUY, Decimal(10), at), at)
        return ledger


@contextmanager
def paper_broker(clock: Clock) -> Iterator[PaperTrouble]:
    trouble = PaperTrouble(clock)
    before = offer_keeper(trouble)
    try:
        yield trouble
    finally:
        offer_keeper(before)
