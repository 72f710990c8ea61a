"""What was risked, and what a result is in units of it.

Where the legs themselves limit the loss, the risk is the maximum loss at entry with its fees. Where they do not, it is
what a planned stop would have lost, as it was fixed at entry. Where only the underlying's fall to zero limits it
(covered call, cash-secured put), a planned stop comes first, else it is that fall. A share or a future alone has no
risk without a stop.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.exact import divide
from journal.domain.structures.payoff import Payoff
from journal.domain.structures.values import Figure, Unknown
from journal.domain.values import ZERO


class RiskBasis(StrEnum):
    MAXIMUM_LOSS = "maximum_loss"
    FALL_TO_ZERO = "fall_to_zero"
    PLANNED_STOP = "planned_stop"
    FIRST_STOP = "first_stop"


class Risk(NamedTuple):
    """Money, positive, and what it rests on; or None and why."""

    amount: Decimal | None
    basis: RiskBasis | None = None
    reason: Unknown | None = None


def risk_of(payoff: Payoff, *, planned_loss: Decimal | None = None) -> Risk:
    """The risk of what was opened; `planned_loss` is what its stop would have lost, positive, in the same currency."""
    loss, reason = payoff.max_loss
    planned = planned_loss is not None and planned_loss > ZERO
    if loss is not None and not payoff.falls_to_zero and payoff.has_options:
        if loss > ZERO:
            return Risk(loss, RiskBasis.MAXIMUM_LOSS)
        return Risk(None, reason=Unknown.NO_RISK)
    if planned:
        return Risk(planned_loss, RiskBasis.PLANNED_STOP)
    if loss is not None and loss > ZERO and payoff.has_options:
        return Risk(loss, RiskBasis.FALL_TO_ZERO)
    if reason in (None, Unknown.UNLIMITED):
        return Risk(None, reason=Unknown.RISK_UNDEFINED)
    return Risk(None, reason=reason)


def in_risks(profit: Decimal, risk: Risk) -> Figure:
    """A profit in R, to 28 digits: net P&L over the risk with fees."""
    if risk.amount is None:
        return Figure(None, risk.reason)
    return Figure(divide(profit, risk.amount))


def percent_of_maximum(profit: Decimal, max_profit: Figure) -> Figure:
    """How much of the maximum profit was taken, in percent; below zero for a loss. Both with fees, or both without."""
    if max_profit.value is None:
        return max_profit
    if max_profit.value <= ZERO:
        return Figure(None, Unknown.NO_PROFIT)
    return Figure(divide(profit * 100, max_profit.value))
