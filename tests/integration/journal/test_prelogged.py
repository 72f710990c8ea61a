"""Trades that were told before their fills: they take their fills over when those arrive, once."""

from __future__ import annotations

import pytest
from django_scopes import scope
from fillbook_client.scanner import entry_of, exit_of

from journal.models import Execution, Order, Plan, Trade, TradeChain
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.captures import account_of, bot, fill, order
from tests.doors import import_now
from tests.plans import links, plan, settle

pytestmark = pytest.mark.django_db

ACCOUNT = "U1234567"
# In New York; the bot says half past one in UTC.
BOUGHT = trade(
    transactionID="1",
    symbol="ACME",
    dateTime="20260602;093003",
    quantity="4",
    tradePrice="25.50",
    ibOrderID="900",
)
BOUGHT_TOO = trade(
    transactionID="2",
    symbol="ACME",
    dateTime="20260602;093004",
    quantity="6",
    tradePrice="25.52",
    ibOrderID="900",
)
SOLD = trade(
    transactionID="3", symbol="ACME", dateTime="20260602;110000", quantity="-10", tradePrice="24", buySell="SELL",
    ibOrderID="901",
)  # fmt: skip
TOLD = order(
    account=ACCOUNT, client_order_id="t-1", status="filled", role="entry", side="buy", quantity="10", symbol="ACME",
    filled_quantity="10", average_price="25.51", plan_id="plan-1",
)  # fmt: skip


@pytest.fixture
def who():
    who = people.everybody()
    account_of(who.workspace, ACCOUNT)
    bot(who.alice).post("/api/plans", plan(account=ACCOUNT, symbol="ACME"), format="json")
    return who


def tell(who, record) -> None:
    answer = bot(who.alice).post("/api/orders", record, format="json")
    assert answer.status_code == 201, answer.content
    settle(who.workspace)


@pytest.mark.parametrize("order_first", [True, False])
def test_an_order_that_was_filled_as_a_whole_takes_over_the_fills_of_the_statement(
    who, order_first
):
    steps = [
        lambda: tell(who, TOLD),
        lambda: import_now(who.workspace, statement(BOUGHT, BOUGHT_TOO, SOLD, account=ACCOUNT)),
    ]
    for step in steps if order_first else reversed(steps):
        step()
    settle(who.workspace)
    assert links(who.workspace)[0][:2] == ("plan-1", "plan_id")
    with scope(workspace=who.workspace):
        assert Execution.objects.count() == 3
        assert Trade.objects.get().closed_at is not None
        assert Plan.objects.get().status == "executed"
        told, made = Order.objects.get(client_order_id="t-1"), Trade.objects.get()
    page = people.browser(who.alice).get(f"/orders/{told.pk}").content.decode()
    assert "took it over" in page
    assert f"/trades/{made.pk}" in page


@pytest.mark.parametrize(
    ("ours", "theirs"), [("BRK.B", "BRK B"), ("brk-b", "BRK B"), ("BRKB", "BRK B")]
)
def test_a_name_that_each_side_writes_in_its_way_is_one(who, ours, theirs):
    answer = bot(who.alice).post(
        "/api/plans", plan(plan_id="plan-2", symbol=ours, account=ACCOUNT), format="json"
    )
    assert answer.status_code == 201, answer.content
    tell(who, TOLD | {"symbol": ours, "plan_id": "plan-2"})
    fills = [one.replace('"ACME"', f'"{theirs}"') for one in (BOUGHT, BOUGHT_TOO)]
    import_now(who.workspace, statement(*fills, account=ACCOUNT))
    settle(who.workspace)
    with scope(workspace=who.workspace):
        assert TradeChain.objects.get().plan.plan_id == "plan-2"


def test_two_trades_alike_are_nobody_s(who):
    again = [
        one.replace('transactionID="', 'transactionID="9')
        .replace("20260602;09", "20260602;12")
        .replace("20260602;11", "20260602;13")
        for one in (BOUGHT, BOUGHT_TOO, SOLD)
    ]
    tell(who, TOLD)
    import_now(who.workspace, statement(BOUGHT, BOUGHT_TOO, SOLD, account=ACCOUNT))
    assert links(who.workspace)[0][0] == "plan-1"
    import_now(who.workspace, statement(BOUGHT, BOUGHT_TOO, SOLD, *again, account=ACCOUNT))
    with scope(workspace=who.workspace):
        assert Trade.objects.count() == 2
        assert not TradeChain.objects.filter(plan__isnull=False).exists()


@pytest.mark.parametrize(
    "other",
    [
        {"filled_quantity": "11", "quantity": "11"},
        {"side": "sell"},
        {"average_price": "27"},
        {"at": "2026-05-28T13:30:00Z"},
    ],
)
def test_what_does_not_fit_takes_nothing_over(who, other):
    tell(who, {**TOLD, **other})
    import_now(who.workspace, statement(BOUGHT, BOUGHT_TOO, SOLD, account=ACCOUNT))
    assert links(who.workspace) == []


def test_a_scanner_s_entry_and_exit_tell_of_fills_that_name_nothing(who):
    """By the names of the client: the entry names no symbol, its recommendation does."""
    client = bot(who.alice)
    client.post(
        "/api/recommendations",
        {"record_id": "rec", "account": ACCOUNT, "symbol": "ACME"},
        format="json",
    )
    when = {"account": ACCOUNT, "at": "2026-06-02T13:30:00Z"}
    entry = {**entry_of("rec", "t-9", "10", "-25.51", {}), **when, "average_price": "25.51"}
    tell(who, {name: value for name, value in entry.items() if value is not None})
    end = {**exit_of("t-9", "-24", "stop_loss", "10", {}), **when, "at": "2026-06-02T15:00:00Z"}
    tell(who, {name: value for name, value in end.items() if value is not None})
    import_now(who.workspace, statement(BOUGHT, BOUGHT_TOO, SOLD, account=ACCOUNT))
    settle(who.workspace)
    with scope(workspace=who.workspace):
        chain = TradeChain.objects.get()
        assert (chain.recommendation_id, chain.close_reason, chain.reason_by) == (
            "rec",
            "stop",
            "order",
        )


def test_a_bot_s_fill_and_its_order_are_not_told_twice(who):
    tell(who, {**TOLD, "order_id": "900"})
    bot(who.alice).post(
        "/api/executions",
        fill(account=ACCOUNT, order_id="900", client_order_id="t-1"),
        format="json",
    )
    settle(who.workspace)
    assert links(who.workspace) == [("plan-1", "plan_id", "", "")]
