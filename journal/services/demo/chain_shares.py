"""Ideas about shares, and the way that each one went in the market: entry, stop, target, and what was done of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import NamedTuple

from journal.domain.values import Side
from journal.services.demo.catalogue import PRODUCTS, Product
from journal.services.demo.chain_script import LATEST, SHARES, Fate
from journal.services.demo.contracts import on_tick
from journal.services.demo.market import SESSIONS_A_YEAR, Market

SESSIONS = 55
SHARES_SYMBOLS = (
    "AMD", "TSLA", "META", "AMZN", "GOOGL", "NFLX", "PLTR", "COIN", "SHOP", "UBER", "BA", "DIS", "MU", "SOFI", "RIVN",
)  # fmt: skip
HELD_MOST = 6
_STEPS = 40  # of a session, at which the market is looked at
_RISK = Decimal(300)
_WAIT = 0.03


class When(NamedTuple):
    """`part` of a session of the market."""

    session: int
    part: float


class Idea(NamedTuple):
    number: int
    product: Product
    side: Side
    made: When
    entry: Decimal
    stop: Decimal
    target: Decimal
    quantity: Decimal
    fate: Fate

    @property
    def sign(self) -> int:
        return 1 if self.side is Side.BUY else -1


class Course(NamedTuple):
    """What became of a position. `moved` is when its stop went to `stop`; `left` is None where it is still open."""

    entered: When
    price: Decimal
    quantity: Decimal
    moved: When | None
    stop: Decimal
    left: When | None
    left_at: Decimal
    reason: str  # stop, target, time, hand


def first_session(market: Market) -> int:
    return max(1, market.count - SESSIONS)


def list_ideas(market: Market, dice: Random) -> list[Idea]:
    """In the order of time. No symbol is traded twice at once."""
    first, last = first_session(market), market.count - 1 - max(ago for ago, _ in LATEST)
    span = last - HELD_MOST - 1 - first
    dated = [(first + place * span // len(SHARES), fate) for place, fate in enumerate(SHARES)]
    dated += [(market.count - 1 - ago, fate) for ago, fate in LATEST]
    free: dict[str, int] = {}
    ideas = []
    for number, (session, wanted) in enumerate(dated, 1):
        open_ones = [one for one in SHARES_SYMBOLS if free.get(one, 0) <= session]
        # In a short history more is asked for than there are symbols: then it is an idea that nobody took.
        symbol = dice.choice(open_ones or SHARES_SYMBOLS)
        fate = wanted if open_ones or not wanted.is_traded else Fate.REJECTED
        if fate.is_traded:
            free[symbol] = session + HELD_MOST + 2
        made = When(session, dice.uniform(0.05, 0.6))
        ideas.append(make_idea(market, dice, number, PRODUCTS[symbol], made, fate))
    return ideas


def make_idea(
    market: Market, dice: Random, number: int, product: Product, made: When, fate: Fate
) -> Idea:
    """With the market behind it a little more often than not: a scanner that is worth having."""
    now = market.price(product, made.session, made.part + _WAIT)
    later = market.price(product, min(made.session + 3, market.count), 0.5)
    is_right = dice.random() < 0.6
    side = Side.BUY if (later > now) is is_right else Side.SELL
    sign = 1 if side is Side.BUY else -1
    risk = now * product.volatility / math.sqrt(SESSIONS_A_YEAR) * dice.uniform(0.7, 1.1)
    entry, distance = on_tick(now, product.tick), on_tick(risk, product.tick)
    if fate is Fate.MISSED:
        # Too far below for the days that it was given.
        entry -= sign * distance * 3
    quantity = max(Decimal(5), int(_RISK / distance / 5) * Decimal(5))
    reward = Decimal(dice.choice((15, 20, 25))) / 10
    target = entry + sign * on_tick(float(distance * reward), product.tick)
    return Idea(number, product, side, made, entry, entry - sign * distance, target, quantity, fate)


def run(market: Market, dice: Random, idea: Idea) -> Course:
    """The position's way through the market, as its trader managed it."""
    late = 0.1 if idea.fate is Fate.CHASED else 0.0
    entered = When(idea.made.session, idea.made.part + _WAIT + late)
    price = idea.entry
    if idea.fate is Fate.CHASED:
        price += idea.sign * abs(idea.entry - idea.stop) * Decimal("0.4")
        price = on_tick(float(price), idea.product.tick)
    quantity = idea.quantity * 2 if idea.fate is Fate.OVERSIZED else idea.quantity
    course = Course(entered, price, quantity, None, idea.stop, None, Decimal(0), "")
    hold = HELD_MOST if idea.fate is not Fate.CUT else 1
    for when in _moments(market, entered, hold):
        now = on_tick(market.price(idea.product, *when), idea.product.tick)
        course = _managed(course, idea, when, now)
        ended = _ended(course, idea, when, now)
        if ended is not None:
            tick = idea.product.tick * dice.randint(0, 2) * idea.sign
            slipped = ended._replace(left_at=ended.left_at - tick)
            return slipped if ended.reason == "stop" else ended
    if entered.session + hold >= market.count:
        return course
    end = When(entered.session + hold, 0.5)
    out = on_tick(market.price(idea.product, *end), idea.product.tick)
    return course._replace(left=end, left_at=out, reason="hand" if hold == 1 else "time")


def _moments(market: Market, after: When, sessions: int) -> Iterator[When]:
    for session in range(after.session, min(after.session + sessions, market.count)):
        for step in range(1, _STEPS):
            part = step / _STEPS
            if session > after.session or part > after.part + _WAIT:
                yield When(session, part)


def _managed(course: Course, idea: Idea, when: When, now: Decimal) -> Course:
    """A stop is moved once: behind a trade that pays, or, against every rule, out of the way of one that does not."""
    if course.moved is not None:
        return course
    risk = abs(idea.entry - idea.stop)
    gained = idea.sign * (now - course.price)
    if idea.fate is Fate.WIDENED and gained < -risk * Decimal("0.6"):
        return course._replace(moved=when, stop=idea.stop - idea.sign * risk)
    if idea.fate in {Fate.FOLLOWED, Fate.OPEN} and gained > risk:
        step = on_tick(float(risk / 5), idea.product.tick)
        return course._replace(moved=when, stop=course.price + idea.sign * step)
    return course


def _ended(course: Course, idea: Idea, when: When, now: Decimal) -> Course | None:
    if idea.fate is Fate.OPEN:
        return None
    is_gap = when.part <= 1 / _STEPS
    if idea.sign * (now - course.stop) <= 0:
        return course._replace(left=when, left_at=now if is_gap else course.stop, reason="stop")
    if idea.sign * (now - idea.target) >= 0:
        return course._replace(left=when, left_at=now if is_gap else idea.target, reason="target")
    return None
