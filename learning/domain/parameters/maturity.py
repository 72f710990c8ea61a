"""Closed trades are not the trades that were opened: winners of a 50 % rule close sooner than losers.

Either only cohorts are counted that were opened a whole horizon ago, or each closed one is weighed by how likely one
that is held as long is to be closed by now (inverse probability of censoring; Robins & Finkelstein 2000; the same as
the jumps of the estimator of Aalen & Johansen 1978; docs/learning.md).
"""

from __future__ import annotations

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.trades import Flags, Floats, Ints

LEAST = 10
MOST_UNDECIDED = 0.25
"""Beyond this share of which nothing is known yet there is no figure."""
LATE = 0.80
"""What is undecided is taken to end as those did that were held at least this share of the longest hold seen."""
LEVEL = 0.90


def matured(opened: Ints, as_of: int, horizon: int) -> Flags:
    """Which were opened at least `horizon` seconds, the longest planned hold, before `as_of`."""
    old: Flags = opened <= as_of - horizon
    return old


def closing_shares(opened: Ints, closed: Ints, as_of: int) -> tuple[Floats, float]:
    """What share of all that are ever opened each closed row stands for, 0 for open ones; and the share left over.

    The share of a row is S(h-) / at risk, by Kaplan & Meier over holds h: what is open counts for as long as it is.
    NEVER in `closed` is open; rows opened after `as_of` count for nothing.
    """
    shares = np.zeros(len(opened))
    seen = np.flatnonzero(opened <= as_of)
    ended = closed[seen] <= as_of
    held = np.where(ended, closed[seen], as_of) - opened[seen]
    order = np.lexsort((~ended, held))
    at_risk = len(seen) - np.arange(len(seen))
    left = np.cumprod(np.where(ended[order], 1 - 1 / at_risk, 1.0))
    before = np.concatenate([[1.0], left])[:-1]
    shares[seen[order]] = np.where(ended[order], before / at_risk, 0.0)
    return shares, max(0.0, 1.0 - float(shares.sum()))


def win_rate(won: Flags, opened: Ints, closed: Ints, as_of: int) -> Figure:
    """The share of winners among all that are opened, not among those that have closed; n counts the closed ones.

    What is undecided ends as the late ones did; the interval is Wilson's for as many equal weights as say as much
    (Kish), at its low end with all that is undecided lost, at its high end with all of it won.
    """
    shares, undecided = closing_shares(opened, closed, as_of)
    closed_ones = shares > 0
    n = int(closed_ones.sum())
    if n == 0 or undecided > MOST_UNDECIDED:
        return Figure.absent(Reason.NOT_MATURED, n, Unit.PROBABILITY)
    if n < LEAST:
        return Figure.absent(Reason.TOO_FEW, n, Unit.PROBABILITY, least=LEAST)
    held = np.where(closed_ones, closed - opened, 0)
    late = closed_ones & (held >= LATE * held.max())
    sure = float(shares @ won)
    rate = min(1.0, sure + undecided * float(shares[late] @ won[late] / shares[late].sum()))
    worth = float(shares.sum() ** 2 / np.square(shares).sum())
    low = proportion_confint(min(sure, 1.0) * worth, worth, 1 - LEVEL, "wilson")[0]
    high = proportion_confint(min(sure + undecided, 1.0) * worth, worth, 1 - LEVEL, "wilson")[1]
    return Figure(rate, n, Unit.PROBABILITY, Interval(float(low), float(high), LEVEL))


def mean_r(r: Floats, opened: Ints, closed: Ints, as_of: int) -> Figure:
    """Mean R of all that are opened, by the same shares; without what is undecided, and absent where that is much."""
    shares, undecided = closing_shares(opened, closed, as_of)
    known = (shares > 0) & np.isfinite(r)
    n = int(known.sum())
    if n == 0 or undecided > MOST_UNDECIDED:
        return Figure.absent(Reason.NOT_MATURED, n, Unit.R)
    return Figure(float(shares[known] @ r[known] / shares[known].sum()), n, Unit.R)
