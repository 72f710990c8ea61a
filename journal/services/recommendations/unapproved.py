"""Orders that act on what nobody had approved: kept as evidence like any other, and told."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from accounts.models import ApiToken
from journal.domain.identity import digest
from journal.domain.standing import Lapse, Standing, Step, current, was_approved
from journal.domain.values import Severity
from journal.models import (
    CapturedKind,
    CapturedRecord,
    DataIssue,
    Order,
    Recommendation,
    RecommendationStanding,
)
from journal.services import clock

CODE = "order_without_approval"
_ACTED_ON = (Standing.APPROVED, Standing.EXECUTED)


def refresh_unapproved(
    workspace_id: int,
    proposals: Iterable[Recommendation],
    orders: Iterable[Order],
    steps: Mapping[str, Sequence[Step]],
) -> None:
    """The data issues of these recommendations as they have to be. Unchanged ones are left alone."""
    named = {one.record_id: one for one in proposals}
    wanted: dict[str, DataIssue] = {}
    for order in orders:
        proposal = named.get(order.recommendation_id)
        if proposal is None or not proposal.needs_approval or order.parent_id:
            # Stop and target belong to an order that is told already.
            continue
        past = steps.get(proposal.record_id, ())
        if not was_approved(past, order.placed_at, proposal.expires_at):
            issue = _issue(order, proposal)
            wanted[issue.fingerprint] = issue
    known = DataIssue.objects.filter(
        workspace_id=workspace_id, code=CODE, raw__recommendation_id__in=list(named)
    )
    for id_, fingerprint in known.values_list("pk", "fingerprint"):
        if wanted.pop(fingerprint, None) is None:
            DataIssue.objects.filter(pk=id_).delete()
    DataIssue.objects.bulk_create(wanted.values())


def _issue(order: Order, proposal: Recommendation) -> DataIssue:
    message = (
        f"The order {order} of {order.placed_at:%d %b %Y %H:%M} UTC acts on the recommendation {proposal.record_id} "
        f"({proposal}), which nobody had approved then. The order counts all the same. If it should not have been "
        "sent, look at the bot: it must ask for the recommendation's status before it acts."
    )
    return DataIssue(
        workspace_id=order.workspace_id,
        account_id=order.account_id,
        instrument_id=None,
        severity=Severity.WARNING,
        code=CODE,
        message=message,
        raw={"recommendation_id": proposal.record_id, "order": str(order), "order_number": str(order.pk)},
        fingerprint=digest(order.account_id, CODE, proposal.record_id, str(order)),
    )  # fmt: skip


def unapproved_among(workspace_id: int, record_ids: Collection[str]) -> set[str]:
    """Which of the recommendations that orders name now must not be acted on yet: those that need a person's approval
    and have none that holds."""
    now = clock.now()
    found = RecommendationStanding.objects.filter(
        workspace_id=workspace_id, recommendation__record_id__in=record_ids
    )
    known: dict[str, bool] = {}
    for record_id, needs, status, at, to in found.values_list(
        "recommendation__record_id", "recommendation__needs_approval", "status", "lapses_at", "lapses_to"
    ):  # fmt: skip
        lapse = Lapse(at, Standing(to)) if at else None
        known[record_id] = needs and current(Standing(status), lapse, now) not in _ACTED_ON
    missing = [one for one in record_ids if one not in known]
    if missing:
        known |= _of_waiting(workspace_id, missing)
    return {record_id for record_id, is_unapproved in known.items() if is_unapproved}


def _of_waiting(workspace_id: int, record_ids: list[str]) -> dict[str, bool]:
    """Recommendations that came this moment and are not stored yet: nobody can have approved them."""
    rows = list(
        CapturedRecord.objects.filter(
            workspace_id=workspace_id,
            kind=CapturedKind.RECOMMENDATION,
            record_id__in=record_ids,
            batch=None,
        ).values_list("record_id", "token", "payload")
    )
    strict = _strict_tokens(workspace_id) if rows else set()
    return {
        record_id: token in strict or _asks_for_it(payload) for record_id, token, payload in rows
    }


def _asks_for_it(payload: str) -> bool:
    said: dict[str, Any] = json.loads(payload)
    return said.get("needs_approval") is True


def _strict_tokens(workspace_id: int) -> set[int]:
    tokens = ApiToken.objects.filter(workspace_id=workspace_id, needs_approval=True)
    return set(tokens.values_list("pk", flat=True))
