"""The fraction of equity at risk that grows fastest, and the part of it that few trades justify (docs/learning.md).

Everything here is in fractions of equity put at risk per trade: R times the fraction is the change of the equity.
Kelly 1956; Thorp 2006; MacLean, Thorp and Ziemba 2011 for fractions of Kelly.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.resampling import Pseudo, Sample, cluster_weights, sample_of
from learning.domain.trades import Floats, Ints

LEAST_TRADES = 20
LEAST_LOSERS = 5
STEPS = 200
DRAWS = 1_000
EDGE_LEAST = 0.80
_NO_LOSS = 1e-12  # of the largest result: what rounding leaves is no loss


def unseen_loss(r: Floats) -> Pseudo:
    """The loss of all that was risked, or of the most that was lost where that is more; it weighs one trade."""
    return min(-1.0, float(r.min())), 1.0


def not_yet_seen(r: Floats) -> tuple[Pseudo, Pseudo]:
    """That loss, and as much gain as makes the two of them neutral."""
    loss, weight = unseen_loss(r)
    return (loss, weight), (-loss / 2, 2 * weight)


def growth(fraction: float, r: Floats, probability: Floats | None = None) -> float | None:
    """E log(1 + fraction x R) per trade; None where a result takes all of the equity."""
    factors = 1 + fraction * r
    if factors.min() <= 0:
        return None
    return float(np.average(np.log(factors), weights=probability))


def kelly(r: Floats, probability: Floats | None = None) -> Figure:
    """argmax over f ≥ 0 of E log(1 + f R), on the distribution as it is: the root of E R / (1 + f R)."""
    n = len(r)
    if n == 0:
        return Figure.absent(Reason.NO_TRADES, 0, Unit.FRACTION)
    worst = -float(r.min())
    if worst <= _NO_LOSS * float(np.abs(r).max()):
        return Figure.absent(Reason.NO_LOSERS, n, Unit.FRACTION)
    weights = np.full(n, 1 / n) if probability is None else probability / probability.sum()
    shares = r / worst

    def slope(share: float) -> float:
        return float(np.sum(weights * shares / (1 + share * shares)))

    if slope(0.0) <= 0:
        return Figure(0.0, n, Unit.FRACTION)
    share = brentq(slope, 0.0, 1 - 1e-9, xtol=1e-12) if slope(1 - 1e-9) < 0 else 1.0
    return Figure(float(share) / worst, n, Unit.FRACTION)


def optimal_f(pnl: Floats) -> Figure:
    """Vince's f, the share of the largest loss that would have grown fastest over these trades."""
    told = kelly(pnl)
    if told.value is None:
        return told
    return Figure(told.value * -float(pnl.min()), told.n, Unit.FRACTION)


def posterior_kelly(sample: Sample, rng: np.random.Generator, draws: int = DRAWS) -> Floats:
    """The growth-optimal fraction of every draw of the posterior, on a grid of 1/200 of what a worst case allows.

    `sample` must hold a loss: with none seen, the pseudo-trade is one.
    """
    grid = np.arange(STEPS) / STEPS / sample.worst
    # A cluster has one weight: what its results do to the growth may be added up first.
    growths = np.add.reduceat(np.log1p(np.outer(sample.r, grid)), sample.start)
    return np.asarray(grid[np.argmax(cluster_weights(sample, draws, rng) @ growths, axis=1)])


def has_enough(r: Floats) -> bool:
    """Whether sizes and ruin may be told: 20 trades and 5 losers (docs/learning.md)."""
    return len(r) >= LEAST_TRADES and int(np.count_nonzero(r < 0)) >= LEAST_LOSERS


def cautious_fraction(
    r: Floats, cluster: Ints, rng: np.random.Generator, *, cap: float | None = None
) -> tuple[float, Interval]:
    """½ x the lower quartile of posterior Kelly, at most `cap`; and half of its middle 90 %. Asks for no minimum.

    It is 0 unless 80 of 100 draws have an edge: the bar of every step that can be taken back (docs/learning.md).
    """
    return cautious_of(halves_of(r, cluster, rng), cap=cap)


def halves_of(r: Floats, cluster: Ints, rng: np.random.Generator) -> Floats:
    """Half of Kelly's fraction in every draw of the posterior."""
    return posterior_kelly(sample_of(r, cluster, not_yet_seen(r)), rng) / 2


def cautious_of(halves: Floats, *, cap: float | None = None) -> tuple[float, Interval]:
    low, quartile, high = np.quantile(halves, [0.05, 0.25, 0.95])
    told = float(quartile) if np.mean(halves > 0) >= EDGE_LEAST else 0.0
    fraction = told if cap is None else min(told, cap)
    return fraction, Interval(float(low), float(high))


def recommended_fraction(
    r: Floats,
    cluster: Ints,
    rng: np.random.Generator,
    *,
    cap: float | None = None,
    halves: Floats | None = None,
) -> Figure:
    """The fraction of equity to risk per trade. 0 says that the results do not support the risk of any size.

    `r` without a stated risk is NaN and left out; `cluster` is the week of entry; `cap` is the portfolio's; `halves`
    are `halves_of` these results where they are drawn already.
    """
    known = np.isfinite(r)
    results = r[known]
    n = len(results)
    if n == 0:
        why = Reason.RISK_MISSING if len(r) else Reason.NO_TRADES
        return Figure.absent(why, len(r), Unit.FRACTION, least=LEAST_TRADES)
    if not has_enough(results):
        losers = int(np.count_nonzero(results < 0))
        why = Reason.TOO_FEW if losers or n < LEAST_TRADES else Reason.NO_LOSERS
        return Figure.absent(why, n, Unit.FRACTION, least=LEAST_TRADES)
    drawn = halves_of(results, cluster[known], rng) if halves is None else halves
    fraction, interval = cautious_of(drawn, cap=cap)
    return Figure(fraction, n, Unit.FRACTION, interval)
