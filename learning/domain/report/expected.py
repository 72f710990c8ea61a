"""What the past predicts for so many trades, so that an ordinary week is called one.

Weeks of past trades get random weights (Rubin, The Bayesian Bootstrap, Annals of Statistics 1981), which says how
little is known from few of them, and trades are drawn by these weights.
"""

from __future__ import annotations

import numpy as np

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.trades import Floats, Ints, Trades
from learning.domain.words.numbers import counted, in_r

LEAST = 20
"""Past trades with R below which nothing is predicted."""
ORDINARY = (0.10, 0.90)
_DRAWS = 4_000


def draw_rows(past: Trades, n: int, rng: np.random.Generator, draws: int = _DRAWS) -> Floats | None:
    """R of `n` trades in each of `draws` rows; None where fewer than LEAST past trades have R."""
    known = ~np.isnan(past.r)
    return _drawn(past.r[known], past.week[known], n, rng, draws)


def draw_wins(past: Trades, n: int, rng: np.random.Generator, draws: int = _DRAWS) -> Floats | None:
    """1 for a win and 0 for a loss or a scratch, as `draw_rows`; trades without R are among them."""
    return _drawn((past.result > 0).astype(np.float64), past.week, n, rng, draws)


def _drawn(
    values: Floats, weeks: Ints, n: int, rng: np.random.Generator, draws: int
) -> Floats | None:
    if len(values) < LEAST or n <= 0:
        return None
    _, week = np.unique(weeks, return_inverse=True)
    by_week = rng.standard_exponential((draws, int(week.max()) + 1))
    heights = np.cumsum(by_week[:, week], axis=1)
    # Each draw has weights of its own: one after the other on one line, they are searched at once.
    first = np.arange(draws)[:, None]
    line = (heights / heights[:, -1:] + first).ravel()
    found = np.searchsorted(line, rng.random((draws, n)) + first) - first * len(values)
    return np.asarray(values[np.clip(found, 0, len(values) - 1)])


def falls(drawn: Floats) -> Floats:
    """How far each row of R ends below its highest sum, the start counted."""
    sums = np.cumsum(drawn, axis=1)
    return np.asarray(np.maximum(sums.max(axis=1), 0.0) - sums[:, -1])


def place(total: float, totals: Floats | None, past: int) -> Figure:
    """The share of predicted totals that are lower, ties counted half."""
    if totals is None:
        return Figure.absent(Reason.TOO_FEW, past, Unit.PROBABILITY, least=LEAST)
    below = (
        (np.searchsorted(totals, total, "left") + np.searchsorted(totals, total, "right"))
        / 2
        / len(totals)
    )
    return Figure(float(below), past, Unit.PROBABILITY)


def band(totals: Floats, level: float = 0.90) -> Interval:
    low, high = np.quantile(totals, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)


def arrow(value: float, expected: Interval) -> str:
    """▲ or ▼ only outside what was to be expected."""
    if value > expected.high:
        return "▲"
    return "▼" if value < expected.low else ""


def headline(
    total: float | None,
    n: int,
    placed: Figure,
    *,
    known: int | None = None,
    period: str = "week",
    past_days: int = 90,
) -> str:
    """One sentence with what it came to and how usual that is. `total` None: trades closed, and none had R. `known` of
    the `n` had one; None: all."""
    if n == 0:
        return f"No trade closed this {period}."
    if total is None:
        return f"{counted(n, 'closed trade')}, none with a risk fixed at entry: no R to tell of this {period}."
    of = "" if known is None or known == n else f"{known:,} of "
    told = f"{in_r(total)} in {of}{counted(n, 'closed trade')}"
    if placed.value is None:
        needed = f"{counted(placed.n, 'earlier trade')} known, {placed.least} would do"
        return f"{told} {EM} can't tell yet whether that is usual ({needed})."
    low, high = ORDINARY
    kind = (
        "an ordinary"
        if low <= placed.value <= high
        else "an unusually good"
        if placed.value > high
        else "an unusually poor"
    )
    basis = f"{ordinal(placed.value)} percentile of what your last {past_days} days predict"
    return f"{told} {EM} {kind} {period} ({basis})."


EM = "\N{EM DASH}"
_TEENS = range(11, 14)


def ordinal(share: float) -> str:
    """62nd, of 0.62; from 1st to 99th."""
    number = min(99, max(1, round(share * 100)))
    ending = "th" if number in _TEENS else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
