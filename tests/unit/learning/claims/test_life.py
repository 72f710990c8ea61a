import json
from dataclasses import replace

import numpy as np
import pytest

from learning.domain.claims.life import (
    DAYS,
    QUARTER,
    Claim,
    Outcome,
    State,
    advance,
    progress,
    raise_claim,
    weaken,
)

from .worlds import DAY, closed_trades

EVERYTHING = 10**12


def history(n=400, effect=0.3, after=None, seed=1):
    """Trades whose R rises with x by `effect`, from position 100 on by `after`."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    slope = np.where(np.arange(n) < 100, effect, effect if after is None else after)
    return closed_trades(rng.normal(0, 0.4, n) + slope * x), x


def noticed(trades, outcome=Outcome.R, at=100, z=3.0) -> Claim:
    return raise_claim("feature:x", outcome, z, 0.2, at, int(trades.known_at[at - 1]))


def when(trades, count) -> int:
    return int(trades.known_at[count - 1])


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_holds_is_confirmed_at_the_first_look(outcome):
    trades, x = history()
    claim = noticed(trades, outcome)
    assert claim.block == 30
    assert advance(claim, trades, x, when(trades, 129)) == claim
    held = advance(claim, trades, x, when(trades, 130))
    assert (held.state, held.looks, held.since) == (State.CONFIRMED, 1, when(trades, 130))


def test_what_does_not_hold_fades_after_three_looks():
    trades, x = history(after=0.0, seed=3)
    claim = noticed(trades)
    states = [advance(claim, trades, x, when(trades, n)).state for n in (160, 189, 190)]
    assert states == [State.RAISED, State.RAISED, State.FADED]
    assert State.FADED.is_over
    assert advance(claim, trades, x, EVERYTHING).state is State.FADED


def test_the_other_direction_confirms_nothing():
    trades, x = history()
    claim = noticed(trades, z=-3.0)
    assert advance(claim, trades, x, EVERYTHING).state is State.FADED


def test_trades_that_raised_it_do_not_confirm_it():
    """All of the effect lies before the claim; the trades since say nothing, however many ran before."""
    trades, x = history(effect=2.0, after=0.0, seed=5)
    assert advance(noticed(trades), trades, x, EVERYTHING).state is State.FADED


def test_looks_are_the_same_however_often_one_asks():
    trades, x = history(effect=0.08, seed=7)
    at_once = advance(noticed(trades), trades, x, when(trades, 200))
    weekly = noticed(trades)
    for n in range(100, 201, 5):
        weekly = advance(weekly, trades, x, when(trades, n))
    assert (weekly.state, weekly.looks, weekly.p) == (at_once.state, at_once.looks, at_once.p)


def test_what_comes_too_slowly_retires():
    trades, x = history(seed=3)
    lonely = trades.where(np.arange(400) < 110)
    claim = noticed(lonely)
    assert advance(claim, lonely, x[:110], claim.raised_at + DAYS * DAY).state is State.RAISED
    assert advance(claim, lonely, x[:110], claim.raised_at + DAYS * DAY + 1).state is State.RETIRED


def test_the_future_changes_nothing():
    trades, x = history(seed=9)
    claim, as_of = noticed(trades), when(trades, 150)
    shorter = trades.where(np.arange(400) < 150)
    assert advance(claim, trades, x, as_of) == advance(claim, shorter, x[:150], as_of)


def test_confirmed_claims_are_asked_again_every_quarter():
    trades, x = history(n=500, seed=2)
    turned = np.where(np.arange(500) < 300, x, -x)
    claim = advance(noticed(trades), trades, turned, when(trades, 130))
    early = advance(claim, trades, turned, claim.looked_at + QUARTER * DAY - 1)
    assert early == claim
    weakened = advance(claim, trades, turned, when(trades, 500))
    assert weakened.state is State.WEAKENED
    assert advance(weakened, trades, turned, when(trades, 500)) == weakened
    back = replace(weakened, looked_at=0)
    assert advance(back, trades, x, when(trades, 500)).state is State.CONFIRMED


def test_an_alarm_weakens_what_was_confirmed_only():
    trades, _ = history()
    claim = noticed(trades)
    assert weaken(claim, 5) == claim
    assert weaken(replace(claim, state=State.CONFIRMED), 5).state is State.WEAKENED


def test_progress_counts_what_the_next_look_waits_for():
    trades, x = history()
    claim = noticed(trades)
    x[110] = np.nan
    told = progress(claim, trades.known_by(when(trades, 120)), x[:120])
    assert (told.new, told.next_look) == (19, 30)
    assert progress(replace(claim, state=State.FADED), trades, x).next_look is None


def test_blocks_grow_with_what_had_been_seen():
    sizes = {n: replace(noticed(history()[0]), n_at_raising=n).block for n in (40, 200, 2000)}
    assert sizes == {40: 30, 200: 50, 2000: 60}


def test_a_claim_survives_being_written_down():
    claim = replace(noticed(history()[0]), p=0.25)
    assert Claim.from_json(json.loads(json.dumps(claim.as_json()))) == claim
