"""Whether the prices of a plan can be held against those of a trade: a plan for a share may be carried out by options
on it, and a structure has no one price."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from journal.domain.exact import divide
from journal.domain.names import same_name
from journal.domain.values import ZERO

SEVERAL = "Of several legs there is no one price."
_TWO = Decimal(2)


def unlike(
    plan_symbol: str,
    planned: Sequence[Decimal | None],
    *,
    symbol: str,
    average_open: Decimal | None,
    leg_count: int,
) -> str:
    """Why not, "" where they can be. `planned` are the plan's entry, stop and target.

    Bots name an option by its underlying too. Whether such a plan speaks of the one or of the other its prices tell: an
    entry (or what lies between stop and target) is within half of what was paid, or it is of something else.
    """
    if leg_count > 1:
        return SEVERAL
    if not plan_symbol or same_name(plan_symbol, symbol):
        return ""
    named = [price for price in planned if price is not None]
    if not named:
        return ""
    entry = planned[0] if planned[0] is not None else divide(sum(named, ZERO), Decimal(len(named)))
    if average_open is not None and abs(entry - average_open) * _TWO <= abs(average_open):
        return ""
    return f"The plan's prices are those of {plan_symbol}, and {symbol} was traded."
