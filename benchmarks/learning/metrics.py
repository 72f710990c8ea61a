"""Figures and intervals: L13 (coverage), L15 (looking after every trade), L22 (best of many), L26 (speed)."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

import numpy as np
import pandas as pd

from benchmarks.learning.worlds import (
    Effort,
    generator,
    long_premium,
    premium_spreads,
    short_strangles,
)
from benchmarks.results import Result, at_least, at_most
from learning.domain.intervals.clusters import Clusters, is_enough
from learning.domain.intervals.means import cluster_t, mean_interval
from learning.domain.intervals.ratios import profit_factor_interval
from learning.domain.intervals.sequences import edge_seen
from learning.domain.metrics import Running, Trials, time_metrics
from learning.domain.metrics.numbers import Moments
from learning.domain.metrics.overfitting import backtest_overfitting
from learning.domain.metrics.sharpe import Sample, deflated, probabilistic
from learning.domain.seconds import DAY, WEEK
from learning.domain.trades import EPOCH_MONDAY, Trades

Draw = Callable[[np.random.Generator, np.ndarray], np.ndarray]

# How often each wins, and in L15 how often it must to be worth nothing.
WORLDS: dict[str, tuple[Draw, float, tuple[int, ...]]] = {
    "spreads": (premium_spreads, 0.70, (20, 50, 100, 200)),
    "long premium": (long_premium, 0.30, (50, 100, 200)),
    "strangles": (short_strangles, 0.92, (50, 100, 200, 500)),
}
WORTHLESS: dict[str, tuple[Draw, float]] = {
    "normal": (lambda rng, wins: rng.normal(0, 1, wins.shape), 0.5),
    "spreads": (premium_spreads, 0.6 / 0.925),
    "strangles": (short_strangles, 1.75 / 1.95),
    "long premium": (long_premium, 0.65 / 2.65),
}
MEANS = {"spreads": (0.325, -0.6), "long premium": (2.0, -0.65), "strangles": (0.2, -1.75)}
Method = Callable[[Clusters, float], object]


def drawn(draw: Draw, rate: float, n: int, *names: object) -> np.ndarray:
    rng = generator(*names, n)
    return draw(rng, rng.random(n) < rate)


def coverage(
    name: str, n: int, per_week: int, effort: Effort, method: Method, truth: float
) -> tuple[float, float, float]:
    """Share of 95 % intervals that hold the truth, that lie above it, and of accounts that get none."""
    draw, rate, _ = WORLDS[name]
    held = above = told = 0
    repetitions = effort.repetitions(4_000, least=1_500)  # fewer cannot tell 0.93 from 0.95
    for i in range(repetitions):
        values = drawn(draw, rate, n, "L13", name, i)
        clusters = Clusters.of(values, np.arange(n) // per_week)
        if not is_enough(int((values > 0).sum()), int((values < 0).sum()), len(clusters)):
            continue
        interval = method(clusters, 0.95)
        told += 1
        held += interval.low <= truth <= interval.high
        above += interval.low > truth
    return held / max(told, 1), above / max(told, 1), 1 - told / repetitions


def mean_of(name: str) -> float:
    rate = WORLDS[name][1]
    won, lost = MEANS[name]
    return rate * won + (1 - rate) * lost


def factor_of(name: str) -> float:
    rate = WORLDS[name][1]
    won, lost = MEANS[name]
    return rate * won / ((1 - rate) * -lost)


def l13(effort: Effort) -> Iterator[Result]:
    for name, (_, _, sizes) in WORLDS.items():
        for n in sizes:
            for per_week, weeks in ((1, "one a week"), (5, "five a week")):
                what = f"L13 95 % interval, {name}, n {n}, {weeks}"
                held, above, refused = coverage(
                    name, n, per_week, effort, mean_interval, mean_of(name)
                )
                yield at_least(f"{what}: holds the mean", round(held, 3), 0.93)
                yield at_most(f"{what}: lies above it", round(above, 3), 0.05)
                yield Result(f"{what}: refused", "", f"{refused:.3f}", None)
    for name in WORLDS:
        held, above, _ = coverage(name, 100, 5, effort, profit_factor_interval, factor_of(name))
        yield at_least(
            f"L13 95 % interval of the profit factor, {name}, n 100", round(held, 3), 0.93
        )
        yield at_most(f"L13 the same: lies above it, {name}", round(above, 3), 0.05)
    plain, _, _ = coverage("long premium", 50, 1, effort, cluster_t, mean_of("long premium"))
    yield Result("L13 for comparison: Student, long premium, n 50", "", f"{plain:.3f}", None)


def false_edges(name: str, effort: Effort) -> float:
    """Share of 500 worthless trades in which an edge was announced after any one of them."""
    draw, rate = WORTHLESS[name]
    repetitions = effort.repetitions(4_000)
    seen = sum(
        edge_seen(drawn(draw, rate, 500, "L15", name, i)) is not None for i in range(repetitions)
    )
    return seen / repetitions


def false_edges_by_t(name: str, effort: Effort) -> float:
    """The same of whoever tests at 5 % after every trade from the 20th on."""
    draw, rate = WORTHLESS[name]
    repetitions = effort.repetitions(4_000)
    n = np.arange(1, 501)
    seen = 0
    for i in range(repetitions):
        values = drawn(draw, rate, 500, "L15", name, i)
        means = np.cumsum(values) / n
        spread = np.sqrt(np.maximum(np.cumsum(values**2) / n - means**2, 1e-300) / n)
        seen += bool((np.abs(means) > 1.96 * spread)[19:].any())
    return seen / repetitions


def l15(effort: Effort) -> Iterator[Result]:
    for name in WORTHLESS:
        rate = false_edges(name, effort)
        yield at_most(
            f"L15 worthless {name}, a look per trade: edge announced", round(rate, 4), 0.07
        )
    plain = false_edges_by_t("normal", effort)
    yield Result("L15 for comparison: 5 % test after each trade, normal", "", f"{plain:.3f}", None)


PERIODS = 250


def best_of(tried: int, effort: Effort, *, skewed: bool) -> tuple[float, float]:
    """Share of bests of `tried` worthless series with DSR above 0.95, and with PSR above it."""
    repetitions = effort.repetitions(2_000 if tried <= 20 else 600)
    by_dsr = by_psr = 0
    for i in range(repetitions):
        rng = generator("L22", tried, skewed, i)
        if skewed:
            returns = premium_spreads(rng, rng.random((tried, PERIODS)) < 0.6 / 0.925)
        else:
            returns = rng.normal(0, 1, (tried, PERIODS))
        ratios = returns.mean(1) / returns.std(1, ddof=1)
        moments = Moments.of(returns[ratios.argmax()])
        sample = Sample(float(ratios.max()), PERIODS, moments.skewness, moments.kurtosis)
        by_dsr += deflated(sample, Trials(tried, float(ratios.var(ddof=1)))) > 0.95
        by_psr += probabilistic(sample) > 0.95
    return by_dsr / repetitions, by_psr / repetitions


def overfitting(effort: Effort, *, planted: float) -> tuple[float, float]:
    """Mean and spread of PBO over worlds of 100 weeks and 50 settings, one better by `planted` standard deviations."""
    found = []
    for i in range(effort.repetitions(300, least=60)):
        weekly = generator("L22 PBO", planted, i).normal(0, 1, (100, 50))
        weekly[:, 7] += planted
        found.append(backtest_overfitting(weekly, 10).value)
    return float(np.mean(found)), float(np.std(found))


def l22(effort: Effort) -> Iterator[Result]:
    for tried in (5, 20, 100):
        for skewed, kind in ((False, "normal"), (True, "spreads")):
            dsr, psr = best_of(tried, effort, skewed=skewed)
            what = f"L22 best of {tried} worthless {kind}"
            yield at_most(f"{what}: DSR > 0.95", round(dsr, 4), 0.05)
            yield Result(f"{what}: PSR > 0.95, for comparison", "", f"{psr:.2f}", None)
    noise, spread = overfitting(effort, planted=0.0)
    yield Result(
        "L22 PBO of 50 worthless settings", "0.4 to 0.6", f"{noise:.3f}", 0.4 <= noise <= 0.6
    )
    yield Result(
        "L22 PBO of 50 worthless settings, from world to world", "", f"± {spread:.2f}", None
    )
    better, _ = overfitting(effort, planted=1.0)
    yield at_most("L22 PBO with one that is really better", round(better, 3), 0.05)


def book(n: int) -> Trades:
    """A book of `n` spreads, twenty a week."""
    rng = generator("L26", n)
    r = premium_spreads(rng, rng.random(n) < 0.7)
    opened = EPOCH_MONDAY + (np.arange(n) // 20 + 2_900) * WEEK
    closed = opened + rng.integers(1, 40, n) * DAY
    result = np.sign(r).astype(np.int64)
    return Trades(
        np.arange(n), opened, closed, closed, r * 200, r, result, np.arange(n) // 20 + 2_900
    )


def close_seconds(n: int, repetitions: int) -> list[float]:
    """Seconds of a processor for one close in a book of `n`: read the state, add, tell all figures, write it."""
    state = Running.of(book(n)).as_bytes()
    rng = generator("L26 closes")
    seconds = []
    for r in premium_spreads(rng, rng.random(repetitions) < 0.7):
        began = time.process_time()
        running = Running.from_bytes(state)
        running.add(pnl=200 * r, r=r, result=1 if r > 0 else -1, week=3_150, days=9.0)
        json.dumps({name: one.as_json() for name, one in running.figures().items()})
        state = running.as_bytes()
        seconds.append(time.process_time() - began)
    return seconds


def series(count: int, n: int) -> list[np.ndarray]:
    return [generator("L26 series", i).standard_t(4, n) * 0.01 for i in range(count)]


def quantstats_seconds(every: list[np.ndarray]) -> float:
    """quantstats computing those of our figures that it has."""
    days = pd.bdate_range("2020-01-01", periods=len(every[0]))
    known = [pd.Series(one, days) for one in every]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        qs = import_module(
            "quantstats.stats"
        )  # seconds, which the other benchmarks need not wait for
        asked = (
            *(qs.sharpe, qs.sortino, qs.calmar, qs.cagr, qs.volatility, qs.max_drawdown),
            *(qs.ulcer_index, qs.ulcer_performance_index, qs.omega, qs.tail_ratio, qs.skew),
            *(qs.kurtosis, qs.value_at_risk, qs.cvar, qs.best, qs.worst, qs.win_rate),
            *(qs.profit_factor, qs.probabilistic_sharpe_ratio, qs.comp, qs.adjusted_sortino),
        )
        began = time.process_time()
        for one in known:
            for metric in asked:
                metric(one)
        return time.process_time() - began


def our_seconds(every: list[np.ndarray]) -> float:
    """All our figures of time space: those of quantstats and twenty more."""
    began = time.process_time()
    for one in every:
        time_metrics(one, per_year=252)
    return time.process_time() - began


def l26(effort: Effort) -> Iterable[Result]:
    seconds = close_seconds(5_000, effort.repetitions(400))
    p95 = float(np.quantile(seconds, 0.95)) * 1000
    yield at_most(
        "L26 figures after a close, book of 5,000, p95 (without the database)",
        round(p95, 2),
        50,
        " ms",
    )
    began = time.process_time()
    million = Running.of(book(1_000_000))
    million.figures()
    yield Result(
        "L26 all figures of 1,000,000 trades at once",
        "",
        f"{time.process_time() - began:.2f} s",
        None,
    )
    every = series(effort.repetitions(1_000), 500)
    our_seconds(every[:20])
    quantstats_seconds(every[:2])
    ours, theirs = our_seconds(every), quantstats_seconds(every)
    yield at_least(
        f"L26 faster than quantstats on the same {len(every):,} series",
        round(theirs / ours, 1),
        10,
        " ×",
    )


BENCHES = {"L13": l13, "L15": l15, "L22": l22, "L26": l26}
