"""Key figures of a part of the book: what dashboard, list totals and API show, per currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from journal.domain.exact import divide
from journal.domain.statistics import (
    DayNet,
    Drawdown,
    EquityPoint,
    Summary,
    Tally,
    deepest_drawdown,
    equity_curve,
    summarise,
)
from journal.selectors.performance import (
    Basis,
    DaySums,
    Slice,
    Sums,
    View,
    sum_days,
    sum_sources,
)


@dataclass(frozen=True, slots=True)
class Performance:
    """One currency's figures. `pnl` follows the view's basis; `drawdown` is None while there was none.

    `is_known` is False where things closed and the result of none is known: then `pnl` is a zero that says nothing.

    `return_on_cost` is realised P&L over the money that the closed trades took, a fraction of 1.
    """

    currency: str
    pnl: Decimal
    is_known: bool
    summary: Summary
    curve: Sequence[EquityPoint]
    drawdown: Drawdown | None
    fees_paid: Decimal
    executions: int
    unknown: int
    cost: Decimal
    return_on_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class SourcePerformance:
    """What came about by one source, in one currency: the sources of a currency add up to its `Performance`."""

    source: str
    currency: str
    pnl: Decimal
    is_known: bool
    summary: Summary
    fees_paid: Decimal
    executions: int
    unknown: int
    cost: Decimal


def build_sources(slice_: Slice, view: View) -> list[SourcePerformance]:
    """The source with most trades first."""
    basis = view.basis
    return [
        SourcePerformance(
            source=source,
            currency=sums.currency,
            pnl=sums.pnl(basis),
            is_known=sums.is_known,
            summary=_summary(sums, basis, []),
            fees_paid=sums.fees_paid,
            executions=sums.executions,
            unknown=sums.unknown,
            cost=sums.cost,
        )
        for source, sums in sum_sources(slice_, view)
    ]


def build_performance(slice_: Slice, view: View) -> list[Performance]:
    """Figures and equity curve per currency, the busiest first; an empty list where nothing was traded."""
    return [_performance(series, view.basis) for series in sum_days(slice_, view)]


def _performance(series: DaySums, basis: Basis) -> Performance:
    total = series.total
    days = [DayNet(day, sums.pnl(basis)) for day, sums in series.days]
    curve = equity_curve(days)
    return Performance(
        currency=series.currency,
        pnl=total.pnl(basis),
        is_known=total.is_known,
        summary=_summary(total, basis, days),
        curve=curve,
        drawdown=deepest_drawdown(curve),
        fees_paid=total.fees_paid,
        executions=total.executions,
        unknown=total.unknown,
        cost=total.cost,
        return_on_cost=divide(total.pnl(basis), total.cost) if total.cost else None,
    )


def _summary(sums: Sums, basis: Basis, days: Sequence[DayNet]) -> Summary:
    tally = Tally(
        net=sums.pnl(basis),
        gross=sums.gross,
        fees=sums.fees,
        wins=sums.wins,
        losses=sums.losses,
        flats=sums.trades - sums.unknown_trades - sums.wins - sums.losses,
        win_net=sums.win_sum,
        loss_net=sums.loss_sum,
        unknown=sums.unknown_trades,
    )
    summary = summarise(tally, days)
    # Realised P&L has parts of trades that are still open; the average trade is one that is over.
    closed = tally.win_net + tally.loss_net
    expectancy = divide(closed, Decimal(tally.trades)) if tally.trades else None
    return summary._replace(expectancy=expectancy)
