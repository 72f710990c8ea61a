"""What is learnt of a closed trade, in its review."""

from __future__ import annotations

from typing import Any

from journal.models import Trade
from learning.selectors.insights import blocks_of, insight_of, knows_of_others


def insight_told(trade: Trade, account_id: int | None) -> dict[str, Any] | None:
    """As it was made after the close; None where nothing is said yet."""
    found = insight_of(trade.pk) if trade.closed_at is not None else None
    if found is None:
        return None
    blocks = blocks_of(found, process_only=knows_of_others(account_id))
    return {**blocks, "quadrant": found.quadrant or None}
