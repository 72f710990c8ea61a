"""What the past predicts for so many trades, so that an ordinary week is called one.

Weeks of past trades get random weights (Rubin, The Bayesian Bootstrap, Annals of Statistics 1981), which says how
little is known from few of them, and trades are drawn by these weights.
"""

from __future__ import annotations

import numpy as np

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.trades import Floats, Trades
from learning.domain.words.numbers import counted, in_r

LEAST = 20
"""Past trades with R below which nothing is predicted."""
ORDINARY = (0.10, 0.90)
_DRAWS = 4_000


def draw_rows(past: Trades, n: int, rng: np.random.Generator, draws: int = _DRAWS) -> Floats | None:
    """R of `n` trades in each of `draws` rows; None where fewer than LEAST past trades have R."""
    rows = past.where(~np.isnan(past.r))
    if len(rows) < LEAST or n <= 0:
        return None
    _, week = np.unique(rows.week, return_inverse=True)
    by_week = rng.standard_exponential((draws, int(week.max()) + 1))
    heights = np.cumsum(by_week[:, week], axis=1)
    # Each draw has weights of its own: one after the other on one line, they are searched at once.
    first = np.arange(draws)[:, None]
    line = (heights / heights[:, -1:] + first).ravel()
    found = np.searchsorted(line, rng.random((draws, n)) + first) - first * len(rows)
    return np.asarray(rows.r[np.clip(found, 0, len(rows) - 1)])


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
    total: float | None, n: int, placed: Figure, *, period: str = "week", past_days: int = 90
) -> str:
    """One sentence with what it came to and how usual that is. `total` None: trades closed, and none had R."""
    if n == 0:
        return f"No trade closed this {period}."
    if total is None:
        return f"{counted(n, 'closed trade')}, none with a risk fixed at entry: no R to tell of this {period}."
    told = f"{in_r(total)} in {counted(n, 'closed trade')}"
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
