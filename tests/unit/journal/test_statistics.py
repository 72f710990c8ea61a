from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from journal.domain.statistics import (
    DayNet,
    Streaks,
    Tally,
    add_up,
    break_even_win_rate,
    deepest_drawdown,
    equity_curve,
    streaks,
    summarise,
    tally,
)

MONEY = st.decimals("-1000", "1000", places=2)
FIRST = date(2026, 1, 5)


def trades(*nets: str) -> Tally:
    return add_up(tally(D(net), gross=D(net) + 1, fees=D(1)) for net in nets)


def days(*nets: str) -> list[DayNet]:
    return [DayNet(FIRST + timedelta(days=n), D(net)) for n, net in enumerate(nets)]


def test_a_summary_states_what_trades_came_to():
    summary = summarise(trades("100", "50", "-60", "0"), days("100", "-10"))
    assert (summary.net, summary.gross, summary.fees) == (90, 94, 4)
    assert (summary.trades, summary.wins, summary.losses, summary.flats) == (4, 2, 1, 1)
    assert (summary.win_rate, summary.expectancy) == (D("0.5"), D("22.5"))
    assert (summary.average_win, summary.average_loss) == (75, -60)
    assert summary.profit_factor == D("2.5")
    assert summary.break_even_win_rate == D(60) / D(135)
    assert summary.best_day == DayNet(FIRST, D(100))
    assert summary.worst_day == DayNet(FIRST + timedelta(days=1), D(-10))


def test_without_trades_nothing_is_defined():
    summary = summarise(Tally())
    assert (summary.net, summary.trades) == (0, 0)
    assert set(summary[8:]) == {None}


def test_without_losses_there_is_no_profit_factor():
    summary = summarise(trades("5"))
    assert summary.profit_factor is None
    assert summary.average_loss is None
    assert summary.break_even_win_rate is None
    assert summary.win_rate == 1


def test_at_the_break_even_win_rate_expectancy_is_zero():
    rate = break_even_win_rate(D(30), D(-10))
    assert rate == D("0.25")
    assert rate * 30 + (1 - rate) * -10 == 0


@given(st.lists(MONEY), st.lists(MONEY))
def test_tallies_add_up(one, other):
    def total(nets):
        return add_up(tally(net, gross=net, fees=D(0)) for net in nets)

    assert total(one).plus(total(other)) == total(one + other)
    assert total(one).win_net + total(one).loss_net == total(one).net


def test_drawdown_is_measured_from_the_highest_point_before():
    curve = equity_curve(days("10", "-4", "-5", "20", "-1"))
    assert [point.net for point in curve] == [10, 6, 1, 21, 20]
    assert [point.drawdown for point in curve] == [0, -4, -9, 0, -1]
    assert {point.drawdown_rate for point in curve} == {None}
    deepest = deepest_drawdown(curve)
    assert (deepest.amount, deepest.rate) == (-9, None)
    assert (deepest.peak_on.day, deepest.trough_on.day, deepest.recovered_on.day) == (5, 7, 8)


def test_a_loss_from_the_first_day_is_a_drawdown_from_the_start():
    curve = equity_curve(days("-10", "-5"), start_equity=D(100))
    assert [point.drawdown_rate for point in curve] == [D("-0.1"), D("-0.15")]
    deepest = deepest_drawdown(curve)
    assert (deepest.peak_on, deepest.recovered_on) == (None, None)
    assert deepest.amount == -15


def test_without_positive_equity_a_drawdown_has_no_percentage():
    assert equity_curve(days("-10"), start_equity=D(0))[0].drawdown_rate is None


def test_a_curve_that_never_fell_has_no_drawdown():
    assert deepest_drawdown(equity_curve(days("1", "0", "2"))) is None
    assert deepest_drawdown([]) is None


@given(st.lists(MONEY, max_size=20), st.randoms())
def test_the_curve_is_by_date_whatever_the_order(nets, random):
    series = days(*map(str, nets))
    expected = equity_curve(series)
    random.shuffle(series)
    assert equity_curve(series) == expected


def test_streaks_count_in_order_and_end_at_a_break_even():
    nets = [D(each) for each in (1, 2, -1, 3, 4, 5, 0, -1, -2)]
    assert streaks(nets) == Streaks(longest_win=3, longest_loss=2, current=-2)
    assert streaks([D(1), D(0)]) == Streaks(1, 0, 0)
    assert streaks([]) == Streaks(0, 0, 0)
