"""What is said of a symbol: no grade before there is enough of it."""

from __future__ import annotations

from learning.domain.words.numbers import NARROW
from learning.domain.words.symbols import symbol_words

EVIDENCE = {
    "standing": "normal", "n_then": 0, "n": 6, "on_paper": 0, "won": 6, "lost": 0, "weeks": 6, "raw": 0.21,
    "mean": {"value": 0.08, "n": 6, "unit": "R", "ci": [0.0, 0.17, 0.9], "reason": None}, "below_zero": 0.04,
    "above_typical": True, "held_by_person": False,
}  # fmt: skip


def told(**more) -> str:
    return symbol_words("SPY", "normal", {**EVIDENCE, **more}).replace(NARROW, " ")


def test_six_winners_are_no_grade():
    assert "very likely (96 %). Grade D: too few to be judged." in told()
    assert told().endswith("Its size is not touched before 2 more trades.")


def test_with_trades_and_weeks_enough_there_is_one():
    assert "Grade B: seen in hindsight only." in told(n=8)
    assert "Grade D" in told(n=8, weeks=2)
