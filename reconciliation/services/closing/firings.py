"""What came of a firing when its accounts are flat, or a person's."""

from __future__ import annotations

from reconciliation.models import CloseIntent
from reconciliation.services.guards.ending import note_intent_over

_END = ["phase", "why", "ended_at", "escalated_at"]


def join(root: CloseIntent) -> None:
    """Other firings wait to close the same account, which is a person's now: they have been told."""
    others = CloseIntent.objects.select_for_update(no_key=True).filter(
        account_id=root.account_id, root=None, ended_at=None, fence=0
    )
    for one in others.exclude(pk=root.pk).order_by("pk"):
        one.phase, one.why = root.phase, root.why
        one.ended_at, one.escalated_at = root.ended_at, root.escalated_at
        settle(one)


def settle(root: CloseIntent) -> None:
    """The last of a firing's accounts says what came of all."""
    root.save(update_fields=_END)
    if root.firing_id is not None:
        note_intent_over(root.firing_id, root.ended_at)
