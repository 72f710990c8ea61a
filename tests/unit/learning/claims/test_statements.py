"""What is said of a finding agrees with itself: its direction, its interval, its probability and its grade."""

from dataclasses import replace

import numpy as np
import pytest

from learning.domain.claims.features import feature_findings
from learning.domain.claims.grades import Grade
from learning.domain.claims.groups import breakdown
from learning.domain.claims.life import Claim, Outcome, State
from learning.domain.claims.statements import of_feature, of_group
from learning.domain.figures import Figure, Interval, Unit
from learning.domain.plain import plain
from learning.domain.words.claims import SPLIT, Counts, Statement, statement_from_json, tell

from .worlds import closed_trades

CONFIRMED = Claim(
    "feature:x", Outcome.WON, 1, 0.1, 1_772_496_000, 100, state=State.CONFIRMED, since=1_780_000_000
)


def flat(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ")


def often_and_little(n=300, seed=1):
    """Where x is high there are more winners, and nearly all that was earned was earned where it is low."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, n)
    wins = rng.random(n) < np.where(x > 0.5, 0.9, 0.45)
    r = np.where(wins, np.where(x > 0.5, 0.1, 2.5), -1.0) * rng.uniform(0.8, 1.2, n)
    return closed_trades(
        r,
        groups={"side": (x > 0.5).astype(int)},
        words={"side": ("low", "high")},
        features={"x": x},
    )


def test_what_wins_more_often_and_earns_less_is_no_find():
    (found,) = feature_findings(often_and_little())
    assert found.signal.is_raised
    assert (found.signal.direction, found.effect.value < 0) == (1, True)
    said = of_feature(found)
    assert (found.grade, said.grade, said.why) == (Grade.D, Grade.D, SPLIT)
    assert tell(said).startswith("Higher x: can't tell yet.")


def test_a_confirmed_claim_is_never_told_in_the_other_direction():
    (found,) = feature_findings(often_and_little())
    said = of_feature(found, CONFIRMED)
    assert said.grade is Grade.D
    told = tell(said)
    assert "worse" not in told
    assert "it held on later trades" in told
    assert SPLIT in told


def test_nor_is_a_group():
    groups = breakdown(often_and_little(), "side", None).groups
    (high,) = (one for one in groups if one.word == "high")
    assert (high.signal.direction, high.beside.value < 0) == (1, True)
    assert high.grade is Grade.D
    said = of_group("side", high, replace(CONFIRMED, subject="side:high"))
    assert (said.grade, "worse" in tell(said)) == (Grade.D, False)


@pytest.mark.parametrize("seed", range(6))
def test_interval_and_probability_of_a_group_are_of_the_same_gap(seed):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 8, 240)
    r = rng.normal(0, 0.3, 240) + 0.2 * (codes == 2)
    # One group with a few very large winners pulls the mean of all trades away from what a group is like.
    r[codes == 7] += rng.exponential(4, int(np.sum(codes == 7)))
    trades = closed_trades(r, groups={"symbol": codes, "strategy": (codes == 7).astype(int)})
    for one in breakdown(trades, "symbol", None).groups:
        said = of_group("symbol", one)
        assert said.probability >= 0.5
        is_outside = said.effect.ci.low > 0 or said.effect.ci.high < 0
        assert is_outside == (said.probability > 0.95)


def test_what_the_tests_of_a_run_raised_is_said_to_be():
    rng = np.random.default_rng(3)
    x = rng.normal(size=300)
    r = rng.normal(0, 0.4, 300) + 0.3 * x
    (found,) = feature_findings(closed_trades(r, features={"x": x}))
    said = of_feature(found)
    assert (said.grade, said.why) == (Grade.B, "the tests of this run raised it")


def statement(**changes):
    usual = Statement(
        "AMD", Grade.A, Counts(60, 40, 20, 12), Figure(0.02, 60, Unit.R, Interval(-0.1, 0.2)), 0.6,
        "seen", tested=Outcome.WON,
    )  # fmt: skip
    return usual._replace(**changes)


def test_wins_alone_are_told_as_wins():
    told = flat(tell(statement()))
    assert told.startswith("AMD wins more often. 60 trades")
    assert "By the mean of R: can't tell (60 %)." in told
    assert flat(tell(statement(grade=Grade.B))).startswith("AMD has won more often.")
    many = statement(subject="Short trades", effect=Figure(-0.02, 60, Unit.R), grade=Grade.B)
    assert tell(many).startswith("Short trades have won less often.")
    assert tell(statement(probability=0.9)).startswith("AMD does better.")


def test_ranks_alone_are_told_as_what_mostly_happens():
    assert tell(statement(tested=Outcome.R)).startswith("AMD mostly does better.")


def test_a_word_of_likelihood_has_the_number_of_its_own_direction():
    told = flat(tell(statement(probability=0.1, grade=Grade.D)))
    assert "Likely to be the other way (90 %)." in told
    assert "10 %" not in told


def test_a_mean_of_fewer_trades_says_of_how_many():
    told = flat(tell(statement(effect=Figure(2.99, 3, Unit.R), counts=Counts(20, 13, 7, 19))))
    assert "+2.99 R per trade, over the 3 whose risk was fixed." in told


def test_a_feature_counts_the_trades_that_have_an_r():
    trades = often_and_little(60)
    trades.r[20:] = np.nan
    (found,) = feature_findings(trades)
    assert (found.sample.n, found.effect.n) == (60, 20)
    assert "over the 20 whose risk was fixed" in tell(of_feature(found))


def test_a_statement_comes_back_from_json():
    said = statement()
    assert statement_from_json(plain(said)) == said
