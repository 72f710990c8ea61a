"""Alerts out. Each is sent at least once: a worker that dies between sending and noting it sends it again.

What was told (`telling`) is sent as it was; what else a message says comes from whoever knows its topic (`Compose`), at
the moment of sending.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from email.mime.image import MIMEImage
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.contrib.postgres.aggregates import BoolOr
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from accounts.models import Membership
from common.secrets import Unreadable, decrypt
from journal.models import Alert, AlertChannel, AlertTopic, ChannelKind, Told
from journal.services.alerts.addresses import read_address
from journal.services.alerts.guard import only_public
from journal.services.alerts.quiet import quiet_end
from journal.services.alerts.words import PREFIX, base_url

if TYPE_CHECKING:
    from apprise import NotifyBase

logger = logging.getLogger(__name__)

# After each failure; then it is given up.
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
KEPT = timedelta(days=30)
# What is still so after as long may be told again.
TOLD_KEPT = timedelta(days=400)
# Alerts in one message, those of them that are shown, and messages to one channel in one go.
_BUNDLE_MAX = 100
_SHOWN_MAX = 20
_MESSAGES_MAX = 50


class Letter(NamedTuple):
    """What goes by e-mail instead of the short body: complete as `text`, the same in `html` with `pictures` (name, PNG)
    that it shows by `cid:name`. Further `headers`; nothing is sent to anybody else."""

    text: str
    html: str
    pictures: Sequence[tuple[str, bytes]] = ()
    headers: Mapping[str, str] = {}


class Message(NamedTuple):
    """Plain text; services are told that it is nothing else. One with a letter goes alone."""

    subject: str
    body: str
    letter: Letter | None = None


Compose = Callable[[Alert], Message | None]
# Of topics of apps above, which name them when they are ready.
_offered: dict[str, Compose] = {}
POINTLESS = "There was nothing left to tell."


class NotSent(Exception):
    """In words that a person may read: without an address."""


def offer_composer(topic: str, compose: Compose) -> None:
    """What messages of a topic say, where that is put together when they are sent; each goes alone."""
    _offered[topic] = compose


def list_due() -> list[tuple[int, int]]:
    """(workspace, channel) of what is to be sent now, what is urgent first."""
    due = Alert.objects.filter(next_at__lte=timezone.now()).order_by()
    channels = due.values("workspace_id", "channel_id").annotate(
        is_urgent=BoolOr("is_urgent"), since=Min("next_at")
    )
    in_order = channels.order_by("-is_urgent", "since")[:500]
    return [(one["workspace_id"], one["channel_id"]) for one in in_order]


def has_due(workspace_id: int) -> bool:
    due = Alert.objects.filter(workspace_id=workspace_id, next_at__lte=timezone.now())
    return due.exists()


def deliver(channel_id: int, composers: Mapping[str, Compose]) -> None:
    """All that the channel is owed: what is urgent one by one, the rest in one message. Nothing for what is
    sent or taken by another worker."""
    for _ in range(_MESSAGES_MAX):
        taken = _take(channel_id, composers)
        if taken is None:
            return
        if not taken:
            continue
        error = ""
        try:
            _send(taken[0][0].channel, _bundle([message for _, message in taken]))
        except NotSent as trouble:
            error = str(trouble)
        _note([alert for alert, _ in taken], error)


@transaction.atomic
def _take(channel_id: int, composers: Mapping[str, Compose]) -> list[tuple[Alert, Message]] | None:
    """For one message. Whoever takes them has until `next_at`; then they are taken again. None: nothing is due; empty:
    there was nothing left to tell, or it waits for the end of quiet hours."""
    now = timezone.now()
    due = Alert.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_at__lte=now)
    of_channel = due.filter(channel=channel_id).select_related("channel__user")
    alerts = list(of_channel.order_by("-is_urgent", "id")[:_BUNDLE_MAX])
    if not alerts:
        return None
    alone = next((one for one in alerts if _goes_alone(one)), None)
    if alone is not None:
        alerts = [alone]
    if (
        not (alone and _comes_through(alone))
        and (until := quiet_end(alerts[0].channel, now)) is not None
    ):
        Alert.objects.filter(pk__in=[one.pk for one in alerts]).update(next_at=until, is_held=True)
        return []
    taken: list[tuple[Alert, Message]] = []
    for alert in alerts:
        message = _compose(alert, composers)
        alert.is_held = False
        if message is None:
            alert.next_at, alert.note, alert.attempts = None, POINTLESS, 0
        else:
            alert.next_at = now + WAITS[min(alert.attempts, len(WAITS) - 1)]
            alert.attempts += 1
            taken.append((alert, message))
    Alert.objects.bulk_update(alerts, ["next_at", "attempts", "note", "is_held"])
    return taken


def _comes_through(alert: Alert) -> bool:
    """Quiet hours or not."""
    return alert.is_urgent or alert.topic == AlertTopic.TEST


def _goes_alone(alert: Alert) -> bool:
    return alert.is_urgent or alert.topic == AlertTopic.TEST or alert.topic in _offered


def _compose(alert: Alert, composers: Mapping[str, Compose]) -> Message | None:
    channel = alert.channel
    if alert.topic == AlertTopic.TEST:
        return Message(
            "Fillbook: a test", f"This is where “{channel.name}” leads. Alerts come here."
        )
    member = Membership.objects.filter(user=channel.user_id, workspace=alert.workspace_id).first()
    if channel.paused_at is not None or member is None or not channel.user.is_active:
        return None
    if alert.subject:
        page = [base_url() + alert.url_path] if alert.url_path else []
        return Message(f"{PREFIX}{alert.subject}", "\n".join([*alert.lines, *page]))
    compose = composers.get(alert.topic) or _offered.get(alert.topic)
    return compose(alert) if compose is not None else None


def _bundle(messages: list[Message]) -> Message:
    """One of all."""
    if len(messages) == 1:
        return messages[0]
    parts = [
        f"{one.subject.removeprefix(PREFIX)}\n{one.body}".strip() for one in messages[:_SHOWN_MAX]
    ]
    if len(messages) > _SHOWN_MAX:
        parts.append(f"And {len(messages) - _SHOWN_MAX} more: {base_url()}/settings/alerts")
    return Message(f"{PREFIX}{len(messages)} alerts", "\n\n".join(parts))


def _send(channel: AlertChannel, message: Message) -> None:
    if channel.kind == ChannelKind.EMAIL:
        _mail(channel, message)
    else:
        _push(channel, message)


def _mail(channel: AlertChannel, message: Message) -> None:
    try:
        if message.letter is None:
            send_mail(message.subject, message.body, None, [channel.user.email])
        else:
            _write(message.subject, message.letter, channel.user.email).send()
    except OSError as error:
        # Of smtplib too. Its words may hold the address and what the server said of it, but no secret.
        raise NotSent(f"The mail server did not take it: {type(error).__name__}.") from error


class _WithPictures(EmailMultiAlternatives):
    """What shows pictures and the pictures are one part."""

    mixed_subtype = "related"


def _write(subject: str, letter: Letter, address: str) -> EmailMultiAlternatives:
    mail = _WithPictures(subject, letter.text, None, [address], headers=dict(letter.headers))
    mail.attach_alternative(letter.html, "text/html")
    for name, content in letter.pictures:
        picture = MIMEImage(content, "png")
        picture.add_header("Content-ID", f"<{name}>")
        picture.add_header("Content-Disposition", "inline", filename=f"{name}.png")
        mail.attach(picture)
    return mail


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
                body=_fitting(message, messenger),
                title=message.subject,
                body_format=NotifyFormat.TEXT,
            )
    except Exception as error:
        # Somebody else's code for somebody else's service: whatever it is, the next alert must go out.
        logger.warning("alert_failed: %s %s", channel.pk, type(error).__name__)
        raise NotSent(f"Its service failed: {type(error).__name__}.") from error
    if not is_sent:
        raise NotSent(
            "Its service did not take it, or is not on the public network. Check the address."
        )


def _fitting(message: Message, messenger: NotifyBase) -> str:
    """As many whole lines as the service takes (an SMS takes 160 characters, its subject among them)."""
    room = messenger.body_maxlen - (len(message.subject) + 4 if messenger.title_maxlen <= 0 else 0)
    if len(message.body) <= room:
        return message.body
    kept: list[str] = []
    for line in message.body.splitlines():
        if sum(len(one) + 1 for one in kept) + len(line) + 1 > room:
            break
        kept.append(line)
    return "\n".join(kept) + "…"


@transaction.atomic
def _note(alerts: list[Alert], error: str) -> None:
    now = timezone.now()
    rows = Alert.objects.filter(pk__in=[one.pk for one in alerts])
    channels = AlertChannel.objects.filter(pk=alerts[0].channel_id)
    if not error:
        rows.update(sent_at=now, next_at=None, note="")
        channels.update(tried_at=now, succeeded_at=now, error="")
        return
    rows.update(note=error[:255])
    rows.filter(attempts__gt=len(WAITS)).update(next_at=None)
    channels.update(tried_at=now, error=error[:255])


@transaction.atomic
def retry_alert(alert: Alert) -> bool:
    """What was given up is tried again from the start. False where it was not given up."""
    given_up = Alert.objects.filter(pk=alert.pk, sent_at=None, next_at=None, attempts__gt=0)
    again = given_up.update(next_at=timezone.now(), attempts=0, note="")
    return bool(again)


def forget_alerts() -> None:
    """What was sent or given up long ago, and what was told longer ago than anybody would miss it."""
    now = timezone.now()
    Alert.objects.filter(next_at=None, created_at__lt=now - KEPT).delete()
    Told.objects.filter(told_at__lt=now - TOLD_KEPT).delete()
