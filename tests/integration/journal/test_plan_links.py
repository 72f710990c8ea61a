"""Trades find their plans by what orders and fills name, whatever comes first."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest
from django_scopes import scope

from journal.models import BrokerAccount, ImportBatch, Plan, Trade, TradeChain
from journal.services.booking.rebook import rebook_account
from journal.services.chain.refresh import refresh_chain
from journal.services.verification import verify_account
from tests import people
from tests.captures import account_of, bot, fill, order
from tests.doors import undo
from tests.plans import links, plan, settle

pytestmark = pytest.mark.django_db

ENTRY = fill(exec_id="f1", order_id="77", record_id="f1")
EXIT = fill(
    exec_id="f2",
    order_id="78",
    side="sell",
    price="24",
    executed_at="2026-06-02T14:30:00Z",
    record_id="f2",
)
PLACED = order(
    client_order_id="o1", order_id="77", symbol="ACME", side="buy", quantity="10", role="entry", plan_id="plan-1",
    record_id="o1",
)  # fmt: skip
STOP = order(
    client_order_id="o2", order_id="78", parent_id="o1", symbol="ACME", side="sell", quantity="10",
    role="stop_loss", stop_price="24", record_id="o2",
)  # fmt: skip
STEPS = {
    "plan": ("/api/plans", plan()),
    "entry": ("/api/executions", ENTRY),
    "exit": ("/api/executions", EXIT),
    "order": ("/api/orders", PLACED),
    "stop": ("/api/orders", STOP),
}


@pytest.fixture
def who():
    return people.everybody()


@pytest.mark.parametrize("steps", list(permutations(STEPS))[::11], ids="-".join)
def test_any_order_of_arrival_gives_the_same_links(who, steps):
    workspace = who.workspace
    account_of(workspace)
    client = bot(who.alice)
    for name in steps:
        address, body = STEPS[name]
        answer = client.post(address, body, format="json")
        assert answer.status_code == 201, answer.content
        settle(workspace)
    assert links(workspace) == [("plan-1", "plan_id", "stop", "order")]
    with scope(workspace=workspace):
        found = Plan.objects.get()
        assert (found.status, found.profit_loss, found.exit_price) == (
            "executed", Decimal(-15), Decimal(24),
        )  # fmt: skip
        account = BrokerAccount.objects.get()
        assert verify_account(account) == []
        assert refresh_chain(account, None) == 0


@pytest.mark.parametrize("names", [{"plan_id": "plan-1"}, {"client_order_id": "plan-1"}])
@pytest.mark.parametrize("plan_first", [True, False])
def test_a_fill_names_the_plan_by_itself(who, names, plan_first):
    workspace = who.workspace
    account_of(workspace)
    client = bot(who.alice)
    calls = [("/api/plans", plan()), ("/api/executions", fill(exec_id="1", **names))]
    for address, body in calls if plan_first else reversed(calls):
        assert client.post(address, body, format="json").status_code == 201
        settle(workspace)
    by = next(iter(names))
    assert links(workspace) == [("plan-1", by, "", "")]


def test_a_recommendation_that_one_plan_follows_links_it_and_two_do_not(who):
    workspace = who.workspace
    account_of(workspace)
    client = bot(who.alice)
    client.post("/api/plans", plan(recommendation_id="idea"), format="json")
    client.post("/api/executions", fill(exec_id="1", recommendation_id="idea"), format="json")
    settle(workspace)
    assert links(workspace) == [("plan-1", "recommendation", "", "")]
    client.post("/api/plans", plan(plan_id="plan-2", recommendation_id="idea"), format="json")
    settle(workspace)
    assert links(workspace) == [(None, "", "", "")]
    with scope(workspace=workspace):
        assert TradeChain.objects.get().recommendation_id == "idea"
        assert set(Plan.objects.values_list("status", flat=True)) == {"pending"}


def test_what_only_closes_a_trade_does_not_claim_it(who):
    """A reversal belongs to the plan of what it opens."""
    workspace = who.workspace
    account_of(workspace)
    client = bot(who.alice)
    client.post(
        "/api/plans",
        plan(plan_id="second", side="sell", stop_price="30", target_price="20"),
        format="json",
    )
    client.post("/api/executions", fill(exec_id="1"), format="json")
    client.post(
        "/api/executions",
        fill(
            exec_id="2",
            side="sell",
            quantity="20",
            plan_id="second",
            executed_at="2026-06-02T14:00:00Z",
        ),
        format="json",
    )
    settle(workspace)
    with scope(workspace=workspace):
        long, short = Trade.objects.order_by("opened_at")
        assert TradeChain.objects.filter(pk=long.pk, plan__isnull=False).count() == 0
        assert TradeChain.objects.get(pk=short.pk).plan.plan_id == "second"


def test_a_rebuild_of_an_unchanged_book_changes_no_link(who):
    workspace = who.workspace
    account_of(workspace)
    client = bot(who.alice)
    for address, body in STEPS.values():
        client.post(address, body, format="json")
    settle(workspace)
    with scope(workspace=workspace):
        before = list(TradeChain.objects.values())
        plans = list(Plan.objects.values())
        rebook_account(BrokerAccount.objects.get())
        assert list(TradeChain.objects.values()) == before
        assert list(Plan.objects.values()) == plans


def test_fills_that_are_taken_back_take_the_plan_s_outcome_with_them(who):
    workspace = who.workspace
    account_of(workspace)
    client = bot(who.alice)
    for address, body in STEPS.values():
        client.post(address, body, format="json")
    settle(workspace)
    with scope(workspace=workspace):
        batch = ImportBatch.objects.get()
    undo(workspace, batch)
    assert links(workspace) == []
    with scope(workspace=workspace):
        found = Plan.objects.get()
        assert (found.status, found.profit_loss, found.close_reason) == ("pending", None, "")
        steps = list(found.changes.order_by("id").values_list("before", "status", "via"))
        assert steps == [
            ("", "pending", "api"),
            ("pending", "executed", "rule"),
            ("executed", "pending", "rule"),
        ]
