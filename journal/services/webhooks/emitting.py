"""What happened, written down for every endpoint that wants to know of it: in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from journal.models import WebhookDelivery, WebhookEndpoint, WebhookEvent


class Happening(NamedTuple):
    """`data` is JSON with numbers as text: names and figures of the book, never a secret."""

    kind: str
    account_id: int | None
    data: Mapping[str, Any]


def live_endpoints() -> QuerySet[WebhookEndpoint]:
    """Of the workspace that is open."""
    return WebhookEndpoint.objects.filter(removed_at=None, disabled_at=None, paused_at=None)


@transaction.atomic
def emit(workspace_id: int, happenings: Sequence[Happening], *, now: datetime | None = None) -> int:
    """How many deliveries follow. Three queries, whatever their number; one where nobody wants to know."""
    if not happenings:
        return 0
    at = now or timezone.now()
    kinds = {one.kind for one in happenings}
    found = live_endpoints().filter(workspace_id=workspace_id, wanted__overlap=sorted(kinds))
    endpoints = list(found)
    wanted = {kind for endpoint in endpoints for kind in endpoint.wanted}
    events = WebhookEvent.objects.bulk_create(
        WebhookEvent(
            workspace_id=workspace_id,
            account_id=one.account_id,
            kind=one.kind,
            data=dict(one.data),
            created_at=at,
        )
        for one in happenings
        if one.kind in wanted
    )
    deliveries = WebhookDelivery.objects.bulk_create(
        delivery_of(event, endpoint, at)
        for event in events
        for endpoint in endpoints
        if event.kind in endpoint.wanted
    )
    return len(deliveries)


def delivery_of(event: WebhookEvent, endpoint: WebhookEndpoint, at: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        workspace_id=event.workspace_id,
        account_id=event.account_id,
        endpoint=endpoint,
        event=event,
        next_at=at,
    )
