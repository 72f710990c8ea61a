"""Differences as people and workers look for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from journal.models import BrokerAccount, Connection, Pull
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.life import State
from reconciliation.models import Divergence, ReconciliationRun
from reconciliation.selectors.connections import connections_of

# What a fill that the book has not heard of yet would explain.
_LATE_NEWS = (
    Kind.MISSING_IN_JOURNAL,
    Kind.PHANTOM,
    Kind.QUANTITY,
    Kind.SIDE,
    Kind.CASH_BALANCE,
    Kind.EXPIRY,
)
# A broker whose history was asked for so lately is not asked again.
_AGAIN = timedelta(minutes=15)


def list_approved(*, before: datetime) -> QuerySet[Divergence]:
    """Approved and not carried out, though there was time. In all workspaces."""
    rows = Divergence.objects.filter(state=State.APPROVED, last_seen_at__lt=before)
    return rows.exclude(steps__to_state=State.APPROVED, steps__created_at__gte=before).order_by(
        "pk"
    )


def list_to_read_again(runs: Iterable[ReconciliationRun], *, now: datetime) -> list[Connection]:
    """Connections whose history may explain what these runs saw. In all workspaces."""
    seen = Divergence.objects.filter(
        last_run__in=[run.pk for run in runs], kind__in=_LATE_NEWS, unseen=0,
        state__in=[State.SEEN, State.OPEN], last_seen_at__lte=now,
    )  # fmt: skip
    accounts = BrokerAccount.objects.filter(pk__in=seen.values("account"))
    usable = connections_of(list(accounts), fits=lambda one: one.is_asked and one.paused_at is None)
    found = {one.pk: one for one in usable.values()}
    lately = Pull.objects.filter(connection__in=found, created_at__gte=now - _AGAIN)
    asked = set(lately.values_list("connection_id", flat=True))
    return [one for id_, one in sorted(found.items()) if id_ not in asked]
