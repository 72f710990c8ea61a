"""A plan in values: its terms, and the steps that its status may take.

pending → triggered → executed, or at any point before: cancelled, expired, failed. What was called off may be taken up
again; what was executed stays executed, as long as the fills that say so are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from journal.domain.values import Side


class PlanStatus(StrEnum):
    PENDING = "pending"
    TRIGGERED = "triggered"
    EXECUTED = "executed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        return self in (PlanStatus.PENDING, PlanStatus.TRIGGERED)


_CALLED_OFF = {PlanStatus.CANCELLED, PlanStatus.EXPIRED, PlanStatus.FAILED}
_STEPS: Mapping[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.PENDING: frozenset({PlanStatus.TRIGGERED, PlanStatus.EXECUTED, *_CALLED_OFF}),
    PlanStatus.TRIGGERED: frozenset({PlanStatus.PENDING, PlanStatus.EXECUTED, *_CALLED_OFF}),
    PlanStatus.EXECUTED: frozenset(),
    **dict.fromkeys(_CALLED_OFF, frozenset({PlanStatus.PENDING})),
}


def may_become(before: PlanStatus, after: PlanStatus) -> bool:
    """By anybody's word. Fills make a plan executed whatever was said of it."""
    return after in _STEPS[before]


class PlanTerms(NamedTuple):
    """What is planned. `entry_price_to` makes the entry a range, its lower end in `entry_price`."""

    symbol: str
    side: Side | None
    strategy: str
    timeframe: str
    conditions: Any
    entry_price: Decimal | None
    entry_price_to: Decimal | None
    stop_price: Decimal | None
    target_price: Decimal | None
    quantity: Decimal | None
    notes: str
    recommendation_id: str
    expires_at: datetime | None

    def as_words(self) -> dict[str, Any]:
        """For JSON; what is left open is left out."""
        return {
            name: _word(value)
            for name, value in self._asdict().items()
            if value is not None and value != ""
        }


def _word(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Side) else value
