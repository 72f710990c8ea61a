"""Which plan a trade may have carried out, where nothing names one. Only proposed: a person confirms.

A plan in the same contract, the same way, that was open when the trade was opened, is a candidate. Each part of its
score is a share with its reason. Two candidates of nearly the same score are ambiguous: both are shown, none is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from journal.domain.exact import divide
from journal.domain.names import name_key
from journal.domain.values import ONE, ZERO, Direction, Side

# A plan is for the next days; one that was written down a little late is still the one.
_REACH, _LATE = timedelta(days=10), timedelta(minutes=30)
_HALF = Decimal("0.5")
# Shares of the score: what fits exactly counts whole.
_WEIGHTS = {"price": Decimal(4), "size": Decimal(3), "time": Decimal(2)}
_LEAST = Decimal("0.35")
# Nearer together than this nobody can tell.
_ALIKE = Decimal("0.15")


class Idea(NamedTuple):
    """An open plan; the symbol may be that of the contract or of its underlying."""

    plan: int
    symbol: str
    side: str
    entry_price: Decimal | None
    entry_price_to: Decimal | None
    stop_price: Decimal | None
    quantity: Decimal | None
    made_at: datetime
    ended_at: datetime | None


class Opening(NamedTuple):
    """How a trade began. `direction` is of the first leg where there are several."""

    symbol: str
    underlying: str
    direction: str
    average_open: Decimal | None
    quantity: Decimal
    opened_at: datetime
    leg_count: int = 1


class Part(NamedTuple):
    """`share` from 0 to 1 of what this part can add."""

    name: str
    share: Decimal
    words: str


class Candidate(NamedTuple):
    plan: int
    score: Decimal
    parts: tuple[Part, ...]
    is_ambiguous: bool


def propose(opening: Opening, ideas: Iterable[Idea]) -> list[Candidate]:
    """The best first. All whose score is nearly that of the best are ambiguous with it."""
    found = [one for idea in ideas if (one := _candidate(opening, idea)) is not None]
    found.sort(key=lambda one: (-one.score, one.plan))
    if not found:
        return []
    near = [one for one in found if found[0].score - one.score <= _ALIKE]
    alike = {one.plan for one in near} if len(near) > 1 else set()
    return [one._replace(is_ambiguous=one.plan in alike) for one in found]


def _candidate(opening: Opening, idea: Idea) -> Candidate | None:
    names = {name_key(opening.symbol), name_key(opening.underlying)}
    if name_key(idea.symbol) not in names or not _is_same_way(opening, idea):
        return None
    late = idea.made_at - opening.opened_at
    if late > _LATE or -late > _REACH:
        return None
    if idea.ended_at is not None and idea.ended_at < opening.opened_at:
        return None
    parts = (_price(opening, idea), _size(opening, idea), _time(-late))
    total = sum(_WEIGHTS.values(), ZERO)
    score = divide(sum((_WEIGHTS[one.name] * one.share for one in parts), ZERO), total)
    return Candidate(idea.plan, score, parts, False) if score >= _LEAST else None


def _is_same_way(opening: Opening, idea: Idea) -> bool:
    if not idea.side or opening.leg_count > 1:
        return True
    return (idea.side == Side.BUY) == (opening.direction == Direction.LONG)


def _price(opening: Opening, idea: Idea) -> Part:
    if idea.entry_price is None or opening.average_open is None or opening.leg_count > 1:
        return Part("price", _HALF, "no price to compare")
    low, high = idea.entry_price, idea.entry_price_to or idea.entry_price
    if low <= opening.average_open <= high:
        return Part("price", ONE, "opened at the planned price")
    away = min(abs(opening.average_open - low), abs(opening.average_open - high))
    # Against the risk that was planned; without a stop against two percent of the price.
    reach = abs(low - idea.stop_price) if idea.stop_price is not None else abs(low) / 50
    share = max(ZERO, ONE - divide(away, reach)) if reach else ZERO
    words = (
        "opened near the planned price" if share >= _HALF else "opened away from the planned price"
    )
    return Part("price", share, words)


def _size(opening: Opening, idea: Idea) -> Part:
    if idea.quantity is None or not opening.quantity:
        return Part("size", _HALF, "no size to compare")
    small, large = sorted((idea.quantity, opening.quantity))
    share = divide(small, large)
    if share == ONE:
        return Part("size", ONE, "the planned size")
    return Part(
        "size",
        share,
        "smaller than planned" if small == opening.quantity else "larger than planned",
    )


def _time(after: timedelta) -> Part:
    if after < timedelta():
        return Part("time", _HALF, "written down shortly after it was opened")
    share = ONE - divide(Decimal(int(after.total_seconds())), Decimal(int(_REACH.total_seconds())))
    hours = int(after.total_seconds() // 3600)
    words = "opened within the hour" if not hours else f"opened {hours} h after it was planned"
    return Part("time", share, words)
