"""What was known of trades like one when it was opened: of those with R, and sure of nothing that was not yet lost."""

import numpy as np
import pytest

from learning.domain.insights.before import comparable_at, odds_of
from learning.domain.insights.bet import Quality, judge_bet
from tests.unit.learning.claims.worlds import closed_trades

LATER = 10**12


def judged(r, **more):
    n = len(r)
    trades = closed_trades(
        r, groups={"strategy": np.zeros(n, int)}, words={"strategy": ("strangle",)}, **more
    )
    found = comparable_at(trades, LATER, 0)
    return judge_bet(odds_of(trades, found)), found


def test_premium_that_has_not_lost_yet_is_no_good_bet():
    bet, _ = judged(np.random.default_rng(1).uniform(0.1, 0.3, 60))
    assert bet.quality is Quality.UNSURE
    assert bet.odds.expected.ci is None


def test_with_losers_enough_it_may_be_one():
    rng = np.random.default_rng(1)
    bet, _ = judged(np.where(rng.random(120) < 0.9, 0.3, -0.3))
    assert bet.quality is Quality.GOOD


def test_chance_and_break_even_are_of_the_same_trades():
    """Those without R won nearly always, and what they won nobody knows in R."""
    r = np.array([*[0.5, -0.5] * 10, *[np.nan] * 40])
    pnl = np.nan_to_num(r, nan=1_000.0)
    bet, found = judged(r, pnl=pnl, result=np.sign(pnl).astype(int))
    assert (len(found.rows), found.basis) == (20, "20 trades of strangle")
    assert bet.odds.win.value == 0.5
    assert bet.odds.break_even.value == pytest.approx(0.5)
    assert {bet.odds.win.n, bet.odds.break_even.n, bet.odds.expected.n} == {20}
