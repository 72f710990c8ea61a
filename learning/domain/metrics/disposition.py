"""Are winners sold sooner than losers? (Odean 1998, "Are Investors Reluctant to Realize Their Losses?")"""

from __future__ import annotations

from dataclasses import dataclass

from learning.domain.figures import Figure, Unit
from learning.domain.metrics.numbers import told, too_few

LEAST = 10


@dataclass(frozen=True, slots=True)
class Counts:
    """Over all days with a close: positions closed at a gain and at a loss, and those left open at either.

    Count discretionary closes only: under a rule that takes 50 % of the most there is to win, winners are sold sooner
    by plan, and the difference says nothing of the trader.
    """

    realised_gains: int
    paper_gains: int
    realised_losses: int
    paper_losses: int


def gains_realised(counts: Counts) -> float:
    """PGR = RG/(RG + PG)."""
    return counts.realised_gains / (counts.realised_gains + counts.paper_gains)


def losses_realised(counts: Counts) -> float:
    """PLR = RL/(RL + PL)."""
    return counts.realised_losses / (counts.realised_losses + counts.paper_losses)


def disposition(counts: Counts) -> Figure:
    """PGR − PLR: above 0 winners are sold sooner. Not told while one of the four counts is below 10."""
    cells = (
        counts.realised_gains,
        counts.paper_gains,
        counts.realised_losses,
        counts.paper_losses,
    )
    if min(cells) < LEAST:
        return too_few(min(cells), LEAST, Unit.FRACTION)
    return told(gains_realised(counts) - losses_realised(counts), sum(cells), Unit.FRACTION)
