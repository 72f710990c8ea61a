"""Figures of account returns per day or week, idle ones included. Formulas and sources are in `dictionary`."""

from __future__ import annotations

import math

import numpy as np

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.metrics import sharpe
from learning.domain.metrics.numbers import Outcome, exponential, ratio, told, too_few
from learning.domain.metrics.series import ReturnSums
from learning.domain.metrics.trade_space import Figures, length, probability
from learning.domain.trades import Floats

LEAST_YEARS = 0.5
TAIL = 0.05
LEAST_IN_TAIL = round(2 / TAIL)
LEAST_FOR_TAIL_RATIO = 20


def time_metrics(
    returns: Floats,
    *,
    per_year: float,
    mar: float = 0.0,
    risk_free: float = 0.0,
    trials: sharpe.Trials | None = None,
) -> Figures:
    """All figures of time space, by the names of `METRICS`.

    `returns` are fractions per period, `per_year` periods make a year of the calendar that was used (252, 52, …),
    `mar` is the least acceptable return per period, `risk_free` a yearly rate, `trials` what was tried before (DSR).
    ValueError where a return is not finite: what is not known is left out or not asked for, never 0.
    """
    sums = ReturnSums.of(returns, mar)
    figures = time_figures(sums, per_year=per_year, risk_free=risk_free, trials=trials)
    return figures | _quantiles(returns)


def time_figures(
    sums: ReturnSums,
    *,
    per_year: float,
    risk_free: float = 0.0,
    trials: sharpe.Trials | None = None,
) -> Figures:
    """Those of time space that follow from sums: all but quantiles."""
    if not per_year > 0:
        raise ValueError(f"periods a year are above 0, not {per_year}")
    rate = math.expm1(math.log1p(risk_free) / per_year)
    return {
        "periods": told(sums.n, sums.n, Unit.COUNT),
        **_growth(sums, per_year),
        **_sharpes(sums, per_year, rate, trials),
        **_downside(sums, per_year),
        **_falls(sums, per_year, risk_free),
        **_trend(sums, per_year),
        **_shape(sums),
    }


def _annual(
    value: Outcome, sums: ReturnSums, per_year: float, unit: Unit, ci: Interval | None = None
) -> Figure:
    """A figure a year: under half a year none is told, whatever the arithmetic says."""
    if sums.n and sums.n / per_year < LEAST_YEARS:
        return Figure.absent(
            Reason.TOO_SHORT, sums.n, unit, least=math.ceil(LEAST_YEARS * per_year)
        )
    return told(value, sums.n, unit, ci)


def growth(sums: ReturnSums, per_year: float) -> Outcome:
    """CAGR, without asking how long the series is."""
    if not sums.n:
        return Reason.NO_TRADES
    if sums.is_ruined:
        return Reason.EQUITY_NONPOSITIVE
    return exponential(sums.path.total * per_year / sums.n)


def _growth(sums: ReturnSums, per_year: float) -> Figures:
    spread = sums.moments.spread
    total: Outcome = Reason.EQUITY_NONPOSITIVE if sums.is_ruined else exponential(sums.path.total)
    volatility = spread if isinstance(spread, Reason) else spread * math.sqrt(per_year)
    if spread is Reason.ZERO_VARIANCE:
        volatility = 0.0
    return {
        "total_return": told(total if sums.n else Reason.NO_TRADES, sums.n, Unit.FRACTION),
        "cagr": _annual(growth(sums, per_year), sums, per_year, Unit.FRACTION),
        "volatility": _annual(volatility, sums, per_year, Unit.FRACTION),
    }


def _sharpes(
    sums: ReturnSums, per_year: float, rate: float, trials: sharpe.Trials | None
) -> Figures:
    n, moments, spread = sums.n, sums.moments, sums.moments.spread
    units = {
        "sharpe": Unit.RATIO,
        "sharpe_period": Unit.RATIO,
        "adjusted_sharpe": Unit.RATIO,
        "psr": Unit.PROBABILITY,
        "dsr": Unit.PROBABILITY,
        "min_trl": Unit.COUNT,
    }
    if n < 2:
        return {name: too_few(n, 2, unit) for name, unit in units.items()}
    if isinstance(spread, Reason):
        return {name: Figure.absent(spread, n, unit) for name, unit in units.items()}
    sample = sharpe.Sample((moments.mean - rate) / spread, n, moments.skewness, moments.kurtosis)
    root = math.sqrt(per_year)
    sure = sharpe.interval(sample)
    yearly = None if sure is None else Interval(sure.low * root, sure.high * root, sure.level)
    return {
        "sharpe": _annual(sample.ratio * root, sums, per_year, Unit.RATIO, yearly),
        "sharpe_period": told(sample.ratio, n, Unit.RATIO, sure),
        "adjusted_sharpe": _annual(
            _adjusted(sums, per_year, rate, sample, spread * root), sums, per_year, Unit.RATIO
        ),
        "psr": probability(sharpe.probabilistic(sample), n),
        "dsr": probability(sharpe.deflated(sample, trials), n),
        "min_trl": length(sample),
    }


def _adjusted(
    sums: ReturnSums, per_year: float, rate: float, sample: sharpe.Sample, volatility: float
) -> Outcome:
    """SR·(1 + γ₃/6·SR − (γ₄ − 3)/24·SR²) of the yearly ratio of compounded growth (Pezier 2004; Bacon 2008)."""
    yearly = growth(sums, per_year)
    if isinstance(yearly, Reason):
        return yearly
    one = (yearly - exponential(math.log1p(rate) * per_year)) / volatility
    return one * (1 + sample.skewness / 6 * one - (sample.kurtosis - 3) / 24 * one * one)


def _downside(sums: ReturnSums, per_year: float) -> Figures:
    n, below, above = sums.n, sums.below, sums.above
    if not n:
        names = (
            "sortino",
            "sortino_period",
            "omega",
            "upside_potential_ratio",
            "gain_loss",
            "d_ratio",
        )
        rates = ("downside_deviation", "upside_risk", "downside_frequency")
        return {name: Figure.absent(Reason.NO_TRADES, 0, Unit.RATIO) for name in names} | {
            name: Figure.absent(Reason.NO_TRADES, 0, Unit.FRACTION) for name in rates
        }
    deviation = math.sqrt(below.square / n)
    period = ratio(sums.moments.mean - sums.mar, deviation, Reason.NO_LOSERS)
    yearly = period if isinstance(period, Reason) else period * math.sqrt(per_year)
    ratios: dict[str, Outcome] = {
        "sortino_period": period,
        "omega": ratio(above.distance, below.distance, Reason.NO_LOSERS),
        "upside_potential_ratio": ratio(above.distance / n, deviation, Reason.NO_LOSERS),
        "gain_loss": ratio(sums.winning.distance, sums.losing.distance, Reason.NO_LOSERS),
        "d_ratio": ratio(
            sums.losing.n * sums.losing.distance,
            sums.winning.n * sums.winning.distance,
            Reason.NO_WINNERS,
        ),
    }
    return {
        "sortino": _annual(yearly, sums, per_year, Unit.RATIO),
        **{name: _of_two(value, n) for name, value in ratios.items()},
        "downside_deviation": told(deviation, n, Unit.FRACTION),
        "upside_risk": told(math.sqrt(above.square / n), n, Unit.FRACTION),
        "downside_frequency": told(below.n / n, n, Unit.FRACTION),
    }


def _of_two(value: Outcome, n: int) -> Figure:
    return too_few(n, 2, Unit.RATIO) if n < 2 else told(value, n, Unit.RATIO)


def _falls(sums: ReturnSums, per_year: float, risk_free: float) -> Figures:
    """Drawdowns as fractions of the peak, and what was earned for them."""
    n, path = sums.n, sums.path
    ruin = Reason.EQUITY_NONPOSITIVE if n else Reason.NO_TRADES
    undefined = sums.is_ruined or not n
    deepest = -math.expm1(-path.deepest)
    ulcer = math.sqrt(sums.squared_falls / n) if n else 0.0
    yearly = growth(sums, per_year)
    calmar = yearly if isinstance(yearly, Reason) else ratio(yearly, deepest, Reason.NO_DRAWDOWN)
    martin = (
        yearly
        if isinstance(yearly, Reason)
        else ratio(yearly - risk_free, ulcer, Reason.NO_DRAWDOWN)
    )
    fractions = {
        "max_drawdown": deepest,
        "drawdown": -math.expm1(-path.now),
        "ulcer": ulcer,
        "pain_index": sums.falls / n if n else 0.0,
    }
    counts = {"longest_drawdown": path.longest, "since_peak": path.below}
    return {
        **{k: told(ruin if undefined else v, n, Unit.FRACTION) for k, v in fractions.items()},
        **{k: told(ruin if undefined else v, n, Unit.COUNT) for k, v in counts.items()},
        "calmar": _annual(calmar, sums, per_year, Unit.RATIO),
        "upi": _annual(martin, sums, per_year, Unit.RATIO),
    }


def _trend(sums: ReturnSums, per_year: float) -> Figures:
    """How straight equity grows: K-ratios and stability, from least squares of its logarithm on time."""
    n, trend = sums.n, sums.trend
    names = ("k_ratio", "k_ratio_1996", "k_ratio_2003", "stability")
    if n < 3:
        return {name: too_few(n, 3, Unit.RATIO) for name in names}
    if sums.is_ruined:
        return {name: Figure.absent(Reason.EQUITY_NONPOSITIVE, n, Unit.RATIO) for name in names}
    # Against the growth itself, as equity that grows by the same every day is a line up to roundings.
    scale = abs(trend.mean) + abs(sums.path.total) + sums.path.peak
    flat = math.sqrt(trend.squares) <= 1e-12 * scale * math.sqrt(n) or not trend.squares
    unexplained = 1.0 if flat else 1 - trend.explained
    if flat or unexplained <= 1e-12:
        return {name: Figure.absent(Reason.ZERO_VARIANCE, n, Unit.RATIO) for name in names}
    error = math.sqrt(unexplained * trend.squares / (n - 2) / trend.times)
    statistic = trend.slope / error
    values = {
        "k_ratio": statistic * math.sqrt(per_year) / n,
        "k_ratio_1996": statistic / math.sqrt(n),
        "k_ratio_2003": statistic / n,
        "stability": trend.explained,
    }
    return {name: told(value, n, Unit.RATIO) for name, value in values.items()}


def _shape(sums: ReturnSums) -> Figures:
    n, moments = sums.n, sums.moments
    empty: Outcome = Reason.NO_TRADES
    spread = moments.spread if n else empty
    shapes: dict[str, Outcome] = {
        "skewness": spread if isinstance(spread, Reason) else moments.skewness,
        "kurtosis": spread if isinstance(spread, Reason) else moments.kurtosis,
    }
    fractions: dict[str, Outcome] = {
        "mean_return": moments.mean if n else empty,
        "best_period": sums.best if n else empty,
        "worst_period": sums.worst if n else empty,
        "winning_periods": ratio(sums.winning.n, n, Reason.NO_TRADES),
    }
    return {
        **{
            k: too_few(n, 2, Unit.RATIO) if n == 1 else told(v, n, Unit.RATIO)
            for k, v in shapes.items()
        },
        **{name: told(value, n, Unit.FRACTION) for name, value in fractions.items()},
    }


def value_at_risk(returns: Floats, tail: float = TAIL) -> float:
    """The empirical quantile, between two returns by a straight line. Below 0 it is a loss."""
    return float(np.quantile(returns, tail))


def tail_ratio(returns: Floats) -> Outcome:
    """|q95/q5|: how far the best days reach against the worst."""
    low, high = (abs(float(one)) for one in np.quantile(returns, [TAIL, 1 - TAIL]))
    return ratio(high, low, Reason.NO_LOSERS)


def _quantiles(returns: Floats) -> Figures:
    n = len(returns)
    figures = {
        "var_95": too_few(n, LEAST_IN_TAIL, Unit.FRACTION),
        "cvar_95": too_few(n, LEAST_IN_TAIL, Unit.FRACTION),
        "tail_ratio": too_few(n, LEAST_FOR_TAIL_RATIO, Unit.RATIO),
        "mean_absolute_deviation": Figure.absent(Reason.NO_TRADES, 0, Unit.FRACTION),
    }
    if n:
        away = float(np.abs(returns - returns.mean()).mean())
        figures["mean_absolute_deviation"] = told(away, n, Unit.FRACTION)
    if n < LEAST_FOR_TAIL_RATIO:
        return figures
    figures["tail_ratio"] = told(tail_ratio(returns), n, Unit.RATIO)
    if n >= LEAST_IN_TAIL:
        low = value_at_risk(returns)
        figures["var_95"] = told(low, n, Unit.FRACTION)
        # A rounding in the quantile must not leave its own return out.
        beyond = returns[returns <= low + 1e-12 * abs(low)]
        figures["cvar_95"] = told(float(beyond.mean()), n, Unit.FRACTION)
    return figures
