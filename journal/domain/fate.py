"""What became of an order that was sent, in the words that every broker's answers are told in."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.values import ZERO


class Fate(StrEnum):
    """What became of an order. FILLED, REJECTED and NEVER (it did not arrive) are final; NOT_FOUND proves nothing."""

    FILLED = "filled"
    WORKING = "working"
    REJECTED = "rejected"
    NEVER = "never"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


class Reply(NamedTuple):
    """`filled` so far, of which there will be no more after FILLED, REJECTED and NEVER. `is_final`: no order like it
    would be taken, so that trying again is useless (not where there is nothing left to close: that, reading tells);
    `reason` in the broker's words. `price` is the average of what
    was filled, None where the broker does not say."""

    fate: Fate
    filled: Decimal = ZERO
    order_id: str = ""
    is_final: bool = False
    reason: str = ""
    price: Decimal | None = None
