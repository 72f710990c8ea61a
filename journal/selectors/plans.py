"""Plans as pages and programs see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Now

from journal.domain.chain.terms import PlanStatus
from journal.models import Plan, Trade, TradeChain
from journal.selectors.keyset import Key, Page, read_page

_NEWEST = [Key("created_at", descending=True), Key("id", descending=True)]
_OVER = Q(status__in=[PlanStatus.PENDING, PlanStatus.TRIGGERED], expires_at__lte=Now())


def list_plans() -> QuerySet[Plan]:
    """With `status_now`: what has expired is so from that moment, also before it is written down."""
    now = Case(When(_OVER, then=Value(PlanStatus.EXPIRED.value)), default=F("status"))
    plans = Plan.objects.select_related("account").annotate(status_now=now)
    return plans.order_by("-created_at", "-id")


def current_status(plan: Plan) -> str:
    """Of one that was listed."""
    return str(getattr(plan, "status_now", plan.status))


def read_plans(plans: QuerySet[Plan], *, cursor: str = "", limit: int = 50) -> Page[Plan]:
    return read_page([plans], _NEWEST, limit=limit, cursor=cursor)


def with_status(plans: QuerySet[Plan], status: str) -> QuerySet[Plan]:
    """Those that have it now."""
    if status == PlanStatus.EXPIRED:
        return plans.filter(Q(status=status) | _OVER)
    return plans.filter(status=status).exclude(_OVER)


def trades_of_plans(plan_ids: Collection[int]) -> dict[int, list[Trade]]:
    """The trades that each of them was carried out by, the oldest first."""
    links = dict(TradeChain.objects.filter(plan_id__in=plan_ids).values_list("pk", "plan_id"))
    found: dict[int, list[Trade]] = defaultdict(list)
    trades = Trade.objects.filter(pk__in=links).select_related("account")
    for trade in trades.order_by("opened_at", "id"):
        plan_id = links[trade.pk]
        if plan_id is not None:
            found[plan_id].append(trade)
    return found


def has_plans() -> bool:
    """Whether the open workspace has any: whoever plans nothing is not told that he does not."""
    return Plan.objects.exists()
