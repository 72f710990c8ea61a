"""A trade beside the plan that it carried out: where it slipped, what it risked, which of the plan's rules it kept.

Slippage is positive where it cost. In money it is the price difference times what was traded times the multiplier;
in R that money over the risk that was planned: |entry - stop| x quantity x multiplier, at the end of an entry range
that risks more; of several legs what they can lose at most. What is not known is None and says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from journal.domain.chain.alike import SEVERAL
from journal.domain.chain.close_reason import CloseReason
from journal.domain.chain.stops import StopMove, StopOrder, moves_of, stop_at_last
from journal.domain.exact import divide, exact_sums
from journal.domain.values import ONE, ZERO, Direction, Side

# A plan may be sent a moment after the order that it is for.
_AT_ONCE = timedelta(minutes=5)
# What a stop slips by is no broken rule; what is closed beyond it by more than this share of the risk is.
_BEYOND = Decimal("0.1")


class Planned(NamedTuple):
    """`entry_price_to` is the upper end of a range. `made_at` is when it was first written down."""

    side: str
    entry_price: Decimal | None
    entry_price_to: Decimal | None
    stop_price: Decimal | None
    target_price: Decimal | None
    quantity: Decimal | None
    expires_at: datetime | None
    made_at: datetime


class Part(NamedTuple):
    """What was closed for one reason, and at what on average."""

    quantity: Decimal
    price: Decimal


class Risked(NamedTuple):
    """Money, or None and why."""

    amount: Decimal | None
    reason: str = ""


class Done(NamedTuple):
    """The trade. `multiplier` is the largest where its legs have several; `risked` what R is counted in (None: what the
    plan's stop would have lost); `net_pnl` is None while it is open or where it is not known.

    `quantity` is the most that was open, `opened` and `closed` are all that was (None: just as much). `parts` are by
    close reason, where there were several. `unlike` says why its prices cannot be held against those of the plan.
    """

    direction: str
    opened_at: datetime
    closed_at: datetime | None
    average_open: Decimal | None
    average_close: Decimal | None
    quantity: Decimal
    net_pnl: Decimal | None
    multiplier: Decimal | None = ONE
    is_inverse: bool = False
    leg_count: int = 1
    risked: Risked | None = None
    close_reason: str = ""
    opened: Decimal | None = None
    closed: Decimal | None = None
    parts: Mapping[str, Part] = MappingProxyType({})
    unlike: str = ""


class Figure(NamedTuple):
    """One term beside what was done. `difference` is in price (or units), positive where it cost (or was more).
    `stood` is where a stop stood last, after it was moved."""

    name: str
    planned: Decimal | None
    planned_to: Decimal | None
    actual: Decimal | None
    difference: Decimal | None = None
    money: Decimal | None = None
    r: Decimal | None = None
    reason: str = ""
    stood: Decimal | None = None

    @property
    def effect(self) -> Decimal | None:
        """What it did to the result: less where it cost."""
        return None if self.money is None else -self.money

    @property
    def effect_r(self) -> Decimal | None:
        return None if self.r is None else -self.r


class RuleName(StrEnum):
    SIDE = "side"
    WRITTEN_FIRST = "written_first"
    IN_TIME = "in_time"
    SIZE = "size"
    STOP_NOT_WIDENED = "stop_not_widened"
    EXIT_AT_STOP = "exit_at_stop"
    EXIT_AS_PLANNED = "exit_as_planned"


class Rule(NamedTuple):
    name: RuleName
    kept: bool
    words: str


class Comparison(NamedTuple):
    """`risk` is money, `r` net P&L over it, `planned_r` what the target would have brought over what the stop would
    have cost. Each None has its reason beside it."""

    figures: tuple[Figure, ...]
    risk: Decimal | None
    risk_reason: str
    r: Decimal | None
    r_reason: str
    planned_r: Decimal | None
    stop_moves: tuple[StopMove, ...]
    rules: tuple[Rule, ...]


def compare(plan: Planned, done: Done, stops: Sequence[StopOrder] = ()) -> Comparison:
    """`stops` are its stop orders."""
    with exact_sums():
        moves = moves_of(done.direction, stops)
        risk, risk_reason = done.risked or stop_loss(plan, done)
        r, r_reason = _r(done, risk, risk_reason)
        figures = (
            _entry(plan, done, risk),
            *_exits(plan, done, risk, stop_at_last(plan.stop_price, stops, moves)),
            _size(plan, done),
        )
        return Comparison(
            figures, risk, risk_reason, r, r_reason, _planned_r(plan), moves, tuple(_rules(plan, done, moves))
        )  # fmt: skip


def stop_loss(plan: Planned, done: Done) -> Risked:
    """What the plan's stop would have lost."""
    if plan.stop_price is None:
        return Risked(None, "The plan has no stop.")
    if why := done.unlike or _unlike_structure(plan, done):
        return Risked(None, why)
    entry = _risked_entry(plan, done)
    if entry is None:
        return Risked(None, "Neither the plan nor the trade says at what it was opened.")
    distance = _worth(entry, plan.stop_price, done)
    if distance is None:
        return Risked(None, "What a point is worth is not known.")
    size = plan.quantity if plan.quantity is not None else done.quantity
    risk = abs(distance) * size
    return Risked(risk) if risk > ZERO else Risked(None, "Entry and stop are the same price.")


def _unlike_structure(plan: Planned, done: Done) -> str:
    """A plan for a structure says what all of it is bought or sold for; what is far from that is something else."""
    if done.leg_count == 1:
        return ""
    opened = abs(done.average_open) if done.average_open is not None else None
    if opened is None or plan.entry_price is None or abs(plan.entry_price - opened) * 2 > opened:
        return SEVERAL
    return ""


def _risked_entry(plan: Planned, done: Done) -> Decimal | None:
    ends = [price for price in (plan.entry_price, plan.entry_price_to) if price is not None]
    if not ends:
        return done.average_open
    stop = plan.stop_price or ZERO
    return max(ends, key=lambda price: abs(price - stop))


def _worth(one: Decimal, other: Decimal, done: Done) -> Decimal | None:
    """What one unit makes between two prices, in money."""
    if done.multiplier is None:
        return None
    if not done.is_inverse:
        return (other - one) * done.multiplier
    if one <= ZERO or other <= ZERO:
        return None
    return divide(done.multiplier, one) - divide(done.multiplier, other)


def _r(done: Done, risk: Decimal | None, reason: str) -> tuple[Decimal | None, str]:
    if risk is None:
        return None, reason
    if done.net_pnl is None:
        return (
            None,
            "Its result is not known yet."
            if done.closed_at is None
            else "Its result is not known.",
        )
    return divide(done.net_pnl, risk), ""


def _planned_r(plan: Planned) -> Decimal | None:
    if plan.entry_price is None or plan.stop_price is None or plan.target_price is None:
        return None
    entry = plan.entry_price
    if plan.entry_price_to is not None:
        entry = divide(plan.entry_price + plan.entry_price_to, Decimal(2))
    risked = abs(entry - plan.stop_price)
    return divide(abs(plan.target_price - entry), risked) if risked else None


def _sign(done: Done) -> int:
    return 1 if done.direction == Direction.LONG else -1


def _slipped(
    figure: Figure, price: Decimal, size: Decimal, done: Done, risk: Decimal | None
) -> Figure:
    """`price` is what was to be had for `size`; what was had is the figure's own."""
    actual = figure.actual
    if actual is None:
        return figure
    worth = _worth(price, actual, done)
    costs = _sign(done) if figure.name == "entry" else -_sign(done)
    money = None if worth is None else costs * worth * size
    return figure._replace(
        difference=costs * (actual - price),
        money=money,
        r=divide(money, risk) if money is not None and risk else None,
    )


def _entry(plan: Planned, done: Done, risk: Decimal | None) -> Figure:
    figure = Figure("entry", plan.entry_price, plan.entry_price_to, done.average_open)
    if done.leg_count > 1:
        return figure._replace(reason=SEVERAL)
    if done.unlike:
        return figure._replace(reason=done.unlike)
    if plan.entry_price is None:
        return figure._replace(reason="The plan names no entry.")
    if done.average_open is None:
        return figure._replace(reason="What it was opened at is not known.")
    # In the range nothing slipped.
    low, high = plan.entry_price, plan.entry_price_to or plan.entry_price
    size = done.quantity if done.opened is None else done.opened
    return _slipped(figure, min(max(done.average_open, low), high), size, done, risk)


def _exits(plan: Planned, done: Done, risk: Decimal | None, stood: Decimal | None) -> list[Figure]:
    """Stop and target; what was closed there has what was had, and what it slipped by."""
    stop = Figure(
        "stop", plan.stop_price, None, None, stood=None if stood == plan.stop_price else stood
    )
    target = Figure("target", plan.target_price, None, None)
    if why := _no_exit(done):
        return [stop._replace(reason=why), target._replace(reason=why)]
    parts = _parts(done)
    for_stop, for_target = parts.get(CloseReason.STOP), parts.get(CloseReason.TARGET)
    if for_stop is not None and stood is not None:
        had = stop._replace(actual=for_stop.price)
        stop = _slipped(had, stood, for_stop.quantity, done, risk)
    if for_target is not None and plan.target_price is not None:
        had = target._replace(actual=for_target.price)
        target = _slipped(had, plan.target_price, for_target.quantity, done, risk)
    if stop.actual is None and target.actual is None:
        return [stop, target, Figure("exit", None, None, done.average_close)]
    return [stop, target]


def _no_exit(done: Done) -> str:
    if done.leg_count > 1:
        return SEVERAL
    if done.average_close is None or done.closed_at is None:
        return "It is not closed."
    return done.unlike


def _parts(done: Done) -> Mapping[str, Part]:
    """What was closed, by reason: of one alone all of it. A person's word is on all of it."""
    if done.close_reason in done.parts or done.average_close is None:
        return done.parts
    size = done.quantity if done.closed is None else done.closed
    return {done.close_reason: Part(size, done.average_close)}


def _size(plan: Planned, done: Done) -> Figure:
    if plan.quantity is None:
        return Figure("size", None, None, done.quantity, reason="The plan names no size.")
    return Figure("size", plan.quantity, None, done.quantity, done.quantity - plan.quantity)


def _rule(name: RuleName, kept: bool, yes: str, no: str) -> Rule:
    return Rule(name, kept, yes if kept else no)


def _rules(plan: Planned, done: Done, moves: Sequence[StopMove]) -> list[Rule]:
    rules = []
    if plan.side and done.leg_count == 1:
        wanted = Direction.LONG if plan.side == Side.BUY else Direction.SHORT
        no = f"{done.direction}, and {wanted} was planned"
        rules.append(_rule(RuleName.SIDE, wanted == done.direction, f"{wanted} as planned", no))
    first = plan.made_at <= done.opened_at + _AT_ONCE
    no = "written down after it was opened"
    rules.append(_rule(RuleName.WRITTEN_FIRST, first, "planned before it was opened", no))
    if plan.expires_at is not None:
        in_time = done.opened_at < plan.expires_at
        no = "opened after the plan had expired"
        rules.append(_rule(RuleName.IN_TIME, in_time, "opened in time", no))
    if plan.quantity is not None:
        no = f"{_text(done.quantity)} instead of {_text(plan.quantity)}"
        fits = done.quantity <= plan.quantity
        rules.append(_rule(RuleName.SIZE, fits, "no larger than planned", no))
    return rules + _stop_rules(plan, done, moves)


def _stop_rules(plan: Planned, done: Done, moves: Sequence[StopMove]) -> list[Rule]:
    rules = []
    if moves:
        wider = [move for move in moves if move.is_wider]
        no = f"stop moved away to {_text(wider[0].after)}" if wider else ""
        kept = not wider
        rules.append(_rule(RuleName.STOP_NOT_WIDENED, kept, "stop never moved away", no))
    if plan.stop_price is not None and done.leg_count == 1 and not done.unlike:
        rules += _exit_rules(plan, plan.stop_price, done)
    return rules


def _exit_rules(plan: Planned, stop: Decimal, done: Done) -> list[Rule]:
    if done.closed_at is None or done.average_close is None:
        return []
    entry = _risked_entry(plan, done)
    # What went well elsewhere hides no part that did not.
    worst = max(
        (part.price for part in _parts(done).values()),
        key=lambda price: _sign(done) * (stop - price),
    )
    beyond = _sign(done) * (stop - worst)
    slack = abs((entry if entry is not None else stop) - stop) * _BEYOND
    no = f"closed at {_text(worst)}, beyond its stop"
    rules = [_rule(RuleName.EXIT_AT_STOP, beyond <= slack, "not closed beyond its stop", no)]
    if done.close_reason in (CloseReason.STOP, CloseReason.TARGET, CloseReason.MANUAL):
        kept = done.close_reason != CloseReason.MANUAL
        yes, no = f"closed by its {done.close_reason}", "closed by hand before stop or target"
        rules.append(_rule(RuleName.EXIT_AS_PLANNED, kept, yes, no))
    return rules


def _text(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
