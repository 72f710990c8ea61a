"""A plan's prices beside those of its trade: of the same contract, for the part that they speak of, as they stood then."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from django_scopes import scope

from journal.models import Plan, Trade, TradeChain
from journal.selectors.orders import orders_of_trade
from journal.selectors.plan_trades import (
    chain_of,
    compare_chain,
    compare_with_plan,
    propose_plans,
    propose_trades,
    risk_beside,
)
from journal.services.chain.refresh import refresh_chain
from tests import people
from tests.captures import account_of, bot, fill, order
from tests.plans import links, plan, settle

pytestmark = pytest.mark.django_db
D = Decimal
CALL = {
    "symbol": "ACME 260717C30", "asset_class": "option", "underlying": "ACME", "multiplier": "100",
    "strike": "30", "expiry_on": "2026-07-17", "right": "call",
}  # fmt: skip


@pytest.fixture
def who():
    found = people.everybody()
    account_of(found.workspace)
    return found


def send(who, *steps) -> None:
    client = bot(who.alice)
    for kind, body in steps:
        answer = client.post(f"/api/{kind}", body, format="json")
        assert answer.status_code == 201, answer.content
    settle(who.workspace)


def compared(who):
    with scope(workspace=who.workspace):
        return compare_with_plan(Trade.objects.get()).comparison


def test_a_plan_for_the_share_says_nothing_of_the_option_that_carried_it_out(who):
    """A short call at 1.20 lies below any target of the share: that is no target that was reached."""
    send(
        who,
        ("plans", plan(side="sell", stop_price="27", target_price="22")),
        ("executions", fill(exec_id="1", side="sell", quantity="2", price="1.20", plan_id="plan-1", **CALL)),
        ("executions", fill(exec_id="2", quantity="2", price="1.90", executed_at="2026-06-02T15:00:00Z", **CALL)),
    )  # fmt: skip
    assert links(who.workspace) == [("plan-1", "plan_id", "unknown", "nothing")]
    found = compared(who)
    assert (found.risk, found.r) == (None, None)
    assert "those of ACME" in found.risk_reason
    assert [one.money for one in found.figures if one.name == "entry"] == [None]


def test_a_plan_that_names_the_option_by_its_underlying_is_held_against_it(who):
    """2 bought at 2.50 under a plan of 2.40 with a stop at 1.20: (2.40 - 1.20) x 2 x 100 = 240 at risk."""
    send(
        who,
        ("plans", plan(entry_price="2.40", stop_price="1.20", target_price="5", quantity="2")),
        ("executions", fill(exec_id="1", quantity="2", price="2.50", plan_id="plan-1", **CALL)),
        ("executions", fill(exec_id="2", side="sell", quantity="2", price="1.20", executed_at="2026-06-02T15:00:00Z",
                            **CALL)),
    )  # fmt: skip
    assert links(who.workspace) == [("plan-1", "plan_id", "stop", "price")]
    found = compared(who)
    # (1.20 - 2.50) x 2 x 100 = -260, over 240; the entry slipped by 0.10 x 200 = 20.
    assert (found.risk, round(found.r, 4)) == (D(240), D("-1.0833"))
    assert found.figures[0].money == D(20)


def test_half_at_the_target_and_half_at_the_stop_slip_each_by_themselves(who):
    leave = {"side": "sell", "quantity": "5", "parent_id": "o1", "symbol": "ACME"}
    send(
        who,
        ("plans", plan()),
        ("orders", order(client_order_id="o1", order_id="1", symbol="ACME", side="buy", quantity="10", role="entry",
                         plan_id="plan-1", record_id="o1")),
        ("orders", order(client_order_id="o2", order_id="2", role="take_profit", limit_price="28", record_id="o2",
                         **leave)),
        ("orders", order(client_order_id="o3", order_id="3", role="stop_loss", stop_price="24", record_id="o3",
                         **leave)),
        ("executions", fill(exec_id="1", order_id="1")),
        ("executions", fill(exec_id="2", order_id="2", side="sell", quantity="5", price="27.90",
                            executed_at="2026-06-02T15:00:00Z")),
        ("executions", fill(exec_id="3", order_id="3", side="sell", quantity="5", price="23.80",
                            executed_at="2026-06-02T16:00:00Z")),
    )  # fmt: skip
    found = {one.name: one for one in compared(who).figures}
    assert (found["stop"].actual, found["stop"].money) == (D("23.80"), D("1.00"))
    assert (found["target"].actual, found["target"].money) == (D("27.90"), D("0.50"))


def test_a_plan_that_is_revised_after_the_end_does_not_say_why_it_was_closed(who):
    send(
        who,
        ("plans", plan()),
        ("executions", fill(exec_id="1", plan_id="plan-1", executed_at="2026-06-02T13:30:01Z")),
        ("executions", fill(exec_id="2", side="sell", price="24.90", executed_at="2026-06-02T15:00:00Z")),
    )  # fmt: skip
    before = [("plan-1", "plan_id", "unknown", "nothing")]
    assert links(who.workspace) == before
    client = bot(who.alice)
    client.patch(
        "/api/plans/plan-1", {"stop_price": "24.90", "reason": "So it was a stop."}, format="json"
    )
    settle(who.workspace)
    assert links(who.workspace) == before
    with scope(workspace=who.workspace):
        assert refresh_chain(Trade.objects.get().account, None) == 0
        assert TradeChain.objects.get().close_reason == "unknown"


@pytest.mark.parametrize(("planned", "traded"), [("EUR/USD", "EURUSD"), ("eur.usd", "EUR/USD")])
def test_a_market_that_is_written_otherwise_is_the_same_one(who, planned, traded):
    send(
        who,
        ("plans", plan(symbol=planned, entry_price="1.10", stop_price="1.09", target_price="1.13", quantity="1000")),
        ("executions", fill(exec_id="1", symbol=traded, asset_class="forex", quantity="1000", price="1.10",
                            executed_at=_now())),
    )  # fmt: skip
    with scope(workspace=who.workspace):
        trade, made = Trade.objects.get(), Plan.objects.get()
        assert [one.plan for one in propose_plans(trade)] == [made]
        assert [one for one, _ in propose_trades(made)] == [trade]


def _now() -> str:
    return timezone.now().isoformat()


def risks(who) -> tuple[Decimal | None, str]:
    with scope(workspace=who.workspace):
        trade = Trade.objects.get()
        orders = orders_of_trade(trade.pk)
        found = risk_beside(trade, compare_chain(trade, chain_of(trade), orders), orders)
        return found.amount, found.words


def test_an_option_with_a_stop_order_risks_what_the_stop_would_lose(who):
    """2 bought at 2.50 with a stop order at 1.50: (2.50 - 1.50) x 2 x 100 = 200, not the 500 that were paid."""
    send(
        who,
        ("executions", fill(exec_id="1", order_id="1", quantity="2", price="2.50", **CALL)),
    )  # fmt: skip
    assert risks(who) == (D(500), "the most that it could lose")
    stop = order(client_order_id="s", parent_id="1", role="stop_loss", stop_price="1.50", record_id="s",
                 at="2026-06-02T13:31:00Z", side="sell", quantity="2", **CALL)  # fmt: skip
    send(
        who,
        ("orders", order(client_order_id="o1", order_id="1", record_id="o1", **CALL)),
        ("orders", stop),
    )
    assert risks(who) == (D(200), "by the first stop order")
    # The plan's stop comes before the order's: (2.40 - 1.20) x 2 x 100.
    named = order(client_order_id="o1", order_id="1", plan_id="plan-1", record_id="o2", **CALL)
    terms = plan(entry_price="2.40", stop_price="1.20", target_price="5", quantity="2")
    send(who, ("plans", terms), ("orders", named))
    assert risks(who) == (D(240), "by the planned stop")


def test_a_strangle_risks_what_its_plan_says_for_all_of_it(who):
    """Sold for 2.80 together under a plan to take it back at 5.60: 2.80 x 100 = 280. Its legs have no bound."""
    put = {**CALL, "symbol": "ACME 260717P20", "strike": "20", "right": "put"}
    sold = {"side": "sell", "quantity": "1", "order_id": "1", "plan_id": "plan-1"}
    send(
        who,
        ("executions", fill(exec_id="1", price="1.50", **sold, **CALL)),
        ("executions", fill(exec_id="2", price="1.30", **sold, **put)),
    )  # fmt: skip
    assert risks(who)[0] is None
    send(
        who,
        (
            "plans",
            plan(
                side="sell",
                entry_price="2.80",
                stop_price="5.60",
                target_price="1.40",
                quantity="1",
            ),
        ),
    )
    assert risks(who) == (D(280), "by the planned stop")


def test_a_spread_risks_what_it_can_lose_whatever_its_plan_says(who):
    """30/35 calls sold for 1.20 - 0.40 = 0.80: 500 - 80 = 420 at most."""
    higher = {**CALL, "symbol": "ACME 260717C35", "strike": "35"}
    first = {"quantity": "1", "order_id": "1", "plan_id": "plan-1"}
    send(
        who,
        ("plans", plan(side="sell", entry_price="0.80", stop_price="1.60", target_price="0.40", quantity="1")),
        ("executions", fill(exec_id="1", side="sell", price="1.20", **first, **CALL)),
        ("executions", fill(exec_id="2", price="0.40", **first, **higher)),
    )  # fmt: skip
    assert risks(who) == (D(420), "the most that it could lose")
