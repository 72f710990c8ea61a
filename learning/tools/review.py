"""What is learnt of a closed trade, in its review."""

from __future__ import annotations

from typing import Any

from journal.models import Trade
from learning.selectors.insights import insight_of


def insight_told(trade: Trade) -> dict[str, Any] | None:
    """The four blocks with their figures, as they were made after the close; None where nothing is said yet."""
    found = insight_of(trade.pk) if trade.closed_at is not None else None
    if found is None:
        return None
    told = found.told
    return {
        "process": told["process"],
        "bet": told["bet"],
        "luck": told["luck"],
        "taught": told["taught"],
        "quadrant": found.quadrant or None,
        "facts": [one["fact"] for one in told["chips"]],
        "classic_text": found.classic_text,
    }
