"""The dictionary of figures: what each is called, in which unit, per trade or over time, by which formula, from where.

Pages and docs render it. W̄ and L̄ are the mean winner and the size of the mean loser, x the results in R or in money,
r the returns per period, P periods a year, DD the fall from the peak as a fraction of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from learning.domain.figures import Unit


class Space(StrEnum):
    TRADES = "trades"
    """One number per closed trade."""
    TIME = "time"
    """One return of the account per day or week, open positions at their marks, idle days included."""


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    unit: Unit
    space: Space
    formula: str
    source: str
    is_running: bool = True
    """Follows from running sums; the others need the whole sample again."""


VAN_THARP = "Tharp, Definitive Guide to Position Sizing (2008)"
BACON = "Bacon, Practical Portfolio Performance Measurement (2008)"
PSR = "Bailey, López de Prado, J. of Risk 15:2 (2012)"
DSR = "Bailey, López de Prado, J. of Portfolio Management 40:5 (2014)"
KESTNER = "Kestner, Quantitative Trading Strategies (2003; 2013)"
CUSTOM = "usage of traders"

_Row = tuple[str, str, Unit, str, str]

_COUNTED: tuple[_Row, ...] = (
    ("trades", "Trades", Unit.COUNT, "closed campaigns, W + S + L", CUSTOM),
    ("winners", "Winners", Unit.COUNT, "W: net result above the scratch band", CUSTOM),
    ("scratches", "Scratches", Unit.COUNT, "S: net result within fees or a tick", CUSTOM),
    ("losers", "Losers", Unit.COUNT, "L: net result below the scratch band", CUSTOM),
    (
        "win_rate",
        "Win rate",
        Unit.FRACTION,
        "W/(W + S + L); interval by Wilson. On the dashboard the sign alone decides, so a scratch may be won there",
        "Newcombe, Statistics in Medicine 17 (1998)",
    ),
    ("sqn", "SQN", Unit.RATIO, "√min(n, 100)·mean R/sd R: a t-statistic", VAN_THARP),
    (
        "sqn_p",
        "Chance of such an SQN by luck",
        Unit.PROBABILITY,
        "how often √n·mean R/sd R lies as far from 0 where the mean is 0; two-sided, by Student's t",
        VAN_THARP,
    ),
    (
        "expectancy_any_time_r",
        "Expectancy, R, however often looked at",
        Unit.R,
        "mean R with a confidence sequence: its 95 % are of all looks together; from 20 trades, 5 won and 5 lost, on",
        "Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, Annals of Statistics 52 (2024)",
    ),
    (
        "psr_r",
        "Probability of a mean above 0",
        Unit.PROBABILITY,
        "Φ(SR·√(n − 1)/√(1 − γ₃SR + (γ₄ − 1)/4·SR²)), SR = mean R/sd R per trade",
        PSR,
    ),
    (
        "min_trl_r",
        "Trades needed to know",
        Unit.COUNT,
        "1 + (1 − γ₃SR + (γ₄ − 1)/4·SR²)(1.645/SR)²",
        PSR,
    ),
    (
        "profit_factor_floor_r",
        "Profit factor, 90 % sure",
        Unit.RATIO,
        "W̄(1 − q)/(q·max(1 R, worst)), q the one-sided 90 % bound of the chance to lose",
        "Clopper, Pearson, Biometrika 26 (1934)",
    ),
    ("holding_days", "Days held", Unit.DAYS, "mean of close − open", CUSTOM),
    ("holding_days_winners", "Days held, winners", Unit.DAYS, "the same of winners", CUSTOM),
    ("holding_days_losers", "Days held, losers", Unit.DAYS, "the same of losers", CUSTOM),
    ("longest_winning_run", "Most winners in a row", Unit.COUNT, "in order of close", CUSTOM),
    ("longest_losing_run", "Most losers in a row", Unit.COUNT, "in order of close", CUSTOM),
)

_SIDED: tuple[tuple[str, str, Unit | None, str, str], ...] = (
    ("total", "Total", None, "Σx", CUSTOM),
    (
        "expectancy",
        "Expectancy",
        None,
        "mean x = p·W̄ − q·L̄; interval by weeks, corrected for skewness",
        "Tharp, Trade Your Way to Financial Freedom (1998); Hall, J. R. Statist. Soc. B 54 (1992)",
    ),
    ("average_winner", "Average winner", None, "W̄ = Σx of winners/W", CUSTOM),
    ("average_loser", "Average loser", None, "−L̄ = Σx of losers/L, below 0", CUSTOM),
    (
        "break_even_rate",
        "Break-even win rate",
        Unit.FRACTION,
        "L̄/(W̄ + L̄); with scratches p − mean x/(W̄ + L̄)",
        CUSTOM,
    ),
    (
        "profit_factor",
        "Profit factor",
        Unit.RATIO,
        "Σx⁺/|Σx⁻|; interval of its logarithm by weeks",
        "Bernardo, Ledoit, J. of Political Economy 108 (2000)",
    ),
    ("payoff", "Payoff", Unit.RATIO, "W̄/L̄", CUSTOM),
    ("expectancy_ratio", "Expectancy per average loss", Unit.RATIO, "mean x/L̄", CUSTOM),
    ("best", "Best trade", None, "max x", CUSTOM),
    ("worst", "Worst trade", None, "min x", CUSTOM),
    ("max_drawdown", "Largest drawdown", None, "max of peak − sum, the start a peak", CUSTOM),
    ("drawdown", "Drawdown now", None, "last peak − sum", CUSTOM),
    (
        "longest_drawdown",
        "Longest drawdown",
        Unit.COUNT,
        "trades from a peak until it was reached again, or until now",
        CUSTOM,
    ),
    ("since_peak", "Trades since the peak", Unit.COUNT, "above 0: the drawdown is open", CUSTOM),
    ("recovery_factor", "Recovery factor", Unit.RATIO, "Σx/largest drawdown, signed", CUSTOM),
)

_TIMED: tuple[_Row, ...] = (
    ("periods", "Periods", Unit.COUNT, "n", CUSTOM),
    ("total_return", "Total return", Unit.FRACTION, "Π(1 + r) − 1", BACON),
    ("cagr", "Growth a year", Unit.FRACTION, "Π(1 + r)^(P/n) − 1", BACON),
    ("volatility", "Volatility a year", Unit.FRACTION, "sd(r)·√P", BACON),
    ("mean_return", "Mean return", Unit.FRACTION, "mean r", BACON),
    ("best_period", "Best period", Unit.FRACTION, "max r", BACON),
    ("worst_period", "Worst period", Unit.FRACTION, "min r", BACON),
    ("winning_periods", "Periods above 0", Unit.FRACTION, "share of r > 0", BACON),
    (
        "sharpe",
        "Sharpe ratio",
        Unit.RATIO,
        "mean(r − rf)/sd(r)·√P; interval by its variance",
        "Sharpe, J. of Portfolio Management 21:1 (1994); Mertens (2002)",
    ),
    ("sharpe_period", "Sharpe ratio per period", Unit.RATIO, "mean(r − rf)/sd(r)", PSR),
    (
        "adjusted_sharpe",
        "Adjusted Sharpe ratio",
        Unit.RATIO,
        "SR(1 + γ₃/6·SR − (γ₄ − 3)/24·SR²), SR = (CAGR − rf)/volatility",
        BACON,
    ),
    ("psr", "Probabilistic Sharpe ratio", Unit.PROBABILITY, "Φ(SR·√(n − 1)/√V) against 0", PSR),
    (
        "dsr",
        "Deflated Sharpe ratio",
        Unit.PROBABILITY,
        "PSR against the best expected of N worthless trials",
        DSR,
    ),
    ("min_trl", "Periods needed to know", Unit.COUNT, "1 + V(1.645/SR)²", PSR),
    (
        "sortino",
        "Sortino ratio",
        Unit.RATIO,
        "(mean r − MAR)/√(mean min(r − MAR, 0)²)·√P, over all n",
        "Sortino, Price, J. of Investing 3:3 (1994)",
    ),
    ("sortino_period", "Sortino ratio per period", Unit.RATIO, "κ₂: the same without √P", BACON),
    ("omega", "Omega", Unit.RATIO, "Σ(r − MAR)⁺/Σ(MAR − r)⁺", "Keating, Shadwick (2002)"),
    (
        "gain_loss",
        "Gains to losses",
        Unit.RATIO,
        "Σr⁺/|Σr⁻|: Omega at 0",
        "Bernardo, Ledoit, J. of Political Economy 108 (2000)",
    ),
    ("d_ratio", "D-ratio", Unit.RATIO, "(n₋·|Σr⁻|)/(n₊·Σr⁺)", BACON),
    (
        "upside_potential_ratio",
        "Upside potential ratio",
        Unit.RATIO,
        "mean (r − MAR)⁺/downside deviation",
        BACON,
    ),
    ("downside_deviation", "Downside deviation", Unit.FRACTION, "√(mean min(r − MAR, 0)²)", BACON),
    ("upside_risk", "Upside risk", Unit.FRACTION, "√(mean max(r − MAR, 0)²)", BACON),
    ("downside_frequency", "Periods below MAR", Unit.FRACTION, "share of r < MAR", BACON),
    ("max_drawdown", "Largest drawdown", Unit.FRACTION, "max DD, the start a peak", BACON),
    ("drawdown", "Drawdown now", Unit.FRACTION, "last DD", BACON),
    (
        "longest_drawdown",
        "Longest drawdown",
        Unit.COUNT,
        "periods from a peak until it was reached again, or until now",
        BACON,
    ),
    ("since_peak", "Periods since the peak", Unit.COUNT, "above 0: the drawdown is open", BACON),
    ("ulcer", "Ulcer index", Unit.FRACTION, "√(mean DD²), over n", "Martin, McCann (1989)"),
    ("upi", "Ulcer performance index", Unit.RATIO, "(CAGR − rf)/Ulcer", "Martin, McCann (1989)"),
    ("pain_index", "Pain index", Unit.FRACTION, "mean DD", BACON),
    ("calmar", "Calmar ratio", Unit.RATIO, "CAGR/largest drawdown", "Young, Futures 20 (1991)"),
    ("k_ratio", "K-ratio (2013)", Unit.RATIO, "t of the slope of ln equity·√P/n", KESTNER),
    ("k_ratio_1996", "K-ratio (1996)", Unit.RATIO, "t of the slope of ln equity/√n", KESTNER),
    ("k_ratio_2003", "K-ratio (2003)", Unit.RATIO, "t of the slope of ln equity/n", KESTNER),
    ("stability", "Stability", Unit.RATIO, "R² of ln equity on time", "empyrical"),
    ("skewness", "Skewness", Unit.RATIO, "γ₃, moments over n", BACON),
    ("kurtosis", "Kurtosis", Unit.RATIO, "γ₄, moments over n, 3 for normal", BACON),
)

_SAMPLED: tuple[_Row, ...] = (
    ("var_95", "Value at risk", Unit.FRACTION, "5 % quantile of r, from 40 periods on", BACON),
    ("cvar_95", "Expected shortfall", Unit.FRACTION, "mean of r ≤ the 5 % quantile", BACON),
    ("tail_ratio", "Tail ratio", Unit.RATIO, "|q95/q5|, from 20 periods on", "empyrical"),
    ("mean_absolute_deviation", "Mean absolute deviation", Unit.FRACTION, "mean |r − mean|", BACON),
)

_PATHS: tuple[_Row, ...] = (
    (
        "mfe",
        "Went for us",
        Unit.R,
        "mean of the most that was unrealised while open",
        "Sweeney, Maximum Adverse Excursion (1996)",
    ),
    (
        "mae",
        "Went against us",
        Unit.R,
        "mean of the least that was unrealised while open",
        "Sweeney, Maximum Adverse Excursion (1996)",
    ),
    (
        "edge_ratio",
        "Edge ratio",
        Unit.RATIO,
        "mean MFE/mean |MAE|",
        "Faith, Way of the Turtle (2007)",
    ),
    (
        "exit_efficiency",
        "Exit efficiency",
        Unit.RATIO,
        "Σ realised/Σ MFE of trades that were ahead",
        CUSTOM,
    ),
    (
        "disposition",
        "Winners sold sooner",
        Unit.FRACTION,
        "RG/(RG + PG) − RL/(RL + PL), of discretionary closes",
        "Odean, J. of Finance 53 (1998)",
    ),
)


def _sided(suffix: str, words: str, unit: Unit) -> dict[str, Metric]:
    return {
        f"{key}_{suffix}": Metric(f"{name}, {words}", its or unit, Space.TRADES, formula, source)
        for key, name, its, formula, source in _SIDED
    }


def _all(rows: tuple[_Row, ...], space: Space, *, is_running: bool = True) -> dict[str, Metric]:
    return {
        key: Metric(name, unit, space, formula, source, is_running)
        for key, name, unit, formula, source in rows
    }


METRICS: dict[str, Metric] = {
    **_all(_COUNTED, Space.TRADES),
    **_sided("r", "R", Unit.R),
    **_sided("money", "money", Unit.MONEY),
    **_all(_PATHS, Space.TRADES, is_running=False),
    **_all(_TIMED, Space.TIME),
    **_all(_SAMPLED, Space.TIME, is_running=False),
    "pbo": Metric(
        "Probability of overfitting",
        Unit.PROBABILITY,
        Space.TIME,
        "share of splits of the weeks whose best setting is no better than the median in the other half",
        "Bailey, Borwein, López de Prado, Zhu, J. of Computational Finance 20:4 (2017)",
        is_running=False,
    ),
}
"""By the names that `trade_metrics`, `time_metrics` and the API use."""
