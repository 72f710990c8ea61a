"""Winners and losers that were closed, beside those that were left open on the same days."""

from __future__ import annotations

import numpy as np

from learning.domain.exits.paths import Paths
from learning.domain.metrics.disposition import Counts
from learning.domain.seconds import DAY
from learning.domain.trades import Flags, Floats, Ints


def counted_days(paths: Paths, closed: Ints, made: Floats, by_hand: Flags) -> Counts:
    """Over all UTC days with a close by hand. `closed` is when each trade ended, `made` its R, `by_hand` whether no
    plan asked for the end: closes that one asked for say nothing of who closes, and are not counted.

    A trade counts as left open where it was open as the day ended, at its last mark by then.
    """
    gains = losses = 0
    for day in np.unique(closed[by_hand] // DAY):
        ends = (int(day) + 1) * DAY
        rows = np.flatnonzero((paths.opened < ends) & (closed >= ends))
        place = np.sum(paths.at[rows] < ends, axis=1, where=_there(paths, rows)) - 1
        marks = paths.marks[rows[place >= 0], place[place >= 0]]
        gains += int(np.count_nonzero(marks > 0))
        losses += int(np.count_nonzero(marks < 0))
    return Counts(
        realised_gains=int(np.count_nonzero(by_hand & (made > 0))),
        paper_gains=gains,
        realised_losses=int(np.count_nonzero(by_hand & (made < 0))),
        paper_losses=losses,
    )


def _there(paths: Paths, rows: Ints) -> Flags:
    """Which observations of the rows exist."""
    there: Flags = np.arange(paths.marks.shape[1]) < paths.count[rows][:, None]
    return there
