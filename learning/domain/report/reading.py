"""The material of a report as columns: the period, the days before it, and its dice."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from learning.domain.adherence import Costs, mistake_costs
from learning.domain.claims.groups import Outcomes, break_even
from learning.domain.figures import Figure
from learning.domain.metrics.trade_space import trade_metrics
from learning.domain.report.expected import draw_rows, draw_wins
from learning.domain.report.material import PAST_DAYS, Material, Row, trades_of
from learning.domain.seconds import DAY
from learning.domain.trades import Floats, Trades, weeks_of


class Reading:
    """Each part of a report throws dice of its own, so that none depends on which parts were made before it."""

    def __init__(self, material: Material) -> None:
        self.material = material

    def dice(self, part: int) -> np.random.Generator:
        return np.random.default_rng([self.material.dice, part])

    @cached_property
    def now_rows(self) -> tuple[Row, ...]:
        told = self.material
        return tuple(row for row in told.rows if told.begins <= row.closed < told.ends)

    @cached_property
    def window_rows(self) -> tuple[Row, ...]:
        """The 90 days up to the end of the period."""
        told = self.material
        since = min(told.begins, told.ends - PAST_DAYS * DAY)
        return tuple(row for row in told.rows if since <= row.closed < told.ends)

    @cached_property
    def now(self) -> Trades:
        return trades_of(self.now_rows)

    @cached_property
    def window(self) -> Trades:
        return trades_of(self.window_rows)

    @cached_property
    def past(self) -> Trades:
        """The 90 days before the period, by which the period is judged."""
        begins = self.material.begins
        since = begins - PAST_DAYS * DAY
        return trades_of([row for row in self.material.rows if since <= row.closed < begins])

    @property
    def known_r(self) -> Floats:
        """R of the period's trades that have one."""
        r = self.now.r
        return r[np.isfinite(r)]

    @cached_property
    def drawn(self) -> Floats | None:
        """As many trades with R as the period had, drawn from the days before it, 4,000 times."""
        return draw_rows(self.past, len(self.known_r), self.dice(1))

    @cached_property
    def drawn_wins(self) -> Floats | None:
        """As many trades as the period had, with R or without, as won or not."""
        return draw_wins(self.past, len(self.now), self.dice(12))

    def break_even(self, rows: tuple[Row, ...]) -> Figure:
        """In money where all of it is in the report's currency."""
        trades = trades_of(rows)
        ordered = sorted(rows, key=lambda row: (row.known_at, row.key))
        is_other = np.array([not row.pnl for row in ordered], dtype=np.int64)
        currency = is_other if is_other.any() else None
        if currency is not None and is_other.all():
            currency = np.arange(len(rows), dtype=np.int64)
        return break_even(Outcomes(trades.result, trades.r, trades.pnl, currency))

    @cached_property
    def figures_now(self) -> Mapping[str, Figure]:
        return trade_metrics(self.now)

    @cached_property
    def figures_window(self) -> Mapping[str, Figure]:
        return trade_metrics(self.window)

    @cached_property
    def costs(self) -> Costs:
        """Of rules that were broken in 90 days."""
        return costs_of(self.window_rows, self.dice(2))


def costs_of(rows: tuple[Row, ...], rng: np.random.Generator) -> Costs:
    names = sorted({rule for row in rows for rule, kept in row.checks.items() if kept is False})
    broken = {
        name: np.array([row.checks.get(name) is False for row in rows], dtype=np.bool_)
        for name in names
    }
    actual, plan = (
        np.array([np.nan if one is None else one for one in column], dtype=np.float64)
        for column in ([row.r for row in rows], [row.r_plan for row in rows])
    )
    weeks = weeks_of(np.array([row.opened for row in rows], dtype=np.int64))
    return mistake_costs(actual, plan, broken, weeks, rng)
