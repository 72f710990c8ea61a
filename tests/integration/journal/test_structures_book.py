"""Legs of one order, of one delivery, or that a person put together, are one trade, however the evidence comes."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest
from django_scopes import scope

from common.errors import AppError
from journal.domain.structures.proposals import Reason
from journal.models import (
    BrokerAccount,
    DataIssue,
    DayRollup,
    Leg,
    LegGrouping,
    Structure,
    Trade,
    TradeNote,
)
from journal.selectors.structures import list_claimants, list_companions, list_proposals
from journal.services.annotations import add_note
from journal.services.booking.rebook import rebook_account
from journal.services.structures import group_by_evidence, join_trades, split_trade
from journal.services.verification import verify_account
from tests import people
from tests.brokers.ibkr_flex.flex import trade
from tests.captures import account_of, bot, fill, order
from tests.captures import book as book_captured
from tests.doors import import_now, undo
from tests.integration.journal.test_flex_book import flex


@pytest.fixture
def workspace(db):
    workspace = people.alice().workspace
    with scope(workspace=workspace.pk):
        yield workspace


def put(strike: int, quantity: int, price: str, day: int, order: str, **more: str) -> str:
    """A fill of puts on ACME at that strike, on that day of June."""
    number = f"{strike}{day}{abs(quantity)}{order}"
    row = {
        "assetCategory": "OPT", "symbol": f"ACME  260717P{strike:05d}000", "conid": f"9{strike}",
        "underlyingConid": "7001", "underlyingSymbol": "ACME", "multiplier": "100", "strike": str(strike),
        "expiry": "20260717", "putCall": "P", "quantity": str(quantity), "tradePrice": price,
        "buySell": "BUY" if quantity > 0 else "SELL", "dateTime": f"202606{day:02d};100000", "ibOrderID": order,
        "transactionID": number, "tradeID": number,
    }  # fmt: skip
    return trade(**row | more)


OPENED = (put(95, -2, "3.10", 2, "51"), put(90, 2, "1.20", 2, "51"))
CLOSED = (put(95, 2, "1.50", 9, "60"), put(90, -2, "0.55", 9, "60"))


def book(workspace, *rows: str):
    return import_now(workspace, flex(Trades=[*rows]))


def assert_true(workspace) -> None:
    (account,) = BrokerAccount.objects.filter(workspace=workspace)
    assert verify_account(account) == []


def test_legs_of_one_order_are_one_trade(workspace):
    batch = book(workspace, *OPENED, *CLOSED)
    (found,) = Trade.objects.all()
    assert (found.symbol, found.leg_count, found.asset_class) == ("ACME", 2, "option")
    # 1.90 taken in, 0.95 paid, twice a hundred, less four fees of 1.
    assert (found.average_open, found.average_close) == (Decimal("-1.9"), Decimal("-0.95"))
    assert (found.quantity, found.gross_pnl, found.net_pnl) == (2, 190, 186)
    assert (found.direction, found.result, found.execution_count) == ("short", "win", 4)
    assert found.closed_at is not None
    assert set(Leg.objects.values_list("trade_id", flat=True)) == {found.pk}
    assert batch.result["trades"] == {"opened": 1, "closed": 1}
    rollup = DayRollup.objects.get(day=found.closed_on)
    assert (rollup.trades, rollup.wins, rollup.net_pnl) == (1, 1, 186)
    assert_true(workspace)


def test_the_parts_may_come_in_any_order_and_go_again(workspace):
    parts = (OPENED[:1], OPENED[1:], CLOSED)
    for sequence in permutations(range(3)):
        batches = [book(workspace, *parts[place]) for place in sequence]
        (found,) = Trade.objects.all()
        assert (found.leg_count, found.net_pnl) == (2, 186)
        assert_true(workspace)
        undo(workspace, batches[sequence.index(1)])
        # What closed the other leg opens one now, in one order with what closes the first.
        assert_true(workspace)
        for batch in batches:
            if batch is not batches[sequence.index(1)]:
                undo(workspace, batch)
        assert not Trade.objects.exists()


def test_an_order_that_only_closes_what_was_opened_apart_says_so_too(workspace):
    book(workspace, put(95, -2, "3.10", 2, "51"), put(90, 2, "1.20", 3, "52"))
    assert Trade.objects.count() == 2
    book(workspace, *CLOSED)
    assert Trade.objects.get().leg_count == 2
    assert_true(workspace)


def test_rolled_legs_stay_one_trade(workspace):
    book(workspace, *OPENED)
    book(workspace, put(95, 2, "1.50", 9, "60"), put(92, -2, "2.50", 9, "60"))
    found = Trade.objects.get()
    assert (found.leg_count, found.closed_at) == (3, None)
    book(workspace, put(92, 2, "1.00", 12, "70"), put(90, -2, "0.20", 12, "70"))
    found = Trade.objects.get()
    # What it was opened for, not what it was rolled into.
    assert (found.average_open, found.quantity) == (Decimal("-1.9"), 2)
    # 3.10 - 1.50 + 2.50 - 1.00 - 1.20 + 0.20, twice a hundred, less six fees of 1.
    assert (found.net_pnl, found.result) == (Decimal(414), "win")
    assert_true(workspace)


def test_the_same_number_on_another_day_is_another_order(workspace):
    book(workspace, put(95, -2, "3.10", 2, "51"), put(90, 2, "1.20", 3, "51"))
    assert Trade.objects.count() == 2


def test_a_number_that_is_used_for_everything_tells_days_apart(workspace):
    book(
        workspace, *(row.replace('ibOrderID="60"', 'ibOrderID="51"') for row in (*OPENED, *CLOSED))
    )
    found = Structure.objects.get()
    assert (found.name, found.max_loss, found.was_rolled) == ("bull put spread", 622, False)


def test_shares_that_an_order_only_adds_to_stay_a_trade_of_their_own(workspace):
    shares = trade(
        quantity="500", transactionID="1", tradeID="1", ibOrderID="40", dateTime="20260601;100000"
    )
    more = trade(
        quantity="200", transactionID="2", tradeID="2", ibOrderID="51", dateTime="20260602;100000"
    )
    book(workspace, shares, more, put(95, -2, "3.10", 2, "51"))
    assert Trade.objects.count() == 2
    assert_true(workspace)


def test_shares_and_options_that_one_order_bought_are_one(workspace):
    shares = trade(
        quantity="200",
        tradePrice="96",
        transactionID="2",
        tradeID="2",
        ibOrderID="51",
        dateTime="20260602;100000",
    )
    book(workspace, shares, put(95, 2, "3.10", 2, "51"))
    found = Trade.objects.get()
    # A share and its put: 96 + 3.10.
    assert (found.leg_count, found.average_open, found.direction) == (2, Decimal("99.1"), "long")


def test_an_assigned_put_takes_its_shares_along(workspace):
    book(workspace, put(95, -1, "3.10", 2, "51"))
    ended = put(95, 1, "0", 20, "", notes="A", transactionType="BookTrade")
    shares = trade(
        quantity="100", tradePrice="95", transactionID="77", tradeID="77", dateTime="20260620;162000", notes="A",
        transactionType="BookTrade", ibCommission="0",
    )  # fmt: skip
    book(workspace, ended, shares)
    found = Trade.objects.get()
    assert (found.leg_count, found.closed_at) == (2, None)
    assert_true(workspace)


def test_shares_that_a_put_delivers_to_others_are_proposed_and_joined_by_a_person(workspace):
    held = trade(
        quantity="50",
        tradePrice="97",
        transactionID="1",
        tradeID="1",
        ibOrderID="40",
        dateTime="20250601;100000",
    )
    shares = trade(
        quantity="100", tradePrice="95", transactionID="77", tradeID="77", dateTime="20260620;162000", notes="A",
        transactionType="BookTrade", ibCommission="0",
    )  # fmt: skip
    ended = put(95, 1, "0", 20, "", notes="A", transactionType="BookTrade")
    # Many others nearer by, so that the shares of a year ago are not among the nearest.
    others = [put(60 + number, -1, "0.10", 3, str(number)) for number in range(15)]
    book(workspace, held, put(95, -1, "3.10", 2, "51"), ended, shares, *others)
    option = Trade.objects.get(symbol__contains="P00095")
    share = Trade.objects.get(asset_class="stock")
    for seen, other in ((option, share), (share, option)):
        found, legs = list_proposals(seen, list_companions(seen))
        (one,) = [each for each in found if each.reason is Reason.DELIVERED]
        assert {legs[id_].trade_id for id_ in one.leg_ids} == {seen.pk, other.pk}
    joined = join_trades([option, share], author_id=None)
    assert (joined.leg_count, joined.closed_at) == (2, None)
    assert_true(workspace)


def test_what_people_said_of_a_leg_is_said_of_its_trade(workspace):
    book(workspace, *OPENED[1:])
    note = add_note(Trade.objects.get(), text="Bought for protection.", author_id=None)
    batch = book(workspace, *OPENED[:1])
    note.refresh_from_db()
    assert note.trade_id == Trade.objects.get().pk
    undo(workspace, batch)
    assert TradeNote.objects.get().trade_id == Trade.objects.get().pk


def test_a_rebuild_changes_nothing(workspace):
    book(workspace, *OPENED, *CLOSED)
    before = list(Trade.objects.values())
    rebook_account(BrokerAccount.objects.get())
    assert list(Trade.objects.values()) == before


def test_people_join_and_split_and_it_holds(workspace):
    book(
        workspace,
        put(95, -2, "3.10", 2, "51"),
        put(90, 2, "1.20", 3, "52"),
        put(80, 1, "0.40", 4, "53"),
    )
    first, second, third = Trade.objects.order_by("opened_at")
    joined = join_trades([second, first, third], author_id=None)
    assert (joined.pk, joined.leg_count, Trade.objects.count()) == (first.pk, 3, 1)
    split = split_trade(joined, leg_ids=[third.pk], author_id=None)
    assert (split.leg_count, Trade.objects.count()) == (2, 2)
    book(workspace, *CLOSED)
    assert sorted(Trade.objects.values_list("leg_count", flat=True)) == [1, 2]
    assert_true(workspace)
    rebook_account(BrokerAccount.objects.get())
    assert Trade.objects.get(leg_count=2).net_pnl == 186


def test_what_one_order_opened_can_be_split_and_put_back(workspace):
    book(workspace, *OPENED, *CLOSED)
    split_trade(Trade.objects.get(), leg_ids=[], author_id=None)
    assert sorted(Trade.objects.values_list("gross_pnl", flat=True)) == [-130, 320]
    assert_true(workspace)
    day = DayRollup.objects.get(trades__gt=0)
    assert (day.trades, day.wins, day.losses) == (2, 1, 1)
    one = group_by_evidence(Trade.objects.order_by("pk")[0])
    assert (one.leg_count, one.net_pnl, LegGrouping.objects.count()) == (2, 186, 0)
    assert_true(workspace)


def test_a_leg_that_two_trades_claim_is_told_until_a_person_says_where_it_belongs(workspace):
    # One order filled three contracts; a person put two of them apart. The third one came with a later file.
    book(workspace, *OPENED)
    split_trade(Trade.objects.get(), leg_ids=[], author_id=None)
    batch = book(workspace, put(85, 2, "0.60", 2, "51"))
    late = Trade.objects.order_by("opened_at", "pk").last()
    told = DataIssue.objects.get(code="leg_contested")
    assert (told.execution_id, told.severity) == (late.pk, "warning")
    assert "2 trades" in told.message
    assert [one.pk for one in list_claimants(late)] == [
        one.pk for one in Trade.objects.exclude(pk=late.pk).order_by("opened_at", "pk")
    ]
    assert_true(workspace)
    assert DataIssue.objects.get(code="leg_contested").pk == told.pk
    # It goes with its import, and comes back with it.
    undo(workspace, batch)
    assert not DataIssue.objects.filter(code="leg_contested").exists()
    book(workspace, put(85, 2, "0.60", 2, "51"))
    assert DataIssue.objects.filter(code="leg_contested").count() == 1
    late = Trade.objects.order_by("opened_at", "pk").last()
    join_trades([late, list_claimants(late)[0]], author_id=None)
    assert not DataIssue.objects.filter(code="leg_contested").exists()
    assert list_claimants(Trade.objects.get(leg_count=2)) == []
    assert_true(workspace)


def test_what_cannot_be_joined_or_split_is_told(workspace):
    book(workspace, *OPENED)
    trade = Trade.objects.get()
    for refused in (
        lambda: join_trades([trade], author_id=None),
        lambda: split_trade(trade, leg_ids=[leg.pk for leg in trade.legs.all()], author_id=None),
        lambda: split_trade(trade, leg_ids=[0], author_id=None),
    ):
        with pytest.raises(AppError):
            refused()
    assert Trade.objects.get().leg_count == 2


def test_a_structure_is_told_by_what_it_pays(workspace):
    book(workspace, *OPENED)
    found = Structure.objects.get()
    assert (found.name, found.units, found.joined_by) == ("bull put spread", 2, "order")
    # 3.10 - 1.20 on twice a hundred; five points of width less that, and two fees of 1.
    assert (found.net_premium, found.max_profit, found.max_loss) == (380, 378, 622)
    assert (found.risk, found.break_evens) == (622, [Decimal("93.11")])
    book(workspace, put(95, 2, "1.50", 9, "60"), put(92, -2, "2.50", 9, "60"))
    rolled = Structure.objects.get()
    assert rolled.was_rolled
    assert rolled.max_profit == found.max_profit == found.max_profit_since_adjusted
    assert rolled.max_profit_since_adjusted != rolled.max_profit
    assert_true(workspace)


def test_options_on_two_shares_that_a_person_joined_are_no_spread(workspace):
    """A put on ACME and one on BETA lose by themselves: together there is no most that they can lose."""
    other = put(90, 2, "1.20", 2, "52").replace("ACME", "BETA").replace("7001", "7002")
    book(workspace, *OPENED[:1], other.replace('conid="990"', 'conid="8890"'))
    join_trades(list(Trade.objects.all()), author_id=None)
    found = Structure.objects.get()
    assert (found.kind, found.max_loss, found.risk) == ("custom", None, None)
    assert found.reasons["max_loss"] == "underlyings_differ"
    assert found.net_premium == 380
    assert_true(workspace)


def test_what_is_one_leg_again_is_no_structure(workspace):
    batch = book(workspace, *OPENED[:1])
    book(workspace, *OPENED[1:])
    assert Structure.objects.count() == 1
    undo(workspace, batch)
    assert not Structure.objects.exists()
    assert_true(workspace)


def leg_fill(strike: int, side: str, price: str, **more: str) -> dict[str, str]:
    return fill(
        symbol=f"ACME  260717P{strike:05d}000", underlying="ACME", asset_class="option", right="put",
        strike=str(strike), expiry_on="2026-07-17", multiplier="100", side=side, quantity="2", price=price,
        exec_id=f"{strike}{side}", **more,
    )  # fmt: skip


def report(client, *records: dict[str, str], kind: str = "executions") -> None:
    answer = client.post(f"/api/{kind}/batch", {kind: records})
    assert {one["status"] for one in answer.json()["results"]} == {"created"}, answer.json()


def test_legs_whose_fills_name_one_plan_are_one_trade(workspace):
    account = account_of(workspace)
    client = bot(workspace.memberships.get())
    report(
        client,
        leg_fill(95, "sell", "3.10", plan_id="plan-7"),
        leg_fill(90, "buy", "1.20", plan_id="plan-7"),
        leg_fill(85, "buy", "0.60", plan_id="plan-8"),
    )
    book_captured(workspace)
    assert sorted(Trade.objects.values_list("leg_count", flat=True)) == [1, 2]
    assert Structure.objects.get().joined_by == "plan"
    assert verify_account(account) == []


def test_an_order_that_names_the_idea_after_its_fills_joins_them(workspace):
    account = account_of(workspace)
    client = bot(workspace.memberships.get())
    report(
        client,
        leg_fill(95, "sell", "3.10", client_order_id="a"),
        leg_fill(90, "buy", "1.20", client_order_id="b"),
    )
    book_captured(workspace)
    assert Trade.objects.count() == 2
    said = [
        order(client_order_id=name, status="filled", recommendation_id="idea-1") for name in "ab"
    ]
    report(client, *said, kind="orders")
    book_captured(workspace)
    assert Structure.objects.get().joined_by == "recommendation"
    assert verify_account(account) == []
