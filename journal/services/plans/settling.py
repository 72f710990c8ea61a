"""Plans told what their trades say: that they were executed, and what came of it.

Derived, and safe to run at any time: a plan of which nothing changed is not written to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction

from common.sql import fetch
from journal.domain.chain.outcome import Outcome, TradeEnd, outcome_of
from journal.domain.chain.terms import PlanStatus
from journal.domain.exact import exact_sums
from journal.models import BrokerAccount, Plan, PlanChange, TradeChain, Via
from journal.services import clock
from journal.services.plans.actors import RULE, Actor

_OUTCOME = Outcome._fields


@transaction.atomic
def settle_plans(plan_ids: Collection[int]) -> list[int]:
    """Status and outcome of these plans, by the trades that are linked to them now; the ids of those that changed."""
    if not plan_ids:
        return []
    plans = list(Plan.objects.select_for_update().filter(pk__in=plan_ids).order_by("pk"))
    ends = _ends([plan.pk for plan in plans])
    return [plan.pk for plan in plans if _settle(plan, ends.get(plan.pk, []))]


def list_plans_of(account: BrokerAccount) -> list[int]:
    """The plans that trades of the account are linked to."""
    linked = TradeChain.objects.filter(account_id=account.pk, plan_id__isnull=False)
    return list(linked.order_by().values_list("plan_id", flat=True).distinct())


def _ends(plan_ids: list[int]) -> dict[int, list[TradeEnd]]:
    rows = fetch(
        "SELECT c.plan_id, t.symbol, t.quantity, t.closed_at, t.average_close, "
        "CASE WHEN t.cost_known THEN t.net_pnl END, t.currency, CASE WHEN t.cost_known THEN t.net_base END, "
        "a.base_currency, c.close_reason FROM journal_tradechain c JOIN journal_trade t ON t.id = c.id "
        "JOIN journal_brokeraccount a ON a.id = t.account_id WHERE c.plan_id = ANY(%s) ORDER BY t.opened_at, t.id",
        [plan_ids],
    )
    found: dict[int, list[TradeEnd]] = defaultdict(list)
    for plan_id, *values in rows:
        found[plan_id].append(TradeEnd(*values))
    return found


def _settle(plan: Plan, ends: list[TradeEnd]) -> bool:
    with exact_sums():
        outcome = outcome_of(ends)
    changed = [name for name in _OUTCOME if getattr(plan, name) != getattr(outcome, name)]
    if changed:
        for name in changed:
            setattr(plan, name, getattr(outcome, name))
        plan.synced_at = clock.now()
        plan.save(update_fields=[*changed, "synced_at"])
    return _settle_status(plan, is_traded=bool(ends)) or bool(changed)


def _settle_status(plan: Plan, *, is_traded: bool) -> bool:
    status = PlanStatus(plan.status)
    if is_traded and status is not PlanStatus.EXECUTED:
        note_status(plan, PlanStatus.EXECUTED, reason="Its fills are in the book.")
        return True
    if not is_traded and status is PlanStatus.EXECUTED:
        last = plan.changes.order_by("id").last()
        # What somebody said himself is left as it is.
        if last is not None and last.via == Via.RULE and last.before:
            before = PlanStatus(last.before)
            note_status(plan, before, reason="Its fills are not in the book any more.")
            return True
    return False


def note_status(plan: Plan, status: PlanStatus, *, reason: str, actor: Actor = RULE) -> PlanChange:
    """The step, written down and taken. The plan's row is locked."""
    now = clock.now()
    change = PlanChange.objects.create(
        workspace_id=plan.workspace_id, account_id=plan.account_id, plan=plan, before=plan.status, status=status,
        reason=reason, made_at=now, **actor.as_columns(),
    )  # fmt: skip
    plan.status, plan.status_at = status, now
    plan.save(update_fields=["status", "status_at"])
    return change
