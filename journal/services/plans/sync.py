"""Closed trades to the plans that they came from: on demand and by schedule. Booking does the same at once, so this
finds something only where that did not come to its end."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import Error as DatabaseTrouble
from django.db import OperationalError, transaction
from django.utils import timezone

from common.errors import Rejected
from journal.models import Plan, Trade, TradeChain
from journal.services.plans.settling import settle_plans

logger = logging.getLogger(__name__)

DAYS_BACK, DAYS_BACK_MAX = 30, 36_500


@dataclass(slots=True)
class Synced:
    """`synced_count` closed trades that have a plan were looked at; `updated_count` plans said otherwise before."""

    synced_count: int = 0
    updated_count: int = 0
    errors: list[dict[str, str]] = field(default_factory=list)


def sync_plan_trades(
    workspace_id: int, *, days_back: int = DAYS_BACK, account_id: int | None = None
) -> Synced:
    """Of trades that were closed within so many days. Run twice, the second time changes nothing. Raises Rejected."""
    if not 1 <= days_back <= DAYS_BACK_MAX:
        words = f"Days back are a whole number from 1 to {DAYS_BACK_MAX:,}."
        raise Rejected("days_back", words, {"days_back": [words]})
    since = timezone.now() - timedelta(days=days_back)
    closed = Trade.objects.filter(workspace_id=workspace_id, closed_at__gte=since)
    if account_id is not None:
        closed = closed.filter(account_id=account_id)
    chains = TradeChain.objects.filter(pk__in=closed.values("pk"), plan_id__isnull=False)
    plans = list(chains.values_list("plan_id", flat=True))
    synced = Synced(synced_count=len(plans))
    for plan_id in sorted(set(plans)):
        _sync(plan_id, synced)
    return synced


def _sync(plan_id: int, synced: Synced) -> None:
    """One that cannot be written holds up no other."""
    try:
        with transaction.atomic():
            synced.updated_count += len(settle_plans([plan_id]))
    except OperationalError:
        # The database is away: nothing is wrong with the plan.
        raise
    except (DatabaseTrouble, ArithmeticError, ValueError) as error:
        logger.exception("The outcome of a plan could not be written: %s", plan_id)
        name = Plan.objects.values_list("plan_id", flat=True).get(pk=plan_id)
        synced.errors.append({"plan_id": name, "message": f"{type(error).__name__}: {error}"})
