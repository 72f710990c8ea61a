"""What is said of one closed trade, and that no result colours what is said of the decision."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.insights.bet import Odds, Quality, judge_bet
from learning.domain.insights.card import Decision, Result, read_insight
from learning.domain.insights.classic import Facts, chips_of
from learning.domain.insights.luck import Quadrant, place_result, quadrant_of
from learning.domain.insights.process import Check, ProcessGrade, judge_process
from learning.domain.insights.taught import Belief, what_it_taught
from learning.domain.words.bans import banned_in
from learning.domain.words.numbers import percent, signed


def r(value: float, n: int = 40, low: float | None = None, high: float | None = None) -> Figure:
    ci = Interval(low, high) if low is not None and high is not None else None
    return Figure(value, n, Unit.R, ci)


def chance(value: float, n: int = 40) -> Figure:
    return Figure(value, n, Unit.PROBABILITY)


GOOD_ODDS = Odds(r(0.11, 132, 0.02, 0.20), chance(0.71, 132), chance(0.649, 132), "132 put spreads")


class TestProcess:
    def test_all_rules_kept(self):
        process = judge_process(
            [
                Check("size", True, "no larger than planned"),
                Check("exit", True, "closed by its target"),
            ],
            has_plan=True,
        )
        assert process.grade is ProcessGrade.FOLLOWED
        assert process.adherence == 1
        assert process.sentences == (
            "The plan was followed.",
            "✓ no larger than planned",
            "✓ closed by its target",
        )

    def test_a_broken_rule_is_counted_and_what_nobody_controls_is_not(self):
        checks = [
            Check("size", False, "9 instead of 7"),
            Check("exit", True, "closed by its stop"),
            Check("filled", False, "filled 3 cents worse", controllable=False),
            Check("iv", None, "IV rank unknown"),
        ]
        process = judge_process(checks, has_plan=True)
        assert process.grade is ProcessGrade.BROKEN
        assert process.adherence == 0.5
        assert process.headline == "1 rule of 2 broken."

    def test_without_a_plan_there_is_nothing_to_praise(self):
        assert judge_process([], has_plan=False).grade is ProcessGrade.UNPLANNED
        assert judge_process([], has_plan=True).grade is ProcessGrade.UNKNOWN
        # A rule of the scanner can be broken without a plan.
        assert (
            judge_process([Check("iv", False, "IV rank 20, floor 30")], has_plan=False).grade
            is ProcessGrade.BROKEN
        )


class TestBet:
    def test_good_only_where_the_whole_interval_says_so(self):
        assert judge_bet(GOOD_ODDS).quality is Quality.GOOD
        assert (
            judge_bet(GOOD_ODDS._replace(expected=r(0.11, 132, -0.01, 0.2))).quality
            is Quality.UNSURE
        )
        assert (
            judge_bet(GOOD_ODDS._replace(expected=r(-0.11, 132, -0.2, -0.01))).quality
            is Quality.BAD
        )
        assert judge_bet(GOOD_ODDS._replace(expected=r(0.11, 132))).quality is Quality.UNSURE

    def test_it_is_told_with_its_numbers(self):
        sentence = judge_bet(GOOD_ODDS).sentence.replace("\N{NARROW NO-BREAK SPACE}", " ")
        assert sentence == (
            "At entry +0.11 R was to be expected (+0.02 … +0.20), from 132 put spreads. Chance to win 71 %; 65 % breaks even."
        )

    def test_too_few_say_what_would_do(self):
        few = GOOD_ODDS._replace(expected=Figure.absent(Reason.TOO_FEW, 3, Unit.R, least=10))
        assert judge_bet(few).sentence == (
            "Can't tell yet whether it was a good bet: 3 comparable trades known at entry (10 trades would do)."
        )


class TestLuck:
    RESULTS = np.array([-1.0, -0.5, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.4, 0.5])

    def test_the_percentile_counts_ties_half(self):
        assert place_result(0.3, self.RESULTS).percentile.value == pytest.approx(0.6)

    def test_most_results_are_ordinary(self):
        assert "ordinary" in place_result(0.3, self.RESULTS).sentence
        told = place_result(0.4, self.RESULTS).sentence.replace("\N{NARROW NO-BREAK SPACE}", " ")
        assert (
            told == "+0.40 R was an ordinary result: 30 % of 10 such trades did better or the same."
        )
        assert "rare" in place_result(-2.0, self.RESULTS).sentence

    def test_without_risk_or_with_too_few_it_says_so(self):
        assert place_result(None, self.RESULTS).percentile.reason is Reason.RISK_MISSING
        few = place_result(0.3, np.array([0.1, np.nan, 0.2]))
        assert (few.percentile.reason, few.percentile.n) == (Reason.TOO_FEW, 2)
        assert "2 comparable trades" in few.sentence

    def test_decision_beside_outcome(self):
        assert quadrant_of(ProcessGrade.BROKEN, 1) is Quadrant.LUCKY_BREACH
        assert quadrant_of(ProcessGrade.FOLLOWED, -1) is Quadrant.UNLUCKY_GOOD_TRADE
        assert quadrant_of(ProcessGrade.FOLLOWED, 1) is Quadrant.DESERVED_WIN
        assert quadrant_of(ProcessGrade.BROKEN, -1) is Quadrant.DESERVED_LOSS
        assert quadrant_of(ProcessGrade.UNPLANNED, 1) is None
        assert quadrant_of(ProcessGrade.FOLLOWED, 0) is None


class TestTaught:
    def test_the_largest_move_is_told(self):
        small, large = (
            Belief("IV rank ≥ 60", r(0.108, 41), r(0.110, 42)),
            Belief("SPY", r(0.05, 9), r(0.09, 10)),
        )
        taught = what_it_taught((small, large))
        assert taught.sentence.startswith("SPY: +0.050 → +0.090 R per trade (n 9 → 10)")

    def test_one_trade_seldom_moves_anything(self):
        assert (
            "seldom"
            in what_it_taught((Belief("IV rank ≥ 60", r(0.108, 41), r(0.110, 42)),)).sentence
        )

    def test_a_first_trade_and_none(self):
        first = Belief("AMD", Figure.absent(Reason.NO_TRADES, 0, Unit.R), r(0.01, 1))
        assert "first trade" in what_it_taught((first,)).sentence
        assert "Nothing yet" in what_it_taught(()).sentence


class TestClassic:
    def test_the_sentences_of_the_specification(self):
        won = chips_of(Facts(1, "SPY", iv_rank=68.0, percent_of_maximum=52.0))
        assert [chip.classic_text for chip in won] == [
            "High IV rank (68%) contributed to success",
            "Followed 50% rule: closed at 52% of max profit",
        ]
        assert won[0].fact == "High IV rank (68%)"
        lost = chips_of(Facts(-1, "SPY", iv_rank=35.0))
        assert [chip.classic_text for chip in lost] == ["Low IV rank (35%) may have caused failure"]

    def test_what_is_not_known_is_not_told(self):
        assert chips_of(Facts(1, "SPY")) == []

    def test_stop_days_and_symbol(self):
        chips = chips_of(
            Facts(-1, "SPY", dte=7.0, close_reason="stop", symbol_trades=4, symbol_wins=3)
        )
        assert [chip.about for chip in chips] == ["dte", "close_reason", "symbol"]
        assert chips[-1].fact == "SPY: 3 of 4 trades won"


numbers = st.floats(-3, 3, allow_nan=False)
checks = st.lists(
    st.builds(
        Check,
        st.sampled_from(["size", "stop", "exit"]),
        st.sampled_from([True, False, None]),
        st.sampled_from(["as planned", "9 instead of 7"]),
    ),
    max_size=5,
)


@given(
    checks=checks, has_plan=st.booleans(), outcome=numbers, others=st.lists(numbers, max_size=30)
)
def test_flipping_the_outcome_changes_no_word_of_the_process(checks, has_plan, outcome, others):
    told = []
    for sign in (1, -1):
        facts = Facts(
            int(np.sign(sign * outcome)),
            "SPY",
            iv_rank=70.0,
            percent_of_maximum=sign * outcome * 50,
        )
        result = Result(facts, sign * outcome, sign * np.array(others), ())
        told.append(read_insight(Decision(has_plan, checks, GOOD_ODDS), result))
    assert json.dumps(told[0].as_json()["process"]) == json.dumps(told[1].as_json()["process"])
    assert told[0].bet == told[1].bet


@given(
    checks=checks,
    has_plan=st.booleans(),
    outcome=st.none() | numbers,
    others=st.lists(numbers, max_size=30),
    expected=numbers,
)
def test_no_shown_sentence_claims_a_cause_and_all_is_json(
    checks, has_plan, outcome, others, expected
):
    odds = replace_expected(expected)
    beliefs = (Belief("SPY", r(expected, 9), r(expected / 2, 10)),)
    result = Result(
        Facts(int(np.sign(outcome or 0)), "SPY", 68.0, 45.0, 52.0, "stop", 4, 3),
        outcome,
        np.array(others),
        beliefs,
    )
    insight = read_insight(Decision(has_plan, checks, odds), result)
    shown = [
        *insight.process.sentences,
        insight.bet.sentence,
        insight.luck.sentence,
        insight.taught.sentence,
    ]
    shown += [chip.fact for chip in insight.chips]
    assert [banned_in(sentence) for sentence in shown if banned_in(sentence)] == []
    json.dumps(insight.as_json(), allow_nan=False)


def replace_expected(expected: float) -> Odds:
    return GOOD_ODDS._replace(
        expected=replace(
            GOOD_ODDS.expected, value=expected, ci=Interval(expected - 0.1, expected + 0.1)
        )
    )


class TestWords:
    @pytest.mark.parametrize(
        ("number", "told"), [(0.114, "+0.11"), (-0.31, "−0.31"), (0.001, "0.00"), (-0.001, "0.00")]
    )
    def test_signs(self, number, told):
        assert signed(number) == told

    @pytest.mark.parametrize(
        ("share", "told"),
        [(0.0, "0 %"), (0.002, "< 1 %"), (0.5, "50 %"), (0.998, "> 99 %"), (1.0, "100 %")],
    )
    def test_nothing_is_rounded_to_certainty(self, share, told):
        assert percent(share).replace("\N{NARROW NO-BREAK SPACE}", " ") == told

    @pytest.mark.parametrize(
        "text",
        [
            "It won because IV was high.",
            "Losses due to size.",
            "IV rank contributed to success.",
            "This proves it.",
            "You have an edge.",
            "p < 0.05",
            "Win rate 71 %.",
        ],
    )
    def test_banned(self, text):
        assert banned_in(text)

    def test_a_confirmed_claim_may_say_because_and_a_win_rate_needs_its_break_even(self):
        assert banned_in("It won because IV was high.", is_confirmed=True) == []
        assert banned_in("p < 0.05", is_confirmed=True)
        assert banned_in("Win rate 71 %, break-even 65 %.") == []
