"""Who or what brought a fill about, as far as the broker's own row tells."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from journal.domain.values import ExecutionKind
from reconciliation.domain.records import Cause

# MetaTrader 5, ENUM_DEAL_REASON: by hand from a terminal, a phone or the web; by a program; by stop loss, take profit
# or stop out.
_DEAL_REASONS = {
    "0": Cause.BY_HAND, "1": Cause.BY_HAND, "2": Cause.BY_HAND, "4": Cause.STOP, "5": Cause.TARGET, "6": Cause.FORCED,
}  # fmt: skip
# Interactive Brokers, codes of a trade: ordered by the broker (margin violation), and by its liquidation.
_FORCED_NOTES = frozenset({"L", "LD", "LIQUIDATION"})
_FORCED_IDS = ("autoclose-", "adl_autoclose")


class Told(NamedTuple):
    """What a broker's row says besides the fill itself. `deal_reason` is MetaTrader's number, "" elsewhere."""

    kind: str
    order_type: str
    order_reference: str
    notes: Collection[str]
    deal_reason: str = ""


def cause_of(told: Told, *, our_ids: Collection[str] = (), is_watched: bool = False) -> Cause:
    """`our_ids` are those under which the system sent orders to close. `is_watched`: bots report what they do in the
    account, so that an order without anybody's name was given by hand."""
    if told.order_reference and told.order_reference in our_ids:
        return Cause.OURS
    if _is_forced(told):
        return Cause.FORCED
    if told.deal_reason in _DEAL_REASONS:
        return _DEAL_REASONS[told.deal_reason]
    words = told.order_type.lower()
    if "stop" in words or "stp" in words or "trail" in words:
        return Cause.STOP
    is_plain = told.kind == ExecutionKind.TRADE and not told.deal_reason
    return Cause.BY_HAND if is_watched and is_plain and not told.order_reference else Cause.UNKNOWN


def _is_forced(told: Told) -> bool:
    return (
        told.kind == ExecutionKind.LIQUIDATION
        or not _FORCED_NOTES.isdisjoint(note.upper() for note in told.notes)
        or told.order_reference.startswith(_FORCED_IDS)
        or "liquidat" in told.order_type.lower()
    )
