"""What a trade server's answer to a closing order says of it. Values of the package's TRADE_RETCODE constants.

Nothing but 10009 says that it is done. Where a code leaves it open, only reading tells.
"""

from __future__ import annotations

from decimal import Decimal

from journal.domain.fate import Fate, Reply
from journal.domain.values import ZERO

DONE = 10009
NAMES = {
    10004: "requote", 10006: "rejected", 10007: "cancelled by the trader", 10008: "placed", 10009: "done",
    10010: "done in part", 10011: "error in the server", 10012: "timed out", 10013: "invalid request",
    10014: "invalid volume", 10015: "invalid price", 10016: "invalid stops", 10017: "trading is disabled",
    10018: "the market is closed", 10019: "not enough money", 10020: "the price has changed",
    10021: "there is no price",
    10022: "invalid expiration", 10023: "the order has changed", 10024: "too many requests", 10025: "no changes",
    10026: "automatic trading is disabled by the server", 10027: "automatic trading is disabled in the terminal",
    10028: "locked", 10029: "frozen", 10030: "unsupported filling", 10031: "no connection",
    10032: "for real accounts only",
    10033: "too many pending orders", 10034: "too much volume", 10035: "invalid order", 10036: "the position is closed",
    10038: "more than the position", 10039: "a closing order is there already", 10040: "too many positions",
    10041: "the order was rejected and cancelled", 10042: "only long positions", 10043: "only short positions",
    10044: "only closing", 10045: "the oldest position has to be closed first",
}  # fmt: skip
# Read first, whatever they say.
_OPEN = frozenset({10008, 10010, 10012, 10031})
# Another try may be taken: another price, another moment, what is left of the position, or nothing is left.
_AGAIN = frozenset(
    {10004, 10006, 10007, 10011, 10014, 10020, 10021, 10023, 10024, 10028, 10029, 10030, 10036, 10038, 10039}
)  # fmt: skip


def judge(retcode: int | None, filled: Decimal, order_id: str = "", reason: str = "") -> Reply:
    """`filled` as far as the deals say it."""
    words = NAMES.get(retcode or 0, "") or reason
    told = f"{words} ({retcode})" if retcode else words
    if retcode == DONE:
        return Reply(Fate.FILLED, filled, order_id, reason=told)
    if retcode is None or retcode in _OPEN or retcode not in NAMES:
        return Reply(Fate.UNKNOWN, filled, order_id, reason=told)
    return Reply(Fate.REJECTED, ZERO, order_id, is_final=retcode not in _AGAIN, reason=told)
