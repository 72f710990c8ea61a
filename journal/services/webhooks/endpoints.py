"""Endpoints of a workspace: made, changed, tested, taken away. By owners, which the edges see to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Membership
from common.errors import Conflict, NotFound, Rejected
from common.secrets import encrypt
from journal.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from journal.services.alerts.addresses import address_refused
from journal.services.alerts.guard import is_public
from journal.services.webhooks.emitting import delivery_of
from journal.services.webhooks.events import EVENTS, TEST
from journal.services.webhooks.signing import make_secret

ENDPOINTS_MAX = 10
# For so long the secret that was replaced signs too: receivers change theirs meanwhile.
OVERLAP = timedelta(hours=24)
_LENGTH_MAX = 1_000


@transaction.atomic
def create_endpoint(
    membership: Membership, *, address: str, name: str, events: Collection[str]
) -> tuple[WebhookEndpoint, str]:
    """And its secret, which is shown this once. Raises Rejected with `fields`, and Conflict where there are too many
    already."""
    if list_endpoints().filter(workspace=membership.workspace_id).count() >= ENDPOINTS_MAX:
        raise Conflict("too_many_webhooks", f"{ENDPOINTS_MAX} are enough. Remove one first.")
    host = check_address(address)
    secret = make_secret()
    endpoint = WebhookEndpoint.objects.create(
        workspace_id=membership.workspace_id,
        name=name.strip()[:80] or host,
        host=host,
        address=encrypt(address.strip()),
        secret=encrypt(secret),
        wanted=_known(events),
        created_by=membership.user,
    )
    return endpoint, secret


def list_endpoints() -> QuerySet[WebhookEndpoint]:
    """Of the workspace that is open."""
    return WebhookEndpoint.objects.filter(removed_at=None)


def get_endpoint(endpoint_id: int) -> WebhookEndpoint:
    """Raises NotFound."""
    found = list_endpoints().filter(pk=endpoint_id).first()
    if found is None:
        raise NotFound("webhook_not_found", "There is no such webhook in this workspace.")
    return found


def change_endpoint(
    endpoint: WebhookEndpoint, *, address: str, name: str, events: Collection[str]
) -> None:
    """An empty `address` keeps the one that it has. Raises Rejected with `fields`."""
    if address.strip():
        endpoint.host = check_address(address)
        endpoint.address = encrypt(address.strip())
    endpoint.name = name.strip()[:80] or endpoint.name
    endpoint.wanted = _known(events)
    endpoint.save(update_fields=["host", "address", "name", "wanted"])


def change_secret(endpoint: WebhookEndpoint) -> str:
    """The new one, which is shown this once."""
    secret = make_secret()
    endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, timezone.now() + OVERLAP
    endpoint.secret = encrypt(secret)
    endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
    return secret


def pause_endpoint(endpoint: WebhookEndpoint, *, is_paused: bool) -> None:
    """Going on also takes back that it was switched off. What happens in between is not sent later."""
    endpoint.paused_at = timezone.now() if is_paused else None
    if not is_paused:
        endpoint.disabled_at = endpoint.failing_since = None
        endpoint.error = ""
    endpoint.save(update_fields=["paused_at", "disabled_at", "failing_since", "error"])


@transaction.atomic
def remove_endpoint(endpoint: WebhookEndpoint) -> None:
    endpoint.removed_at = timezone.now()
    endpoint.address = endpoint.secret = endpoint.old_secret = ""
    endpoint.save(update_fields=["removed_at", "address", "secret", "old_secret"])
    endpoint.deliveries.filter(next_at__isnull=False).update(
        next_at=None, error="The webhook was removed."
    )


@transaction.atomic
def write_test(endpoint: WebhookEndpoint) -> WebhookDelivery:
    now = timezone.now()
    event = WebhookEvent.objects.create(
        workspace_id=endpoint.workspace_id,
        kind=TEST,
        data={"webhook": endpoint.name},
        created_at=now,
    )
    delivery = delivery_of(event, endpoint, now)
    delivery.save()
    return delivery


def redeliver(delivery: WebhookDelivery) -> WebhookDelivery:
    """Again, under the id that it had: a receiver who has it knows that. Raises Conflict where it is on its way, or
    nothing is sent to the endpoint."""
    if delivery.next_at is not None:
        raise Conflict("webhook_under_way", "It is on its way already.")
    if not delivery.endpoint.is_live:
        raise Conflict("webhook_off", f"“{delivery.endpoint}” is paused, switched off or removed.")
    again = delivery_of(delivery.event, delivery.endpoint, timezone.now())
    again.save()
    return again


def get_delivery(delivery_id: int) -> WebhookDelivery:
    """Raises NotFound."""
    found = (
        WebhookDelivery.objects.select_related("endpoint", "event").filter(pk=delivery_id).first()
    )
    if found is None:
        raise NotFound("delivery_not_found", "There is no such delivery in this workspace.")
    return found


def check_address(address: str) -> str:
    """The host of it. Raises Rejected with `fields`."""
    text = address.strip()
    if len(text) > _LENGTH_MAX or not text.isprintable() or " " in text:
        raise address_refused(f"An address is at most {_LENGTH_MAX:,} characters, without spaces.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    allowed = {"https", "http"} if settings.ALERT_PRIVATE_HOSTS else {"https"}
    if parts.scheme not in allowed or not host:
        raise address_refused("Write an address such as https://bot.example.org/fillbook.")
    if parts.username or parts.password or parts.fragment:
        raise address_refused(
            "No name, password or # in the address: the signature tells who sends it."
        )
    if port == 0:
        raise address_refused("There is no port 0.")
    if not settings.ALERT_PRIVATE_HOSTS and not is_public(host):
        raise address_refused(
            f"{host} is not found, or is a machine of a private network, which nothing is sent to. Whoever runs this "
            "installation can allow it (ALERT_PRIVATE_HOSTS)."
        )
    return host[:255]


def _known(events: Collection[str]) -> list[str]:
    strange = sorted(set(events) - set(EVENTS))
    if strange or not events:
        words = f"{strange[0][:64]} is no event." if strange else "Choose at least one event."
        raise Rejected("events_unknown", words, {"events": [words]})
    return [one for one in EVENTS if one in events and one != TEST]
