"""What a structure was when it was opened, and what became of it: partial closes, rolls, expiries, assignments.

All that was opened before anything was closed is the entry, also where it took several orders. From then on every order
(or minute) is a step. A roll closes something and opens something else. A campaign of rolls is one trade: its risk is
the largest over its life, each time the most that it can lose in all, with what was won and lost until then.
Risk is looked at when things have settled, not between two orders that take a structure apart one leg after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.structures.bag import Bag
from journal.domain.structures.payoff import Payoff, payoff_of
from journal.domain.structures.risk import Risk, risk_of
from journal.domain.structures.shape import Shape, shape_of
from journal.domain.structures.values import Figure, StructureLeg, Unknown
from journal.domain.values import ZERO, ExecutionKind

# Fills that are no farther apart are one step; an order's fills are, however far apart they are.
TOGETHER = timedelta(minutes=1)
# What nothing followed for this long was meant to be held as it was.
SETTLED = timedelta(minutes=15)


class StepKind(StrEnum):
    ADDED = "added"
    REDUCED = "reduced"
    CLOSED = "closed"
    ROLLED = "rolled"
    EXPIRED = "expired"
    ASSIGNED = "assigned"
    EXERCISED = "exercised"
    SETTLED_IN_CASH = "settled_in_cash"
    LIQUIDATED = "liquidated"


# What people and brokers do by other means than orders, the most telling first.
_BY_KIND = {
    ExecutionKind.ASSIGNMENT: StepKind.ASSIGNED,
    ExecutionKind.EXERCISE: StepKind.EXERCISED,
    ExecutionKind.LIQUIDATION: StepKind.LIQUIDATED,
    ExecutionKind.CASH_SETTLEMENT: StepKind.SETTLED_IN_CASH,
    ExecutionKind.EXPIRY: StepKind.EXPIRED,
}
# After these there is something else to win than at entry.
_ADJUSTMENTS = (StepKind.ADDED, StepKind.ROLLED, StepKind.ASSIGNED, StepKind.EXERCISED)


class Change(NamedTuple):
    """One fill of a leg, or its part where a fill through zero closes one leg and opens another.

    `order` is the broker's id of the order, "" where none is known.
    """

    at: datetime
    leg: StructureLeg
    kind: ExecutionKind = ExecutionKind.TRADE
    order: str = ""


class Step(NamedTuple):
    """What was done at once. `shape` is what was open afterwards; `net_premium` what its options brought, so of a roll
    its credit (positive) or debit; `risk` the most that the whole campaign could lose from then on."""

    kind: StepKind
    at: datetime
    shape: Shape
    net_premium: Figure
    risk: Risk
    changes: tuple[Change, ...]


class Life(NamedTuple):
    """`shape` and `payoff` (with fees) are those of the entry, `now` what is open in the end (None where fills do
    not tell).

    `risk` is the largest over the life, the denominator of R. `max_profit` is what it could bring in all since it was
    last adjusted (at entry, where it never was), with fees: that which a percentage of maximum profit is of.
    """

    opened_at: datetime
    shape: Shape
    payoff: Payoff
    steps: tuple[Step, ...]
    now: Shape | None
    risk: Risk
    max_profit: Figure

    @property
    def is_rolled(self) -> bool:
        return any(step.kind is StepKind.ROLLED for step in self.steps)


def life_of(
    changes: Sequence[Change],
    *,
    planned_loss: Decimal | None = None,
    open_now: Mapping[int, Decimal] | None = None,
) -> Life:
    """The life of a structure from all fills of its legs, at least one, in booking order.

    `planned_loss` is what its stop would have lost, in money. `open_now` is what the book says is open of each
    contract: where fills say otherwise (a split), figures that follow from them are unknown.
    """
    assert changes, "a trade has fills"
    batches = list(_batches(changes))
    bag = Bag()
    entered = _entry_of(batches)
    for batch in batches[:entered]:
        bag.add(change.leg for change in batch)
    shape, payoff = shape_of(bag), payoff_of(bag, with_fees=True)
    entry_risk = risk_of(payoff, planned_loss=planned_loss)
    steps, max_profit, is_adjusted = [], payoff.max_profit, False
    for number, batch in enumerate(batches[entered:], start=entered):
        kind = _kind(bag, batch)
        bag.add(change.leg for change in batch)
        after = payoff_of(bag, with_fees=True)
        is_adjusted = is_adjusted or kind in _ADJUSTMENTS
        if is_adjusted and not bag.is_flat and _is_held(batches, number):
            max_profit, is_adjusted = after.max_profit, False
        risk = risk_of(after, planned_loss=planned_loss)
        steps.append(_step(kind, batch, shape_of(bag), risk))
    risk = _largest([entry_risk, *_settled(steps)])
    life = Life(changes[0].at, shape, payoff, tuple(steps), shape_of(bag), risk, max_profit)
    return life if open_now is None or _agree(bag, open_now) else _unknown(life)


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """What was done at once. A fill that closes what was opened just before is something else that was done."""
    batch: list[Change] = []
    orders: set[str] = set()
    sides: set[tuple[int, bool]] = set()
    for change in sorted(changes, key=_by_time):
        contract, is_buy = change.leg.terms.instrument_id, change.leg.signed_quantity > ZERO
        is_near = bool(batch) and change.at - batch[-1].at <= TOGETHER
        if (
            batch
            and change.order not in orders
            and not (is_near and (contract, not is_buy) not in sides)
        ):
            yield batch
            batch, orders, sides = [], set(), set()
        batch.append(change)
        sides.add((contract, is_buy))
        if change.order:
            orders.add(change.order)
    if batch:
        yield batch


def _is_held(batches: Sequence[Sequence[Change]], number: int) -> bool:
    """Whether what was open after this batch was open for a while. Where one leg is exercised and the other assigned in
    the same night, shares come and go at once: what they alone could bring in is nothing to win."""
    is_last = number + 1 == len(batches)
    return is_last or batches[number + 1][0].at - batches[number][-1].at > TOGETHER


def _entry_of(batches: Sequence[Sequence[Change]]) -> int:
    """How many batches came before anything was closed; at least the first is the entry."""
    bag = Bag()
    for number, batch in enumerate(batches):
        if number and _closing(bag, batch):
            return number
        bag.add(change.leg for change in batch)
    return len(batches)


def _closing(bag: Bag, batch: Iterable[Change]) -> list[Change]:
    """Those of the changes that go against what is open."""
    return [change for change in batch if _goes_against(bag, change.leg)]


def _goes_against(bag: Bag, leg: StructureLeg) -> bool:
    held = bag.open_of(leg.terms.instrument_id)
    return bool(held) and (held > ZERO) != (leg.signed_quantity > ZERO)


def _kind(bag: Bag, batch: Sequence[Change]) -> StepKind:
    kinds = {change.kind for change in batch}
    for kind, step in _BY_KIND.items():
        if kind in kinds:
            return step
    closing = _closing(bag, batch)
    if len(closing) < len(batch):
        return StepKind.ROLLED if closing else StepKind.ADDED
    after = {change.leg.terms.instrument_id: ZERO for change in batch}
    for change in batch:
        after[change.leg.terms.instrument_id] += change.leg.signed_quantity
    others = any(terms.instrument_id not in after for terms, _ in bag.held())
    left = any(bag.open_of(number) + quantity for number, quantity in after.items())
    return StepKind.REDUCED if others or left else StepKind.CLOSED


def _step(kind: StepKind, batch: Sequence[Change], shape: Shape, risk: Risk) -> Step:
    premium = payoff_of([change.leg for change in batch], with_fees=False).net_premium
    return Step(kind, batch[-1].at, shape, premium, risk, tuple(batch))


def _settled(steps: Sequence[Step]) -> Iterator[Risk]:
    """The risks that were held for a while: nothing followed within a quarter of an hour, and something was open."""
    for number, step in enumerate(steps, start=1):
        is_last = number == len(steps) or steps[number].changes[0].at - step.at > SETTLED
        if is_last and step.shape.units:
            yield step.risk


def _largest(risks: Sequence[Risk]) -> Risk:
    """The largest; unknown where one of them is."""
    unknown = next((each for each in risks if each.reason not in (None, Unknown.NO_RISK)), None)
    if unknown is not None:
        return unknown
    known = [each for each in risks if each.amount is not None]
    return max(known, key=_by_amount) if known else risks[0]


def _agree(bag: Bag, open_now: Mapping[int, Decimal]) -> bool:
    held = {terms.instrument_id: quantity for terms, quantity in bag.held()}
    return held == {number: quantity for number, quantity in open_now.items() if quantity}


def _unknown(life: Life) -> Life:
    """What was opened stands; what followed is not told by fills alone."""
    reason = Unknown.QUANTITIES_DIFFER
    return life._replace(
        steps=(), now=None, risk=Risk(None, reason=reason), max_profit=Figure(None, reason)
    )


def _by_time(change: Change) -> datetime:
    return change.at


def _by_amount(risk: Risk) -> Decimal:
    return risk.amount or ZERO
