"""How a workspace wants the learner to go about it."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

from django.conf import settings

from journal.models import BrokerAccount
from learning.models import LearningSettings, ParameterPolicy


def settings_of(workspace_id: int) -> LearningSettings:
    """As they were saved; not in the database while nobody did."""
    found = LearningSettings.objects.filter(workspace_id=workspace_id).first()
    return found or LearningSettings(workspace_id=workspace_id)


def policy_of(workspace_id: int) -> ParameterPolicy:
    return chosen_policy(settings_of(workspace_id))


def chosen_policy(held: LearningSettings) -> ParameterPolicy:
    return ParameterPolicy(held.policy or settings.LEARNING_POLICY)


def zone_of(workspace_id: int) -> ZoneInfo:
    """In which its weeks begin: as it was set, else that of most of its accounts, else the installation's."""
    named = settings_of(workspace_id).zone
    if not named:
        zones = Counter(
            BrokerAccount.objects.filter(workspace_id=workspace_id)
            .order_by("pk")
            .values_list("zone", flat=True)
        )
        zones.pop("", None)
        named = zones.most_common(1)[0][0] if zones else settings.TIME_ZONE
    return ZoneInfo(named)
