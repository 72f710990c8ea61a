"""What is usual in a market, learnt from its quotes one by one, and how long a market in trouble is in trouble.

Invariants:

* One quote that jumps is not believed, however far it jumps. A price that stays where it jumped to, and goes on living,
  is believed with the next quote; one that stands still there, with the third.
* What jumped, stands still, or was quoted in a closed market makes nothing usual.
* A market goes into trouble and out of it by several readings each: it does not flap.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Context, Decimal
from typing import NamedTuple

from journal.domain.values import ZERO
from reconciliation.domain.guards.market import (
    MarketLimits,
    Quote,
    Trouble,
    Usual,
    Venue,
    judge_market,
)

# Before so many changes nobody knows what is usual.
_ENOUGH = 5
# As Wilder's average true range has it.
_OVER = 14
# What a jump has to keep that it is a move.
_KEPT = Decimal("0.5")
_STUCK = 3
_IN_TROUBLE, _WELL_AGAIN = 2, 3
_SHORT = Context(prec=10)
# Clocks differ by so much, and nobody is to blame.
_AHEAD = timedelta(minutes=1)
# These are true as soon as they are seen.
_AT_ONCE = frozenset({Trouble.PRICE_GAP, Trouble.HALTED, Trouble.CLOSED})


class Known(NamedTuple):
    """Of one market: the `middle` that was believed last and when it came, its average change (`true_range`) in the
    usual time between two changes (`every`, seconds), a running median of the `spread`, and what is `doubted`, since
    how many quotes. `ahead` is the latest time of a quote that was yet to come, and since when it was told."""

    at: datetime | None = None
    middle: Decimal | None = None
    true_range: Decimal = ZERO
    every: Decimal = ZERO
    spread: Decimal | None = None
    changes: int = 0
    doubted: Decimal | None = None
    doubted_at: datetime | None = None
    doubts: int = 0
    ahead: datetime | None = None
    ahead_since: datetime | None = None


class Judged(NamedTuple):
    troubles: frozenset[Trouble]
    usual: Usual
    known: Known


def judge(
    known: Known, quote: Quote | None, limits: MarketLimits, venue: Venue, now: datetime
) -> Judged:
    """What is wrong with a quote, and what is known after it."""
    usual = usual_of(known, quote.at if quote is not None else now)
    found = judge_market(quote, usual, limits, venue, now)
    middle = quote.middle if quote is not None else None
    if quote is None or middle is None or not _is_new(known, quote.at):
        return Judged(found, usual, known)
    if Trouble.PRICE_GAP in found:
        known = _doubt(known, middle, quote.at)
        if _is_lasting(known, middle):
            found -= {Trouble.PRICE_GAP}
    return Judged(found, usual, _learn(known, quote, middle, found, limits))


def time_of(known: Known, told: datetime | None, now: datetime) -> tuple[datetime, Known]:
    """When the price of a reading came. A clock that is ahead tells no age: what it says is as old as it has been
    saying the same."""
    if told is None or told - now <= _AHEAD:
        return told or now, known._replace(ahead=None, ahead_since=None)
    since = known.ahead_since if known.ahead == told else None
    return since or now, known._replace(ahead=told, ahead_since=since or now)


def usual_of(known: Known, at: datetime) -> Usual:
    """At a quote of that moment: what moves in an hour is more than what moves in a minute."""
    if known.changes < _ENOUGH:
        return Usual(known.middle, None, known.spread if known.changes else None)
    return Usual(known.middle, _SHORT.multiply(known.true_range, _stretch(known, at)), known.spread)


def tightest(limits: Iterable[MarketLimits]) -> MarketLimits | None:
    """What all of them ask for together; None of nothing."""
    some = list(limits)
    if not some:
        return None
    sizes = [one.size for one in some if one.size is not None]
    return MarketLimits(
        min(one.age for one in some),
        min(one.gap for one in some),
        min(one.spread for one in some),
        max(sizes) if sizes else None,
    )


def _is_new(known: Known, at: datetime) -> bool:
    times = [one for one in (known.at, known.doubted_at) if one is not None]
    return not times or at > max(times)


def _stretch(known: Known, at: datetime) -> Decimal:
    """A walk goes as far as the root of its time."""
    if known.at is None or not known.every:
        return Decimal(1)
    passed = Decimal(str((at - known.at).total_seconds())) / known.every
    return _SHORT.sqrt(passed) if passed > 1 else Decimal(1)


def _doubt(known: Known, middle: Decimal, at: datetime) -> Known:
    """Once more, or another jump: then what was doubted before has not lasted."""
    if known.doubted is None or not _is_beyond(known, middle):
        return known._replace(doubted=middle, doubted_at=at, doubts=1)
    return known._replace(doubted_at=at, doubts=known.doubts + 1)


def _is_beyond(known: Known, middle: Decimal) -> bool:
    assert known.middle is not None  # nothing jumps from nowhere
    assert known.doubted is not None  # the caller looked
    jumped, now = known.doubted - known.middle, middle - known.middle
    return jumped * now > 0 and abs(now) >= abs(jumped) * _KEPT


def _is_lasting(known: Known, middle: Decimal) -> bool:
    return known.doubts >= (_STUCK if middle == known.doubted else 2)


def _learn(
    known: Known, quote: Quote, middle: Decimal, found: frozenset[Trouble], limits: MarketLimits
) -> Known:
    is_crossed = quote.spread is not None and quote.spread < 0
    if is_crossed or found & {Trouble.STALE_PRICE, Trouble.CLOSED}:
        return known
    known = known._replace(spread=_median(known.spread, quote.spread))
    if Trouble.PRICE_GAP in found:
        return known
    known = known._replace(doubted=None, doubted_at=None, doubts=0)
    if known.middle is None or known.at is None:
        return known._replace(at=quote.at, middle=middle)
    if middle == known.middle:
        return known
    passed = Decimal(str((quote.at - known.at).total_seconds()))
    change = _SHORT.divide(abs(middle - known.middle), _stretch(known, quote.at))
    if known.changes >= _ENOUGH:
        # A crash is not what is usual from then on.
        change = min(change, limits.gap * known.true_range)
    count = min(known.changes + 1, _OVER)
    return known._replace(
        at=quote.at,
        middle=middle,
        true_range=_average(known.true_range, change, count),
        every=_average(known.every, passed, count) if known.changes < _OVER else known.every,
        changes=count,
    )


def _average(known: Decimal, new: Decimal, count: int) -> Decimal:
    return _SHORT.plus(known + (new - known) / count)


def _median(known: Decimal | None, new: Decimal | None) -> Decimal | None:
    """Steps of a fourteenth towards what is seen: one that is wide by far moves it no more than any other."""
    if new is None or new < 0 or (known is None and not new):
        return known
    if known is None:
        return new
    step = known / _OVER
    return _SHORT.plus(min(known + step, new) if new > known else max(known - step, new))


class Spell(NamedTuple):
    """A market in trouble, for `bad` readings, or well since, for `well`. `is_on`: it counts as trouble."""

    symbol: str
    troubles: tuple[Trouble, ...] = ()
    bad: int = 0
    well: int = 0
    is_on: bool = False

    @property
    def is_told(self) -> bool:
        """That an exchange has closed for the day is no news."""
        return self.is_on and self.troubles != (Trouble.CLOSED,)


def go_on(spell: Spell, troubles: frozenset[Trouble]) -> Spell:
    """After another reading. Quotes of a closed market are as they may be."""
    if Trouble.CLOSED in troubles:
        troubles = frozenset({Trouble.CLOSED})
    if not troubles:
        well = spell.well + 1
        is_over = well >= _WELL_AGAIN or not spell.is_on
        return Spell(spell.symbol) if is_over else spell._replace(well=well, bad=0)
    bad = spell.bad + 1
    is_on = spell.is_on or bad >= _IN_TROUBLE or bool(troubles & _AT_ONCE)
    return Spell(spell.symbol, tuple(sorted(troubles)), bad, 0, is_on)
