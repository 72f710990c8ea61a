"""What works by symbol, strategy, close reason, structure, account …: raw, after allowing for luck, and how sure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special
from statsmodels.stats.proportion import proportion_confint

from learning.domain.claims import ranks
from learning.domain.claims.features import Signal, agrees, family
from learning.domain.claims.gates import INSIGHT, RANKED, Sample
from learning.domain.claims.grades import Grade, grade, visible_gap
from learning.domain.claims.hierarchy import Groups, group_means
from learning.domain.claims.life import Outcome
from learning.domain.claims.luck import LuckLine
from learning.domain.claims.proportions import pool_rates
from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.metrics.numbers import told as figure_of
from learning.domain.metrics.trade_space import break_even_rate
from learning.domain.trades import Floats, Ints, Trades

STRATUM = "strategy"
"""Variances within are pooled per strategy: a strangle is not a spread."""


@dataclass(frozen=True, slots=True)
class GroupFinding:
    """One group of a breakdown. Lists keep all; rankings only those with `is_ranked` (five trades and more).

    `mean` is raw, `shrunk` what is left of it after allowing for luck (90 %), both in R; `beside` is by how much it is
    better than the typical group, after allowing for luck; `money` the raw mean P&L;
    `win_rate` has a Wilson interval, `shrunk_win_rate` that of the beta-binomial; `better` = P(above the typical
    group), `positive` = P(mean R > 0); `luck` how often a typical group wins as few (or as many) of as many trades;
    `visible` the smallest gap that these trades could have shown. `grade` is of being better or worse than typical.
    """

    code: int
    word: str
    sample: Sample
    lacking: dict[str, int]
    mean: Figure
    shrunk: Figure
    beside: Figure
    money: Figure
    win_rate: Figure
    shrunk_win_rate: Figure
    break_even: Figure
    better: Figure
    positive: Figure
    luck: Figure
    visible: Figure
    signal: Signal | None
    grade: Grade

    @property
    def is_ranked(self) -> bool:
        return RANKED.is_open(self.sample)


class Outcomes(NamedTuple):
    """Of closed trades. `currency` codes that of `pnl`; None where it is one."""

    result: Ints
    r: Floats
    pnl: Floats
    currency: Ints | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """All groups of one column, best first (after allowing for luck), and the luck line of its chart."""

    name: str
    groups: tuple[GroupFinding, ...]
    luck_line: LuckLine | None


def breakdown(
    trades: Trades,
    name: str,
    luck_line: LuckLine | None,
    weights: Floats | None = None,
    currency: Ints | None = None,
) -> Breakdown:
    """Findings of the groups of column `name`; rows of no group are left out. `weights` below 1 make trades from before
    a change count for less in what is left after allowing for luck; what was seen is told as it was. `currency` codes
    that of each trade where there are several."""
    rows = np.flatnonzero(trades.groups[name] >= 0)
    columns = _Columns(
        codes=trades.groups[name][rows],
        pnl=trades.pnl[rows],
        r=trades.r[rows],
        result=trades.result[rows],
        weeks=trades.week[rows],
        words=trades.words.get(name, ()),
        weights=None if weights is None else weights[rows],
        currency=None if currency is None else currency[rows],
    )
    strata = trades.groups.get(STRATUM)
    findings = _findings(columns, None if strata is None else strata[rows])
    return Breakdown(name, tuple(sorted(findings, key=_best_first)), luck_line)


def _best_first(one: GroupFinding) -> tuple[float, str]:
    return (-(one.shrunk.value if one.shrunk.value is not None else -1e9), one.word)


def signals_of_groups(codes: Ints, result: Ints, r: Floats, weeks: Ints) -> dict[int, Signal]:
    """Each group against the rest, the breakdown as one family; only groups whose gates are open."""
    found, counts = np.unique(codes, return_counts=True)
    judged = found[np.minimum(counts, len(codes) - counts) >= INSIGHT.smaller_arm]
    if INSIGHT.lacking(Sample.of(result, weeks)).keys() - {"smaller_arm"} or not len(judged):
        return {}
    members = (codes[:, None] == judged).astype(np.float64)
    votes, told = result != 0, ~np.isnan(r)
    won = (result[votes] > 0).astype(np.float64)
    tests = {Outcome.WON: ranks.levels(members[votes], won, weeks[votes])}
    if told.sum() >= INSIGHT.n:
        tests[Outcome.R] = ranks.levels(members[told], r[told], weeks[told])
    z = {(str(c), o): float(t.z[at]) for o, t in tests.items() for at, c in enumerate(judged)}
    p = {(str(c), o): float(t.p[at]) for o, t in tests.items() for at, c in enumerate(judged)}
    return {int(code): signal for code, signal in family(z, p).items()}


@dataclass(frozen=True, slots=True)
class _Columns:
    """The rows of a breakdown: trades that belong to a group."""

    codes: Ints
    pnl: Floats
    r: Floats
    result: Ints
    weeks: Ints
    words: tuple[str, ...]
    weights: Floats | None = None
    currency: Ints | None = None

    def outcomes(self, rows: Ints) -> Outcomes:
        currency = None if self.currency is None else self.currency[rows]
        return Outcomes(self.result[rows], self.r[rows], self.pnl[rows], currency)

    def word(self, code: int) -> str:
        return self.words[code] if code < len(self.words) else str(code)


def _findings(columns: _Columns, strata: Ints | None) -> list[GroupFinding]:
    order = np.argsort(columns.codes, kind="stable")
    found, starts = np.unique(columns.codes[order], return_index=True)
    rows_of = np.split(order, starts[1:]) if len(found) else []
    samples = [Sample.of(columns.result[rows], columns.weeks[rows]) for rows in rows_of]
    signals = signals_of_groups(columns.codes, columns.result, columns.r, columns.weeks)
    of_r, rates = _of_r(columns, strata), _shrunk_rates(samples)
    whole = Sample.of(columns.result, columns.weeks)
    findings = []
    won = _win_rates(samples) if samples else []
    for at, code in enumerate(found.tolist()):
        rows, sample = rows_of[at], samples[at]
        signal, figures = signals.get(code), of_r(code, rows)
        better = figures["better"].value
        lacking = _lacking(sample, whole)
        sure = 0.5 if better is None else max(better, 1 - better)
        is_raised = signal is not None and signal.is_raised
        is_split = (
            signal is not None and is_raised and not agrees(figures["beside"], signal.direction)
        )
        finding = GroupFinding(
            code=code,
            word=columns.word(code),
            sample=sample,
            lacking=lacking,
            money=Figure(float(columns.pnl[rows].mean()), sample.n, Unit.MONEY),
            win_rate=won[at],
            shrunk_win_rate=rates[at],
            break_even=break_even(columns.outcomes(rows)),
            luck=_luck(sample, whole),
            signal=signal,
            grade=Grade.D if lacking or is_split else grade(sure, is_raised=is_raised),
            **figures,
        )
        findings.append(finding)
    return findings


def _lacking(sample: Sample, whole: Sample) -> dict[str, int]:
    """The gates of an insight: the group is one arm and has to span the weeks itself."""
    smaller = min(sample.n, whole.n - sample.n)
    return INSIGHT.lacking(Sample(whole.n, smaller, whole.winners, whole.losers, sample.weeks))


UNITS = {
    "mean": Unit.R,
    "shrunk": Unit.R,
    "beside": Unit.R,
    "visible": Unit.R,
    "better": Unit.PROBABILITY,
    "positive": Unit.PROBABILITY,
}


def _of_r(columns: _Columns, strata: Ints | None) -> Callable[[int, Ints], dict[str, Figure]]:
    """What tells the figures that need a risk of one group, given its code and rows."""
    told = np.flatnonzero(~np.isnan(columns.r))
    means = group_means(
        columns.r[told],
        columns.codes[told],
        columns.weeks[told],
        strata=None if strata is None else strata[told],
        weights=None if columns.weights is None else columns.weights[told],
    )
    read = None if means is None else _Read.of(means)

    def figures(code: int, rows: Ints) -> dict[str, Figure]:
        r = columns.r[rows][~np.isnan(columns.r[rows])]
        if not len(r):
            return _absent(Reason.RISK_MISSING, len(rows))
        mean = Figure(float(r.mean()), len(r), Unit.R)
        if read is None:
            few = len(told) < 2
            lost = Reason.TOO_FEW if few else Reason.ZERO_VARIANCE
            return _absent(lost, len(r), 2 if few else None) | {"mean": mean}
        return read.figures(code, len(r)) | {"mean": mean}

    return figures


def _absent(reason: Reason, n: int, least: int | None = None) -> dict[str, Figure]:
    return {name: Figure.absent(reason, n, unit, least=least) for name, unit in UNITS.items()}


@dataclass(frozen=True, slots=True)
class _Read:
    """The posterior of all groups, read off once: numbers by name, and the ends of those that have an interval."""

    codes: Ints
    numbers: dict[str, Floats]
    ends: dict[str, tuple[Floats, Floats]]

    @classmethod
    def of(cls, groups: Groups) -> _Read:
        posterior = groups.posterior
        numbers = {
            "shrunk": posterior.mean,
            "beside": posterior.gap,
            "visible": groups.errors * visible_gap(1.0),
            "better": posterior.above_centre(),
            "positive": 1 - posterior.below(0.0),
        }
        ends = {
            "shrunk": (posterior.quantile(0.05), posterior.quantile(0.95)),
            "beside": (posterior.gap_quantile(0.05), posterior.gap_quantile(0.95)),
        }
        return cls(groups.codes, numbers, ends)

    def figures(self, code: int, n: int) -> dict[str, Figure]:
        at = int(np.searchsorted(self.codes, code))
        return {
            name: Figure(float(values[at]), n, UNITS[name], self._interval(name, at))
            for name, values in self.numbers.items()
        }

    def _interval(self, name: str, at: int) -> Interval | None:
        if name not in self.ends:
            return None
        low, high = self.ends[name]
        return Interval(float(low[at]), float(high[at]), 0.90)


def _shrunk_rates(samples: list[Sample]) -> list[Figure]:
    if not samples:
        return []
    counts = np.array([one.n for one in samples], dtype=np.int64)
    rates = pool_rates(np.array([one.winners for one in samples], dtype=np.int64), counts)
    low, high = rates.interval(0.90)
    return [
        Figure(mean, sample.n, Unit.FRACTION, Interval(down, up, 0.90))
        for mean, sample, down, up in zip(
            rates.mean.tolist(), samples, low.tolist(), high.tolist(), strict=True
        )
    ]


def _luck(sample: Sample, whole: Sample) -> Figure:
    """P(as few, or as many, wins of as many trades) at the win rate of all: the smaller tail."""
    share = whole.winners / whole.n
    few = float(special.bdtr(sample.winners, sample.n, share))
    many = float(special.bdtrc(sample.winners - 1, sample.n, share)) if sample.winners else 1.0
    return Figure(min(few, many, 1.0), sample.n, Unit.PROBABILITY)


def win_rate(sample: Sample, level: float = 0.90) -> Figure:
    """W ÷ n with Wilson's interval (Newcombe 1998, method 3)."""
    return _win_rates([sample], level)[0]


def _win_rates(samples: list[Sample], level: float = 0.90) -> list[Figure]:
    wins = np.array([one.winners for one in samples])
    counts = np.array([max(1, one.n) for one in samples])
    low, high = proportion_confint(wins, counts, alpha=1 - level, method="wilson")
    return [
        Figure(
            one.winners / one.n,
            one.n,
            Unit.FRACTION,
            Interval(max(0.0, float(low[at])), min(1.0, float(high[at])), level),
        )
        if one.n
        else Figure.absent(Reason.NO_TRADES, 0, Unit.FRACTION)
        for at, one in enumerate(samples)
    ]


def break_even(trades: Outcomes) -> Figure:
    """The win rate that earns nothing, of the same trades as the win rate beside it: in money where that adds up, else
    in R. Where neither is known of all, of those with R; `n` says of how many."""
    values, result = trades.pnl, trades.result
    if trades.currency is not None and len(np.unique(trades.currency)) > 1:
        told = ~np.isnan(trades.r)
        values, result = trades.r[told], result[told]
        if not len(values):
            return Figure.absent(Reason.RISK_MISSING, len(told), Unit.FRACTION)
    return figure_of(break_even_rate(values, result), len(values), Unit.FRACTION)
