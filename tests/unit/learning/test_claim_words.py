"""Sentences of claims: every one with its numbers, and none that names a cause before it was confirmed."""

import pytest

from benchmarks.learning.speech import random_statement
from benchmarks.learning.worlds import generator
from learning.domain.claims.grades import Grade
from learning.domain.claims.life import Claim, Outcome, Progress, State
from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.words.bans import banned_in
from learning.domain.words.claims import Counts, Statement, ground_of, next_of, tell

RAISED = Claim("feature:iv_rank", Outcome.WON, 1, 0.11, raised_at=1_772_496_000, n_at_raising=132)
PROGRESS = Progress(new=38, next_look=60)


def plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_a_raised_claim_is_told_with_all_its_numbers():
    said = Statement(
        "High IV rank",
        Grade.B,
        Counts(132, 92, 40, 19, 41),
        Figure(0.11, 132, Unit.R, Interval(0.02, 0.2)),
        0.91,
        ground_of(RAISED, PROGRESS, probability=0.91),
        next_of(RAISED, PROGRESS),
    )
    assert plain(tell(said)) == (
        "High IV rank has gone with better results. 132 trades (41 of them in it, 92 won, 40 lost, 19 weeks). "
        "+0.11 R per trade (+0.02 … +0.20, 90 % interval). Likely (91 %). "
        "Grade B: noticed on 3 Mar 2026, 38 of 60 confirming trades are in. "
        "Next look after 22 more trades; if it fades, it is told here."
    )


def test_what_cannot_be_told_says_what_could_have_been_seen():
    said = Statement(
        "AMD",
        Grade.D,
        Counts(6, 2, 4, 3),
        Figure(-0.02, 6, Unit.R, Interval(-0.16, 0.11)),
        0.6,
        ground_of(None, None, probability=0.6),
        visible=0.46,
    )
    told = plain(tell(said))
    assert told.startswith("AMD: can't tell yet. 6 trades (2 won, 4 lost, 3 weeks).")
    assert "a gap of about 0.46 R and more" in told
    assert "Can't tell (60 %)." in told


@pytest.mark.parametrize(
    ("grade", "verb"),
    [(Grade.A, "does worse"), (Grade.B, "has gone with worse"), (Grade.C, "may go with worse")],
)
def test_the_verb_belongs_to_the_grade(grade, verb):
    said = Statement("AMD", grade, Counts(60, 20, 40, 12), Figure(-0.2, 60, Unit.R), 0.96, "seen")
    assert verb in tell(said)


def test_without_risk_there_is_no_effect():
    said = Statement(
        "AMD",
        Grade.D,
        Counts(6, 2, 4, 3),
        Figure.absent(Reason.RISK_MISSING, 6, Unit.R),
        None,
        "seen",
    )
    assert "No R" in tell(said)


@pytest.mark.parametrize("state", list(State))
def test_every_state_of_life_has_its_ground(state):
    claim = Claim(
        "symbol:AMD", Outcome.R, -1, -0.2, 1_772_496_000, 60, state=state, since=1_780_000_000
    )
    ground = ground_of(claim, PROGRESS, probability=0.9)
    assert "noticed on 3 Mar 2026" in ground
    assert banned_in(ground) == []


def test_no_sentence_of_a_thousand_claims_too_much():
    for number in range(1_000):
        said = random_statement(generator("words", number))
        told = tell(said)
        assert banned_in(told, is_confirmed=said.grade is Grade.A) == []
        assert f"{said.counts.n:,} trade" in told
        assert f"Grade {said.grade}:" in told
