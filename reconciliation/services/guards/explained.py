"""Whether a change of an account's balance has a fill behind it.

Prices move equity and leave the balance as it is: a balance that jumps without a fill is money that came or went, and
whoever has it for a loss closes positions for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from journal.domain.values import ZERO
from journal.models import Execution
from reconciliation.domain.guards.watching import JUMP, Account
from reconciliation.domain.nav import Flow
from reconciliation.models import Snapshot, SnapshotPosition
from reconciliation.services.guards.seen import Seen


def may_have_moved(seen: Seen, account: Account, flows: Sequence[Flow]) -> bool:
    """`Seen.moved`, unless the balance jumped and neither the book nor the positions show a fill since the reading that
    was believed last. Asks the database only where it jumped."""
    worth = account.worth
    if not seen.moved or worth is None or seen.balance is None:
        return seen.moved
    expected = account.balance + sum((flow.amount for flow in flows), ZERO)
    if abs(seen.balance - expected) <= JUMP * abs(worth.equity):
        return True
    return _has_fill(seen, worth.at) or _holds_otherwise(seen, worth.at)


def _has_fill(seen: Seen, since: datetime) -> bool:
    rows = Execution.objects.filter(account_id=seen.account_id)
    return rows.filter(executed_at__gt=since, executed_at__lte=seen.at).exists()


def _holds_otherwise(seen: Seen, since: datetime) -> bool:
    """Where the sizes of positions are not known, they may have changed."""
    if seen.snapshot_id is None:
        return True
    earlier = Snapshot.objects.filter(account_id=seen.account_id, as_of__lte=since)
    before = earlier.order_by("-as_of", "-pk").values_list("pk", flat=True).first()
    return before is None or _sizes(before) != _sizes(seen.snapshot_id)


def _sizes(snapshot_id: int) -> dict[tuple[str, str], Decimal]:
    rows = SnapshotPosition.objects.filter(snapshot_id=snapshot_id)
    return {
        (symbol, ticket): size
        for symbol, ticket, size in rows.values_list("symbol", "ticket", "signed_quantity")
    }
