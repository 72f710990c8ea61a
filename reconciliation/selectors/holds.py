"""Why an account may not be erased just now."""

from __future__ import annotations

from django.db.models import Q

from common.errors import Conflict
from journal.models import BrokerAccount
from reconciliation.models import AccountWorth, CloseIntent, FiringOutcome, GuardFiring


def hold_while_closing(account: BrokerAccount) -> None:
    """Raises Conflict while a guard closes its positions: erased now, nobody would know what is still open at the
    broker, and what was sent. It is over when all is verified flat, or a person was told what is left."""
    intents = CloseIntent.objects.filter(account=account, ended_at=None, escalated_at=None)
    # A firing of all accounts is of each that has a worth.
    unbegun = GuardFiring.objects.filter(outcome=FiringOutcome.CLOSING, begun_at=None).filter(
        Q(account=account)
        | Q(
            account=None,
            workspace_id__in=AccountWorth.objects.filter(account=account).values("workspace_id"),
        )
    )
    if intents.exists() or unbegun.exists():
        raise Conflict(
            "guard_is_closing",
            "A guard is closing positions of this account. Wait until it is verified flat, or until somebody was told "
            "what is left; then erase the account.",
        )
