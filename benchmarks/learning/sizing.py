"""L18 and L19: sizes that do not shrink an account, and drawdowns that stay within what was shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
from scipy.optimize import brentq

from benchmarks.learning.worlds import Effort, generator, premium_spreads
from benchmarks.results import Result, at_least, at_most
from learning.domain.sizing.kelly import cautious_fraction, growth, has_enough, kelly
from learning.domain.sizing.outlook import Course, deepest, equity_paths, shown_drawdown

A_WEEK = 2
FRACTION = 0.02
HORIZON = 100
PATHS = 2_000
SIZES = (20, 50, 100, 300)

World = Callable[[np.random.Generator, int], np.ndarray]


def spreads(win_rate: float) -> World:
    return lambda rng, n: premium_spreads(rng, rng.random(n) < win_rate)


def strangles(rng: np.random.Generator, n: int) -> np.ndarray:
    """92 % wins of 0.03 to 0.12 R; a loss costs 0.30 to 1 R. Expectancy +0.017 R, with 8 % of trades to show why."""
    won, lost = rng.uniform(0.03, 0.12, n), rng.uniform(0.30, 1.00, n)
    return np.where(rng.random(n) < 0.92, won, -lost)


def outcomes(win_rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Every result of the spread world with its probability, on a fine grid."""
    steps = (np.arange(400) + 0.5) / 400
    results = np.concatenate([0.15 + 0.35 * steps, -0.20 - 0.80 * steps])
    return results, np.repeat([win_rate / 400, (1 - win_rate) / 400], 400)


@cache
def win_rate_for(fraction: float) -> float:
    """With which the spread world's growth-optimal fraction is this."""

    def beyond(rate: float) -> float:
        results, probability = outcomes(rate)
        return (kelly(results, probability).value or 0.0) - fraction

    return float(brentq(beyond, 0.66, 0.90))


def weeks(n: int) -> np.ndarray:
    return np.arange(n) // A_WEEK


def grows(fraction: float, win_rate: float) -> float:
    at = growth(fraction, *outcomes(win_rate))
    return -np.inf if at is None else at


def shrinks(name: str, win_rate: float, n: int, effort: Effort, goal: float) -> Iterable[Result]:
    repetitions = effort.repetitions(1_000)
    careful, plain, refused = 0, 0, 0
    for repetition in range(repetitions):
        rng = generator("L18", name, repetition)
        r = spreads(win_rate)(rng, n)
        fraction, _ = cautious_fraction(r, weeks(n), rng)
        careful += fraction > 0 and grows(fraction, win_rate) < 0
        whole = kelly(r).value
        plain += grows(min(0.99, 0.99 if whole is None else whole), win_rate) < 0
        refused += not has_enough(r)
    what = f"L18 {name}, n {n}"
    yield at_most(f"{what}: equity shrinks", round(careful / repetitions, 4), goal)
    yield Result(f"{what}: by plain Kelly", "", f"{plain / repetitions:.3f}", None)
    yield Result(f"{what}: no size told", "", f"{refused / repetitions:.3f}", None)


def kelly_lines(effort: Effort) -> Iterable[Result]:
    yield from shrinks("best fraction 0.30", win_rate_for(0.30), 20, effort, 0.02)
    yield from shrinks("losing system", 0.62, 300, effort, 0.05)


def covered(world: World, n: int, name: str, effort: Effort, *, plain: bool = False) -> float:
    """How often the next hundred trades stay within the drawdown shown; 40 futures of each account."""
    repetitions = effort.repetitions(400)
    shares = []
    for repetition in range(repetitions):
        rng = generator("L19", name, n, repetition)
        r = world(rng, n)
        if plain:
            again = r[rng.integers(0, n, (PATHS, HORIZON))]
            shown = float(np.quantile(deepest(equity_paths(again, FRACTION)), 0.95))
        else:
            shown = shown_drawdown(r, weeks(n), Course(FRACTION, HORIZON, PATHS), rng)
        future = world(rng, 40 * HORIZON).reshape(40, HORIZON)
        shares.append(np.mean(deepest(equity_paths(future, FRACTION)) <= shown))
    return float(np.mean(shares))


def drawdown_lines(effort: Effort) -> Iterable[Result]:
    for name, world in (("spreads", spreads(0.70)), ("strangles", strangles)):
        for n in SIZES:
            share = covered(world, n, name, effort)
            yield at_least(f"L19 {name}, n {n}: within the 95 % shown", round(share, 4), 0.93)
        share = covered(world, 20, name, effort, plain=True)
        yield Result(f"L19 {name}, n 20: by plain resampling", "", f"{share:.3f}", None)


BENCHES = {"L18": kelly_lines, "L19": drawdown_lines}
