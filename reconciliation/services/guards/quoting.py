"""What prices of a reading are worth: judged by what is usual in each market, kept beside the account's worth.

A price that cannot be trusted, and of which much depends, makes the whole reading flawed: no limit fires on it and none
is relieved by it. Only accounts that are guarded are looked at so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.live import Holding
from journal.domain.values import ZERO
from journal.services.contract_words import contract_key
from reconciliation.domain.codec import dump, load
from reconciliation.domain.guards.market import (
    MarketLimits,
    Quote,
    Trouble,
    Venue,
    judge_market,
)
from reconciliation.domain.guards.quotes import Judged, Known, judge, tightest, time_of
from reconciliation.models import AccountWorth
from reconciliation.selectors.quotes import past_quotes
from reconciliation.selectors.rates import rates_into
from reconciliation.selectors.sessions import is_open
from reconciliation.services.guards.seen import Seen

# For accounts of which no market guard says otherwise.
USUAL = MarketLimits(age=timedelta(minutes=15))
# So much of the equity must depend on a price that cannot be trusted before the whole is not believed.
_MATTERS = Decimal("0.005")


class Priced(NamedTuple):
    """One market of a reading: how it was quoted, where it is traded, and what was found."""

    holding: Holding
    quote: Quote | None
    venue: Venue
    judged: Judged

    def troubles_by(self, limits: MarketLimits, seen: Seen) -> frozenset[Trouble]:
        """As these limits alone see it. A jump that has lasted is none for anybody."""
        found = judge_market(self.quote, self.judged.usual, limits, self.venue, seen.at)
        lasts = Trouble.PRICE_GAP not in self.judged.troubles
        return found - {Trouble.PRICE_GAP} if lasts else found


Prices = Mapping[str, Priced]


def price_all(
    workspace_id: int,
    rows: Mapping[int, AccountWorth],
    seen: Sequence[Seen],
    limits: Mapping[int, Sequence[MarketLimits]],
) -> dict[int, Prices]:
    """By account its markets, by contract; `limits` has the accounts that are guarded, with those of market guards.
    What is usual after them is put into the rows, which are locked, and saved by the caller."""
    fresh = [one for one in seen if one.account_id in limits and _is_new(rows[one.account_id], one)]
    known = {one.account_id: _known(rows[one.account_id], one) for one in fresh}
    _seed(fresh, known)
    found: dict[int, Prices] = {}
    for one in fresh:
        asked = tightest(limits[one.account_id]) or USUAL
        prices = {
            key: _priced(one, holding, known[one.account_id].get(key, Known()), asked)
            for key, holding in _markets(one.holdings)
        }
        found[one.account_id] = prices
        kept = {key: priced.judged.known for key, priced in prices.items()}
        rows[one.account_id].quotes = dump(kept)
    return found


def are_flawed(workspace_id: int, seen: Seen, prices: Prices) -> bool:
    """Whether much of the equity depends on prices that cannot be trusted."""
    doubtful = [one for one in prices.values() if _depends(one) is not None]
    if not doubtful or seen.equity is None:
        return False
    currencies = {one.holding.instrument.currency for one in doubtful}
    rates = {seen.currency: Decimal(1)}
    if currencies - {seen.currency}:
        rates |= rates_into(workspace_id, seen.currency, currencies, seen.at.date())
    total = ZERO
    for one in doubtful:
        amount, rate = _depends(one), rates.get(one.holding.instrument.currency)
        if amount is None or rate is None or one.holding.instrument.inverse:
            return True
        total += amount * rate
    return total >= abs(seen.equity) * _MATTERS


def _depends(one: Priced) -> Decimal | None:
    """Money of the market that its price may be wrong by; None where it can be believed. A market that is closed, thin,
    or of which the broker tells no price at all makes no worth wrong."""
    troubles, quote = one.judged.troubles, one.quote
    middle = quote.middle if quote is not None else None
    if quote is None or middle is None:
        return None
    size = ZERO
    if Trouble.STALE_PRICE in troubles:
        size = abs(middle)
    elif Trouble.PRICE_GAP in troubles:
        size = abs(middle - (one.judged.usual.before or ZERO))
    if Trouble.WIDE_SPREAD in troubles and Trouble.CLOSED not in troubles:
        size = max(size, abs(quote.spread or ZERO))
    units = abs(one.holding.signed_quantity) * one.holding.instrument.multiplier
    return units * size if size else None


def _is_new(row: AccountWorth, seen: Seen) -> bool:
    return seen.equity is not None and (row.heard_at is None or seen.at > row.heard_at)


def _markets(holdings: Iterable[Holding]) -> list[tuple[str, Holding]]:
    """Tickets of one market are quoted alike: the sizes are added up."""
    found: dict[str, Holding] = {}
    for one in holdings:
        key = contract_key(one.instrument)
        before = found.get(key)
        size = abs(one.signed_quantity) + (before.signed_quantity if before else ZERO)
        found[key] = (before or one)._replace(signed_quantity=size)
    return list(found.items())


def _priced(seen: Seen, holding: Holding, known: Known, limits: MarketLimits) -> Priced:
    is_open_now = is_open(holding.instrument, seen.at, broker=seen.broker)
    venue = Venue(is_open_now, holding.is_halted)
    quote = None
    if holding.price is not None or (holding.bid is not None and holding.ask is not None):
        at, known = time_of(known, holding.price_at, seen.at)
        quote = Quote(at, holding.bid, holding.ask, holding.price, holding.size)
    return Priced(holding, quote, venue, judge(known, quote, limits, venue, seen.at))


def _known(row: AccountWorth, seen: Seen) -> dict[str, Known]:
    return load(dict[str, Known], row.quotes) if row.quotes and seen.holdings else {}


def _seed(fresh: Sequence[Seen], known: Mapping[int, dict[str, Known]]) -> None:
    """What is held for the first time since somebody guards it: what is usual follows from past snapshots."""
    new = {
        one.account_id: {
            key for key, _ in _markets(one.holdings) if key not in known[one.account_id]
        }
        for one in fresh
    }
    accounts = [account_id for account_id, keys in new.items() if keys]
    if not accounts:
        return
    own = [one.snapshot_id for one in fresh if one.snapshot_id is not None]
    for (account_id, key), quotes in past_quotes(accounts, but=own).items():
        if key in new[account_id]:
            known[account_id][key] = _learnt(
                [Quote(one.at, one.bid, one.ask, one.price) for one in quotes]
            )


def _learnt(quotes: Collection[Quote]) -> Known:
    known = Known()
    for quote in quotes:
        known = judge(known, quote, USUAL, Venue(), quote.at).known
    return known
