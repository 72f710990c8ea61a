"""Asking people for decisions, where they want to be asked.

Text of a recommendation is somebody else's: a message holds names and figures of it, no reason and nothing that a
messenger would turn into a link.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from django.utils import timezone

from accounts.models import Membership
from accounts.roles import Role
from journal.domain.leg_words import legs_in_words
from journal.models import Alert, AlertChannel, AlertTopic, Recommendation
from journal.selectors.recommendations import list_recommendations, waiting
from journal.services.alerts.delivery import Compose, Message
from journal.services.alerts.words import base_url, plain
from journal.services.recommendations.links import make_link

# More than these come as a number and the address of the list.
TOLD_MAX = 5
_KEPT_NAMES = 200


def write_alerts(workspace_id: int, record_ids: Collection[str]) -> None:
    """One for each channel that wants to hear of these recommendations, of those that wait."""
    channels = list(_channels(workspace_id))
    if not channels:
        return
    found = list_recommendations().filter(
        workspace_id=workspace_id, record_id__in=record_ids, standing__in=waiting()
    )
    needed: list[str] = []
    others: list[str] = []
    for record_id, needs_approval in found.order_by("id").values_list(
        "record_id", "needs_approval"
    ):
        (needed if needs_approval else others).append(record_id)
    now = timezone.now()
    Alert.objects.bulk_create(
        Alert(
            workspace_id=workspace_id,
            channel=channel,
            topic=topic,
            about=names[:_KEPT_NAMES],
            next_at=now,
        )
        for topic, names in (
            (AlertTopic.APPROVALS, needed),
            (AlertTopic.RECOMMENDATIONS, others),
        )
        for channel in channels
        if names and topic.value in channel.topics
    )


def _channels(workspace_id: int) -> Iterable[AlertChannel]:
    """Of people who may decide."""
    writers = Membership.objects.filter(workspace=workspace_id).exclude(role=Role.VIEWER)
    return AlertChannel.objects.filter(
        workspace_id=workspace_id, paused_at=None, user__in=writers.values("user")
    )


def compose_ask(alert: Alert) -> Message | None:
    """None where nothing of it waits any more. Each one has a link of its own for its person."""
    found = list(
        list_recommendations()
        .filter(record_id__in=alert.about, standing__in=waiting())
        .order_by("-needs_approval", "id")
    )
    if not found:
        return None
    told = found[:TOLD_MAX]
    parts = [
        _part(one, f"{base_url()}/decide/{make_link(one, alert.channel.user)}") for one in told
    ]
    if len(found) > len(told):
        parts.append(f"And {len(found) - len(told)} more: {base_url()}/recommendations")
    parts.append(
        f"A link works once and shows the recommendation before it decides. All of them: {base_url()}/recommendations"
    )
    first = plain(str(told[0]))
    subject = f"Approve? {first}" if len(found) == 1 else f"{len(found)} recommendations wait"
    return Message(f"Fillbook: {subject}", "\n\n".join(parts))


def _part(proposal: Recommendation, link: str) -> str:
    terms = [
        _figure("size", proposal.quantity),
        _figure("entry", proposal.entry_price),
        _figure("stop", proposal.stop_price),
        _figure("target", proposal.target_price),
        _figure("expected profit", proposal.expected_profit),
        _figure("expected loss", proposal.expected_loss),
        _figure("probability", proposal.probability),
    ]
    head = f"{proposal.side.upper()} {proposal}".strip()
    lines = [plain(head), plain(legs_in_words(proposal.legs)), ", ".join(filter(None, terms))]
    if proposal.scanner:
        lines.append(plain(f"by {proposal.scanner}"))
    if proposal.expires_at is not None:
        lines.append(f"until {proposal.expires_at:%Y-%m-%d %H:%M} UTC")
    return "\n".join([*filter(None, lines), link])


def _figure(name: str, value: Decimal | None) -> str:
    return "" if value is None else f"{name} {value.normalize():f}"


COMPOSERS: dict[str, Compose] = {
    AlertTopic.APPROVALS: compose_ask,
    AlertTopic.RECOMMENDATIONS: compose_ask,
}
