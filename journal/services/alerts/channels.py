"""The channels of a person: made, changed, tested, taken away."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from common.errors import Conflict, NotFound, Rejected
from common.secrets import encrypt
from journal.models import Alert, AlertChannel, AlertTopic, ChannelKind
from journal.services.alerts.addresses import check_address
from journal.services.alerts.quiet import NEVER, QuietHours

CHANNELS_MAX = 10
TOPICS = tuple(one for one in AlertTopic if one is not AlertTopic.TEST)


@transaction.atomic
def create_channel(
    membership: Membership,
    *,
    kind: str,
    name: str,
    address: str,
    topics: Collection[str],
    quiet: QuietHours = NEVER,
) -> AlertChannel:
    """Raises Rejected with `fields`, and Conflict where there are too many already."""
    _check_quiet(quiet)
    own = AlertChannel.objects.filter(workspace=membership.workspace_id, user=membership.user_id)
    if own.count() >= CHANNELS_MAX:
        raise Conflict("too_many_channels", f"{CHANNELS_MAX} are enough. Remove one first.")
    if kind == ChannelKind.EMAIL:
        if not settings.EMAIL_HOST:
            words = "No mail server is set up here (EMAIL_HOST)."
            raise Rejected("no_mail", words, {"kind": [words]})
        service, sealed = membership.user.email, ""
    else:
        service, sealed = check_address(address), encrypt(address.strip())
    return AlertChannel.objects.create(
        workspace_id=membership.workspace_id,
        user=membership.user,
        kind=kind,
        name=name.strip()[:80] or service,
        address=sealed,
        topics=_known(topics),
        quiet_from=quiet.begin,
        quiet_until=quiet.end,
    )


def get_channel(membership: Membership, channel_id: int) -> AlertChannel:
    """One's own. Raises NotFound."""
    own = AlertChannel.objects.filter(user=membership.user_id, pk=channel_id)
    found = own.select_related("user").first()
    if found is None:
        raise NotFound("channel_not_found", "There is no such channel of yours in this workspace.")
    return found


def get_alert(membership: Membership, alert_id: int) -> Alert:
    """To one's own channels. Raises NotFound."""
    own = Alert.objects.filter(channel__user=membership.user_id, pk=alert_id)
    found = own.select_related("channel").first()
    if found is None:
        raise NotFound("alert_not_found", "There is no such alert of yours in this workspace.")
    return found


@transaction.atomic
def change_channel(
    channel: AlertChannel,
    *,
    name: str,
    topics: Collection[str],
    quiet: QuietHours,
) -> None:
    """What waits for the end of quiet hours is looked at anew. Raises Rejected with `fields`."""
    _check_quiet(quiet)
    channel.name = name.strip()[:80] or channel.name
    channel.topics = _known(topics)
    channel.quiet_from, channel.quiet_until = quiet
    channel.save(update_fields=["name", "topics", "quiet_from", "quiet_until"])
    held = channel.alerts.filter(is_held=True, next_at__isnull=False)
    held.update(next_at=timezone.now(), is_held=False)


def pause_channel(channel: AlertChannel, *, is_paused: bool) -> None:
    channel.paused_at = timezone.now() if is_paused else None
    channel.save(update_fields=["paused_at"])


def remove_channel(channel: AlertChannel) -> None:
    channel.delete()


def write_test(channel: AlertChannel) -> Alert:
    return Alert.objects.create(
        workspace_id=channel.workspace_id,
        channel=channel,
        topic=AlertTopic.TEST,
        next_at=timezone.now(),
    )


def _known(topics: Collection[str]) -> list[str]:
    return [one.value for one in TOPICS if one.value in topics]


def _check_quiet(quiet: QuietHours) -> None:
    begin, end = quiet
    if (begin is None) != (end is None):
        words = "Quiet hours have a beginning and an end: give both, or neither."
        raise Rejected(
            "quiet_hours", words, {"quiet_until" if end is None else "quiet_from": [words]}
        )
    if begin is not None and begin == end:
        words = "That is no time at all: quiet hours end at another time than they begin."
        raise Rejected("quiet_hours", words, {"quiet_until": [words]})
