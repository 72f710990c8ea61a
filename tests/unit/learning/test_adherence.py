"""Which rules were kept, and what breaking them came to."""

from __future__ import annotations

import numpy as np
import pytest

from journal.domain.chain.against_plan import RuleName
from learning.domain.adherence import (
    INSTRUCTIONS,
    OptionFacts,
    OptionPlan,
    Rule,
    adherence,
    mistake_costs,
    option_checks,
    share_interval,
)
from learning.domain.figures import Reason
from learning.domain.insights.process import Check

PLAN = OptionPlan(iv_rank_least=30, dte_least=30, dte_most=45, days_most=24, adds_most=0)


def rng():
    return np.random.default_rng(4)


def kept(facts, plan=PLAN):
    return {check.rule: check.kept for check in option_checks(plan, facts)}


def test_rules_of_the_books_comparison_keep_their_names():
    assert {rule.value for rule in RuleName} <= {rule.value for rule in Rule}
    assert set(INSTRUCTIONS) == set(Rule)


def test_what_the_plan_says_is_checked_at_its_bounds():
    assert kept(OptionFacts(30, 45, 24, 0)) == dict.fromkeys(
        (Rule.IV_RANK_FLOOR, Rule.DTE_WINDOW, Rule.DAY_LIMIT, Rule.NO_UNPLANNED_ADD), True
    )
    assert not any(kept(OptionFacts(29.9, 46, 24.1, 1)).values())
    assert kept(OptionFacts(dte=29))[Rule.DTE_WINDOW] is False


def test_what_is_not_known_is_not_broken_and_what_is_not_planned_is_not_checked():
    assert set(kept(OptionFacts()).values()) == {None}
    assert kept(OptionFacts(10, 10, 10, 10), OptionPlan()) == {}
    words = [check.words for check in option_checks(PLAN, OptionFacts(68, 40, 11))]
    assert "Day 11 of at most 24" in words
    assert "IV rank 68 at entry, floor 30" in words


def test_adherence_counts_what_is_known_and_in_ones_hands():
    trades = [
        [
            Check("a", True, ""),
            Check("b", False, ""),
            Check("c", None, ""),
            Check("d", False, "", False),
        ],
        [Check("c", None, "")],
        [Check("a", True, "")],
    ]
    told = adherence(trades, np.arange(3), rng())
    assert (told.value, told.n, told.ci) == (0.75, 2, None)
    assert adherence([], np.arange(0), rng()).reason is Reason.NO_TRADES


def test_who_kept_every_rule_so_far_is_not_sure_to_keep_the_next():
    kept = [[Check("a", True, "")]] * 12
    told = adherence(kept, np.arange(12) // 2, rng())
    assert (told.value, told.ci.high) == (1.0, 1.0)
    assert 0.4 < told.ci.low < 0.85
    sure = adherence(kept * 20, np.arange(240) // 2, rng())
    assert told.ci.low < sure.ci.low < 1.0


def test_shares_that_weeks_have_in_common_are_as_wide_as_weeks_are():
    weeks = np.arange(60) // 10
    shares = (weeks % 2).astype(float)
    told = share_interval(shares, weeks, rng())
    assert told.low < 0.25
    assert told.high > 0.75
    assert share_interval(shares[:9], weeks[:9], rng()) is None


def test_costs_of_rules_make_the_total():
    actual, plan = np.array([-1.0, 0.5, 0.2, -1.0, np.nan]), np.array([-0.5, 0.3, 0.2, np.nan, 0.1])
    broken = {
        "size": np.array([True, False, False, True, False]),
        "exit": np.array([True, True, False, False, True]),
    }
    told = mistake_costs(actual, plan, broken, np.arange(5), rng())
    assert told.total.value == pytest.approx(-0.3)
    assert told.by_rule["size"].value == pytest.approx(-0.25)
    assert told.by_rule["exit"].value == pytest.approx(-0.05)
    assert told.breaches == {"size": 2, "exit": 3}
    assert (told.lucky, told.unknown, told.total.n) == (1, 2, 2)


def test_without_a_breach_there_is_no_cost_to_tell():
    told = mistake_costs(np.ones(3), np.zeros(3), {"size": np.zeros(3, bool)}, np.arange(3), rng())
    assert told.total.reason is told.by_rule["size"].reason is Reason.NO_TRADES
    assert mistake_costs(np.ones(3), np.zeros(3), {}, np.arange(3), rng()).total.value is None


def test_the_interval_of_a_cost_covers_it_about_as_often_as_it_says():
    inside = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        difference = random.normal(-0.1, 0.5, 60)
        told = mistake_costs(
            difference, np.zeros(60), {"size": np.ones(60, bool)}, np.arange(60) // 2, random
        )
        inside += told.total.ci.low <= -6 <= told.total.ci.high
    assert 0.82 <= inside / 200 <= 0.96
