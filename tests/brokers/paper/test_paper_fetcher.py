"""The paper broker as a connection: history, what is held, and closing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.brokers.base import CashRow, ExecutionRow, OrderRow, OrderStatus
from journal.brokers.fetching import PullFault, Verdict, Window
from journal.brokers.live import Closing, ClosingOrder, Reading
from journal.brokers.paper.document import share
from journal.brokers.paper.fetcher import Paper, visit
from journal.brokers.paper.keeping import LinkKeeper, offer_keeper
from journal.brokers.paper.ledger import PaperOrder
from journal.brokers.paper.prices import Shock
from journal.brokers.paper.stored import dump, load
from journal.brokers.paper.terms import read_terms
from journal.domain.fate import Fate
from journal.domain.values import Side
from tests.brokers.reading import SAMPLES, of, parse, problem_codes
from tests.simulators.link import Clock, MemoryLink

NOON = "2026-06-01T12:00:00+00:00"
FOREVER = Window(datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
ACME = share("ACME", "USD")


@pytest.fixture(autouse=True)
def kept_by_the_link():
    before = offer_keeper(LinkKeeper())
    yield
    offer_keeper(before)


def link_to(**terms: str) -> MemoryLink:
    return MemoryLink(Clock(NOON), {"account": "P1", "money": "10000", **terms}, {})


def order(link, client_id, side=Side.BUY, quantity="10", symbol="ACME", **terms):
    with visit(link) as seat:
        placed = PaperOrder(client_id, symbol, side, D(quantity), seat.at, **terms)
        return seat.venue.place(placed, seat.at)


def closing(client_id, quantity="10", side=Side.SELL, symbol="ACME"):
    return ClosingOrder(share(symbol, "USD"), "", side, D(quantity), client_id)


def test_it_reads_and_closes():
    assert isinstance(Paper(), Reading)
    assert isinstance(Paper(), Closing)


def test_what_is_held_is_told_with_what_it_is_worth():
    link = link_to()
    order(link, "a")
    order(link, "stop", Side.SELL, stop_price=D(50), is_reduce_only=True)
    order(link, "target", Side.SELL, limit_price=D(500), is_reduce_only=True)
    link.clock.advance(60)
    seen = Paper().read_account(link, "P1")
    assert seen.is_complete
    assert (seen.account_id, seen.currency, seen.as_of) == ("P1", "USD", link.now())
    (held,) = seen.holdings
    assert (held.instrument, held.signed_quantity) == (ACME, 10)
    assert (held.stop_price, held.target_price) == (50, 500)
    assert seen.balance == D("9999.5")
    assert seen.equity == seen.balance + held.open_pnl
    assert seen.cash == {"USD": seen.balance - 10 * held.average_price}
    assert seen.margin_used == 5 * held.price
    assert [one.client_order_id for one in seen.orders] == ["stop", "target"]


def test_the_same_account_again_is_where_it_was():
    link = link_to()
    order(link, "a")
    again = MemoryLink(link.clock, link.credentials, {})
    again.state = json.loads(json.dumps(link.state))
    assert Paper().read_account(again, "P1") == Paper().read_account(link, "P1")


def test_a_position_is_closed_and_found_closed():
    link = link_to()
    order(link, "a")
    reply = Paper().send_close(link, "P1", closing("x"))
    assert (reply.fate, reply.filled) == (Fate.FILLED, 10)
    assert Paper().find_order(link, "P1", "x") == reply
    assert Paper().read_account(link, "P1").holdings == ()
    nothing = Paper().send_close(link, "P1", closing("y"))
    # Somebody else has closed it: that is for reading to tell, and for nobody to be called.
    assert (nothing.fate, nothing.is_final) == (Fate.REJECTED, False)
    unknown = Paper().send_close(link, "P1", closing("z", symbol="NOPE"))
    assert (unknown.fate, unknown.is_final) == (Fate.REJECTED, True)


def test_an_order_that_was_looked_for_before_it_came_is_never_taken():
    link = link_to()
    order(link, "a")
    assert Paper().find_order(link, "P1", "x").fate is Fate.NEVER
    late = Paper().send_close(link, "P1", closing("x"))
    assert (late.fate, late.filled) == (Fate.REJECTED, 0)
    assert Paper().read_account(link, "P1").holdings[0].signed_quantity == 10


@pytest.mark.parametrize("number", range(12))
def test_an_answer_that_was_lost_is_found_out(number):
    link = link_to(seed=str(number))
    order(link, "a")
    link.credentials = link.credentials | {"goes_missing": "100"}
    assert Paper().send_close(link, "P1", closing("x")).fate is Fate.UNKNOWN
    found = Paper().find_order(link, "P1", "x")
    held = sum(one.signed_quantity for one in Paper().read_account(link, "P1").holdings)
    assert (found.fate, held) in ((Fate.FILLED, 0), (Fate.NEVER, 10))


def test_orders_at_work_are_taken_back():
    link = link_to(latency="30")
    order(link, "a")
    link.clock.advance(40)
    order(link, "stop", Side.SELL, stop_price=D(50), is_reduce_only=True)
    order(link, "other", symbol="BETA", limit_price=D(2))
    assert Paper().cancel_orders(link, "P1", ACME)
    assert [one.client_order_id for one in Paper().read_account(link, "P1").orders] == ["other"]


def test_partial_fills_are_told_while_they_are_partial():
    link = link_to(latency="4", in_parts="100")
    order(link, "a")
    link.clock.advance(20)
    assert Paper().send_close(link, "P1", closing("x")).fate is Fate.WORKING
    link.clock.advance(4)
    half = Paper().find_order(link, "P1", "x")
    assert (half.fate, half.filled) == (Fate.WORKING, 5)
    link.clock.advance(20)
    assert Paper().find_order(link, "P1", "x").fate is Fate.FILLED


def test_an_outage_is_later_and_nothing_is_lost():
    link = link_to(latency="2")
    order(link, "a")
    with visit(link) as seat:
        seat.venue.ledger.outages.append((link.now() + timedelta(1), link.now() + timedelta(2)))
    link.clock.advance(days=1)
    for call in (
        lambda: Paper().read_account(link, "P1"),
        lambda: list(Paper().fetch(link, FOREVER)),
        lambda: Paper().send_close(link, "P1", closing("x")),
    ):
        with pytest.raises(PullFault) as caught:
            call()
        assert caught.value.verdict is Verdict.LATER
    link.clock.advance(days=1)
    assert Paper().read_account(link, "P1").holdings[0].signed_quantity == 10


def test_a_market_that_falls_takes_the_equity_along():
    link = link_to()
    order(link, "a", quantity="80")
    before = Paper().read_account(link, "P1")
    with visit(link) as seat:
        seat.venue.ledger.shocks.append(Shock(seat.at, D("-0.5"), 60))
    falling = []
    for _ in range(7):
        falling.append(Paper().read_account(link, "P1").equity)
        link.clock.advance(10)
    assert falling[0] == before.equity
    assert falling == sorted(falling, reverse=True)
    fallen = Paper().read_account(link, "P1").holdings[0]
    assert D("0.45") < fallen.price / before.holdings[0].price < D("0.55")


def test_more_than_the_money_allows_is_refused():
    link = link_to()
    assert order(link, "a", quantity="1000").reason == "There is not enough money."
    assert order(link, "b", quantity="150").state == "filled"
    assert order(link, "c", Side.SELL, quantity="1000").state == "rejected"
    assert order(link, "d", Side.SELL, quantity="150").state == "filled"


def test_a_clock_that_goes_back_stands_still_for_the_broker():
    link = link_to()
    order(link, "a")
    as_of = Paper().read_account(link, "P1").as_of
    link.clock.advance(-30)
    assert Paper().read_account(link, "P1").as_of == as_of
    assert order(link, "b").placed_at == as_of


def test_markets_stay_when_they_are_no_longer_named():
    link = link_to(markets="ACME 100, GONE 20")
    order(link, "a", symbol="GONE")
    link.credentials = link.credentials | {"markets": "NEXT 5"}
    link.clock.advance(3600)
    assert Paper().read_account(link, "P1").holdings[0].instrument.symbol == "GONE"
    assert order(link, "b", symbol="NEXT").state == "filled"


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        ({"account": ""}, "Account"), ({"money": "much"}, "Money"), ({"money": "-1"}, "Money"),
        ({"currency": "DOLLARS"}, "Currency"), ({"markets": "ACME"}, "Markets"), ({"markets": "A 0"}, "Markets"),
        ({"seed": "1.5"}, "Seed"), ({"refuses": "101"}, "Orders refused"), ({"latency": "NaN"}, "Seconds"),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_told(terms, named):
    with pytest.raises(PullFault, match=named) as caught:
        read_terms({"account": "P1", **terms})
    assert caught.value.verdict is Verdict.PERSON


def test_another_account_is_not_here():
    with pytest.raises(PullFault, match="P1, not for P2"):
        Paper().read_account(link_to(), "P2")


def history(link, window=FOREVER):
    (document,) = Paper().fetch(link, window)
    return document, parse(document.content, "paper") if document.content else []


def test_nothing_happened_is_no_file_and_is_complete():
    link = link_to(money="0")
    document, _ = history(link)
    assert (document.content, document.account_id) == (b"", "P1")
    assert document.complete_until == link.now()


def test_the_sample_is_read_whole():
    records = parse(SAMPLES / "paper" / "samples" / "history.json", "paper")
    assert not problem_codes(records)
    assert sum(row.amount for row in of(CashRow, records)) == D("99749.75")
    ends = {row.order_id: row.status for row in of(OrderRow, records)}
    assert ends == {
        "O1": OrderStatus.FILLED, "O2": OrderStatus.CANCELLED, "O3": OrderStatus.FILLED, "O4": OrderStatus.REJECTED,
        "O5": OrderStatus.FILLED, "O6": OrderStatus.PLACED,
    }  # fmt: skip


def test_rows_that_lack_something_are_told_and_the_others_are_read():
    link = link_to()
    order(link, "a")
    order(link, "b")
    document, _ = history(link)
    said = json.loads(document.content)
    del said["fills"][0]["price"]
    said["cash"][0]["amount"] = "NaN"
    records = parse(json.dumps(said), "paper")
    assert problem_codes(records) == {"bad_paper_row": 2}
    assert len(of(ExecutionRow, records)) == 1


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["ACME", "BETA", "ZETA"]), st.sampled_from(Side), st.integers(1, 12), st.booleans(),
        st.sampled_from([None, D(40), D(110)]), st.integers(0, 90),
    ),
    max_size=10,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(moves=MOVES, cut=st.integers(0, 600))
def test_documents_of_any_two_windows_hold_the_account_to_the_cent(moves, cut):
    link = link_to(latency="8", in_parts="40", refuses="20", goes_missing="20")
    begun = link.now()
    for number, (symbol, side, quantity, closes, limit, pause) in enumerate(moves):
        link.clock.advance(pause)
        order(
            link,
            f"o{number}",
            side,
            str(quantity),
            symbol,
            limit_price=limit,
            is_reduce_only=closes,
        )
    link.clock.advance(60)
    seen = Paper().read_account(link, "P1")
    middle = begun + timedelta(seconds=cut, microseconds=1)
    rows = [
        row
        for window in (Window(begun, middle), Window(middle, FOREVER.until))
        for row in history(link, window)[1]
    ]
    fills, cash = {one.broker_id: one for one in of(ExecutionRow, rows)}, D(0)
    held: dict[str, D] = {}
    for fill in fills.values():
        sign = 1 if fill.side is Side.BUY else -1
        cash -= sign * fill.quantity * fill.price + fill.fee
        held[fill.instrument.symbol] = held.get(fill.instrument.symbol, D(0)) + sign * fill.quantity
    cash += sum(row.amount for row in {one.broker_id: one for one in of(CashRow, rows)}.values())
    assert seen.cash == {"USD": cash}
    assert {one.instrument.symbol: one.signed_quantity for one in seen.holdings} == {
        symbol: units for symbol, units in held.items() if units
    }
    with visit(link) as seat:
        ledger = seat.venue.ledger
        assert load(json.loads(json.dumps(dump(ledger)))) == ledger
