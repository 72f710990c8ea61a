"""Why somebody changed what the book says: asked for wherever that happens, and kept in the audit trail."""

from __future__ import annotations

from common.errors import Rejected
from common.words import tidy

REASON_LENGTH_MAX = 2000


def check_reason(reason: str) -> str:
    """The reason, tidied. Raises Rejected with `fields` where there is none."""
    reason = tidy(reason)
    if not reason or len(reason) > REASON_LENGTH_MAX:
        words = f"Say why, in 1 to {REASON_LENGTH_MAX} characters."
        raise Rejected("reason_missing", words, {"reason": [words]})
    return reason
