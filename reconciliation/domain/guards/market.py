"""Whether a market can be trusted at this moment: for what an account is worth, and for closing in it.

A figure that cannot be trusted neither breaches a limit nor clears one (`machine.Reading.is_flawed`), and what cannot
be closed now is queued, and said.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

_NEW_YORK = ZoneInfo("America/New_York")
_WEEK_TURNS = time(17)
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_CHICAGO = ZoneInfo("America/Chicago")
_GLOBEX_RESTS, _GLOBEX_WAKES = time(16), time(17)


class Trouble(StrEnum):
    STALE_PRICE = "stale_price"
    PRICE_GAP = "price_gap"
    WIDE_SPREAD = "wide_spread"
    THIN = "thin"
    CLOSED = "closed"
    HALTED = "halted"
    UNKNOWN = "unknown"


class Quote(NamedTuple):
    """What is None was not said. `size` is what can be traded at these prices, the smaller of both sides."""

    at: datetime
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    size: Decimal | None = None

    @property
    def middle(self) -> Decimal | None:
        if self.bid is not None and self.ask is not None:
            return (self.bid + self.ask) / 2
        return self.last

    @property
    def spread(self) -> Decimal | None:
        return None if self.bid is None or self.ask is None else self.ask - self.bid


class Usual(NamedTuple):
    """`true_range` is the average true range of the time between two samples, `spread` the median, `before` the middle
    that was believed last."""

    before: Decimal | None = None
    true_range: Decimal | None = None
    spread: Decimal | None = None


class MarketLimits(NamedTuple):
    """`gap` and `spread` are multiples of what is usual; `size` is how much of it is wanted at least."""

    age: timedelta = timedelta(minutes=2)
    gap: Decimal = Decimal(8)
    spread: Decimal = Decimal(5)
    size: Decimal | None = None


class Venue(NamedTuple):
    """What is known of the market's hours and mode; None where nobody says."""

    is_open: bool | None = None
    is_halted: bool | None = None


def judge_market(
    quote: Quote | None, usual: Usual, limits: MarketLimits, venue: Venue, now: datetime
) -> frozenset[Trouble]:
    """All that is wrong, empty when nothing is."""
    found = set()
    if venue.is_open is False:
        found.add(Trouble.CLOSED)
    if venue.is_halted:
        found.add(Trouble.HALTED)
    middle = quote.middle if quote is not None else None
    if quote is None or middle is None:
        return frozenset({*found, Trouble.UNKNOWN})
    # In a market that is closed the last price is as fresh as it can be.
    if venue.is_open is not False and now - quote.at > limits.age:
        found.add(Trouble.STALE_PRICE)
    if _is_gap(middle, usual, limits):
        found.add(Trouble.PRICE_GAP)
    if _is_wide(quote, usual, limits):
        found.add(Trouble.WIDE_SPREAD)
    # Where the broker does not say how much can be traded, nobody knows that it is little.
    if limits.size is not None and quote.size is not None and quote.size < limits.size:
        found.add(Trouble.THIN)
    return frozenset(found)


def is_worth_believing(troubles: frozenset[Trouble]) -> bool:
    """Whether a position may be valued at it. That little can be traded, or nothing at this hour, changes no worth."""
    return troubles <= {Trouble.THIN, Trouble.CLOSED}


def is_forex_open(at: datetime) -> bool:
    """Spot currencies trade from 17:00 in New York on Sunday to 17:00 there on Friday."""
    local = at.astimezone(_NEW_YORK)
    day, has_turned = local.weekday(), local.time() >= _WEEK_TURNS
    if day == _SATURDAY:
        return False
    return {_FRIDAY: not has_turned, _SUNDAY: has_turned}.get(day, True)


def is_globex_open(at: datetime) -> bool:
    """CME's futures rest from 16:00 to 17:00 in Chicago each day, and from 16:00 on Friday to 17:00 on Sunday. Holidays
    are the calendar's."""
    local = at.astimezone(_CHICAGO)
    day, clock = local.weekday(), local.time()
    if day == _SATURDAY or (day == _SUNDAY and clock < _GLOBEX_WAKES):
        return False
    if day == _FRIDAY:
        return clock < _GLOBEX_RESTS
    return not _GLOBEX_RESTS <= clock < _GLOBEX_WAKES


def _is_gap(middle: Decimal, usual: Usual, limits: MarketLimits) -> bool:
    if usual.before is None or not usual.true_range:
        return False
    return abs(middle - usual.before) > limits.gap * usual.true_range


def _is_wide(quote: Quote, usual: Usual, limits: MarketLimits) -> bool:
    """A crossed market is no market."""
    spread = quote.spread
    if spread is None:
        return False
    return spread < 0 or bool(usual.spread and spread > limits.spread * usual.spread)
