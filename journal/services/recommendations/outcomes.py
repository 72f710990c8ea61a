"""What proposals came to, those that nobody followed included. Each telling is kept; the newest counts."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from common.errors import Rejected
from journal.brokers.capture.fields import BadRecord
from journal.brokers.capture.outcomes import OutcomeRow, read_outcome
from journal.domain.identity import digest
from journal.models import (
    OutcomeSource,
    Recommendation,
    RecommendationOutcome,
    RecommendationStanding,
)
from journal.services import clock
from journal.services.recommendations.deciding import Actor


def report_outcome(
    proposal: Recommendation, said: Any, actor: Actor
) -> tuple[RecommendationOutcome, bool]:
    """What a scanner tells, as it sent it. Raises Rejected with what is wrong, by field."""
    if not isinstance(said, dict):
        raise Rejected("invalid", "An outcome is a JSON object.")
    try:
        row = read_outcome(said, clock.now())
    except BadRecord as error:
        words = " ".join(f"{name} {fault}" for name, fault in error.fields.items())
        fields = {name: [fault] for name, fault in error.fields.items()}
        raise Rejected(error.code, words, fields) from error
    return tell_outcome(proposal, row, actor)


@transaction.atomic
def tell_outcome(
    proposal: Recommendation,
    row: OutcomeRow,
    actor: Actor,
    *,
    source: OutcomeSource = OutcomeSource.SCANNER,
) -> tuple[RecommendationOutcome, bool]:
    """The outcome, and whether it is new: the same as the newest one of its source says nothing."""
    RecommendationStanding.objects.select_for_update().get(pk=proposal.pk)
    said = row._asdict()
    # When it came to be known is no part of what is known.
    known_by = digest(source, *(str(value) for name, value in said.items() if name != "known_at"))
    told = RecommendationOutcome.objects.filter(record_id=proposal.record_id)
    newest = told.order_by("-id").first()
    if newest is not None and newest.digest == known_by:
        return newest, False
    outcome = RecommendationOutcome.objects.create(
        workspace_id=proposal.workspace_id,
        account_id=proposal.account_id,
        record_id=proposal.record_id,
        source=source,
        user=actor.user_id,
        token=actor.token_id,
        actor=actor.name,
        created_at=clock.now(),
        digest=known_by,
        **said,
    )
    return outcome, True
