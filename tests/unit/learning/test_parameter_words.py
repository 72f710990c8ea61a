"""What is said of a setting at none, once and twice what fills cost."""

from __future__ import annotations

import pytest

from learning.domain.words.bans import banned_in
from learning.domain.words.numbers import MINUS, NARROW
from learning.domain.words.parameters import evidence_words, simple_words


def figure(value, n=300):
    return {"value": value, "n": n, "unit": "R", "ci": None, "reason": None}


def found(*made):
    return {
        "n": 300, "current": 30.0, "target": 50.0, "grade": "B", "flagged": False, "standing": "move",
        "delta_r100": figure(1.1), "better": 0.97, "luck": 0.2, "changed": 90, "curve": [0] * 19, "blocked": False,
        "holdout": figure(0.6), "at_slippage": dict(zip(("0x", "1x", "2x"), map(figure, made), strict=False)),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ((1.2, 0.4, -0.4), f"In hindsight per 100: +1.20 R at the mid, +0.40 R at what your fills cost, {MINUS}0.40 R at twice that."),
        ((1.2, 1.2, 1.2), "What your fills cost changes nothing of it, or is not known yet."),
    ],
)  # fmt: skip
def test_fills_are_an_assumption_that_is_shown(made, told):
    words = evidence_words(found(*made)).replace(NARROW, " ")
    assert told in words
    assert words.endswith("Grade B: it moves by one notch, and is reviewed.")
    assert banned_in(words) == []


def test_simple_rules_that_go_by_the_win_rate_are_said_to():
    """Winners at 53 against losers at 44 are less than ten apart: the floor of 50 stays by the share of winners."""
    rule = {
        "trades": 615, "win_rate": 0.6, "break_even_rate": 0.48, "iv_rank": {"winners": 53.0, "losers": 44.4},
        "effective": {"iv_rank_min": 50.0}, "recommendations": [],
    }  # fmt: skip
    assert simple_words(rule, "iv_rank_min").replace(NARROW, " ") == (
        "60 % of 615 closed trades won (break-even 48 %)."
    )
    learned = [{"code": "iv_rank", "classic_text": ""}]
    assert simple_words({**rule, "recommendations": learned}, "iv_rank_min").startswith(
        "IV rank of winners averages 53.0, of losers 44.4"
    )


def test_a_way_that_begins_downhill_is_not_said_to_be_gone():
    words = evidence_words({**found(), "is_downhill": True, "grade": "C"})
    assert words.endswith(
        "Grade C: the first notch on the way looks worse than what stands, so it is not moved."
    )


@pytest.mark.parametrize("made", [(), (1.2, None, 0.4)])
def test_what_is_not_known_is_not_told(made):
    assert "fills cost" not in evidence_words(found(*made))
