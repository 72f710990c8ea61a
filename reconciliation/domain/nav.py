"""The worth of an account without what was paid in and out: what a drawdown is measured on.

An account is a fund of units. A deposit buys units at their present worth, a withdrawal sells some: neither changes
what one of them is worth, so it neither hides a loss nor makes one. Limits in per cent are measured on the worth of a
unit, limits in money on a peak that every flow moves by its amount.

Invariants (for any sequence of samples and flows; the worked example is in the tests of this module):

* A flow alone changes no drawdown in per cent, and none in money.
* Without flows, the drawdown in per cent is that of equity.
* Peaks never fall but by flows out.
* A sample that is doubted moves nothing: neither equity, nor a peak, nor units.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.exact import divide
from journal.domain.values import ONE, ZERO

SHARE = Decimal("1e-18")


class Flow(NamedTuple):
    """Money that reached the account (positive) or left it, in the account's currency."""

    at: datetime
    amount: Decimal


class Worth(NamedTuple):
    """`equity` is money, `unit` what one unit is worth; `unit_peak` and `money_peak` the highest of each so far, the
    latter moved by every flow. `is_wiped`: nothing was left, and no unit to measure by until money comes in."""

    at: datetime
    equity: Decimal
    units: Decimal
    unit: Decimal
    unit_peak: Decimal
    money_peak: Decimal
    is_wiped: bool = False

    @property
    def drawdown(self) -> Decimal:
        """Of the highest worth of a unit, from 0 to 1 and beyond (what is owed is more than all)."""
        if self.unit_peak <= 0:
            return ZERO
        # The last digits of a share are not its own: a loss of just 5 % is not to be 4.999… %.
        return divide(self.unit_peak - self.unit, self.unit_peak).quantize(SHARE)

    @property
    def money_drawdown(self) -> Decimal:
        """Below the highest equity, in money."""
        return self.money_peak - self.equity


class Doubt(StrEnum):
    """Why a sample is not believed for now."""

    UNEXPLAINED_JUMP = "unexplained_jump"


def begin(at: datetime, equity: Decimal) -> Worth:
    """The first sample: as many units as money, worth one each."""
    if equity <= 0:
        return Worth(at, equity, ZERO, ONE, ONE, equity, is_wiped=True)
    return Worth(at, equity, equity, ONE, ONE, equity)


def advance(worth: Worth, at: datetime, equity: Decimal, flows: Iterable[Flow] = ()) -> Worth:
    """The next sample; `flows` came since the one before, and their sum is in `equity` already.

    Flows buy and sell at the worth before them: what the market did in between is counted after the last of them.
    """
    amount = sum((flow.amount for flow in flows), ZERO)
    money_peak = max(worth.money_peak + amount, equity)
    base = worth.equity + amount
    if worth.is_wiped or (amount and worth.equity <= 0):
        # Nobody can buy units of what is worth nothing: what comes in begins anew, under the same peak in per cent.
        return _begun_anew(worth, at, equity, money_peak)
    if amount and base <= 0:
        # All was taken out, or more than there was: the rest is no measure of how it was traded.
        return worth._replace(
            at=at, equity=equity, units=ZERO, money_peak=money_peak, is_wiped=True
        )
    units = grown(worth.units, worth.equity, amount)
    unit = divide(equity, units)
    return Worth(at, equity, units, unit, max(worth.unit_peak, unit), money_peak)


def grown(figure: Decimal, before: Decimal, amount: Decimal) -> Decimal:
    """What a figure becomes by a flow that keeps its share of the whole: units here, and the marks of a limit in per
    cent. `before` and `before + amount` are more than nothing, else there is no share."""
    return divide(figure * (before + amount), before) if amount else figure


def is_unexplained(
    worth: Worth, equity: Decimal, flows: Iterable[Flow], *, moved: bool, limit: Decimal
) -> bool:
    """Whether equity jumped by more than `limit` (of what it was) though neither a flow nor a fill nor a price
    (`moved`) explains it: then money probably came or went that nobody has booked yet."""
    base = worth.equity + sum((flow.amount for flow in flows), ZERO)
    if moved or worth.is_wiped or base <= 0:
        return False
    return abs(equity - base) > limit * base


def _begun_anew(worth: Worth, at: datetime, equity: Decimal, money_peak: Decimal) -> Worth:
    if equity <= 0:
        return worth._replace(at=at, equity=equity, money_peak=money_peak, is_wiped=True)
    units = divide(equity, worth.unit) if worth.unit > 0 else equity
    unit = worth.unit if worth.unit > 0 else ONE
    return Worth(at, equity, units, unit, max(worth.unit_peak, unit), money_peak)
