"""A bet beside what else was proposed that day, by what was known then."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.domain.insights.alternatives import Offered, compare
from learning.domain.words.bans import banned_in
from learning.domain.words.numbers import MINUS, NARROW


def plain(found) -> str:
    return found.sentence.replace(NARROW, " ")


def test_a_better_one_was_left():
    own = Offered("own", stated=0.64, expected_as_stated=0.05)
    others = [
        Offered("a", stated=0.71, expected_as_stated=0.2),
        Offered("b", stated=0.5, expected_as_stated=-0.1),
        Offered("c"),
    ]
    found = compare(own, others)
    assert (found.others, found.judged, found.better, found.basis) == (3, 2, 1, "scanner")
    assert plain(found) == (
        "3 other recommendations of that day were known at entry, 2 of them with a figure; 1 promised more than this "
        "one: +0.05 R by the chances that scanners stated, the best of the others +0.20 R, their median +0.05 R."
    )


def test_the_model_goes_before_what_scanners_state_and_r_before_chances():
    own = Offered("own", model=0.6, stated=0.9, expected_by_model=0.1, expected_as_stated=0.9)
    others = [Offered("a", model=0.7, stated=0.1, expected_by_model=-0.2, expected_as_stated=0.1)]
    found = compare(own, others)
    assert (found.basis, found.unit, found.better) == ("model", "R", 0)
    assert "none promised more than this one: +0.10 R by the model that stood then" in plain(found)
    assert f"the best of the others {MINUS}0.20 R" in plain(found)
    # Where usual wins and losses are not known yet, chances stand beside chances.
    chances = compare(Offered("own", stated=0.6), [Offered("a", stated=0.7)])
    assert (chances.unit, chances.better) == ("probability", 1)
    assert "1 other recommendation of that day was known at entry; 1 promised more" in plain(
        chances
    )
    assert "60 %" in plain(chances)


@pytest.mark.parametrize(
    ("own", "why"),
    [(None, "this trade followed none"), (Offered("own"), "no figure of both is known")],
)
def test_what_cannot_be_compared_is_said_so(own, why):
    found = compare(own, [Offered("a", stated=0.7)])
    assert why in found.sentence
    assert (found.own, found.best, found.judged) == (None, None, 0)


def test_nothing_else_was_proposed():
    assert compare(Offered("own", stated=0.6), []) is None


chance = st.none() | st.floats(0, 1)
figure = st.none() | st.floats(-3, 3)
offered = st.builds(Offered, st.just("x"), chance, chance, figure, figure)


@given(st.none() | offered, st.lists(offered, min_size=1, max_size=8))
def test_every_sentence_may_be_said(own, others):
    found = compare(own, others)
    assert banned_in(found.sentence) == []
    assert found.better <= found.judged <= found.others
    json.dumps(found.as_json(), allow_nan=False)
