"""Who wants reports, and where."""

from __future__ import annotations

from django.db.models import QuerySet

from journal.models import AlertChannel, AlertTopic, ChannelKind


def channels_for_reports(workspace_id: int) -> QuerySet[AlertChannel]:
    """Those that are not paused."""
    return AlertChannel.objects.filter(
        workspace_id=workspace_id, topics__contains=[AlertTopic.REPORTS.value], paused_at=None
    ).order_by("pk")


def email_channels(workspace_id: int, user_id: int) -> QuerySet[AlertChannel]:
    """Of a person, whatever they are told there, paused ones too."""
    return AlertChannel.objects.filter(
        workspace_id=workspace_id, user_id=user_id, kind=ChannelKind.EMAIL
    ).order_by("pk")


def wants_reports(user_id: int) -> bool:
    """By e-mail, of the open workspace."""
    own = AlertChannel.objects.filter(
        user_id=user_id, kind=ChannelKind.EMAIL, paused_at=None, topics__contains=[AlertTopic.REPORTS.value]
    )  # fmt: skip
    return own.exists()
