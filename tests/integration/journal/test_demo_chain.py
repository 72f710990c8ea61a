"""The chain of the demo: something of each kind, told as it happened, the same for the same seed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django_scopes import scope

from accounts.models import Workspace
from journal.models import (
    BrokerAccount,
    Decision,
    ExecutionReport,
    Order,
    OrderReport,
    Plan,
    PriceSeries,
    Recommendation,
    RecommendationOutcome,
    RecommendationStanding,
    Structure,
    Trade,
    TradeChain,
)
from journal.selectors.excursions import excursions_of
from journal.services.prices.replaying import replay_ignored
from journal.services.recommendations.standing import rebuild_standings
from journal.services.verification import verify_account

pytestmark = pytest.mark.django_db

UNTIL = date(2026, 10, 30)
FIRST, LAST = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC)
TOLD = """
    SELECT r.record_id, r.symbol, r.entry_price, r.reason, s.status, s.decided_at, s.waits, o.source, o.result_per_unit
    FROM journal_recommendation r JOIN journal_recommendationstanding s ON s.recommendation_id = r.id
    LEFT JOIN journal_recommendationoutcome o ON o.record_id = r.record_id AND o.workspace_id = r.workspace_id
    WHERE r.workspace_id = %s ORDER BY 1
"""
PLANNED = """
    SELECT p.plan_id, p.symbol, p.status, p.status_at, p.version, p.profit_loss, p.close_reason, t.opened_at, t.net_pnl
    FROM journal_plan p LEFT JOIN journal_tradechain c ON c.plan_id = p.id LEFT JOIN journal_trade t ON t.id = c.id
    WHERE p.workspace_id = %s ORDER BY 1, 8
"""
BARS = """
    SELECT s.symbol, s.seconds, count(*), sum(b.close) FROM journal_pricebar b JOIN journal_priceseries s ON s.id = b.series_id
    WHERE s.workspace_id = %s GROUP BY 1, 2 ORDER BY 1, 2
"""


def seed(name: str = "Demo", **options: object) -> Workspace:
    call_command(
        "seed_demo", "--without-brokers", workspace=name, until=UNTIL, stdout=StringIO(), **options
    )
    return Workspace.objects.get(name=name)


def told_in(workspace: Workspace) -> list[list[tuple[object, ...]]]:
    found = []
    with connection.cursor() as cursor:
        for statement in (TOLD, PLANNED, BARS):
            cursor.execute(statement, [workspace.pk])
            found.append(cursor.fetchall())
    return found


def _all(model, name) -> set[object]:
    return set(model.objects.order_by().values_list(name, flat=True).distinct())


def test_there_is_something_of_each_kind():
    workspace = seed(executions=400)
    with scope(workspace=workspace.pk):
        proposals_of_each_kind()
        plans_of_each_kind()
        orders_of_each_kind()
        assert _all(Structure, "kind") >= {
            "vertical", "iron_condor", "iron_butterfly", "butterfly", "calendar", "diagonal", "straddle", "strangle",
            "covered_call", "cash_secured_put",
        }  # fmt: skip
        verticals = Structure.objects.filter(kind="vertical").values("pk")
        assert Trade.objects.filter(leg_count=4, pk__in=verticals).exists(), "a roll"
        assert [
            one for account in BrokerAccount.objects.all() for one in verify_account(account)
        ] == []
        prices_tell_how_far_trades_went()


def proposals_of_each_kind() -> None:
    assert _all(RecommendationStanding, "status") == {
        "recommended", "approved", "rejected", "ignored", "expired", "executed",
    }  # fmt: skip
    assert _all(Recommendation, "pool") == {"shown", "shadow"}
    assert {len(one.legs) for one in Recommendation.objects.all()} >= {0, 1, 2, 3, 4}
    assert _all(RecommendationOutcome, "source") == {"scanner", "replay"}
    said = set(Decision.objects.values_list("verdict", "via"))
    assert said >= {
        ("ignored", "rule"),
        ("expired", "rule"),
        ("executed", "rule"),
        ("rejected", "page"),
    }
    assert {("approved", "page"), ("approved", "link")} <= said
    # What is told is told of its own day.
    assert all(FIRST < at < LAST for at in Decision.objects.values_list("decided_at", flat=True))
    # Whenever somebody looks, something waits for a person.
    assert RecommendationStanding.objects.filter(waits=True, lapses_at=None).count() >= 4


def plans_of_each_kind() -> None:
    assert _all(Plan, "status") == {"pending", "executed", "cancelled", "expired", "failed"}
    assert Plan.objects.filter(version__gt=1).exists()
    assert all(FIRST < at < LAST for at in Plan.objects.values_list("status_at", flat=True))
    followed = TradeChain.objects.filter(plan_by="plan_id").order_by()
    assert {"stop", "target", "manual", ""} <= set(followed.values_list("close_reason", flat=True))
    assert Plan.objects.filter(profit_loss__gt=0).exists()
    assert Plan.objects.filter(profit_loss__lt=0).exists()
    assert TradeChain.objects.filter(account__name="Bot", plan=None).exists(), "unplanned ones"


def orders_of_each_kind() -> None:
    assert _all(OrderReport, "status") >= {
        "placed",
        "partially_filled",
        "filled",
        "modified",
        "cancelled",
    }
    assert _all(Order, "role") >= {"entry", "stop_loss", "take_profit", "exit"}


def prices_tell_how_far_trades_went() -> None:
    assert PriceSeries.objects.count() > 10
    trades = Trade.objects.filter(leg_count=1, closed_at__gt=FIRST + timedelta(days=30))
    for asset_class in ("stock", "crypto", "forex", "future"):
        some = trades.filter(asset_class=asset_class)[:5]
        known = [excursions_of(one, now=LAST) for one in some]
        assert any(one.found for one in known), (asset_class, [one.reason for one in known])


def test_the_same_seed_tells_the_same_and_once_and_another_something_else():
    one, other = seed("One", seed=5, executions=50), seed("Other", seed=5, executions=50)
    before = told_in(one)
    assert before == told_in(other)
    assert all(before)
    seed("One", seed=5, executions=50)
    assert told_in(one) == before
    with scope(workspace=one.pk):
        assert ExecutionReport.objects.exclude(account__name="Bot").count() == 50
        # What the worker does at every hour finds nothing to change.
        rebuild_standings(one.pk)
        replay_ignored()
    assert told_in(one) == before
    plans_were_carried_out_as_far_as_they_were(one)
    assert told_in(seed("Another", seed=6, executions=50))[0] != before[0]


def plans_were_carried_out_as_far_as_they_were(workspace: Workspace) -> None:
    with scope(workspace=workspace.pk):
        quantities = dict(Trade.objects.values_list("pk", "quantity"))
        plans = TradeChain.objects.filter(plan__isnull=False).values_list("plan__quantity", "pk")
        sizes = [(planned, quantities[pk]) for planned, pk in plans]
    assert {actual / planned for planned, actual in sizes} == {Decimal(1), Decimal(2)}
