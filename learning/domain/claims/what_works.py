"""The weekly run over closed trades: what goes with winning, by feature and by group, and what changed.

A pure function of the trades, the moment and the seed: rows known later than `as_of` are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.domain.claims.clustered import is_flat
from learning.domain.claims.crossing import Crossing, crossing
from learning.domain.claims.features import FeatureFinding, feature_findings
from learning.domain.claims.gates import Sample
from learning.domain.claims.groups import (
    STRATUM,
    Breakdown,
    Outcomes,
    break_even,
    breakdown,
    win_rate,
)
from learning.domain.claims.luck import luck_lines
from learning.domain.claims.regime import Split, steepest_fall, weights_since
from learning.domain.figures import Figure, Reason, Unit
from learning.domain.intervals.clusters import Clusters, is_enough
from learning.domain.intervals.means import mean_interval
from learning.domain.trades import Floats, Ints, Trades


@dataclass(frozen=True, slots=True)
class WhatWorks:
    """`tests` is how many hypotheses the run tried: the trial ledger adds it up.

    `change` is the steepest fall among the newest trades, alarm or not; None where there are too few. `crossing` tells
    symbols from the strategies that they were traded with.
    """

    as_of: int
    sample: Sample
    mean: Figure
    win_rate: Figure
    break_even: Figure
    features: tuple[FeatureFinding, ...]
    breakdowns: tuple[Breakdown, ...]
    change: Split | None
    tests: int
    crossing: Crossing | None = None


def what_works(
    trades: Trades,
    as_of: int,
    rng: np.random.Generator,
    counts_from: int | None = None,
    currency: Ints | None = None,
) -> WhatWorks:
    """What the trades known at `as_of` (seconds since 1970) say. The same `rng` state gives the same answer. Means of
    groups go less by what was known before `counts_from`, where results had changed. `currency` codes that of each
    trade where there are several: money of two does not add up."""
    if currency is not None:
        currency = currency[trades.known_at <= as_of]
    trades = trades.known_by(as_of)
    weights = weights_since(trades.known_at, counts_from)
    told = ~np.isnan(trades.r)
    sliced = {name: codes[told] for name, codes in trades.groups.items()}
    lines = luck_lines(trades.r[told], sliced, trades.week[told], rng)
    features = feature_findings(trades)
    breakdowns = tuple(
        breakdown(trades, name, lines.get(name), weights, currency) for name in trades.groups
    )
    sample = Sample.of(trades.result, trades.week)
    signals = [one.signal for one in features]
    signals += [group.signal for one in breakdowns for group in one.groups]
    return WhatWorks(
        as_of=as_of,
        sample=sample,
        mean=mean_figure(trades),
        win_rate=win_rate(sample),
        break_even=break_even(Outcomes(trades.result, trades.r, trades.pnl, currency)),
        features=features,
        breakdowns=breakdowns,
        change=_change(trades, rng),
        tests=sum(len(signal.p) for signal in signals if signal is not None) + len(lines),
        crossing=crossing(trades, "symbol", STRATUM, weights),
    )


def mean_figure(trades: Trades) -> Figure:
    """Mean R as the figure `expectancy_r` has it: no interval before there are winners, losers and weeks enough."""
    told = ~np.isnan(trades.r)
    r, result, week = trades.r[told], trades.result[told], trades.week[told]
    if not len(r):
        reason = Reason.RISK_MISSING if len(trades) else Reason.NO_TRADES
        return Figure.absent(reason, len(trades), Unit.R)
    clusters = Clusters.of(r, week)
    won, lost = int(np.sum(result > 0)), int(np.sum(result < 0))
    interval = mean_interval(clusters) if is_enough(won, lost, len(clusters)) else None
    return Figure(float(r.mean()), len(r), Unit.R, interval)


def _change(trades: Trades, rng: np.random.Generator) -> Split | None:
    """On R where every trade has one, else on wins."""
    values: Floats = trades.r
    if np.isnan(values).any():
        values = (trades.result > 0).astype(np.float64)
    if is_flat(values):
        return None
    return steepest_fall(values, trades.week, rng, strata=trades.groups.get(STRATUM))
