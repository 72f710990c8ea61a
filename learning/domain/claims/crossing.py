"""A symbol beside the strategy that it was traded with, and the other way round: whose results they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.domain.claims.hierarchy import Groups, crossed_means, group_means
from learning.domain.figures import Figure, Interval, Unit
from learning.domain.trades import Floats, Ints, Trades

LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Crossed:
    """One group: its mean R after allowing for luck by itself, and where every group is traded in the same mix."""

    word: str
    alone: Figure
    beside: Figure


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two columns at once, each best first."""

    first: str
    second: str
    of_first: tuple[Crossed, ...]
    of_second: tuple[Crossed, ...]


def crossing(
    trades: Trades, first: str, second: str, weights: Floats | None = None
) -> Crossing | None:
    """None where there are not two groups of each, or where none is in two of the other: then they are the same thing
    under two names, or nothing can tell them apart."""
    one, other = trades.groups.get(first), trades.groups.get(second)
    if one is None or other is None:
        return None
    told = ~np.isnan(trades.r) & (one >= 0) & (other >= 0)
    if not told.any():
        return None
    codes, others, r, weeks = one[told], other[told], trades.r[told], trades.week[told]
    if not _are_crossed(codes, others):
        return None
    heavy = None if weights is None else weights[told]
    found = crossed_means(r, codes, others, weeks, weights=heavy)
    alone = [group_means(r, column, weeks, weights=heavy) for column in (codes, others)]
    if found is None or alone[0] is None or alone[1] is None:
        return None
    return Crossing(
        first,
        second,
        _told(found.first, alone[0], trades.words.get(first, ())),
        _told(found.second, alone[1], trades.words.get(second, ())),
    )


def _are_crossed(codes: Ints, others: Ints) -> bool:
    if len(np.unique(codes)) < 2 or len(np.unique(others)) < 2:
        return False
    pairs = np.unique(np.stack([codes, others]), axis=1)
    return any(np.bincount(column).max() > 1 for column in pairs)


def _told(beside: Groups, alone: Groups, words: tuple[str, ...]) -> tuple[Crossed, ...]:
    """Groups of both are the same, in the same order."""
    low, high = beside.posterior.quantile(0.05), beside.posterior.quantile(0.95)
    means, own = beside.posterior.mean, alone.posterior.mean
    rows = [
        Crossed(
            words[code] if code < len(words) else str(code),
            Figure(float(own[at]), int(beside.counts[at]), Unit.R),
            Figure(
                float(means[at]),
                int(beside.counts[at]),
                Unit.R,
                Interval(float(low[at]), float(high[at]), LEVEL),
            ),
        )
        for at, code in enumerate(beside.codes.tolist())
    ]
    return tuple(sorted(rows, key=lambda one: (-(one.beside.value or 0.0), one.word)))
