"""What the API's words for the state of an order mean, and its errors.

https://interactivebrokers.github.io/tws-api/order_submission.html, message_codes.html
"""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from journal.brokers.ibkr_tws.values import word

# Asked for, and nothing happened yet.
_IGNORED = ("PendingCancel", "Unknown", "")
_STATUSES = {
    "Filled": "filled",
    "Cancelled": "cancelled",
    "ApiCancelled": "cancelled",
    # No longer active: rejected, or cancelled by the system.
    "Inactive": "rejected",
}
_REJECTED = 201
_CANCELLED = 202
# A price that does not fit the market's steps, a contract that may not be traded: the order was never accepted.
_REFUSED = frozenset({110, 203})
_TELLING = re.compile(r"reject|not accepted|insufficient", re.IGNORECASE)
_EXPIRED = re.compile(r"expired|end of (?:the )?day", re.IGNORECASE)
_LEAD = re.compile(
    r"^order\s+(?:rejected|cancell?ed)\s*[-–:]*\s*(?:reason\s*[-–:]*)?\s*", re.IGNORECASE
)


class Trouble(NamedTuple):
    """`kind`: what an order that ended so came to, "" where its status alone tells. `words` are the broker's."""

    kind: str
    words: str

    @classmethod
    def of_error(cls, code: int, text: str) -> Self | None:
        """None for an error that ends no order."""
        if code == _REJECTED or code in _REFUSED:
            return cls("rejected", reason_of(text))
        if code == _CANCELLED:
            words = reason_of(text)
            kind = (
                "rejected"
                if _TELLING.search(words)
                else "expired"
                if _EXPIRED.search(words)
                else ""
            )
            return cls(kind, words)
        return None

    @classmethod
    def of_completed(cls, text: str) -> Self | None:
        if not text:
            return None
        kind = "rejected" if _TELLING.search(text) else "expired" if _EXPIRED.search(text) else ""
        return cls(kind, text)


def is_ignored(status: str) -> bool:
    return status in _IGNORED


def status_of(status: str, trouble: Trouble | None) -> str:
    """Of a captured order. All that is neither over nor ignored is placed."""
    found = _STATUSES.get(status, "placed")
    if found in ("cancelled", "rejected") and trouble is not None and trouble.kind:
        return trouble.kind
    return found


def reason_of(text: str) -> str:
    return _LEAD.sub("", word(re.sub(r"<[^>]*>", " ", text), 255))[:255]
