"""Streaks, pauses and counts: what is locked, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from reconciliation.domain.guards.conduct import Closed, Rule, Watch, locks

NOW = datetime(2026, 6, 1, 14, tzinfo=UTC)
TODAY = date(2026, 6, 1)
HOUR = timedelta(hours=1)


def closed(minutes_ago: float, net: str | None, symbol: str = "ACME", *, stopped: bool = False):
    at = NOW - timedelta(minutes=minutes_ago)
    return Closed(at, at.date(), symbol, None if net is None else Decimal(net), stopped)


def told(rule: Rule, *trades: Closed, held: int = 0) -> list[tuple[str, int | None]]:
    """Symbol and minutes that are left."""
    found = locks(rule, trades, held, NOW, TODAY)
    return [
        (one.symbol, None if one.until is None else round((one.until - NOW).total_seconds() / 60))
        for one in found
    ]


LOSSES = Rule(Watch.LOSSES, 3, timedelta(hours=4), HOUR)


def test_losses_in_a_row_pause():
    three = closed(50, "-1"), closed(40, "-2"), closed(20, "-1")
    assert told(LOSSES, *three) == [("", 40)]
    assert told(LOSSES, *reversed(three)) == [("", 40)]
    assert told(LOSSES, *three[1:]) == []
    assert told(LOSSES, *three, closed(10, "5")) == [("", 40)]


@pytest.mark.parametrize("between", ["3", None])
def test_a_win_or_what_nobody_knows_ends_the_row(between):
    assert (
        told(LOSSES, closed(50, "-1"), closed(45, between), closed(40, "-2"), closed(20, "-1"))
        == []
    )


def test_an_old_loss_is_no_part_of_the_row():
    assert told(LOSSES, closed(300, "-1"), closed(40, "-2"), closed(20, "-1")) == []


def test_a_pause_that_is_over_locks_nothing():
    assert told(LOSSES, closed(90, "-1"), closed(80, "-2"), closed(61, "-1")) == []


def test_stops_are_counted_by_symbol_where_it_is_wanted():
    rule = Rule(Watch.STOPS, 2, HOUR, HOUR, by_symbol=True)
    trades = (
        closed(30, "-1", stopped=True),
        closed(20, "-1", stopped=True),
        closed(5, "-1", "BETA", stopped=True),
    )
    assert told(rule, *trades) == [("ACME", 40)]
    assert told(rule._replace(by_symbol=False), *trades) == [("", 55)]


def test_after_a_close_the_symbol_cools_down():
    rule = Rule(Watch.COOLDOWN, pause=timedelta(minutes=15), by_symbol=True)
    assert told(rule, closed(10, "5"), closed(20, "5", "BETA")) == [("ACME", 5)]


def test_trades_of_the_day_and_positions_at_once():
    count = Rule(Watch.TRADES, 2)
    assert told(count, closed(10, "1"), closed(20, "1")) == [("", None)]
    assert told(count, closed(10, "1"), closed(24 * 60, "1")) == []
    assert told(Rule(Watch.POSITIONS, 5), held=5) == [("", None)]
    assert told(Rule(Watch.POSITIONS, 5), held=4) == []


def test_a_symbol_that_brings_too_little_is_left_alone():
    rule = Rule(Watch.LOW_PROFIT, 2, timedelta(days=7), timedelta(days=1), at_least=Decimal(0))
    trades = closed(30, "-3"), closed(20, "2"), closed(10, "9", "BETA"), closed(5, "-9", "GAMA")
    assert told(rule, *trades) == [("ACME", 24 * 60 - 20)]


def test_what_closes_later_is_not_known_yet():
    assert told(LOSSES, closed(50, "-1"), closed(40, "-2"), closed(-1, "-1")) == []
