"""How far an account may fall: the floor that a limit sets, and how much of the way down is used.

A limit is put together of independent parts, so that the rules of the field (brokers' and prop firms') are values and
no code: what is measured, from where, how much may be lost, whether the floor follows gains and where it stops. The
firms' own rules are `reconciliation.domain.guards.presets`.

Invariants:

* A floor that follows gains never falls but by money taken out.
* A sample above every mark uses nothing of the allowance.
* By how much a flow moves the floor is the limit's own rule (`FlowRule`), and nothing else about it changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.exact import divide
from journal.domain.trading_day import trading_day
from journal.domain.values import ZERO, TradingDay
from reconciliation.domain.nav import SHARE, Flow, grown


class Basis(StrEnum):
    """What is measured. Equity holds what is open at its present worth, balance does not."""

    BALANCE = "balance"
    EQUITY = "equity"
    LOWER = "lower"
    HIGHER = "higher"


class Reference(StrEnum):
    """Where the loss is counted from."""

    INITIAL = "initial"
    DAY_START = "day_start"
    # The highest that any day ended at (or the account began with).
    DAY_END_HIGH = "day_end_high"
    # The highest that was ever seen.
    HIGH = "high"


class Measure(StrEnum):
    """What an allowance is counted in."""

    MONEY = "money"
    OF_INITIAL = "of_initial"
    OF_REFERENCE = "of_reference"


class FlowRule(StrEnum):
    """What a deposit or withdrawal does to the marks: moves them in proportion (so that per cent stay per cent), by its
    amount (so that money stays money), or not at all, as some firms have it."""

    PROPORTIONAL = "proportional"
    ADDITIVE = "additive"
    NONE = "none"


class Limit(NamedTuple):
    """`amount` is money, or a share (0.05 for 5 %). `marked_by` is what the reference is taken of, which may be another
    thing than what is measured against it. `locks_at`: the floor rises to the initial worth plus so much money at most.
    """

    measured: Basis
    reference: Reference
    amount: Decimal
    measure: Measure
    marked_by: Basis = Basis.EQUITY
    flow_rule: FlowRule = FlowRule.PROPORTIONAL
    locks_at: Decimal | None = None


class Sample(NamedTuple):
    """What a broker says that an account is worth, in the account's currency."""

    at: datetime
    equity: Decimal
    balance: Decimal

    def by(self, basis: Basis) -> Decimal:
        if basis is Basis.EQUITY:
            return self.equity
        if basis is Basis.BALANCE:
            return self.balance
        return (min if basis is Basis.LOWER else max)(self.equity, self.balance)


class Marks(NamedTuple):
    """What a limit remembers of all samples so far, in `currency` where that is not its account's own."""

    initial: Decimal
    on: date
    day_start: Decimal
    day_end_high: Decimal
    high: Decimal
    # Of the latest sample: what the day ends at, if it was the last one.
    latest: Decimal
    currency: str = ""


class Standing(NamedTuple):
    """`room` is what may still be lost (negative beyond the floor), `used` the part of the allowance that is gone:
    1 and more is a breach."""

    value: Decimal
    reference: Decimal
    allowance: Decimal
    floor: Decimal
    room: Decimal
    used: Decimal


def begin_marks(
    limit: Limit, sample: Sample, day: TradingDay, initial: Decimal | None = None
) -> Marks:
    """`initial` is what the account began with, where that was another time."""
    value = sample.by(limit.marked_by)
    first = value if initial is None else initial
    return Marks(
        first, trading_day(sample.at, day), value, max(first, value), max(first, value), value
    )


def mark(
    limit: Limit, marks: Marks, sample: Sample, day: TradingDay, flows: Iterable[Flow] = ()
) -> Marks:
    """The marks after a sample that is believed; `flows` came since the one before it and are in it already."""
    marks = _after_flows(limit.flow_rule, marks, sum((flow.amount for flow in flows), ZERO))
    value = sample.by(limit.marked_by)
    on = trading_day(sample.at, day)
    if on > marks.on:
        # The new day begins with what the last one ended at.
        ended = marks.latest
        marks = marks._replace(on=on, day_start=ended, day_end_high=max(marks.day_end_high, ended))
    return marks._replace(high=max(marks.high, value), latest=value)


def stand(limit: Limit, marks: Marks, sample: Sample) -> Standing:
    value = sample.by(limit.measured)
    reference = _reference(limit.reference, marks)
    allowance = _allowance(limit, marks, reference)
    floor = reference - allowance
    if limit.locks_at is not None:
        floor = min(floor, marks.initial + limit.locks_at)
    if limit.measure is not Measure.MONEY and allowance <= 0:
        # A share of nothing: what is left of an account that holds no money is nobody's to lose.
        return Standing(value, reference, allowance, floor, ZERO, ZERO)
    room = value - floor
    # Where the floor is locked, it is the way from the floor up that counts, not that from the reference down.
    used = ZERO if room >= allowance else divide(allowance - room, allowance).quantize(SHARE)
    return Standing(value, reference, allowance, floor, room, used)


def _reference(reference: Reference, marks: Marks) -> Decimal:
    return {
        Reference.INITIAL: marks.initial,
        Reference.DAY_START: marks.day_start,
        Reference.DAY_END_HIGH: marks.day_end_high,
        Reference.HIGH: marks.high,
    }[reference]


def _allowance(limit: Limit, marks: Marks, reference: Decimal) -> Decimal:
    if limit.measure is Measure.MONEY:
        return limit.amount
    return limit.amount * (marks.initial if limit.measure is Measure.OF_INITIAL else reference)


def _after_flows(rule: FlowRule, marks: Marks, amount: Decimal) -> Marks:
    if not amount or rule is FlowRule.NONE:
        # The flow is in what the day began with all the same: the next sample is compared with it.
        return marks
    if rule is FlowRule.ADDITIVE:
        return marks._replace(
            initial=marks.initial + amount,
            day_start=marks.day_start + amount,
            day_end_high=marks.day_end_high + amount,
            high=marks.high + amount,
            latest=marks.latest + amount,
        )
    if marks.latest <= 0 or marks.latest + amount <= 0:
        # Nothing was left, or nothing is: there is no proportion. What comes in begins anew.
        fresh = max(marks.latest + amount, ZERO)
        return Marks(fresh, marks.on, fresh, fresh, fresh, fresh, marks.currency)
    return _in_proportion(marks, marks.latest, amount)._replace(latest=marks.latest + amount)


def mark_late(limit: Limit, marks: Marks, amount: Decimal) -> Marks:
    """The marks after word of a flow that samples before held already, where nobody can go through them again.

    Money that went out was taken for a loss: the marks come down, `latest` has it. Money that came in was taken for a
    gain: where the marks would stand without it is not known any more, and they stay, which fires nothing.
    """
    before = marks.latest - amount
    if amount >= 0 or limit.flow_rule is FlowRule.NONE or marks.latest <= 0:
        return marks
    if limit.flow_rule is FlowRule.ADDITIVE:
        return _after_flows(limit.flow_rule, marks, amount)._replace(latest=marks.latest)
    return _in_proportion(marks, before, amount)


def _in_proportion(marks: Marks, before: Decimal, amount: Decimal) -> Marks:
    return marks._replace(
        initial=grown(marks.initial, before, amount),
        day_start=grown(marks.day_start, before, amount),
        day_end_high=grown(marks.day_end_high, before, amount),
        high=grown(marks.high, before, amount),
    )
