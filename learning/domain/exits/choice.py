"""Whether another exit is better than the current one: max-T over all that were tried, and a gain on other weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from learning.domain.exits.paths import Paths
from learning.domain.exits.replay import HAIR, Fill, Rule, at_next_quote, replay
from learning.domain.figures import Figure, Reason, Unit
from learning.domain.parameters.benefit import folds_in_time
from learning.domain.parameters.luck import adjusted
from learning.domain.parameters.selection import clustered_mean
from learning.domain.trades import Floats, Ints

ALPHA = 0.025
"""One-sided: as strict as 5 % where better and worse both count."""
LEAST = 40
"""Trades with a path before anything is said of exits."""
LEAST_EITHER_WAY = 8
"""Trades that a rule must have made better, and as many that it must have made worse: before that it is not known what
it costs when it costs something.
"""
LEAST_WEEKS = 8


@dataclass(frozen=True, slots=True)
class ExitChoice:
    """`rule` is what is recommended, None for leaving it as it is.

    `gains` (rules,) is mean R per trade beyond the current rule's, in hindsight; `luck` (rules,) how often the best of
    all looks as good by luck; `best` the rule that looks best, `shown` its gain on weeks that did not choose it.
    """

    rules: tuple[Rule, ...]
    gains: Floats
    luck: Floats
    best: Rule | None
    rule: Rule | None
    shown: Figure


def gains_over(
    paths: Paths, rules: Sequence[Rule], current: Rule | Floats, fill: Fill = at_next_quote
) -> Floats:
    """(trades, rules): R beyond what the current rule made of the same trade, or beyond what it really made where that
    is given: brokers filled it, and no rule did. NotReplayable as `replay`."""
    now = replay(paths, current, fill) if isinstance(current, Rule) else current
    if not rules:
        return np.zeros((len(paths), 0))
    return np.stack([replay(paths, rule, fill) - now for rule in rules], axis=1)


def by_week(gains: Floats, weeks: Ints) -> Floats:
    """Sums of gains, (weeks, rules)."""
    order = np.argsort(weeks, kind="stable")
    starts = np.unique(weeks[order], return_index=True)[1]
    totals: Floats = np.add.reduceat(gains[order], starts, axis=0)
    return totals


def hold_out(paths: Paths, gains: Floats) -> Figure:
    """Mean R per trade of choosing the best rule on the other weeks, purged by the paths' own intervals."""
    made = np.zeros(len(paths))
    for fold in folds_in_time(paths.opened, paths.ended, paths.week):
        if fold.taught.any():
            chosen = int(np.argmax(gains[fold.taught].mean(axis=0)))
            made[fold.judged] = gains[fold.judged, chosen]
    return clustered_mean(made, paths.week)


def choose_exit(
    paths: Paths,
    rules: Sequence[Rule],
    current: Rule | Floats,
    rng: np.random.Generator,
    *,
    fill: Fill = at_next_quote,
    draws: int = 400,
) -> ExitChoice:
    """The exit that is surely better than the current one, if any: a rule, or what was really made of each trade (in
    R). Rules that the paths cannot decide are left out."""
    now = current if isinstance(current, Rule) else None
    offered = tuple(rule for rule in rules if rule.is_decidable(paths.resolution) and rule != now)
    n, weeks = len(paths), len(np.unique(paths.week))
    if n < LEAST or weeks < LEAST_WEEKS or not offered:
        absent = Figure.absent(
            Reason.TOO_FEW if n else Reason.NO_PATH, n, Unit.R, least=LEAST if n else None
        )
        empty = np.zeros(len(offered))
        return ExitChoice(offered, empty, empty + 1, None, None, absent)
    gains = gains_over(paths, offered, current, fill)
    told = np.minimum((gains > HAIR).sum(axis=0), (gains < -HAIR).sum(axis=0)) >= LEAST_EITHER_WAY
    luck = adjusted(by_week(gains * told, paths.week), rng, draws)
    mean = gains.mean(axis=0)
    at = int(np.argmin(luck - 1e-9 * mean))
    sure = luck[at] <= ALPHA and mean[at] > 0
    best = offered[at] if sure else offered[int(np.argmax(mean))]
    return ExitChoice(
        offered, mean, luck, best, offered[at] if sure else None, hold_out(paths, gains)
    )
