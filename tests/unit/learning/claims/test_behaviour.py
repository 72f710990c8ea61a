from dataclasses import replace

import numpy as np
import pytest

from learning.domain.claims.behaviour import Answers, behaviour
from learning.domain.claims.grades import Grade
from learning.domain.figures import Reason
from learning.domain.trades import EPOCH_MONDAY, weeks_of

from .worlds import DAY, closed_trades, spreads

LATER = 10**12


def told(trades, as_of=LATER, **known):
    return {one.name: one for one in behaviour(trades, as_of, np.random.default_rng(1), **known)}


def daily(r, **columns):
    """One trade a day, closed before the next one opens."""
    trades = closed_trades(r, **columns)
    opened = EPOCH_MONDAY + np.arange(len(trades)) * DAY
    closed = opened + DAY // 2
    return replace(trades, opened=opened, closed=closed, known_at=closed, week=weeks_of(opened))


def test_bigger_after_losses_is_seen_and_unchanged_results_are_not():
    rng = np.random.default_rng(1)
    r = spreads(rng, 300)
    size = np.where(np.append(False, r[:-1] < 0), 2.0, 1.0) * rng.uniform(0.9, 1.1, 300)
    found = told(daily(r, features={"size": size}))
    bigger = found["size_after_loss"]
    assert bigger.effect.value == pytest.approx(np.log(2), abs=0.05)
    assert bigger.grade is Grade.B
    assert bigger.effect.ci.low > 0.6
    assert bigger.events == np.sum(r[:-1] < 0)
    assert found["result_after_loss"].q > 0.1


def test_another_strategy_after_losses_is_no_other_result_after_losses():
    """What is traded after a loss is worth more, and no trade of it is worth more after a loss."""
    rng = np.random.default_rng(4)
    strategy, r = np.zeros(2_000, int), np.zeros(2_000)
    for at in range(2_000):
        follows_loss = at > 0 and r[at - 1] < 0
        strategy[at] = rng.random() < (0.85 if follows_loss else 0.15)
        r[at] = rng.normal(0.4 if strategy[at] else -0.2, 0.5)
    words = {"strategy": ("one", "other")}
    found = told(daily(r, groups={"strategy": strategy}, words=words))["result_after_loss"]
    assert abs(found.effect.value) < 0.12
    assert found.effect.ci.low < 0 < found.effect.ci.high
    assert found.grade in {Grade.C, Grade.D}
    alone = told(daily(r))["result_after_loss"]
    assert alone.effect.value > 0.2


def test_size_is_compared_within_an_account():
    """One account is in yen, and it is the one that trades after losses."""
    rng = np.random.default_rng(5)
    r = spreads(rng, 300)
    lost = np.append(False, r[:-1] < 0)
    account = np.where(rng.random(300) < 0.9, lost, ~lost).astype(int)
    size = np.where(account == 1, 15_000.0, 100.0) * rng.uniform(0.9, 1.1, 300)
    found = told(daily(r, features={"size": size}, groups={"account": account}))["size_after_loss"]
    assert abs(found.effect.value) < 0.05
    assert found.grade in {Grade.C, Grade.D}


def test_trades_beyond_a_usual_day_that_do_worse_are_seen():
    rng = np.random.default_rng(2)
    busy = np.arange(400) % 16 >= 8  # eight single days, then a day with eight trades
    day = np.where(
        busy, (np.arange(400) // 16) * 9 + 8, (np.arange(400) // 16) * 9 + np.arange(400) % 16
    )
    late = busy & (np.arange(400) % 16 > 9)
    r = spreads(rng, 400) - 0.35 * late
    trades = closed_trades(r)
    opened = EPOCH_MONDAY + day * DAY + np.arange(400) % 16 * 60
    trades = replace(trades, opened=opened, closed=opened + 30, known_at=opened + 30, week=day // 7)
    found = told(trades)
    assert found["later_in_day"].effect.value < -0.1
    assert found["later_in_day"].grade is Grade.B
    assert told(trades, days=np.arange(400))["later_in_day"].effect.reason is Reason.NO_TRADES


def test_a_bad_weekday_has_to_stand_out_from_the_luck_of_all_weekdays():
    rng = np.random.default_rng(3)
    weekday = np.arange(300) % 5
    r = spreads(rng, 300)
    quiet = told(daily(r, groups={"weekday": weekday}))["weekday"]
    assert quiet.q > 0.1
    bad = told(daily(r - 0.4 * (weekday == 4), groups={"weekday": weekday}))["weekday"]
    assert bad.q < 0.05
    assert bad.effect.value < -0.2
    assert bad.events == 60


def test_a_weaker_strategy_on_one_weekday_is_not_blamed_on_the_weekday():
    rng = np.random.default_rng(4)
    weekday = np.arange(600) % 5
    strategy = np.where(rng.random(600) < np.where(weekday == 4, 0.7, 0.3), 1, 0)
    r = rng.normal(0.2, 0.3, 600) - 0.5 * strategy
    alone = told(daily(r, groups={"weekday": weekday}))["weekday"]
    matched = told(daily(r, groups={"weekday": weekday, "strategy": strategy}))["weekday"]
    assert alone.q < 0.05 < matched.q


def test_losers_held_longer_are_told_of_discretionary_exits_only():
    rng = np.random.default_rng(5)
    r = spreads(rng, 200)
    trades = daily(r)
    held = np.where(r < 0, 20, 8) * DAY + rng.integers(0, 5 * DAY, 200)
    trades = replace(trades, opened=trades.closed - held)
    assert "losers_held_longer" not in told(trades)
    found = told(trades, discretionary=np.ones(200, bool))["losers_held_longer"]
    assert found.effect.value == pytest.approx(12, abs=1.5)
    assert found.q < 0.01
    few = told(trades, discretionary=np.arange(200) < 30)["losers_held_longer"]
    assert few.effect.reason is Reason.TOO_FEW
    assert few.grade is Grade.D


def test_recommendations_ignored_after_losses():
    rng = np.random.default_rng(6)
    r = spreads(rng, 300)
    trades = daily(r)
    came = trades.closed + 60
    executed = rng.random(300) < np.where(r < 0, 0.3, 0.8)
    found = told(trades, answers=Answers(came, executed, trades.week))["executed_after_loss"]
    assert found.effect.value == pytest.approx(-0.5, abs=0.12)
    assert found.grade is Grade.B


def test_fewer_than_twenty_events_say_nothing():
    found = told(daily(spreads(np.random.default_rng(7), 30), features={"size": np.ones(30)}))
    assert {one.grade for one in found.values()} == {Grade.D}
    assert found["size_after_loss"].effect.reason is Reason.ZERO_VARIANCE
    assert found["result_after_loss"].lacking["smaller_arm"] > 0
    assert found["result_after_loss"].q is None


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_trades(n):
    trades = daily(
        np.full(n, 0.2), groups={"weekday": np.zeros(n, int)}, features={"size": np.ones(n)}
    )
    none = np.empty(0, int)
    found = told(trades, discretionary=np.ones(n, bool), answers=Answers(none, none > 0, none))
    assert all(one.effect.value is None for one in found.values())


def test_what_came_later_is_not_looked_at():
    rng = np.random.default_rng(8)
    trades = daily(spreads(rng, 200), features={"size": rng.uniform(1, 3, 200)})
    as_of = int(trades.known_at[119])
    assert told(trades, as_of) == told(trades.where(np.arange(200) < 120), as_of)
