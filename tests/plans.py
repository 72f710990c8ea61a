"""Plans over the API, and what the worker does for them."""

from __future__ import annotations

from typing import Any

from django_scopes import scope

from accounts.models import Workspace
from journal import tasks
from journal.models import Plan, TradeChain
from tests.captures import ACCOUNT, book


def plan(**fields: Any) -> dict[str, Any]:
    return {
        "plan_id": "plan-1",
        "account": ACCOUNT,
        "symbol": "ACME",
        "side": "buy",
        "entry_price": "25.50",
        "stop_price": "24",
        "target_price": "28",
        "quantity": "10",
        **fields,
    }


def settle(workspace: Workspace) -> None:
    """Book what waits, and follow the plans that ask for it."""
    book(workspace)
    with scope(workspace=workspace):
        waiting = list(
            Plan.objects.filter(follow_asked_at__isnull=False).values_list("pk", flat=True)
        )
    for plan_id in waiting:
        tasks.follow_plan(plan_id)


def links(workspace: Workspace) -> list[tuple[str | None, str, str, str]]:
    """(plan's id, how, close reason, by what) of each trade that has any, in the order of trades."""
    with scope(workspace=workspace):
        rows = TradeChain.objects.order_by("pk").values_list(
            "plan__plan_id", "plan_by", "close_reason", "reason_by"
        )
        return list(rows)
