"""Alerts out. Each is sent at least once: a worker that dies between sending and noting it sends it again.

What a message says comes from whoever knows its topic (`Compose`), at the moment of sending.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from common.secrets import Unreadable, decrypt
from journal.models import Alert, AlertChannel, AlertTopic, ChannelKind
from journal.services.alerts.addresses import read_address
from journal.services.alerts.guard import only_public

logger = logging.getLogger(__name__)

# After each failure; then it is given up.
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
KEPT = timedelta(days=30)


class Message(NamedTuple):
    """Plain text; services are told that it is nothing else."""

    subject: str
    body: str


Compose = Callable[[Alert], Message | None]
POINTLESS = "There was nothing left to tell."


class NotSent(Exception):
    """In words that a person may read: without an address."""


def list_due() -> list[tuple[int, int]]:
    """(workspace, id) of what is to be sent now."""
    due = Alert.objects.filter(next_at__lte=timezone.now()).order_by("next_at")
    return list(due.values_list("workspace_id", "pk")[:500])


def has_due(workspace_id: int) -> bool:
    due = Alert.objects.filter(workspace_id=workspace_id, next_at__lte=timezone.now())
    return due.exists()


def deliver(alert_id: int, composers: Mapping[str, Compose]) -> None:
    """Does nothing for what is sent or taken by another worker."""
    taken = _take(alert_id, composers)
    if taken is None:
        return
    alert, message = taken
    error = ""
    try:
        _send(alert.channel, message)
    except NotSent as trouble:
        error = str(trouble)
    _note(alert, error)


@transaction.atomic
def _take(alert_id: int, composers: Mapping[str, Compose]) -> tuple[Alert, Message] | None:
    """Whoever takes it has until `next_at`; then it is taken again."""
    now = timezone.now()
    due = Alert.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_at__lte=now)
    alert = due.select_related("channel__user").filter(pk=alert_id).first()
    if alert is None:
        return None
    message = _compose(alert, composers)
    if message is None:
        alert.next_at, alert.note = None, POINTLESS
        alert.save(update_fields=["next_at", "note"])
        return None
    alert.next_at = now + (WAITS[alert.attempts] if alert.attempts < len(WAITS) else WAITS[-1])
    alert.attempts += 1
    alert.save(update_fields=["next_at", "attempts"])
    return alert, message


def _compose(alert: Alert, composers: Mapping[str, Compose]) -> Message | None:
    channel = alert.channel
    if alert.topic == AlertTopic.TEST:
        return Message(
            "Fillbook: a test", f"This is where “{channel.name}” leads. Alerts come here."
        )
    member = Membership.objects.filter(user=channel.user_id, workspace=alert.workspace_id).first()
    if channel.paused_at is not None or member is None or not channel.user.is_active:
        return None
    compose = composers.get(alert.topic)
    return compose(alert) if compose is not None else None


def _send(channel: AlertChannel, message: Message) -> None:
    if channel.kind == ChannelKind.EMAIL:
        _mail(channel, message)
    else:
        _push(channel, message)


def _mail(channel: AlertChannel, message: Message) -> None:
    try:
        send_mail(message.subject, message.body, None, [channel.user.email])
    except OSError as error:
        # Of smtplib too. Its words may hold the address and what the server said of it, but no secret.
        raise NotSent(f"The mail server did not take it: {type(error).__name__}.") from error


def _push(channel: AlertChannel, message: Message) -> None:
    from apprise import NotifyFormat  # noqa: PLC0415 - heavy, and only for who sends

    try:
        messenger = read_address(decrypt(channel.address))
    except Unreadable:
        raise NotSent("Its address was encrypted with another key. Enter it again.") from None
    if messenger is None:
        raise NotSent("Its service does not know such an address any more. Enter it again.")
    guard = nullcontext() if settings.ALERT_PRIVATE_HOSTS else only_public()
    try:
        with guard:
            is_sent = messenger.notify(
                body=message.body, title=message.subject, body_format=NotifyFormat.TEXT
            )
    except Exception as error:
        # Somebody else's code for somebody else's service: whatever it is, the next alert must go out.
        logger.warning("alert_failed: %s %s", channel.pk, type(error).__name__)
        raise NotSent(f"Its service failed: {type(error).__name__}.") from error
    if not is_sent:
        raise NotSent(
            "Its service did not take it, or is not on the public network. Check the address."
        )


@transaction.atomic
def _note(alert: Alert, error: str) -> None:
    now = timezone.now()
    if not error:
        Alert.objects.filter(pk=alert.pk).update(sent_at=now, next_at=None, note="")
        AlertChannel.objects.filter(pk=alert.channel_id).update(
            tried_at=now, succeeded_at=now, error=""
        )
        return
    is_over = alert.attempts > len(WAITS)
    values = {"next_at": None} if is_over else {}
    Alert.objects.filter(pk=alert.pk).update(note=error[:255], **values)
    AlertChannel.objects.filter(pk=alert.channel_id).update(tried_at=now, error=error[:255])


def forget_alerts() -> None:
    """What was sent or given up long ago."""
    Alert.objects.filter(next_at=None, created_at__lt=timezone.now() - KEPT).delete()
