"""The paper broker: the same again for the same seed, and never a cent out of place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.brokers.fetching import PullFault
from journal.brokers.paper.ledger import Conduct, Ledger, PaperOrder
from journal.brokers.paper.prices import Market, bid_ask, price_at
from journal.brokers.paper.venue import Venue
from journal.domain.values import Side

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
KNOWN = ["65.94", "65.93", "65.92"]
MARKETS = {"ACME": Market("ACME"), "BETA": Market("BETA", start=500)}


def venue(conduct: Conduct | None = None, seed: int = 7) -> Venue:
    return Venue(seed, MARKETS, Ledger("USD", Decimal(100_000)), conduct)


def order(
    client_id: str, side: Side = Side.BUY, quantity: str = "10", at: datetime = NOON, **terms
):
    return PaperOrder(client_id, "ACME", side, Decimal(quantity), at, **terms)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_prices_are_the_same_again_and_of_the_seed():
    moments = [later(n) for n in range(0, 5000, 37)]
    assert [price_at(7, MARKETS["ACME"], at) for at in moments] == [
        price_at(7, MARKETS["ACME"], at) for at in moments
    ]
    assert price_at(7, MARKETS["ACME"], NOON) != price_at(8, MARKETS["ACME"], NOON)
    # Known values: no machine and no version makes others of them.
    assert [str(price_at(1, Market("X"), later(n))) for n in (0, 1, 60)] == KNOWN


def test_prices_move_as_much_as_the_market_says():
    market = Market("ACME", start=10**9, per_second=100)
    prices = [price_at(3, market, later(n)) / market.tick for n in range(3_000)]
    steps = [float(b - a) for a, b in pairwise(prices)]
    assert 0.6 < pstdev(steps) < 1.4
    far = [float(b - a) for a, b in zip(prices, prices[100:], strict=False)]
    assert 5 < pstdev(far) < 20


def test_an_order_at_market_costs_the_spread_and_the_fee():
    one = venue()
    bought = one.place(order("a"), NOON)
    bid, ask = bid_ask(7, MARKETS["ACME"], NOON)
    assert (bought.state, bought.filled) == ("filled", 10)
    assert one.ledger.cash == 100_000 - 10 * ask - Decimal("0.5")
    assert one.equity(NOON) == 100_000 - 10 * (ask - bid) - Decimal("0.5")
    one.place(order("b", Side.SELL, is_reduce_only=True), NOON)
    assert one.ledger.positions == {}


def test_what_is_sent_twice_is_one_order():
    one = venue()
    assert one.place(order("a"), NOON) is one.place(order("a"), later(5))
    assert len(one.ledger.fills) == 1


def test_a_closing_order_closes_what_is_there_and_no_more():
    one = venue()
    one.place(order("a", quantity="4"), NOON)
    assert one.place(order("b", Side.SELL, "10", is_reduce_only=True), NOON).filled == 4
    refused = one.place(order("c", Side.SELL, "10", is_reduce_only=True), NOON)
    assert (refused.state, refused.reason) == ("rejected", "There is nothing to close.")


def test_orders_fill_in_parts_and_late():
    one = venue(Conduct(latency=4, in_parts=1))
    assert one.place(order("a", quantity="7"), NOON).filled == 0
    assert one.find("a", later(4)).filled == 3
    assert one.find("a", later(10)).filled == 7
    assert [fill.quantity for fill in one.ledger.fills] == [3, 4]


def test_a_limit_waits_and_a_stop_is_triggered():
    bid, ask = bid_ask(7, MARKETS["ACME"], NOON)
    one = venue()
    assert one.place(order("low", limit_price=ask - 1), NOON).state == "working"
    assert one.place(order("stop", Side.SELL, stop_price=bid), NOON).state == "filled"
    assert one.cancel("low", later(1))
    assert not one.cancel("low", later(2))
    assert one.place(order("high", limit_price=ask + 5), later(2)).state == "filled"
    assert one.ledger.fills[-1].price < ask + 5


def test_an_order_that_goes_missing_may_be_there():
    one = venue(Conduct(goes_missing=1))
    answers = [one.place(order(f"m{n}"), NOON) for n in range(40)]
    assert set(answers) == {None}
    assert 8 < sum(one.find(f"m{n}", NOON) is not None for n in range(40)) < 32


def test_during_an_outage_nothing_is_said_and_time_goes_on():
    one = venue(Conduct(latency=2, outages=((later(5), later(60)),)))
    one.place(order("a"), NOON)
    with pytest.raises(PullFault, match="no answer"):
        one.find("a", later(30))
    assert one.find("a", later(60)).state == "filled"
    assert one.ledger.fills[0].at <= later(2)


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["ACME", "BETA", "WHO"]), st.sampled_from(Side), st.integers(0, 20), st.booleans(),
        st.sampled_from([None, Decimal(50), Decimal(150)]), st.integers(0, 50),
    ),
    max_size=15,
)  # fmt: skip
CHANCES = st.sampled_from([0, 0.5])
CONDUCT = st.tuples(st.sampled_from([0, 3]), CHANCES, CHANCES, CHANCES).map(
    lambda values: Conduct(*values)
)


@settings(deadline=None)
@given(orders=ORDERS, conduct=CONDUCT, seed=st.integers(0, 99))
def test_cash_and_positions_are_what_the_fills_make_of_them(orders, conduct, seed):
    one = venue(conduct, seed)
    second = 0
    for number, (symbol, side, quantity, closing, limit, pause) in enumerate(orders):
        second += pause
        one.place(
            PaperOrder(f"o{number}", symbol, side, Decimal(quantity), later(second), limit, is_reduce_only=closing),
            later(second),
        )  # fmt: skip
    one.advance(later(second + 60))
    cash, held = Decimal(100_000), {"ACME": Decimal(0), "BETA": Decimal(0)}
    for fill in one.ledger.fills:
        sign = 1 if fill.side is Side.BUY else -1
        cash -= sign * fill.quantity * fill.price + fill.fee
        before = held[fill.symbol]
        held[fill.symbol] += sign * fill.quantity
        if one.ledger.orders[fill.client_id].is_reduce_only:
            assert abs(held[fill.symbol]) < abs(before)
            assert held[fill.symbol] * before >= 0
    assert one.ledger.cash == cash
    assert one.ledger.positions == {symbol: units for symbol, units in held.items() if units}
    for known in one.ledger.orders.values():
        assert 0 <= known.filled <= known.quantity
        assert known.filled == sum(
            fill.quantity for fill in one.ledger.fills if fill.client_id == known.client_id
        )
