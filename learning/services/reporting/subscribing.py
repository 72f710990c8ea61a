"""Who gets reports by e-mail: a choice of each person, kept with their other alerts."""

from __future__ import annotations

from django.core import signing
from django.db import transaction
from django.db.models import F

from accounts.models import Membership
from common.errors import NotFound
from journal.models import AlertChannel, AlertTopic, ChannelKind
from journal.services.alerts.channels import create_channel
from journal.services.alerts.quiet import QuietHours

_SALT = "learning.reports.unsubscribe"
_TOPIC = AlertTopic.REPORTS.value


@transaction.atomic
def subscribe(membership: Membership) -> AlertChannel:
    """Puts the topic to the person's e-mail channel, which is made where there is none. It may be paused."""
    own = AlertChannel.objects.select_for_update().filter(
        workspace_id=membership.workspace_id, user=membership.user_id, kind=ChannelKind.EMAIL
    )
    channel = own.order_by(F("paused_at").asc(nulls_first=True), "pk").first()
    if channel is None:
        return create_channel(
            membership, kind=ChannelKind.EMAIL, address="", name="E-mail", topics=[_TOPIC], quiet=QuietHours(None, None)
        )  # fmt: skip
    if _TOPIC not in channel.topics:
        channel.topics = [*channel.topics, _TOPIC]
        channel.save(update_fields=["topics"])
    return channel


@transaction.atomic
def unsubscribe(workspace_id: int, user_id: int) -> None:
    """Takes the topic off all e-mail channels of the person in the workspace; one that told of nothing else is gone."""
    own = AlertChannel.objects.select_for_update().filter(
        workspace_id=workspace_id, user=user_id, kind=ChannelKind.EMAIL, topics__contains=[_TOPIC]
    )
    for channel in own:
        channel.topics = [one for one in channel.topics if one != _TOPIC]
        if channel.topics:
            channel.save(update_fields=["topics"])
        else:
            channel.delete()


def unsubscribe_token(channel: AlertChannel) -> str:
    """For the link in a mail: nobody else can make one."""
    return signing.dumps([channel.workspace_id, channel.user_id], salt=_SALT)


def read_token(token: str) -> tuple[int, int]:
    """(workspace, person). Raises NotFound."""
    try:
        workspace_id, user_id = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, TypeError, ValueError):
        raise NotFound("link_unknown", "This link is not one of ours, or was cut off.") from None
    return int(workspace_id), int(user_id)
