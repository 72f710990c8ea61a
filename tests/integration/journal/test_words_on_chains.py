"""What people say of a trade's place in the chain outlives its evidence, and an outcome follows its trades."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from journal.models import ImportBatch, Plan, Trade, TradeChain
from journal.selectors.plan_trades import compare_with_plan
from journal.services.booking.rebook import rebook_account
from journal.services.chain.saying import confirm_link, correct_close_reason, refuse_link
from journal.services.plans.writing import expire_plans
from journal.services.structures import join_trades
from journal.services.verification import verify_account
from tests import people
from tests.brokers.ibkr_flex.flex import trade
from tests.captures import account_of, bot, fill
from tests.doors import import_now, undo
from tests.integration.journal.test_flex_book import action, flex
from tests.integration.journal.test_structures_book import put
from tests.plans import links, plan, settle

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def who():
    return people.everybody()


def test_what_people_said_comes_back_with_the_evidence(who):
    workspace = who.workspace
    client = bot(who.alice)
    for number in (1, 2):
        body = plan(plan_id=f"plan-{number}", account="", symbol="ACME", entry_price=None, stop_price=None,
                    target_price=None)  # fmt: skip
        body = {name: value for name, value in body.items() if value not in (None, "")}
        assert client.post("/api/plans", body, format="json").status_code == 201
    opened = flex(Trades=[put(95, -2, "3.10", 2, "51"), put(90, 2, "1.20", 3, "52")])
    closed = flex(Trades=[put(95, 2, "1.50", 9, "60"), put(90, -2, "0.55", 10, "61")])
    batches = [import_now(workspace, one) for one in (opened, closed)]
    with scope(workspace=workspace):
        first, second = Plan.objects.order_by("plan_id")
        joined = join_trades(list(Trade.objects.all()), author_id=None)
        confirm_link(joined, first, author_id=None)
        refuse_link(joined, second, author_id=None)
        correct_close_reason(
            joined, close_reason="guard", reason="The loss limit of the day.", author_id=None
        )
        account = joined.account
    said = [("plan-1", "person", "guard", "person")]
    assert links(workspace) == said
    for again in ((opened, closed), (closed, opened)):
        for batch in batches:
            undo(workspace, batch)
        assert links(workspace) == []
        with scope(workspace=workspace):
            assert set(Plan.objects.values_list("status", flat=True)) == {"pending"}
        batches = [import_now(workspace, one) for one in again]
        assert links(workspace) == said
        with scope(workspace=workspace):
            assert Trade.objects.get().leg_count == 2
            assert verify_account(account) == []
    with scope(workspace=workspace):
        rebook_account(account)
    assert links(workspace) == said


def test_a_plan_that_had_expired_is_executed_by_its_fills_and_expired_again_without_them(who):
    workspace = who.workspace
    account_of(workspace)
    client = bot(who.alice)
    client.post("/api/plans", plan(expires_at="2026-06-01T00:00:00Z"), format="json")
    with scopes_disabled():
        assert expire_plans(now=timezone.now()) == 1
    client.post("/api/executions", fill(exec_id="1", plan_id="plan-1"), format="json")
    settle(workspace)
    with scope(workspace=workspace):
        assert Plan.objects.get().status == "executed"
        rules = {
            one.name.value: one.kept
            for one in compare_with_plan(Trade.objects.get()).comparison.rules
        }
        assert rules["in_time"] is False
        batch = ImportBatch.objects.get()
    undo(workspace, batch)
    with scope(workspace=workspace):
        assert Plan.objects.get().status == "expired"


@pytest.mark.parametrize("days", [0, -1, 36_501, 10**30, "abc", 1.5, None, True, [], "30"])
def test_days_back_that_make_no_sense_are_refused(who, days):
    answer = bot(who.alice).post("/api/plans/sync", {"days_back": days}, format="json")
    if days == "30":
        assert answer.status_code == 200, answer.content
    else:
        assert answer.status_code in (400, 422), (days, answer.status_code, answer.content)
        assert "days_back" in answer.json()["fields"]


@pytest.mark.parametrize(
    "moment", ["2026-06-02 15:00", "2026-06-02T15:00:00", "tomorrow", "2026-13-01T00:00:00Z", 5]
)
def test_a_moment_without_a_zone_is_refused(who, moment):
    account_of(who.workspace)
    answer = bot(who.alice).post("/api/plans", plan(expires_at=moment), format="json")
    assert answer.status_code in (400, 422), answer.content
    assert "expires_at" in answer.json()["fields"]


def test_two_trades_of_one_plan_and_one_still_open(who):
    workspace = who.workspace
    account_of(workspace)
    client = bot(who.alice)
    client.post("/api/plans", plan(), format="json")
    steps = [
        fill(exec_id="1", plan_id="plan-1"),
        fill(exec_id="2", side="sell", price="26", executed_at="2026-06-02T14:00:00Z"),
        fill(exec_id="3", plan_id="plan-1", executed_at="2026-06-02T15:00:00Z"),
    ]
    for body in steps:
        client.post("/api/executions", body, format="json")
    settle(workspace)
    with scope(workspace=workspace):
        assert TradeChain.objects.filter(plan__isnull=False).count() == 2
        assert Plan.objects.get().profit_loss is None
    client.post("/api/executions", fill(exec_id="4", side="sell", price="25", executed_at="2026-06-02T16:00:00Z"),
                format="json")  # fmt: skip
    settle(workspace)
    with scope(workspace=workspace):
        found = Plan.objects.get()
        # 5.00 won, 5.00 lost; 26 and 25 are 25.50 on average.
        assert (found.profit_loss, found.exit_price) == (D(0), D("25.5"))
        before = found.synced_at
    answer = client.post("/api/plans/sync", {"days_back": 36_500}, format="json").json()
    assert answer == {"synced_count": 2, "updated_count": 0, "errors": []}
    with scope(workspace=workspace):
        assert Plan.objects.get().synced_at == before
    assert timezone.now() - before < timedelta(minutes=5)


def test_a_split_moves_the_plan_with_the_trade(who):
    """10 bought at 25.60 under 25.50, stop 24; split 4 for 1; 40 sold at 5.90. The stop stands at 6.00 then."""
    workspace = who.workspace
    terms = plan(entry_price="25.50", stop_price="24", target_price="32", quantity="10")
    terms.pop("account")
    assert bot(who.alice).post("/api/plans", terms, format="json").status_code == 201
    bought = trade(quantity="10", tradePrice="25.60", ibCommission="0", dateTime="20260602;100000")
    sold = trade(
        buySell="SELL", quantity="-40", tradePrice="5.90", ibCommission="0", dateTime="20260615;100000",
        transactionID="202", tradeID="202",
    )  # fmt: skip
    import_now(workspace, flex(Trades=[bought, sold], CorporateActions=[action()]))
    with scope(workspace=workspace):
        confirm_link(Trade.objects.get(), Plan.objects.get(), author_id=None)
        held = Trade.objects.get()
        assert (held.average_open, held.quantity) == (D("6.4"), D(40))
        correct_close_reason(held, close_reason="stop", reason="A mental one.", author_id=None)
        told = compare_with_plan(held)
        found = {one.name: one for one in told.comparison.figures}
        assert told.is_rescaled
        # (25.60 - 25.50) / 4 each on 40; risk (25.50 - 24) x 10; 0.10 a share below the stop of 6.00.
        assert (found["entry"].difference, found["entry"].money) == (D("0.025"), D(1))
        assert (found["stop"].planned, found["stop"].money) == (D(6), D(4))
        assert (told.risk.amount, found["size"].planned) == (D(15), D(40))
        assert {one.name.value: one.kept for one in told.comparison.rules}["size"]


def test_a_short_that_was_split_did_not_reach_its_target_by_that(who):
    workspace = who.workspace
    terms = plan(
        side="sell", entry_price="25.50", stop_price="27", target_price="20", quantity="10"
    )
    terms.pop("account")
    assert bot(who.alice).post("/api/plans", terms, format="json").status_code == 201
    sold = trade(buySell="SELL", quantity="-10", tradePrice="25.60", dateTime="20260602;100000")
    bought = trade(
        quantity="40",
        tradePrice="6.60",
        dateTime="20260615;100000",
        transactionID="202",
        tradeID="202",
    )
    import_now(workspace, flex(Trades=[sold, bought], CorporateActions=[action(quantity="-30")]))
    with scope(workspace=workspace):
        held = Trade.objects.get()
        confirm_link(held, Plan.objects.get(), author_id=None)
    assert links(workspace) == [("plan-1", "person", "unknown", "nothing")]
