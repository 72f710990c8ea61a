"""The trades and proposals that a report tells of or is judged by: those of its days and of the days before them, read
without all that came earlier."""

from __future__ import annotations

from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np

from learning.domain.parameters.candidates import Candidates
from learning.domain.report.material import PAST_DAYS, Offer, Row
from learning.domain.seconds import DAY, moment_of
from learning.selectors.adherence import (
    Decided,
    decided_as_of,
    entry_costs,
    filled_as_of,
    followed_as_of,
)
from learning.selectors.candidates import Since, known_as_of
from learning.selectors.facts import Row as Fact
from learning.selectors.facts import data_version, read_facts, seconds_of
from learning.services.context import Context, version_of
from learning.services.reporting.period import Period

_NOTHING = Decided(0, {}, "", "")


class Window:
    """`parameters` is the newest result of that step: what fills usually cost beside the price that was hoped for is
    taken from it, so that a report says of outcomes what was learnt from them."""

    def __init__(self, context: Context, period: Period, parameters: Any) -> None:
        self._context, self._period, self._parameters = context, period, parameters
        self._since = period.begins - PAST_DAYS * DAY

    @cached_property
    def facts(self) -> list[Fact]:
        """Closed in the period or in the days before it that it is judged by."""
        rows = self._read()
        return [one for one in rows if self._since <= one.closed_at.timestamp() < self._period.ends]

    def _read(self, currency: str | None = None) -> list[Fact]:
        context, since = self._context, moment_of(self._since)
        return read_facts(
            context.workspace_id, context.as_of, currency=currency, closed_since=since
        )

    @cached_property
    def _ids(self) -> list[int]:
        return [one.id for one in self.facts]

    @cached_property
    def _followed(self) -> dict[int, int]:
        return followed_as_of(self._context.workspace_id, self._context.as_of, self._ids)

    @cached_property
    def _candidates(self) -> Candidates:
        since = Since(moment_of(self._since), sorted(self._followed.values()))
        context = self._context
        return known_as_of(
            context.workspace_id, context.as_of, slippage=self._slippage, since=since
        ).candidates

    @property
    def _slippage(self) -> float:
        told = (
            self._context.slippage.as_json()
            if self._parameters is None
            else self._parameters["slippage"]
        )
        return told["value"] or 0.0

    @property
    def version(self) -> str:
        """Of all that was read: the same only where all of it is the same."""
        told = f"{data_version(self.facts)};{version_of(self._candidates)}"
        return blake2b(told.encode(), digest_size=16).hexdigest()

    def rows(self) -> tuple[Row, ...]:
        context = self._context
        money = {one.id for one in self._in_currency()}
        planned = self._planned()
        decided = decided_as_of(context.workspace_id, context.as_of, self._ids)
        by_trade = {one.id: one for one in decided}
        costs = entry_costs(filled_as_of(context.workspace_id, context.as_of, self._ids))
        found = []
        for one in self.facts:
            of, cost = by_trade.get(one.id, _NOTHING), costs.get(one.id, (None, None))
            opened, closed, known_at = seconds_of([one.opened_at, one.closed_at, one.known_at])
            found.append(
                Row(
                    key=one.id,
                    symbol=one.symbol,
                    opened=int(opened),
                    closed=int(closed),
                    known_at=int(known_at),
                    pnl=str(one.pnl) if one.id in money else "",
                    r=one.r,
                    result=one.result,
                    r_plan=planned.get(one.id),
                    process=of.grade,
                    quadrant=of.quadrant,
                    checks=of.checks,
                    entry_cost=cost[0],
                    spread_share=cost[1],
                )
            )
        return tuple(found)

    def _in_currency(self) -> list[Fact]:
        if len(self._context.currencies) <= 1:
            return self.facts
        return self._read(self._context.currency)

    def _planned(self) -> dict[int, float]:
        """What the plan of each trade came to without hands on it, by the recommendation that it followed."""
        told = self._candidates
        r_plan = {
            int(key): float(r)
            for key, r in zip(told.key, told.r_told, strict=True)
            if np.isfinite(r)
        }
        return {id_: r_plan[key] for id_, key in self._followed.items() if key in r_plan}

    def offers(self) -> tuple[Offer, ...]:
        told = self._candidates
        rows = np.flatnonzero((told.opened >= self._since) & (told.opened < self._period.ends))
        return tuple(
            Offer(
                key=int(told.key[at]),
                opened=int(told.opened[at]),
                known_at=int(told.known_at[at]),
                r_plan=_number(told.r_plan[at]),
                r_actual=_number(told.r_actual[at]),
                fate=int(told.fate[at]),
                shadow=bool(told.shadow[at]),
                mark=int(told.mark[at]),
            )
            for at in rows
        )


def _number(value: np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None
