"""What closed trades add up to. Fed with sums, so that rollups of a million trades cost no more than one.

Invariants: a figure that is not defined (no losses, no closed trades, no starting equity) is None, never 0. Summaries
add up: the summary of two tallies together is the summary of their sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import NamedTuple

from journal.domain.exact import divide, exact_sums
from journal.domain.values import ZERO


class Tally(NamedTuple):
    """Sums over closed trades, in one currency. `win_net` is positive or zero, `loss_net` negative or zero.

    `unknown` counts trades whose basis is unknown; they are in no other figure.
    """

    net: Decimal = ZERO
    gross: Decimal = ZERO
    fees: Decimal = ZERO
    wins: int = 0
    losses: int = 0
    flats: int = 0
    win_net: Decimal = ZERO
    loss_net: Decimal = ZERO
    unknown: int = 0

    @property
    def trades(self) -> int:
        return self.wins + self.losses + self.flats

    def plus(self, other: Tally) -> Tally:
        return Tally(
            self.net + other.net,
            self.gross + other.gross,
            self.fees + other.fees,
            self.wins + other.wins,
            self.losses + other.losses,
            self.flats + other.flats,
            self.win_net + other.win_net,
            self.loss_net + other.loss_net,
            self.unknown + other.unknown,
        )


class DayNet(NamedTuple):
    on: date
    net: Decimal


class Summary(NamedTuple):
    """Ratios are fractions of 1. `expectancy` is the average net P&L of a trade."""

    net: Decimal
    gross: Decimal
    fees: Decimal
    trades: int
    wins: int
    losses: int
    flats: int
    unknown: int
    win_rate: Decimal | None
    break_even_win_rate: Decimal | None
    profit_factor: Decimal | None
    expectancy: Decimal | None
    average_win: Decimal | None
    average_loss: Decimal | None
    best_day: DayNet | None
    worst_day: DayNet | None


def tally(net: Decimal, *, gross: Decimal, fees: Decimal) -> Tally:
    """One closed trade."""
    won, lost = net > ZERO, net < ZERO
    return Tally(
        net=net,
        gross=gross,
        fees=fees,
        wins=int(won),
        losses=int(lost),
        flats=int(not won and not lost),
        win_net=net if won else ZERO,
        loss_net=net if lost else ZERO,
    )


def add_up(tallies: Iterable[Tally]) -> Tally:
    with exact_sums():
        return reduce(Tally.plus, tallies, Tally())


def summarise(total: Tally, days: Sequence[DayNet] = ()) -> Summary:
    """`days` has the net P&L of each trading day on which something was realised, in any order."""
    average_win = _ratio(total.win_net, total.wins)
    average_loss = _ratio(total.loss_net, total.losses)
    return Summary(
        net=total.net,
        gross=total.gross,
        fees=total.fees,
        trades=total.trades,
        wins=total.wins,
        losses=total.losses,
        flats=total.flats,
        unknown=total.unknown,
        win_rate=_ratio(Decimal(total.wins), total.trades),
        break_even_win_rate=break_even_win_rate(average_win, average_loss),
        profit_factor=_ratio(total.win_net, -total.loss_net),
        expectancy=_ratio(total.net, total.trades),
        average_win=average_win,
        average_loss=average_loss,
        best_day=max(days, key=lambda day: (day.net, day.on), default=None),
        worst_day=min(days, key=lambda day: (day.net, day.on), default=None),
    )


def break_even_win_rate(
    average_win: Decimal | None, average_loss: Decimal | None
) -> Decimal | None:
    """The win rate at which such wins and losses cancel out (break-even trades aside). None where neither comes to
    anything, as where no rate converts them."""
    if average_win is None or average_loss is None or average_win == average_loss:
        return None
    return divide(-average_loss, average_win - average_loss)


def _ratio(whole: Decimal, parts: Decimal | int) -> Decimal | None:
    return divide(whole, Decimal(parts)) if parts else None


class EquityPoint(NamedTuple):
    """`net` runs from zero; `drawdown` is 0 or negative, against the highest point before it (the start counts).

    `drawdown_rate` is that as a fraction of the peak equity, None where no positive equity is known.
    """

    on: date
    net: Decimal
    drawdown: Decimal
    drawdown_rate: Decimal | None


class Drawdown(NamedTuple):
    """The deepest fall: from `peak_on` (None: from the start) to `trough_on`, made good on `recovered_on` if it was."""

    amount: Decimal
    rate: Decimal | None
    peak_on: date | None
    trough_on: date
    recovered_on: date | None


def equity_curve(
    days: Iterable[DayNet], *, start_equity: Decimal | None = None
) -> list[EquityPoint]:
    """One point for each given day, by date. Days must be distinct."""
    curve = []
    total = peak = ZERO
    with exact_sums():
        for day in sorted(days):
            total += day.net
            peak = max(peak, total)
            drawdown = total - peak
            rate = None
            if start_equity is not None and start_equity + peak > ZERO:
                rate = divide(drawdown, start_equity + peak)
            curve.append(EquityPoint(day.on, total, drawdown, rate))
    return curve


def deepest_drawdown(curve: Sequence[EquityPoint]) -> Drawdown | None:
    """None while equity never fell below an earlier high."""
    trough = min(range(len(curve)), key=lambda index: curve[index].drawdown, default=None)
    if trough is None or not curve[trough].drawdown:
        return None
    before = [point for point in curve[:trough] if not point.drawdown]
    after = (point.on for point in curve[trough:] if not point.drawdown)
    return Drawdown(
        amount=curve[trough].drawdown,
        rate=curve[trough].drawdown_rate,
        peak_on=before[-1].on if before else None,
        trough_on=curve[trough].on,
        recovered_on=next(after, None),
    )


class Streaks(NamedTuple):
    """`current` is positive for wins, negative for losses, 0 after a break-even or without trades."""

    longest_win: int
    longest_loss: int
    current: int


def streaks(nets: Iterable[Decimal]) -> Streaks:
    """Of net results in the order in which they closed. A break-even result ends a streak."""
    longest_win = longest_loss = current = 0
    for net in nets:
        if net > ZERO:
            current = max(current, 0) + 1
        elif net < ZERO:
            current = min(current, 0) - 1
        else:
            current = 0
        longest_win = max(longest_win, current)
        longest_loss = max(longest_loss, -current)
    return Streaks(longest_win, longest_loss, current)
