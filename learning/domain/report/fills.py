"""What entries cost against the mid of the quote at the decision, beside the thirty days before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.report import cells
from learning.domain.report.document import Cell, Table
from learning.domain.report.material import Row
from learning.domain.report.reading import Reading
from learning.domain.resampling import mean_interval
from learning.domain.seconds import DAY
from learning.domain.trades import weeks_of
from learning.domain.words.numbers import counted, in_r

DAYS_BEFORE = 30
INTERVAL_FROM = 10


def rows_before(reading: Reading) -> tuple[Row, ...]:
    """Closed in the thirty days before the period."""
    begins = reading.material.begins
    since = begins - DAYS_BEFORE * DAY
    return tuple(row for row in reading.material.rows if since <= row.closed < begins)


def cost_of(rows: Sequence[Row], reading: Reading, part: int, *, of_spread: bool = False) -> Figure:
    """Mean over entries whose quote was known; in R, or as a share of the whole spread."""
    unit = Unit.FRACTION if of_spread else Unit.R
    known = [
        (cost, row.opened)
        for row in rows
        if (cost := row.spread_share if of_spread else row.entry_cost) is not None
    ]
    if not known:
        reason = Reason.NO_QUOTE if rows else Reason.NO_TRADES
        return Figure.absent(reason, 0, unit)
    costs = np.array([cost for cost, _ in known])
    weeks = weeks_of(np.array([opened for _, opened in known], dtype=np.int64))
    enough = len(known) >= INTERVAL_FROM
    ci = mean_interval(costs, weeks, reading.dice(part)) if enough else None
    return Figure(float(costs.mean()), len(known), unit, ci)


def fills_sentence(reading: Reading) -> str:
    """ "" where nothing was traded in either time."""
    before = rows_before(reading)
    if not reading.now_rows and not before:
        return ""
    now, then = cost_of(reading.now_rows, reading, 7), cost_of(before, reading, 8)
    if now.value is None and then.value is None:
        return (
            "No quote at the decision was stated of these entries, so what fills cost is not known."
        )
    return (
        f"Entries cost against the mid: {_words(now, f'this {reading.material.period}')}; "
        f"{_words(then, f'the {DAYS_BEFORE} days before')}."
    )


def _words(figure: Figure, when: str) -> str:
    if figure.value is None:
        return f"not known {when}"
    return f"{in_r(figure.value).lstrip('+')} {when} ({counted(figure.n, 'entry', 'entries')})"


def fills_table(reading: Reading) -> Table:
    before = rows_before(reading)
    rows = tuple(
        (
            Cell(name),
            cells.told(cost_of(reading.now_rows, reading, part, of_spread=share), formula),
            cells.told(cost_of(before, reading, part + 1, of_spread=share), formula, interval=True),
        )
        for name, formula, part, share in (
            ("Cost of an entry", "entry_cost", 7, False),
            ("Share of the spread that was paid", "spread_share", 9, True),
        )
        if any((row.spread_share if share else row.entry_cost) is not None for row in (*reading.now_rows, *before))
    )  # fmt: skip
    columns = ("", f"This {reading.material.period}", f"{DAYS_BEFORE} days before")
    return Table("What fills cost against the mid", columns, rows, frozenset({1, 2}))
