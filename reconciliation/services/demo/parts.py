"""The demo's part of reconciliation: differences of every kind, a paper account with a past, guards that warned."""

from __future__ import annotations

from accounts.models import Membership
from journal.services.pulls.clock import SYSTEM
from reconciliation.services.demo.differences import tell_differences
from reconciliation.services.demo.paper_past import tell_past
from reconciliation.services.demo.silent_close import tell_silence


def tell(membership: Membership, tag: str) -> None:
    """Up to the minute in which it is told. Safe to repeat: each part is there or not."""
    end = SYSTEM.now().replace(second=0, microsecond=0)
    tell_differences(membership, tag=tag, end=end)
    tell_silence(membership, end=end)
    tell_past(membership, end=end)
