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

CHANNELS_MAX = 10
TOPICS = (AlertTopic.APPROVALS, AlertTopic.RECOMMENDATIONS)


@transaction.atomic
def create_channel(
    membership: Membership, *, kind: str, name: str, address: str, topics: Collection[str]
) -> AlertChannel:
    """Raises Rejected with `fields`, and Conflict where there are too many already."""
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
    )


def get_channel(membership: Membership, channel_id: int) -> AlertChannel:
    """One's own. Raises NotFound."""
    own = AlertChannel.objects.filter(user=membership.user_id, pk=channel_id)
    found = own.select_related("user").first()
    if found is None:
        raise NotFound("channel_not_found", "There is no such channel of yours in this workspace.")
    return found


def change_topics(channel: AlertChannel, topics: Collection[str]) -> None:
    channel.topics = _known(topics)
    channel.save(update_fields=["topics"])


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
