"""Where ledgers of paper accounts lie between two calls.

The book keeps them in the database, under a lock, so that two workers never have one at the same time; it says so when
it is ready (`offer_keeper`). Without it a ledger lies in the memory of the link, which is enough for one worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from journal.brokers.fetching import Link
from journal.brokers.paper.ledger import Ledger
from journal.brokers.paper.stored import dump, load
from journal.brokers.paper.terms import Terms, open_ledger


class Keeper(Protocol):
    def keep(self, link: Link, terms: Terms) -> AbstractContextManager[Ledger]:
        """The account's ledger, opened where there is none. What is changed in it is kept, unless something is
        raised."""
        ...


class LinkKeeper:
    @contextmanager
    def keep(self, link: Link, terms: Terms) -> Iterator[Ledger]:
        name = f"paper {terms.account}"
        said = link.state.get(name)
        ledger = load(said) if said else open_ledger(terms, link.now())
        yield ledger
        link.remember(**{name: dump(ledger)})


_keeper: Keeper = LinkKeeper()


def offer_keeper(keeper: Keeper) -> Keeper:
    """The one that was there before."""
    global _keeper
    before, _keeper = _keeper, keeper
    return before


def keep(link: Link, terms: Terms) -> AbstractContextManager[Ledger]:
    return _keeper.keep(link, terms)
