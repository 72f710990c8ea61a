import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.learning.proposals import proposals
from benchmarks.learning.thresholds import ALONE, NOW
from benchmarks.learning.worlds import generator, premium_spreads
from learning.domain.figures import Reason
from learning.domain.parameters.choice import Standing
from learning.domain.parameters.evidence import evidence_for, weekly_differences
from learning.domain.parameters.paired import pair
from learning.domain.parameters.policy import (
    COOL_DOWN,
    Move,
    Policy,
    State,
    Verdict,
    advance,
    answer,
    grade_of,
    judge,
    review,
    score_of_advice,
    still_cooling,
)
from learning.domain.parameters.settings import PARAMETERS
from tests.unit.learning.parameters.ten_trades import TEN_TRADES

FLOOR = PARAMETERS["iv_rank_min"]
DICE = generator("steep")
IV_RANK = DICE.uniform(0, 100, 3_000)
STEEP = proposals(
    DICE, IV_RANK, premium_spreads(DICE, DICE.random(3_000) < np.where(IV_RANK < 50, 0.45, 0.80))
)
END = int(STEEP.known_at.max())


def run(state: State, as_of: int, world=STEEP):
    return advance(world, state, ALONE, as_of=as_of, rng=generator("run", as_of))


def test_one_notch_at_a_time_with_a_pause_between():
    first = run(State(NOW), int(STEEP.opened[2_400]))
    assert first.evidence["iv_rank_min"].target >= 45
    assert first.changed == {"iv_rank_min": (30.0, 35.0)}
    assert first.state.version == 2
    again = run(first.state, int(STEEP.opened[2_400]))
    assert again.changed == {}
    assert again.cooling == COOL_DOWN
    assert again.state == first.state
    soon = run(first.state, int(STEEP.opened[2_410]))
    assert 0 < soon.cooling < COOL_DOWN
    assert soon.changed == {}
    later = run(first.state, int(STEEP.opened[2_450]))
    assert later.changed == {"iv_rank_min": (35.0, 40.0)}


def test_what_was_refused_is_proposed_again_after_more_outcomes_only():
    begun = int(STEEP.opened[2_400])
    named = {"iv_rank_min": begun}

    def ask(row: int, refused):
        at = int(STEEP.opened[row])
        dice = generator("run", at)
        return advance(STEEP, State(NOW), ALONE, as_of=at, rng=dice, refused=refused)

    assert ask(2_410, {}).changed == {"iv_rank_min": (30.0, 35.0)}
    soon = ask(2_410, named)
    assert (soon.changed, soon.cooling) == ({}, 0)
    assert 0 < soon.refused["iv_rank_min"] < COOL_DOWN
    later = ask(2_450, named)
    assert (later.changed, dict(later.refused)) == ({"iv_rank_min": (30.0, 35.0)}, {})
    # Another threshold may be proposed meanwhile.
    assert ask(2_410, {"dte_min": begun}).changed == {"iv_rank_min": (30.0, 35.0)}


def test_nothing_of_later_is_read():
    moment = int(STEEP.opened[2_400])
    cut = STEEP.known_by(moment)
    assert run(State(NOW), moment).state == run(State(NOW), moment, cut).state
    one = run(State(NOW), moment).evidence["iv_rank_min"].as_json()
    other = run(State(NOW), moment, cut).evidence["iv_rank_min"].as_json()
    assert json.dumps(one, allow_nan=False) == json.dumps(other, allow_nan=False)


def moved(after: float, at: int) -> State:
    move = Move("iv_rank_min", 30.0, after, at, 2)
    return State({"iv_rank_min": after}, 2, (move,))


def test_a_good_move_is_kept_and_a_bad_one_undone():
    at = int(STEEP.opened[1_000])
    good = review(STEEP.known_by(END), moved(35.0, at), ALONE, as_of=END)
    assert good.moves[0].verdict is Verdict.KEPT
    assert good.moves[0].made >= 0
    assert good.settings == {"iv_rank_min": 35.0}
    rising = replace(STEEP, r_plan=np.where(STEEP.features["iv_rank"] < 35, 0.3, STEEP.r_plan))
    bad = review(rising.known_by(END), moved(35.0, at), ALONE, as_of=END)
    assert bad.moves[0].verdict is Verdict.REVERTED
    assert bad.moves[0].judged in (240, 300, 360)
    assert bad.settings == {"iv_rank_min": 30.0}
    assert bad.version == 3


def test_what_was_built_on_an_undone_move_goes_with_it():
    rising = replace(STEEP, r_plan=np.where(STEEP.features["iv_rank"] < 40, 0.3, STEEP.r_plan))
    at, then = int(STEEP.opened[1_000]), int(STEEP.opened[2_900])
    state = moved(35.0, at)
    second = Move("iv_rank_min", 35.0, 40.0, then, 3)
    both = State({"iv_rank_min": 40.0}, 3, (*state.moves, second))
    undone = review(rising.known_by(END), both, ALONE, as_of=END)
    assert [one.verdict for one in undone.moves] == [Verdict.REVERTED, Verdict.VOID]
    assert undone.settings == {"iv_rank_min": 30.0}


def test_a_review_waits_until_enough_changed():
    at = int(STEEP.opened[2_900])
    state = moved(35.0, at)
    assert review(STEEP.known_by(END), state, ALONE, as_of=END) == state
    fresh = pair(STEEP.where(STEEP.opened > at), FLOOR, NOW, ALONE)
    assert judge(fresh.where(fresh.cell > 99), state.moves[0], END).verdict is Verdict.PENDING


def test_review_of_what_never_changes_anything_ends():
    calm = proposals(generator("calm"), np.full(400, 80.0), np.full(400, 0.2))
    move = moved(35.0, int(calm.opened[0])).moves[0]
    fresh = pair(calm.where(calm.opened > move.at), FLOOR, NOW, ALONE)
    settled = judge(fresh, move, END)
    assert (settled.verdict, settled.made, settled.judged) == (Verdict.KEPT, 0.0, 360)


def test_what_a_person_undid_is_not_done_again_at_once():
    undone = Move("iv_rank_min", 30.0, 35.0, END - 900, 2, Verdict.VOID, settled_at=END)
    assert still_cooling(STEEP.known_by(END), State(NOW, moves=(undone,))) == COOL_DOWN


def test_cooling_counts_outcomes_and_not_days():
    state = moved(35.0, END)
    assert still_cooling(STEEP.known_by(END), state) == COOL_DOWN
    assert still_cooling(STEEP, State(NOW)) == 0


@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_few_proposals_keep_what_stands_and_say_what_is_missing(count):
    few = STEEP.where(np.arange(len(STEEP)) < count)
    step = run(State(NOW), END, few)
    told = step.evidence["iv_rank_min"]
    assert step.state == State(NOW)
    assert told.standing is Standing.CANNOT_TELL
    assert told.needed == 50 - count
    assert told.grade == "D"
    assert told.holdout.reason is Reason.TOO_FEW
    json.dumps(told.as_json(), allow_nan=False)


def test_overfitting_stops_what_the_posterior_is_sure_of():
    known = STEEP.known_by(END)
    told = evidence_for(known, FLOOR, NOW, ALONE, generator("veto"))
    assert told.moves
    assert told.grade == "B"
    vetoed = replace(told, pbo=replace(told.pbo, value=0.51))
    assert vetoed.blocked
    assert not vetoed.moves
    assert vetoed.grade == "C"


def test_a_notch_that_looks_worse_than_what_stands_is_not_taken_on_the_way_to_better():
    """Just above the floor proposals are as good as any; farther up they are bad, and beyond that good again."""
    dice = generator("valley")
    iv_rank = dice.uniform(0, 100, 3_000)
    is_bad = (iv_rank >= 35) & (iv_rank < 65)
    world = proposals(
        dice, iv_rank, premium_spreads(dice, dice.random(3_000) < np.where(is_bad, 0.35, 0.80))
    )
    step = run(State(NOW), int(world.known_at.max()), world)
    told = step.evidence["iv_rank_min"]
    assert (told.standing, told.target) == (Standing.MOVE, 65.0)
    assert told.is_downhill
    assert (told.moves, told.grade) == (False, "C")
    assert step.changed == {}


def test_weekly_differences_leave_the_current_setting_at_zero():
    paired = pair(STEEP, FLOOR, NOW, ALONE)
    weekly = weekly_differences(paired)
    assert (weekly[:, FLOOR.grid.index(30.0)] == 0).all()
    assert weekly[:, FLOOR.grid.index(50.0)].sum() == pytest.approx(paired.differences(50.0).sum())


def test_each_policy_answers_in_its_own_way():
    state = State({"iv_rank_min": 35.0}, 4)
    start = {"iv_rank_min": 50.0}
    seed, simple = answer(Policy.SEED, state, TEN_TRADES, start=start, blacklist=("AMD",))
    assert seed.effective == {"iv_rank_min": 60.0, "target_dte": 45.0}
    assert seed.favoured == ("SPY", "QQQ")
    off, same = answer(Policy.OFF, state, TEN_TRADES, start=start, blacklist=("AMD",))
    assert (off.effective, off.blacklist) == (start, ())
    evidence, _ = answer(Policy.EVIDENCE, state, TEN_TRADES, start=start, blacklist=("AMD",))
    assert (evidence.effective, evidence.blacklist) == ({"iv_rank_min": 35.0}, ("AMD",))
    assert simple == same
    assert {one.version for one in (seed, off, evidence)} == {4}


def test_past_advice_is_scored():
    moves = (
        Move("a", 1, 2, 0, 2, Verdict.KEPT, 1.4, 60, 9),
        Move("a", 2, 3, 0, 3, Verdict.REVERTED, -0.4, 60, 9),
        Move("a", 2, 3, 0, 4),
    )
    scored = score_of_advice(moves)
    assert (scored["kept"], scored["reverted"], scored["pending"]) == (1, 1, 1)
    assert scored["made"] == pytest.approx(1.0)


def test_what_a_move_is_worth_is_told_at_three_slippages():
    cut = replace(STEEP, slippage=np.full(len(STEEP), 0.05))
    told = evidence_for(cut.known_by(END), FLOOR, NOW, ALONE, generator("slip")).at_slippage
    assert list(told) == ["0x", "1x", "2x"]
    assert (
        told["0x"].value < told["1x"].value < told["2x"].value
    )  # what is refused costs more to trade


def test_grade_a_is_earned_by_a_review():
    step = run(moved(50.0, int(STEEP.opened[1_000])), END)
    assert step.state.moves[0].verdict is Verdict.KEPT
    kept = replace(step.evidence["iv_rank_min"], standing=Standing.KEEP)
    assert grade_of("iv_rank_min", replace(step, evidence={"iv_rank_min": kept})) == "A"
    fresh = replace(step, state=State(NOW), evidence={"iv_rank_min": kept})
    assert grade_of("iv_rank_min", fresh) == "D"
