"""What a market must be like for its prices to count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from reconciliation.domain.guards.market import (
    MarketLimits,
    Quote,
    Trouble,
    Usual,
    Venue,
    is_forex_open,
    is_worth_believing,
    judge_market,
)

NOW = datetime(2026, 6, 1, 14, tzinfo=UTC)
USUAL = Usual(Decimal(100), Decimal("0.5"), Decimal("0.02"))
OPEN = Venue(is_open=True)


def quote(bid: str, ask: str, age: int = 1, size: str | None = None) -> Quote:
    return Quote(
        NOW - timedelta(seconds=age), Decimal(bid), Decimal(ask), size=size and Decimal(size)
    )


@pytest.mark.parametrize(
    ("one", "venue", "found"),
    [
        (quote("99.99", "100.01"), OPEN, set()),
        (quote("99.99", "100.01", age=121), OPEN, {Trouble.STALE_PRICE}),
        (quote("99.99", "100.01", age=9_999), Venue(is_open=False), {Trouble.CLOSED}),
        (quote("104.5", "104.51"), OPEN, {Trouble.PRICE_GAP}),
        (quote("99.9", "100.1"), OPEN, {Trouble.WIDE_SPREAD}),
        (quote("100.01", "99.99"), OPEN, {Trouble.WIDE_SPREAD}),
        (quote("99.99", "100.01"), Venue(is_open=True, is_halted=True), {Trouble.HALTED}),
        (None, OPEN, {Trouble.UNKNOWN}),
        (Quote(NOW), OPEN, {Trouble.UNKNOWN}),
        (Quote(NOW, last=Decimal(100)), OPEN, set()),
        (quote("99.99", "100.01"), Venue(), set()),
    ],
)
def test_each_trouble_has_its_name(one, venue, found):
    assert judge_market(one, USUAL, MarketLimits(), venue, NOW) == found


def test_what_is_not_known_as_usual_is_not_held_against_a_price():
    assert judge_market(quote("1", "200"), Usual(), MarketLimits(), OPEN, NOW) == set()


def test_little_to_trade_is_no_reason_to_doubt_a_price():
    limits = MarketLimits(size=Decimal(10))
    found = judge_market(quote("99.99", "100.01", size="9"), USUAL, limits, OPEN, NOW)
    assert found == {Trouble.THIN}
    assert is_worth_believing(found)
    # What the broker does not say is not little.
    assert judge_market(quote("99.99", "100.01", size=None), USUAL, limits, OPEN, NOW) == set()
    assert not is_worth_believing(frozenset({Trouble.PRICE_GAP}))
    assert not is_worth_believing(frozenset({Trouble.UNKNOWN}))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-06-07T20:59:00Z", False),  # Sunday, summer time
        ("2026-06-07T21:00:00Z", True),
        ("2026-06-12T20:59:00Z", True),  # Friday
        ("2026-06-12T21:00:00Z", False),
        ("2026-06-13T12:00:00Z", False),
        ("2026-01-04T21:30:00Z", False),  # Sunday, winter time
        ("2026-01-04T22:00:00Z", True),
        ("2026-06-10T03:00:00Z", True),
    ],
)
def test_the_week_of_currencies_turns_in_new_york(moment, is_open):
    assert is_forex_open(datetime.fromisoformat(moment)) is is_open
