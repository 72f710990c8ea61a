"""The pages of plans, and the plan of a trade on its page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scope

from accounts.roles import Role
from journal.models import CloseReasonNote, ConfirmedLink, Plan, PlanVersion, Trade, TradeChain
from tests import people
from tests.captures import account_of, bot, fill, order
from tests.plans import links, plan, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.TRADER)


@pytest.fixture
def page(who):
    return people.browser(who.alice)


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def round_trip(who, **names) -> Trade:
    """Bought 10 at 25.60, sold at 23.90: without names nothing says why."""
    account_of(who.workspace)
    client = bot(who.alice)
    client.post("/api/executions", fill(exec_id="1", price="25.60", **names), format="json")
    client.post(
        "/api/executions",
        fill(exec_id="2", side="sell", price="23.90", executed_at="2026-06-02T14:30:00Z"),
        format="json",
    )
    settle(who.workspace)
    with scope(workspace=who.workspace):
        return Trade.objects.get()


def test_a_newcomer_is_told_how_to_plan(page):
    answer = page.get("/plans")
    assert answer.status_code == 200
    assert "No plans yet" in text(answer)
    assert "/api/plans" in text(answer)


def test_a_plan_by_hand_is_made_revised_and_called_off(who, page):
    form = {
        "symbol": "ACME",
        "side": "buy",
        "entry_price": "25.50",
        "stop_price": "24",
        "conditions": "Above 25\nVolume",
        "plan_id": "p1",
    }
    answer = page.post("/plans/new", form, follow=True)
    assert "Planned." in text(answer)
    assert page.post("/plans/new", form).status_code == 303
    with scope(workspace=who.workspace):
        made = Plan.objects.get()
        assert (made.conditions, made.source) == (["Above 25", "Volume"], "manual")
    form = {**form, "stop_price": "24.50", "reason": "Above the low."}
    answer = page.post(f"/plans/{made.pk}/edit", form, follow=True)
    shown = text(answer)
    assert "Version 2" in shown
    assert "24.00 → 24.50" in shown
    assert "Above the low." in shown
    answer = page.post(
        f"/plans/{made.pk}/status", {"status": "cancelled", "reason": "News"}, follow=True
    )
    assert "Cancelled" in text(answer)
    assert "Take it up again" in text(answer)
    with scope(workspace=who.workspace):
        assert list(PlanVersion.objects.values_list("number", "actor", "via")) == [
            (1, who.alice.user.display_name, "page"), (2, who.alice.user.display_name, "page"),
        ]  # fmt: skip


def test_a_plan_that_makes_no_sense_is_refused_beside_its_field(page):
    answer = page.post(
        "/plans/new", {"symbol": "ACME", "side": "buy", "entry_price": "25", "stop_price": "26"}
    )
    assert answer.status_code == 422
    assert "must be below its entry" in text(answer)
    answer = page.post("/plans/new", {"symbol": "ACME", "conditions": "{oops"})
    assert answer.status_code == 422
    assert "begins like JSON" in text(answer)


def test_a_viewer_may_look_and_not_plan(who):
    viewer = people.browser(people.bob(who.charlie.workspace, role=Role.VIEWER))
    assert viewer.get("/plans").status_code == 200
    assert viewer.get("/plans/new").status_code == 403


def test_the_trade_shows_its_plan_beside_what_was_done(who, page):
    account_of(who.workspace)
    people.bot(who.alice).post("/api/plans", plan(target_price="28.50"), format="json")
    trade = round_trip(who, plan_id="plan-1")
    shown = text(page.get(f"/trades/{trade.pk}"))
    assert "Plan against execution" in shown
    assert "−1.13R" in shown or "-1.13R" in shown
    assert "+2.00R" in shown
    assert "No larger than planned" in shown
    shown = text(page.get("/plans/" + str(trade_plan(who).pk)))
    assert "What came of it" in shown
    assert "Executed" in shown


def trade_plan(who) -> Plan:
    with scope(workspace=who.workspace):
        return Plan.objects.get()


def test_whoever_plans_nothing_is_not_told_so(who, page):
    trade = round_trip(who)
    assert "Unplanned" not in text(page.get(f"/trades/{trade.pk}"))
    people.bot(who.alice).post("/api/plans", plan(symbol="OTHER"), format="json")
    assert "Unplanned" in text(page.get(f"/trades/{trade.pk}"))


def test_a_person_confirms_what_is_proposed_and_takes_it_back(who, page):
    trade = round_trip(who)
    made = plan_at(who, trade)
    shown = text(page.get(f"/trades/{trade.pk}"))
    assert "It was this plan" in shown
    assert "Which trade was it?" in text(page.get(f"/plans/{made.pk}"))
    page.post(f"/trades/{trade.pk}/plan", {"plan": "plan-1", "answer": "yes"})
    # 23.90 is further from the planned stop than a price alone can tell.
    assert links(who.workspace) == [("plan-1", "person", "unknown", "nothing")]
    page.post(f"/trades/{trade.pk}/plan", {"plan": "plan-1", "answer": "no"})
    with scope(workspace=who.workspace):
        assert not TradeChain.objects.filter(plan__isnull=False).exists()
        assert ConfirmedLink.objects.get().verdict == "refused"
    assert "It was this plan" not in text(page.get(f"/trades/{trade.pk}"))
    page.post(f"/trades/{trade.pk}/plan", {"plan": "plan-1", "answer": "forget"})
    assert "It was this plan" in text(page.get(f"/trades/{trade.pk}"))


def plan_at(who, trade, plan_id="plan-1") -> Plan:
    """As if it had been made an hour before the trade."""
    people.bot(who.alice).post("/api/plans", plan(plan_id=plan_id), format="json")
    settle(who.workspace)
    with scope(workspace=who.workspace):
        Plan.objects.filter(plan_id=plan_id).update(created_at=trade.opened_at - timedelta(hours=1))
        return Plan.objects.get(plan_id=plan_id)


def test_two_plans_that_fit_alike_are_shown_and_none_is_taken(who, page):
    trade = round_trip(who)
    plan_at(who, trade)
    plan_at(who, trade, "plan-2")
    shown = text(page.get(f"/trades/{trade.pk}"))
    assert shown.count("Could be either") == 2
    assert links(who.workspace) == []


def test_why_it_was_closed_is_corrected_with_a_reason(who, page):
    trade = round_trip(who)
    people.bot(who.alice).post("/api/plans", plan(symbol="OTHER"), format="json")
    address = f"/trades/{trade.pk}/close-reason"
    assert "Say why" in text(page.post(address, {"close_reason": "guard"}, follow=True))
    shown = text(
        page.post(address, {"close_reason": "guard", "reason": "I saw the alert."}, follow=True)
    )
    assert "Guard" in shown
    assert "I saw the alert." in shown
    with scope(workspace=who.workspace):
        assert TradeChain.objects.get().reason_by == "person"
    page.post(address, {"close_reason": ""})
    with scope(workspace=who.workspace):
        assert not CloseReasonNote.objects.exists()
        assert not TradeChain.objects.exists()


def test_a_stop_that_was_moved_is_told(who, page):
    client = bot(who.alice)
    account_of(who.workspace)
    client.post("/api/plans", plan(), format="json")
    client.post(
        "/api/orders",
        order(
            client_order_id="o1",
            order_id="7",
            symbol="ACME",
            role="entry",
            side="buy",
            quantity="10",
            plan_id="plan-1",
        ),
    )
    stop = {
        "client_order_id": "o2",
        "parent_id": "o1",
        "symbol": "ACME",
        "role": "stop_loss",
        "side": "sell",
        "quantity": "10",
    }
    client.post("/api/orders", order(**stop, stop_price="24"))
    client.post(
        "/api/orders",
        order(
            **{**stop, "status": "modified", "stop_price": "23.50", "at": "2026-06-02T14:00:00Z"}
        ),
    )
    trade = round_trip(who, order_id="7")
    shown = text(page.get(f"/trades/{trade.pk}"))
    assert "Stop moved away to 23.5" in shown
    assert "wider" in shown


def test_trades_are_filtered_by_plan_and_by_why_they_were_closed(who, page):
    account_of(who.workspace)
    people.bot(who.alice).post("/api/plans", plan(), format="json")
    trade = round_trip(who, plan_id="plan-1")
    for query, is_there in (
        ("planned=yes", True), ("planned=no", False), ("plan=plan-1", True), ("plan=plan-2", False),
        ("close_reason=unknown", True), ("close_reason=stop", False),
    ):  # fmt: skip
        found = f"/trades/{trade.pk}" in text(page.get(f"/trades?period=all&{query}"))
        assert found == is_there, query
    answer = people.bot(who.alice).get(f"/api/trades?{query}".replace("stop", "unknown")).json()
    assert [(one["plan_id"], one["close_reason"]) for one in answer["results"]] == [
        ("plan-1", "unknown")
    ]
    lines = b"".join(page.get("/trades/export.csv?period=all")).decode().splitlines()
    assert lines[0].endswith("plan_id,close_reason")
    assert lines[1].endswith("plan-1,unknown")
