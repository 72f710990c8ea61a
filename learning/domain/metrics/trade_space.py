"""Figures of closed trades: per trade, in money and in R. Formulas and sources are in `dictionary`."""

from __future__ import annotations

import math

from scipy.special import betaincinv, stdtr

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.intervals.clusters import LEAST_OF_EACH, is_enough
from learning.domain.intervals.means import mean_interval
from learning.domain.intervals.proportions import wilson
from learning.domain.intervals.ratios import profit_factor_interval
from learning.domain.intervals.sequences import interval_now
from learning.domain.metrics import sharpe
from learning.domain.metrics.numbers import Outcome, ratio, told, too_few
from learning.domain.metrics.sums import Side, TradeSums
from learning.domain.trades import Floats, Ints, Trades

Figures = dict[str, Figure]

SQN_CAP = 100
"""Van Tharp counts no more trades than this, so that the number does not grow for ever."""

FLOOR_CONFIDENCE = 0.9


def trade_metrics(trades: Trades) -> Figures:
    """All figures of trade space, by the names of `METRICS`."""
    return trade_figures(TradeSums.of(trades))


def trade_figures(sums: TradeSums, *, intervals: bool = True) -> Figures:
    """Without `intervals` the same figures have none, which spares most of the work."""
    n = sums.n
    return {
        "trades": told(n, n, Unit.COUNT),
        "winners": told(sums.winners, n, Unit.COUNT),
        "scratches": told(sums.scratches, n, Unit.COUNT),
        "losers": told(sums.losers, n, Unit.COUNT),
        "win_rate": _win_rate(sums, intervals),
        **_side(sums.r, "r", Unit.R, Reason.RISK_MISSING if n else Reason.NO_TRADES, intervals),
        **_quality(sums.r, Reason.RISK_MISSING if n else Reason.NO_TRADES),
        "expectancy_any_time_r": _any_time(sums.r, n, intervals),
        **_side(sums.money, "money", Unit.MONEY, Reason.NO_TRADES, intervals),
        **_runs(sums),
    }


def _win_rate(sums: TradeSums, intervals: bool) -> Figure:
    n = sums.n
    if not n:
        return Figure.absent(Reason.NO_TRADES, 0, Unit.FRACTION)
    interval = wilson(sums.winners, n) if intervals and n > 1 else None
    return told(sums.winners / n, n, Unit.FRACTION, interval)


def _side(side: Side, suffix: str, unit: Unit, empty: Reason, intervals: bool) -> Figures:
    """The figures that exist in money and in R alike; `empty` is said of all of them where there are no trades."""
    n, moments, path = side.moments.n, side.moments, side.path
    of_mean = of_factor = None
    if intervals and is_enough(side.winners, side.losers, len(side.weeks)):
        clusters = side.clusters
        of_mean, of_factor = mean_interval(clusters), profit_factor_interval(clusters)
    values: dict[str, tuple[Outcome, Unit]] = {
        "total": (moments.total, unit),
        "average_winner": (ratio(side.won, side.winners, Reason.NO_WINNERS), unit),
        "average_loser": (ratio(side.lost, side.losers, Reason.NO_LOSERS), unit),
        "break_even_rate": (_break_even(side), Unit.FRACTION),
        "best": (side.best, unit),
        "worst": (side.worst, unit),
        "max_drawdown": (path.deepest, unit),
        "drawdown": (path.now, unit),
        "longest_drawdown": (path.longest, Unit.COUNT),
        "since_peak": (path.below, Unit.COUNT),
    }
    ratios: dict[str, Outcome] = {
        "payoff": _payoff(side),
        "expectancy_ratio": _expectancy_ratio(side),
        "recovery_factor": ratio(moments.total, path.deepest, Reason.NO_DRAWDOWN),
    }
    expectancy = told(moments.mean, n, unit, of_mean)
    factor = told(ratio(side.gains, side.losses, Reason.NO_LOSERS), n, Unit.RATIO, of_factor)
    figures = {"expectancy": expectancy, "profit_factor": _of_two(factor)}
    figures |= {name: told(value, n, its) for name, (value, its) in values.items()}
    figures |= {name: _of_two(told(value, n, Unit.RATIO)) for name, value in ratios.items()}
    if not n:
        figures = {name: Figure.absent(empty, 0, one.unit) for name, one in figures.items()}
    return {f"{name}_{suffix}": figure for name, figure in figures.items()}


def _of_two(figure: Figure) -> Figure:
    """A ratio of one trade says nothing."""
    return too_few(figure.n, 2, figure.unit) if figure.n == 1 else figure


def _payoff(side: Side) -> Outcome:
    if not side.winners:
        return Reason.NO_WINNERS
    if not side.losers:
        return Reason.NO_LOSERS
    return ratio(side.won / side.winners, -side.lost / side.losers, Reason.NO_LOSERS)


def _expectancy_ratio(side: Side) -> Outcome:
    if not side.losers:
        return Reason.NO_LOSERS
    return ratio(side.moments.mean, -side.lost / side.losers, Reason.NO_LOSERS)


def _break_even(side: Side) -> Outcome:
    n, mean = side.moments.n, side.moments.mean
    return _rate_without_gain(n, mean, (side.winners, side.won), (side.losers, side.lost))


def break_even_rate(values: Floats, result: Ints) -> Outcome:
    """The same as the figure of that name, of results as columns."""
    if not len(values):
        return Reason.NO_TRADES
    won, lost = values[result > 0], values[result < 0]
    sides = (len(won), float(won.sum())), (len(lost), float(lost.sum()))
    return _rate_without_gain(len(values), float(values.mean()), *sides)


def _rate_without_gain(
    n: int, mean: float, won: tuple[int, float], lost: tuple[int, float]
) -> Outcome:
    """p* = L̄/(W̄ + L̄), and with scratches the rate at which the mean would be 0 if their share and mean stayed.

    `won` and `lost` are how many, and what they came to together.
    """
    (winners, gained), (losers, given) = won, lost
    if not winners:
        return Reason.NO_WINNERS
    if not losers:
        return Reason.NO_LOSERS
    both = gained / winners - given / losers
    if not both > 0:
        return Reason.ZERO_VARIANCE
    return min(max(winners / n - mean / both, 0.0), 1.0)


def _quality(side: Side, empty: Reason) -> Figures:
    """What only R says, because only R compares trades of different size: SQN, and how sure its mean is above 0."""
    moments = side.moments
    n, spread = moments.n, moments.spread
    units = {
        "sqn": Unit.RATIO,
        "sqn_p": Unit.PROBABILITY,
        "psr_r": Unit.PROBABILITY,
        "min_trl_r": Unit.COUNT,
        "profit_factor_floor_r": Unit.RATIO,
    }
    if not n:
        return {name: Figure.absent(empty, 0, unit) for name, unit in units.items()}
    floor = {"profit_factor_floor_r": _floor(side)}
    if n < 2:
        return {name: too_few(n, 2, unit) for name, unit in units.items()} | floor
    if isinstance(spread, Reason):
        return {name: Figure.absent(spread, n, unit) for name, unit in units.items()} | floor
    per_trade = moments.mean / spread
    statistic = math.sqrt(n) * per_trade
    sample = sharpe.Sample(per_trade, n, moments.skewness, moments.kurtosis)
    return floor | {
        "sqn": told(math.sqrt(min(n, SQN_CAP)) * per_trade, n, Unit.RATIO),
        "sqn_p": told(2 * float(stdtr(n - 1, -abs(statistic))), n, Unit.PROBABILITY),
        "psr_r": probability(sharpe.probabilistic(sample), n),
        "min_trl_r": length(sample),
    }


def _any_time(side: Side, trades: int, intervals: bool) -> Figure:
    """The mean of R with an interval that holds however often it is looked at; none before the fifth winner and loser.

    Its 95 % are of all looks together, where those of other intervals are of one look.
    """
    moments, n = side.moments, side.moments.n
    if not n:
        return Figure.absent(Reason.RISK_MISSING if trades else Reason.NO_TRADES, 0, Unit.R)
    is_enough_of_each = min(side.winners, side.losers) >= LEAST_OF_EACH
    ci = None
    if intervals and is_enough_of_each and not isinstance(moments.spread, Reason):
        ci = interval_now(n, moments.mean, moments.deviation**2)
    return told(moments.mean, n, Unit.R, ci)


def probability(value: float | None, n: int) -> Figure:
    """PSR or DSR from 10 on."""
    if n < sharpe.LEAST:
        return too_few(n, sharpe.LEAST, Unit.PROBABILITY)
    return told(Reason.ZERO_VARIANCE if value is None else value, n, Unit.PROBABILITY)


def length(sample: sharpe.Sample) -> Figure:
    """MinTRL from 10 on, in whole trades or periods."""
    if sample.n < sharpe.LEAST:
        return too_few(sample.n, sharpe.LEAST, Unit.COUNT)
    needed = sharpe.minimum_length(sample)
    return told(Reason.NEVER if needed is None else math.ceil(needed), sample.n, Unit.COUNT)


def _floor(side: Side) -> Figure:
    """What the profit factor is above, with 90 % confidence, if winners go on as they did and losers cost the most.

    k losers in n leave a chance of losing of at most q (Clopper, Pearson 1934, one-sided: 1 − 0.1^(1/n) for none), and
    W̄·(1 − q)/(q·max(1 R, worst)) is the profit factor then. It says something where nothing was lost yet.
    """
    n, k = side.moments.n, side.losers
    if not side.winners:
        return Figure.absent(Reason.NO_WINNERS, n, Unit.RATIO)
    chance = float(betaincinv(k + 1, n - k, FLOOR_CONFIDENCE))
    brought = side.gains / (n - k) * (1 - chance)
    return told(brought / (chance * max(1.0, -side.worst)), n, Unit.RATIO)


def _runs(sums: TradeSums) -> Figures:
    n = sums.n
    days = {
        "holding_days": ratio(sums.held, n, Reason.NO_TRADES),
        "holding_days_winners": ratio(sums.held_winning, sums.winners, Reason.NO_WINNERS),
        "holding_days_losers": ratio(sums.held_losing, sums.losers, Reason.NO_LOSERS),
    }
    counts = {
        "longest_winning_run": sums.winning.longest,
        "longest_losing_run": sums.losing.longest,
    }
    figures = {name: told(value, n, Unit.DAYS) for name, value in days.items()}
    figures |= {name: told(value, n, Unit.COUNT) for name, value in counts.items()}
    if not n:
        return {k: Figure.absent(Reason.NO_TRADES, 0, one.unit) for k, one in figures.items()}
    return figures
