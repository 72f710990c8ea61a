"""What a point is worth: by the profits, then by the list, never by default."""

from __future__ import annotations

from decimal import Decimal

import pytest

from journal.brokers.text.points import Fact, Points

FIFTY = Decimal(50)


def points(*facts: tuple[str, str] | tuple[str, str, str]) -> Points:
    found = Points()
    for profit, units, *costs in facts:
        found.learn("X", Fact(Decimal(profit), Decimal(units), Decimal(costs[0] if costs else 0)))
    return found


@pytest.mark.parametrize(
    ("facts", "listed", "value"),
    [
        ((), None, None),
        ((), FIFTY, FIFTY),
        ((("0", "0"),), None, None),
        ((("100", "2"),), FIFTY, FIFTY),
        ((("100", "2"),), None, FIFTY),
        ((("37.50", "3"),), None, Decimal("12.5")),
        ((("-12.50", "-0.000001"),), None, Decimal(12500000)),
        # After costs, and some of them before.
        ((("95.50", "2", "4.50"),), None, FIFTY),
        ((("95.50", "2", "4.50"), ("150", "3", "4.50")), FIFTY, FIFTY),
        # The file's prices are in another unit than the list's.
        ((("5", "10"), ("15", "30")), FIFTY, Decimal("0.5")),
        # One move alone does not overrule the list.
        ((("5", "10"),), FIFTY, FIFTY),
        ((("100", "2"), ("200", "4"), ("7", "1")), None, FIFTY),
        # A profit against the price tells nothing.
        ((("-100", "2"),), None, None),
        ((("123.456", "7"),), None, None),
    ],
)
def test_the_value_that_most_profits_follow_from(facts, listed, value):
    assert points(*facts).value("X", listed) == value


def test_a_value_that_was_used_stays():
    found = points(("100", "2"))
    assert found.value("X", None) == FIFTY
    for _ in range(5):
        found.learn("X", Fact(Decimal(30), Decimal(1), Decimal(0)))
    assert found.value("X", None) == FIFTY


@pytest.mark.parametrize(
    ("profit", "net"), [("100", "95.5"), ("95.5", "95.5"), ("99.5", None), ("100.01", "95.51")]
)
def test_a_profit_is_before_or_after_costs(profit, net):
    found = Fact(Decimal(profit), Decimal(2), Decimal("4.5")).net(FIFTY)
    assert found == (None if net is None else Decimal(net))
