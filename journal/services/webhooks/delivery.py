"""Webhooks out: each at least once, signed anew at every try, under one id for all of them.

Nothing is followed but the address itself, and no way leads into a private network (`journal.services.alerts.guard`).
"""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import NamedTuple

import certifi
import urllib3
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from common.secrets import Unreadable, decrypt
from journal.models import AlertTopic, WebhookDelivery, WebhookEndpoint, WebhookEvent
from journal.services.alerts.guard import PrivateHost, only_public
from journal.services.alerts.telling import News, tell
from journal.services.webhooks.events import VERSION
from journal.services.webhooks.signing import sign

# After each failure, about three days in all; then it is given up.
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
# Nothing arrived for so long: the endpoint is switched off.
PATIENCE = timedelta(days=5)
KEPT = timedelta(days=30)
# While it is being sent nobody else sends it.
_LEASE = timedelta(minutes=2)
_TIMEOUT = urllib3.Timeout(connect=5, read=10)
_TOTAL_SECONDS = 15
_ANSWER_BYTES = 4_096
_GONE = 410
_UNREACHABLE = timedelta(minutes=1)
_TURN_MAX = 100


class Answer(NamedTuple):
    """`status` is None where none came; `error` is "" where it counts as delivered."""

    status: int | None
    error: str = ""
    retry_after: timedelta = timedelta()


def list_due() -> list[tuple[int, int]]:
    """(workspace, id) of what is to be sent now."""
    due = WebhookDelivery.objects.filter(next_at__lte=timezone.now()).order_by("next_at")
    return list(due.values_list("workspace_id", "pk")[:_TURN_MAX])


def deliver(delivery_id: int) -> None:
    """Does nothing for what has arrived or is taken by another worker."""
    delivery = _take(delivery_id)
    if delivery is None:
        return
    begun = time.monotonic()
    answer = _send(delivery)
    _note(delivery, answer, took_ms=round((time.monotonic() - begun) * 1000))


def body_of(event: WebhookEvent) -> bytes:
    """The same bytes whenever it is asked for."""
    payload = {
        "id": event.message_id,
        "type": event.kind,
        "version": VERSION,
        "timestamp": event.created_at.isoformat().replace("+00:00", "Z"),
        "workspace": event.workspace_id,
        "account": event.account_id,
        "data": event.data,
    }
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@transaction.atomic
def _take(delivery_id: int) -> WebhookDelivery | None:
    now = timezone.now()
    due = WebhookDelivery.objects.select_for_update(skip_locked=True, of=("self",))
    found = due.filter(next_at__lte=now, pk=delivery_id)
    delivery = found.select_related("endpoint", "event").first()
    if delivery is None:
        return None
    if not delivery.endpoint.is_live:
        delivery.next_at, delivery.error = None, "The webhook is paused, switched off or removed."
        delivery.save(update_fields=["next_at", "error"])
        return None
    delivery.next_at = now + _LEASE
    delivery.attempts += 1
    delivery.save(update_fields=["next_at", "attempts"])
    return delivery


def _send(delivery: WebhookDelivery) -> Answer:
    endpoint = delivery.endpoint
    now = timezone.now()
    try:
        address, keys = decrypt(endpoint.address), _keys(endpoint, now)
    except Unreadable:
        return Answer(None, "Its address was encrypted with another key. Enter it again.")
    body = body_of(delivery.event)
    stamp, message_id = int(now.timestamp()), delivery.event.message_id
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Fillbook-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(message_id, stamp, body, keys),
    }
    return _post(address, body, headers)


def _keys(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    keys = [decrypt(endpoint.secret)]
    if endpoint.old_secret and endpoint.old_secret_until and now < endpoint.old_secret_until:
        keys.append(decrypt(endpoint.old_secret))
    return keys


def _post(address: str, body: bytes, headers: dict[str, str]) -> Answer:
    guard = nullcontext() if settings.ALERT_PRIVATE_HOSTS else only_public()
    # Certificates that we know come with us: a container may have none of its own.
    with guard, urllib3.PoolManager(ca_certs=certifi.where()) as pool:
        try:
            response = pool.request(
                "POST",
                address,
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                timeout=_TIMEOUT,
                preload_content=False,
            )
            _read_a_little(response)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return Answer(None, _in_words(error))
    return _judge(response)


def _read_a_little(response: urllib3.BaseHTTPResponse) -> None:
    """So that the other side can finish; what it says is not kept, and who says it slowly is not waited for."""
    until, left = time.monotonic() + _TOTAL_SECONDS, _ANSWER_BYTES
    try:
        while left > 0 and time.monotonic() < until:
            part = response.read(min(left, 512))
            if not part:
                break
            left -= len(part)
    finally:
        response.close()


def _judge(response: urllib3.BaseHTTPResponse) -> Answer:
    status = response.status
    if 200 <= status < 300:
        return Answer(status)
    if 300 <= status < 400:
        return Answer(status, f"It answered {status}: redirects are not followed.")
    wait = response.headers.get("Retry-After", "")
    seconds = min(int(wait), 86_400) if wait.isascii() and wait.isdigit() and len(wait) < 9 else 0
    return Answer(status, f"It answered {status}.", timedelta(seconds=seconds))


def _in_words(error: Exception) -> str:
    """Without an address: its path may be a secret."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, PrivateHost):
            return str(inner)
        inner = inner.__cause__ or inner.__context__
    words = {
        "ConnectTimeoutError": "It could not be reached in 5 seconds.",
        "ReadTimeoutError": "It did not answer in 10 seconds.",
        "SSLError": "Its certificate is not valid.",
        "NameResolutionError": "Its name is not known.",
        "NewConnectionError": "It could not be reached.",
    }
    return words.get(type(error).__name__, f"It could not be reached: {type(error).__name__}.")


@transaction.atomic
def _note(delivery: WebhookDelivery, answer: Answer, *, took_ms: int) -> None:
    now = timezone.now()
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    delivery.tried_at, delivery.status = now, answer.status
    delivery.error, delivery.took_ms = answer.error[:255], took_ms
    endpoint.tried_at = now
    if not answer.error:
        delivery.delivered_at, delivery.next_at = now, None
        endpoint.succeeded_at, endpoint.failing_since, endpoint.error = now, None, ""
    else:
        endpoint.error = answer.error[:255]
        endpoint.failing_since = endpoint.failing_since or now
        delivery.next_at = _next_try(delivery, answer, now)
        is_lost = now - endpoint.failing_since >= PATIENCE or answer.status == _GONE
        if is_lost and endpoint.is_live:
            _disable(endpoint, now)
            delivery.next_at = None
        elif answer.status is None:
            # What else waits for it is not tried into the void, one after the other.
            waiting = endpoint.deliveries.filter(next_at__lte=now).exclude(pk=delivery.pk)
            waiting.update(next_at=now + _UNREACHABLE)
    delivery.save(update_fields=["tried_at", "status", "error", "took_ms", "delivered_at", "next_at"])  # fmt: skip
    endpoint.save(update_fields=["tried_at", "succeeded_at", "failing_since", "error", "disabled_at"])  # fmt: skip


def _next_try(delivery: WebhookDelivery, answer: Answer, now: datetime) -> datetime | None:
    if delivery.attempts > len(WAITS):
        return None
    return now + max(WAITS[delivery.attempts - 1], answer.retry_after)


def _disable(endpoint: WebhookEndpoint, now: datetime) -> None:
    endpoint.disabled_at = now
    endpoint.deliveries.filter(next_at__isnull=False).update(
        next_at=None, error="The webhook was switched off."
    )
    since = endpoint.failing_since or now
    tell(
        News(
            topic=AlertTopic.WEBHOOKS,
            workspace_id=endpoint.workspace_id,
            account_id=None,
            key=f"webhook:{endpoint.pk}",
            state=now.isoformat(),
            subject=f"The webhook {endpoint.name} was switched off",
            lines=[f"Nothing has arrived since {since:%Y-%m-%d %H:%M} UTC. {endpoint.error}"],
            url_path=f"/settings/webhooks/{endpoint.pk}",
        )
    )


def forget_events() -> None:
    """What is old, with its deliveries; none that is still on its way."""
    old = WebhookEvent.objects.filter(created_at__lt=timezone.now() - KEPT)
    old.exclude(deliveries__next_at__isnull=False).delete()
