"""Spreads that the season's scanner proposes, what its rules make of each, and what its trader made of what he took."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import NamedTuple

from journal.services.demo.catalogue import Product
from journal.services.demo.chain_options import Leg, Spread, against, credit_of
from journal.services.demo.chain_records import at_risk
from journal.services.demo.chain_script import Fate, Part, Shape
from journal.services.demo.chain_shares import When
from journal.services.demo.contracts import friday_after, on_tick
from journal.services.demo.market import SESSIONS_A_YEAR, Market
from learning.services.demo.season import PREMIUM, PRODUCTS, Quotes, Season

IV_RANK_LEAST = 30
_SHADOW_FROM = 10
_A_SESSION = 2
_FREE_ONES = 0.75  # of the proposals are of what is not held
_LOOKS = (0.3, 0.6, 0.92)  # of a session, at which a position is looked at
_DTE_LEAST, _DTE_MOST = 31, 50
_LAST_DTE, _VERY_LAST_DTE = 21, 8
_TAKE, _STOP = Decimal("0.5"), Decimal("1.0")
_EARLY = Decimal("0.2")
_CENT = Decimal("0.01")
SHAPES = (
    Shape("bull put spread", (Part("P", -1, -1), Part("P", -2, 1))),
    Shape("bear call spread", (Part("C", 1, -1), Part("C", 2, 1))),
    Shape("iron condor", (Part("P", -2, 1), Part("P", -1, -1), Part("C", 1, -1), Part("C", 2, 1))),
)
_WEIGHTS = (5, 2, 3)


class Way(StrEnum):
    """How a position was left."""

    TARGET = "target"
    STOP = "stop"
    TIME = "time"
    HAND = "hand"


class Ending(NamedTuple):
    when: When
    way: Way
    legs: tuple[Leg, ...]


class Case(NamedTuple):
    """A proposal as a spread of one unit more or less; `by_rule` is None where it is still open on the last day, `done`
    where nobody took it or it still runs. `is_late`: it tells a rank of the evening as if it had been known."""

    spread: Spread
    iv_rank: float
    by_rule: Ending | None
    done: Ending | None
    is_late: bool

    @property
    def fate(self) -> Fate:
        return self.spread.shape.fate


def list_cases(season: Season, quotes: Quotes, dice: Random) -> Iterator[Case]:
    """In the order of time. No underlying is traded twice at once, so that no two trades share a contract."""
    free: dict[str, int] = {}
    among: Sequence[str]
    losses: list[int] = []  # sessions at whose end a loss was known
    number = 0
    for session in range(1, season.count - 1):
        for place in range(_A_SESSION):
            among = PREMIUM
            if dice.random() < _FREE_ONES:
                among = [one for one in PREMIUM if free.get(one, 0) <= session] or PREMIUM
            symbol = dice.choice(among)
            rank = season.iv_rank(symbol, session)
            if rank < _SHADOW_FROM:
                continue
            number += 1
            fate = _fate(dice, rank, is_free=free.get(symbol, 0) <= session)
            has_lost = any(session - 4 <= one < session for one in losses)
            made = When(session, 0.12 + 0.35 * place + dice.uniform(0, 0.2))
            case = _case(
                season, quotes, dice, number, PRODUCTS[symbol], made, fate, has_lost=has_lost
            )
            if case is None:
                continue
            if fate.is_traded:
                free[symbol] = case.done.when.session + 1 if case.done else season.count
                if case.done and credit_of(case.spread.legs) + credit_of(case.done.legs) < 0:
                    losses.append(case.done.when.session)
            yield case


def _fate(dice: Random, rank: float, *, is_free: bool) -> Fate:
    if rank < IV_RANK_LEAST:
        return Fate.SHADOW
    (fate,) = dice.choices(
        (Fate.FOLLOWED, Fate.CUT, Fate.WIDENED, Fate.IGNORED, Fate.REJECTED, Fate.EXPIRED),
        (56, 10, 10, 9, 9, 6),
    )
    return Fate.IGNORED if fate.is_traded and not is_free else fate


def _case(  # noqa: PLR0913, PLR0917 - where, when and what
    season: Season, quotes: Quotes, dice: Random, number: int, product: Product, made: When, fate: Fate,
    *, has_lost: bool,
) -> Case | None:  # fmt: skip
    (shape,) = dice.choices(SHAPES, _WEIGHTS)
    day = season.days[made.session]
    expiry = friday_after(day + timedelta(days=dice.randint(_DTE_LEAST, _DTE_MOST - 6)))
    legs = tuple(_leg(season, quotes, product, part, expiry, made) for part in shape.parts)
    risk = at_risk(legs)
    if credit_of(legs) < Decimal("0.05") or risk is None or risk <= 0:
        return None
    units = max(1, round(450 / float(risk * 100)))
    if fate.is_traded and dice.random() < (0.4 if has_lost else 0.06):
        units *= 2
    late = dice.random() < 0.15
    spread = Spread(number, product, shape._replace(fate=fate), units, made, legs, None, ())
    by_rule = _by_rule(season, quotes, spread, expiry)
    done = _done(season, quotes, spread, expiry, by_rule) if fate.is_traded else None
    return Case(spread, season.iv_rank(product.symbol, made.session), by_rule, done, late)


def _leg(
    market: Market, quotes: Quotes, product: Product, part: Part, expiry: date, made: When
) -> Leg:
    spot = market.price(product, made.session, 0.5)
    size = Decimal(5 if spot >= 200 else 1)
    left = market.session_of(expiry) - made.session + 1
    width = on_tick(spot * product.volatility * 0.8 * math.sqrt(left / SESSIONS_A_YEAR), size)
    strike = on_tick(spot, size) + part.steps * width
    contract = quotes.option(product, expiry, strike, part.right)
    return Leg(contract, part.sign, quotes.price(contract, made.session, made.part + 0.05))


def _by_rule(season: Season, quotes: Quotes, spread: Spread, expiry: date) -> Ending | None:
    return _left(season, quotes, spread, expiry, take=_TAKE, stop=_STOP, last=_LAST_DTE)


def _done(
    season: Season, quotes: Quotes, spread: Spread, expiry: date, by_rule: Ending | None
) -> Ending | None:
    if spread.shape.fate is Fate.WIDENED:
        return _left(season, quotes, spread, expiry, take=_TAKE, stop=None, last=_VERY_LAST_DTE)
    if spread.shape.fate is Fate.CUT:
        cut = _left(season, quotes, spread, expiry, take=_EARLY, stop=_STOP, last=_LAST_DTE)
        return cut._replace(way=Way.HAND) if cut and cut.way is Way.TARGET else cut
    return by_rule


def _left(  # noqa: PLR0913 - the rules of an exit
    season: Season, quotes: Quotes, spread: Spread, expiry: date,
    *, take: Decimal, stop: Decimal | None, last: int,
) -> Ending | None:  # fmt: skip
    """At the first look at which a rule says so; None where none has on the last day."""
    credit = spread.credit
    for session in range(spread.made.session + 1, season.count):
        for part in _LOOKS:
            when = When(session, part)
            legs = against(quotes, spread.legs, when)
            gained = credit + credit_of(legs)
            if gained >= credit * take:
                return Ending(when, Way.TARGET, legs)
            if stop is not None and gained <= -credit * stop:
                return Ending(when, Way.STOP, legs)
        if (expiry - season.days[session]).days <= last:
            return Ending(when, Way.TIME, legs)
    return None


def delta(season: Season, quotes: Quotes, spread: Spread) -> float:
    """Of the nearest short leg, without sign: by the normal distribution of what is implied."""
    short = min((leg for leg in spread.legs if leg.sign < 0), key=lambda leg: leg.contract.symbol)
    contract = short.contract
    assert contract.strike is not None
    assert contract.expiry is not None
    session = spread.made.session
    left = (season.session_of(contract.expiry) - session + 1) / SESSIONS_A_YEAR
    spot = season.price(spread.product, session, spread.made.part)
    deviation = quotes.implied(spread.product, session) * math.sqrt(left)
    distance = abs(math.log(float(contract.strike) / spot)) / deviation
    return round(0.5 * math.erfc(distance / math.sqrt(2)), 2)
