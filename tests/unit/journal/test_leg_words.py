"""The legs of a proposal in one line."""

from __future__ import annotations

import pytest

from journal.domain.leg_words import legs_in_words

PUT = {"side": "sell", "right": "put", "strike": "540", "expiry_on": "2027-01-15", "quantity": "1"}
CALL = {**PUT, "side": "buy", "right": "call", "quantity": "2", "expiry_on": "2027-02-19"}


@pytest.mark.parametrize(
    ("legs", "line"),
    [
        ([], ""),
        ([PUT], "sell 540 put · 15 Jan 2027"),
        ([PUT, PUT], "sell 540 put, sell 540 put · 15 Jan 2027"),
        # Of a calendar each leg has its own.
        ([PUT, CALL], "sell 540 put 15 Jan 2027, buy 2 540 call 19 Feb 2027"),
        ([{"side": "buy", "symbol": "ACME"}, PUT], "buy ACME, sell 540 put 15 Jan 2027"),
        ([{"strike": "1"}] * 5, "1, 1, 1, 1 …"),
        ([{}], ""),
    ],
)
def test_legs_are_told_with_their_expiry(legs, line):
    assert legs_in_words(legs) == line
