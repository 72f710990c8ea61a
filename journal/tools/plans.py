"""Tools about plans: what a trade was meant to be. A proposed plan waits for whoever acts on it; nothing is ordered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db import transaction
from pydantic import Field

from common.queue import enqueue
from journal import tasks
from journal.models import Plan, Via
from journal.selectors.plans import current_status, trades_of_plans
from journal.services.plans.actors import Actor
from journal.services.plans.sync import DAYS_BACK, DAYS_BACK_MAX, sync_plan_trades
from journal.services.plans.writing import create_plan, find_plan
from journal.tools.answers import moment, number, untrusted, untrusted_data
from journal.tools.registry import Call, WriteArguments

_VERSIONS_MAX = 8
# Told once, of the plan as it is now.
_LONG = ("notes", "conditions")
_FREE = ("strategy", "timeframe", "notes", "recommendation_id")

NumberText = Annotated[
    str,
    Field(coerce_numbers_to_str=True, max_length=40, pattern=r"^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$"),
]


class ProposePlan(WriteArguments):
    plan_id: str | None = Field(
        default=None,
        max_length=64,
        description="Your own name of it. Orders that name it are linked to the plan.",
    )
    symbol: str = Field(min_length=1, max_length=64, description="What is to be traded.")
    side: Literal["buy", "sell"] = Field(description="What opens the trade.")
    entry_price: NumberText | None = Field(default=None, description="Price to enter at, as text.")
    entry_price_to: NumberText | None = Field(
        default=None, description="The other end, where the entry is a range."
    )
    stop_price: NumberText | None = Field(default=None, description="Where the loss is taken.")
    target_price: NumberText | None = Field(default=None, description="Where the profit is taken.")
    quantity: NumberText | None = Field(default=None, description="How many.")
    strategy: str | None = Field(default=None, max_length=64, description="Name of the strategy.")
    timeframe: str | None = Field(default=None, max_length=32, description="Such as 1h or swing.")
    conditions: list[str] | None = Field(
        default=None, max_length=20, description="What has to be true before it is entered."
    )
    notes: str | None = Field(
        default=None, max_length=5_000, description="Anything else, in Markdown."
    )
    expires_at: str | None = Field(
        default=None, max_length=40, description="When it is void, as 2026-06-02T20:00:00Z."
    )
    recommendation_id: str | None = Field(
        default=None,
        max_length=64,
        description="The record_id of the recommendation that it follows.",
    )
    account: str | None = Field(
        default=None, max_length=64, description="Number of the account; left out for any."
    )


class SyncPlanTrades(WriteArguments):
    reason: str = Field(
        default="Closed trades to their plans",
        min_length=1,
        max_length=500,
        description="Why. Kept in the audit trail.",
    )
    days_back: int = Field(
        default=DAYS_BACK, ge=1, le=DAYS_BACK_MAX, description="Trades closed within so many days."
    )


def propose_plan(call: Call, wanted: ProposePlan) -> dict[str, Any]:
    record = wanted.model_dump(exclude_none=True, exclude={"client_request_id"})
    caller = call.caller
    actor = Actor(f"{caller.who} of {caller.membership.user}", Via.TOOL, caller.user_id)
    plan, is_new = create_plan(
        call.workspace_id, {**record, "source": "chat"}, actor, account_id=call.account_id
    )
    if is_new:
        enqueue(tasks.follow_plan, plan.pk)
    found = find_plan(plan.plan_id, account_id=call.account_id)
    return {"plan": plan_told(found), "is_new": is_new, "about_accounts": _accounts(found)}


def sync_trades(call: Call, wanted: SyncPlanTrades) -> dict[str, Any]:
    with transaction.atomic():
        synced = sync_plan_trades(
            call.workspace_id, days_back=wanted.days_back, account_id=call.account_id
        )
    return {
        "synced_count": synced.synced_count,
        "updated_count": synced.updated_count,
        "errors": [
            {"plan_id": untrusted(one["plan_id"]), "message": one["message"]}
            for one in synced.errors[:50]
        ],
        "days_back": wanted.days_back,
    }


def _accounts(plan: Plan) -> list[int] | None:
    return None if plan.account_id is None else [plan.account_id]


def plan_told(plan: Plan) -> dict[str, Any]:
    """The plan as it is now, its revisions and what came of it."""
    return {
        "plan_id": untrusted(plan.plan_id),
        "id": plan.pk,
        "account": plan.account_id,
        "symbol": plan.symbol,
        "side": plan.side or None,
        "status": current_status(plan),
        "status_at": moment(plan.status_at),
        "source": plan.source,
        "created_at": moment(plan.created_at),
        "expires_at": moment(plan.expires_at),
        "entry_price": number(plan.entry_price),
        "entry_price_to": number(plan.entry_price_to),
        "stop_price": number(plan.stop_price),
        "target_price": number(plan.target_price),
        "quantity": number(plan.quantity),
        **{name: untrusted(getattr(plan, name)) for name in _FREE},
        "conditions": untrusted_data(plan.conditions),
        "version": plan.version,
        "versions": _versions(plan),
        "changes": _changes(plan),
        "outcome": _outcome(plan),
        "trades": [f"trade:{one.pk}" for one in trades_of_plans([plan.pk]).get(plan.pk, [])][:20],
    }


def _versions(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number,
            "made_at": moment(one.made_at),
            "by": untrusted(one.actor),
            "reason": untrusted(one.reason),
            "terms": untrusted_data(
                {name: term for name, term in one.terms.items() if name not in _LONG}
            ),
        }
        for one in reversed(plan.versions.order_by("-number")[:_VERSIONS_MAX])
    ]


def _changes(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "at": moment(one.made_at),
            "status": one.status,
            "by": untrusted(one.actor),
            "reason": untrusted(one.reason),
        }
        for one in reversed(plan.changes.order_by("-id")[:_VERSIONS_MAX])
    ]


def _outcome(plan: Plan) -> dict[str, Any]:
    return {
        "profit_loss": number(plan.profit_loss),
        "currency": plan.currency or None,
        "exit_price": number(plan.exit_price),
        "close_time": moment(plan.close_time),
        "close_reason": plan.close_reason or None,
        "synced_at": moment(plan.synced_at),
    }
