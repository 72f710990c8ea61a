"""What was known of trades like one when it was opened, and what one more trade changes in what is believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from learning.domain.claims.gates import INTERVAL, Sample
from learning.domain.claims.groups import win_rate
from learning.domain.claims.hierarchy import group_means
from learning.domain.claims.what_works import mean_figure
from learning.domain.figures import Figure, Reason, Unit
from learning.domain.insights.bet import Odds
from learning.domain.insights.classic import HIGH_IV_RANK
from learning.domain.insights.taught import Belief
from learning.domain.metrics.numbers import told as figure_of
from learning.domain.metrics.trade_space import break_even_rate
from learning.domain.trades import Flags, Floats, Ints, Trades
from learning.domain.words.numbers import counted
from learning.domain.words.subjects import group_label

ENOUGH = 20
"""Trades of the same strategy from which on they alone are compared with; before that all trades are."""
NEWEST = 5_000
_COLUMNS = ("symbol", "strategy")


class Comparable(NamedTuple):
    """`rows` of `Trades` that were known at the opening; `basis` says which they are."""

    rows: Ints
    basis: str


def comparable_at(trades: Trades, opened: int, strategy: int) -> Comparable:
    """Those with R of the same strategy (a code of the column), where there are enough; else all with R."""
    known = (trades.known_at <= opened) & ~np.isnan(trades.r)
    codes = trades.groups["strategy"]
    alike = known & (codes == strategy) if strategy >= 0 else np.zeros(len(trades), dtype=np.bool_)
    if np.count_nonzero(alike) >= ENOUGH:
        rows = np.flatnonzero(alike)
        word = trades.words["strategy"][strategy]
        return Comparable(rows, f"{counted(len(rows), 'trade')} of {word}")
    rows = np.flatnonzero(known)
    return Comparable(rows, f"{counted(len(rows), 'trade')} of all kinds")


def odds_of(trades: Trades, found: Comparable) -> Odds:
    """From trades known at the entry: no figure before ten of them have R."""
    own = trades.where(found.rows)
    sample = Sample.of(own.result, own.week)
    told = len(own)
    if told < INTERVAL.n:
        few = Figure.absent(Reason.TOO_FEW, told, Unit.R, least=INTERVAL.n)
        return Odds(few, _few(told), _few(told), found.basis)
    even = figure_of(break_even_rate(own.r, own.result), told, Unit.FRACTION)
    return Odds(mean_figure(own), win_rate(sample), even, found.basis)


def _few(n: int) -> Figure:
    return Figure.absent(Reason.TOO_FEW, n, Unit.FRACTION, least=INTERVAL.n)


@dataclass(frozen=True, slots=True)
class _Column:
    """Groups that a trade belongs to: the codes of all trades, its own, and what it is called."""

    codes: Ints
    own: int
    about: str


def beliefs_after(trades: Trades, at: int) -> tuple[Belief, ...]:
    """What was believed of its symbol, its strategy and its IV rank without the trade in row `at`, and with it: means
    drawn together, of what was known when it was."""
    known = np.flatnonzero(trades.known_at <= trades.known_at[at])[-NEWEST:]
    if at not in known:
        return ()
    return tuple(_belief(trades, column, known, at) for column in _columns(trades, at))


def _columns(trades: Trades, at: int) -> list[_Column]:
    found = []
    for name in _COLUMNS:
        codes = trades.groups[name]
        if codes[at] >= 0:
            word = trades.words[name][codes[at]]
            found.append(_Column(codes, int(codes[at]), group_label(name, word)))
    iv = trades.features.get("iv_rank")
    if iv is not None and not np.isnan(iv[at]):
        high = iv >= HIGH_IV_RANK
        codes = np.where(np.isnan(iv), -1, high.astype(np.int64))
        word = "≥" if high[at] else "<"
        found.append(_Column(codes, int(high[at]), f"IV rank {word} {HIGH_IV_RANK:.0f}"))
    return found


def _belief(trades: Trades, column: _Column, known: Ints, at: int) -> Belief:
    rows = known[(column.codes[known] >= 0) & ~np.isnan(trades.r[known])]
    before = _shrunk(trades, column, rows[rows != at])
    return Belief(column.about, before, _shrunk(trades, column, rows))


def _shrunk(trades: Trades, column: _Column, rows: Ints) -> Figure:
    r: Floats = trades.r[rows]
    own: Flags = column.codes[rows] == column.own
    n = int(np.count_nonzero(own))
    if not n:
        return Figure.absent(Reason.NO_TRADES, 0, Unit.R)
    means = group_means(
        r, column.codes[rows], trades.week[rows], strata=trades.groups["strategy"][rows]
    )
    if means is None:
        return Figure(float(r[own].mean()), n, Unit.R)
    at = int(np.searchsorted(means.codes, column.own))
    return Figure(float(means.posterior.mean[at]), n, Unit.R)
