"""How a workspace decides about what it is proposed."""

from __future__ import annotations

from django.db import transaction

from journal.models import DecisionRules, Recommendation, RecommendationStanding
from journal.services.recommendations.standing import refresh_standings

_AT_ONCE = 1_000


@transaction.atomic
def change_rules(
    workspace_id: int, *, ignored_after_hours: int | None, link_hours: int
) -> DecisionRules:
    """What waits now follows the new rules too."""
    rules, _ = DecisionRules.objects.update_or_create(
        workspace_id=workspace_id,
        defaults={"ignored_after_hours": ignored_after_hours, "link_hours": link_hours},
    )
    waiting = RecommendationStanding.objects.filter(workspace_id=workspace_id, waits=True)
    proposals = Recommendation.objects.filter(standing__in=waiting)
    ids = list(proposals.values_list("record_id", flat=True))
    for start in range(0, len(ids), _AT_ONCE):
        refresh_standings(workspace_id, ids[start : start + _AT_ONCE])
    return rules
