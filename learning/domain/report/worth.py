"""What the accounts made of what was in them, week by week, and how much of it the time so far lets one say."""

from __future__ import annotations

import numpy as np

from learning.domain.metrics.paths import weekly_metrics
from learning.domain.metrics.sharpe import minimum_backtest_years, worthless
from learning.domain.report import cells
from learning.domain.report.document import Cell, Section, Table
from learning.domain.report.reading import Reading
from learning.domain.words.numbers import counted

LEAST_WEEKS = 26
WEEKS_A_YEAR = 52.0
_SHOWN = (
    ("Growth a year", "cagr"), ("Sharpe ratio", "sharpe"), ("Sortino ratio", "sortino"),
    ("Largest drawdown", "max_drawdown"), ("Calmar ratio", "calmar"), ("Ulcer performance index", "upi"),
    ("Probability of a Sharpe ratio above 0", "psr"), ("The same, after all that was tried", "dsr"),
)  # fmt: skip


def worth(reading: Reading) -> Section:
    """Of weekly returns, intervals by drawing stretches of weeks again."""
    told = reading.material
    n = len(told.returns)
    title = "Growth and risk of the accounts"
    if n < 2:
        return Section(
            "worth", title, ("What the accounts were worth from week to week is not known.",)
        )
    weeks = counted(n, "weekly return")
    sentences = [f"From {weeks}, open positions at their marks, money paid in or out left aside."]
    if n < LEAST_WEEKS:
        sentences.append(f"That is too short to annualise: {LEAST_WEEKS} weeks would do.")
    return Section("worth", title, (*sentences, *tried_sentences(reading)), (_table(reading),))


def tried_sentences(reading: Reading) -> list[str]:
    """What so many questions make of any answer; nothing before two of them."""
    tried = reading.material.tried
    if tried < 2:
        return []
    years = minimum_backtest_years(tried)
    return [
        f"{tried:,} questions were asked of these trades so far.",
        f"The best of so many worthless settings is expected to show a yearly Sharpe ratio of 1 in {years:.1f} years.",
    ]


def _table(reading: Reading) -> Table:
    told = reading.material
    returns = np.array([value for _, value in told.returns], dtype=np.float64)
    figures = weekly_metrics(
        returns, seed=int(reading.dice(11).integers(2**31)), per_year=WEEKS_A_YEAR,
        trials=worthless(told.tried, len(returns)),
    )  # fmt: skip
    rows = tuple(
        (Cell(name), cells.told(figures[key], key), cells.interval_of(figures[key], key))
        for name, key in _SHOWN
    )
    return Table("", ("", "So far", "90 % interval"), rows, frozenset({1, 2}))
