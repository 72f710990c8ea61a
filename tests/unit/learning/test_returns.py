"""Returns of accounts: deposits are no gains, gaps are no days, and idle days count."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.domain.figures import Reason
from learning.domain.returns import Account, contributions, returns_of

MONDAY = date(2026, 6, 1)


def weekdays(count: int) -> list[date]:
    days = [MONDAY + timedelta(days=n) for n in range(count * 2)]
    return [day for day in days if day.weekday() < 5][:count]


def account(worths, flows=None, days=None) -> Account:
    days = days or weekdays(len(worths))
    told = {day: worth for day, worth in zip(days, worths, strict=True) if worth is not None}
    return Account(told, flows or {})


def test_days_follow_each_other_over_weekends():
    found = returns_of([account([100, 110, 99, 99, 99, 108.9])])
    assert found.values == pytest.approx([0.1, -0.1, 0, 0, 0.1])
    assert (found.per_year, found.reason, found.unknown) == (252, None, 0)


def test_a_deposit_is_no_gain_and_a_withdrawal_no_loss():
    days = weekdays(4)
    flows = {days[1]: 100.0, days[3]: -50.0}
    found = returns_of([account([100, 200, 220, 170], flows)])
    assert found.values == pytest.approx([0, 0.1, 0])


@given(st.lists(st.floats(-0.2, 0.2), min_size=10, max_size=60), st.data())
def test_flows_of_any_size_change_no_return(gains, data):
    days = weekdays(len(gains) + 1)
    worth, worths, flows = 1000.0, [1000.0], {}
    for day, gain in zip(days[1:], gains, strict=True):
        paid = data.draw(st.sampled_from([0.0, 500.0, -worth / 3]))
        flows[day] = paid
        worth = (worth + paid) * (1 + gain)
        worths.append(worth)
    assert returns_of([account(worths, flows)]).values == pytest.approx(gains, abs=1e-9)


def test_two_accounts_are_weighted_by_what_is_in_them():
    one, other = account([100] * 9 + [110]), account([300] * 9 + [270])
    assert returns_of([one, other]).values[-1] == pytest.approx(-20 / 400)


def test_where_many_days_are_not_known_it_is_weeks():
    fridays = [MONDAY + timedelta(days=4 + 7 * n) for n in range(10)]
    found = returns_of([account([100.0 + n for n in range(10)], days=fridays)])
    assert found.per_year == 52
    assert found.values[0] == pytest.approx(0.01)


def test_where_weeks_are_not_known_either_there_is_none_and_no_zero():
    months = [MONDAY + timedelta(days=30 * n) for n in range(10)]
    found = returns_of([account([100.0] * 10, days=months)])
    assert (len(found.values), found.reason) == (0, Reason.NO_PATH)
    assert returns_of([]).reason is Reason.NO_PATH
    assert returns_of([account([100])]).reason is Reason.NO_PATH


def test_a_stretch_that_nobody_saw_is_no_return_of_one_day():
    days = weekdays(100)
    worths = [100.0] * 50 + [None] * 6 + [50.0] * 44
    found = returns_of([account(worths, days=days)])
    assert found.unknown == 1
    assert not found.values.any()


def test_a_market_that_never_closes_has_every_day():
    days = [MONDAY + timedelta(days=n) for n in range(30)]
    assert returns_of([account([100.0] * 30, days=days)]).per_year == 365


def test_an_account_without_money_has_no_returns():
    found = returns_of([account([0.0] * 12)])
    assert (found.reason, len(found.values)) == (Reason.EQUITY_NONPOSITIVE, 0)


def test_a_part_earns_its_share_of_what_was_there_idle_weeks_included():
    held = account([1000.0] * 40)
    days = weekdays(40)
    found = contributions({days[6]: 50.0, days[7]: -30.0}, [held], days[0])
    assert found.per_year == 52
    assert found.values[0] == pytest.approx(0.02)
    assert not np.any(found.values[1:])
    assert contributions({}, [], MONDAY).reason is Reason.NO_PATH
