import json

import numpy as np
import pytest

from learning.domain.claims.symbols import (
    PAPER_OUTCOMES,
    Decision,
    Evidence,
    Standing,
    decide,
    decide_all,
)

from .worlds import spreads


def evidence(below, n=30, weeks=6, above=False) -> Evidence:
    return Evidence(below, above, n, weeks)


@pytest.mark.parametrize(
    ("below", "standing"),
    [(0.5, "normal"), (0.66, "watch"), (0.81, "reduced"), (0.91, "paper_only")],
)
def test_bars(below, standing):
    assert decide(evidence(below), Decision()).standing is Standing(standing)


@pytest.mark.parametrize("few", [{"n": 7}, {"weeks": 2}])
def test_few_trades_or_weeks_are_watched_not_acted_on(few):
    assert decide(evidence(0.99, **few), Decision()).standing is Standing.WATCH
    assert decide(evidence(0.01, above=True, **few), Decision()).standing is Standing.NORMAL


@pytest.mark.parametrize(
    ("was", "below", "now"),
    [
        ("watch", 0.56, "watch"),
        ("watch", 0.54, "normal"),
        ("reduced", 0.71, "reduced"),
        ("reduced", 0.69, "watch"),
        ("reduced", 0.54, "normal"),
        ("watch", 0.85, "reduced"),
        ("paper_only", 0.81, "paper_only"),
        ("paper_only", 0.79, "reduced"),
        ("paper_only", 0.3, "normal"),
    ],
)
def test_what_was_decided_stays_until_it_is_clearly_over(was, below, now):
    decision = Decision(Standing(was), 30 - PAPER_OUTCOMES)
    assert decide(evidence(below), decision).standing is Standing(now)


def test_paper_waits_for_twenty_outcomes():
    was = Decision(Standing.PAPER_ONLY, 15)
    assert decide(evidence(0.1, n=34), was) == was
    assert decide(evidence(0.1, n=35), was) == Decision(Standing.NORMAL, 35)


def test_favoured_needs_a_record_of_its_own_and_lasts_a_little():
    assert decide(evidence(0.05, above=True), Decision()).standing is Standing.FAVOURED
    assert decide(evidence(0.05), Decision()).standing is Standing.NORMAL
    was = Decision(Standing.FAVOURED, 20)
    assert decide(evidence(0.15, above=True), was) == was
    assert decide(evidence(0.25, above=True), was).standing is Standing.NORMAL


def test_size_is_never_above_the_usual():
    assert {one.size for one in Standing} == {0.0, 0.5, 1.0}
    assert Standing.FAVOURED.size == 1


def test_a_loser_among_many_is_found_and_keeps_its_decision_when_nothing_is_new():
    rng = np.random.default_rng(1)
    codes = np.arange(1500) % 10
    r = np.where(codes == 3, spreads(rng, 1500, 0.35), spreads(rng, 1500, 0.75))
    weeks = np.arange(1500) // 5
    decided = decide_all(r, codes, weeks, {})
    assert decided[3].standing is Standing.PAPER_ONLY
    assert all(one.standing is not Standing.PAPER_ONLY for at, one in decided.items() if at != 3)
    assert decide_all(r, codes, weeks, decided) == decided
    again = {c: Decision.from_json(json.loads(json.dumps(d.as_json()))) for c, d in decided.items()}
    assert again == decided


def test_without_trades_nothing_changes():
    was = {4: Decision(Standing.REDUCED, 12)}
    none = np.empty(0, dtype=np.int64)
    assert decide_all(np.empty(0), none, none, was) == was
