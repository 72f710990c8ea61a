"""What was risked, and what a result is in units of it: worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from journal.domain.structures.payoff import payoff_of
from journal.domain.structures.risk import Risk, RiskBasis, in_risks, percent_of_maximum, risk_of
from journal.domain.structures.values import Figure, Unknown
from tests.unit.journal.structures.legs import legs

D = Decimal
LIMITED, TO_ZERO, STOP = RiskBasis.MAXIMUM_LOSS, RiskBasis.FALL_TO_ZERO, RiskBasis.PLANNED_STOP


@pytest.mark.parametrize(
    ("text", "stop", "amount", "basis"),
    [
        # 380 and four fees of 0.65.
        ("-1P95@2.00f1.30 +1P90@0.80f1.30", None, "382.60", LIMITED),
        # The legs limit it, whatever was planned.
        ("-1P95@2.00 +1P90@0.80", "200", "380", LIMITED),
        ("+1C100@2.50f0.65", None, "250.65", LIMITED),
        ("-1C100@2.20/30 +1C100@4.00/60", None, "180", LIMITED),
        ("+100S@50 +1P45@1.20", None, "620", LIMITED),
        # Only the fall to zero limits it: a planned stop comes first.
        ("-1P50@1.20", None, "4880", TO_ZERO),
        ("-1P50@1.20", "240", "240", STOP),
        ("+100S@50 -1C55@1.50", None, "4850", TO_ZERO),
        # Nothing limits it.
        ("-1P95@1.50 -1C105@1.30", "560", "560", STOP),
        ("+100S@50", "150", "150", STOP),
        ("+1F30@5000 -1F120@5010", "500", "500", STOP),
    ],
)
def test_risk_at_entry(text, stop, amount, basis):
    payoff = payoff_of(legs(text), with_fees=True)
    assert risk_of(payoff, planned_loss=D(stop) if stop else None) == Risk(D(amount), basis)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-1P95@1.50 -1C105@1.30", Unknown.RISK_UNDEFINED),
        ("+100S@50", Unknown.RISK_UNDEFINED),
        ("-100S@50", Unknown.RISK_UNDEFINED),
        ("+1F30@5000 -1F120@5010", Unknown.UNDERLYINGS_DIFFER),
        ("+1C100@2.20/30 -1C100@4.00/60", Unknown.EXPIRIES_DIFFER),
        ("+1C100@?", Unknown.PRICE_UNKNOWN),
        # A box of width 10 for 9.80.
        ("+1C100@5.90 -1C110@1.20 +1P110@5.50 -1P100@0.40", Unknown.NO_RISK),
    ],
)
def test_a_risk_that_is_not_known_says_why(text, reason):
    risk = risk_of(payoff_of(legs(text), with_fees=True))
    assert risk == Risk(None, reason=reason)
    assert in_risks(D(100), risk) == Figure(None, reason)


def test_a_stop_of_nothing_is_no_stop():
    payoff = payoff_of(legs("+100S@50"), with_fees=True)
    assert risk_of(payoff, planned_loss=D(0)).reason is Unknown.RISK_UNDEFINED


def test_results_in_risks_and_in_percent_of_the_maximum():
    """The bull put of 1.20 with fees of 2.60 bought back at 0.60, with fees of 2.60: 120 - 60 - 5.20 = 54.80."""
    payoff = payoff_of(legs("-1P95@2.00f1.30 +1P90@0.80f1.30"), with_fees=True)
    result = D("54.80")
    # 54.80 / 382.60 = 0.1432; 54.80 / 117.40 = 46.68 %.
    assert round(in_risks(result, risk_of(payoff)).value, 4) == D("0.1432")
    assert round(percent_of_maximum(result, payoff.max_profit).value, 2) == D("46.68")
    # Without fees just the half.
    payoff = payoff_of(legs("-1P95@2.00 +1P90@0.80"), with_fees=False)
    assert percent_of_maximum(D(60), payoff.max_profit) == Figure(D(50))
    assert percent_of_maximum(D(-380), payoff.max_profit).value < -316
    assert in_risks(D(-380), risk_of(payoff)) == Figure(D(-1))


def test_there_is_no_percent_of_what_is_unlimited_or_nothing():
    unlimited = payoff_of(legs("+1C100@2.50"), with_fees=True).max_profit
    assert percent_of_maximum(D(10), unlimited) == Figure(None, Unknown.UNLIMITED)
    # Paid 5.10 for a spread that is worth 5.00 at most.
    nothing = payoff_of(legs("+1C100@6.10 -1C105@1.00"), with_fees=True).max_profit
    assert percent_of_maximum(D(-10), nothing) == Figure(None, Unknown.NO_PROFIT)
