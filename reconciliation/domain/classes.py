"""The ways in which a book and a broker can differ, and what each of them asks for.

`persistence` is in how many complete snapshots in a row a difference has to be seen before it is told, so that what is
on its way between the two sides is not taken for a difference. `by_rule` ones may be resolved without a person.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class DivergenceClass(StrEnum):
    MISSING_IN_JOURNAL = "missing_in_journal"
    PHANTOM = "phantom"
    QUANTITY = "quantity"
    SIDE = "side"
    PRICE = "price"
    PARTIAL_FILL = "partial_fill"
    MANUAL_CLOSE = "manual_close"
    STOP_TARGET_FILL = "stop_target_fill"
    FORCED_CLOSE = "forced_close"
    SLTP_MODIFIED = "sltp_modified"
    PROTECTION_MISSING = "protection_missing"
    DUPLICATE_FILL = "duplicate_fill"
    CANCEL_CORRECT = "cancel_correct"
    OVERFILL = "overfill"
    FEE = "fee"
    CASH_BALANCE = "cash_balance"
    FX = "fx"
    SPLIT = "split"
    CORPORATE_ACTION = "corporate_action"
    EXPIRY = "expiry"
    TRANSFER = "transfer"
    GAP = "gap"
    STALE_FEED = "stale_feed"
    TIMEZONE = "timezone"
    INSTRUMENT_MAP = "instrument_map"
    UNKNOWN_ORDER_OUTCOME = "unknown_order_outcome"
    LOT_REALIZED = "lot_realized"
    SCHEMA = "schema"
    # Beyond those of the field: a fill after new trades were locked.
    POST_LOCK_TRADE = "post_lock_trade"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class Standard(NamedTuple):
    severity: Severity
    persistence: int = 1
    by_rule: bool = False


_INFO, _WARNING, _ERROR, _CRITICAL = Severity

STANDARDS: dict[DivergenceClass, Standard] = {
    DivergenceClass.MISSING_IN_JOURNAL: Standard(_ERROR, by_rule=True),
    DivergenceClass.PHANTOM: Standard(_ERROR, persistence=2),
    DivergenceClass.QUANTITY: Standard(_ERROR, persistence=2),
    DivergenceClass.SIDE: Standard(_CRITICAL),
    DivergenceClass.PRICE: Standard(_WARNING),
    DivergenceClass.PARTIAL_FILL: Standard(_WARNING, by_rule=True),
    DivergenceClass.MANUAL_CLOSE: Standard(_WARNING, by_rule=True),
    DivergenceClass.STOP_TARGET_FILL: Standard(_INFO, by_rule=True),
    DivergenceClass.FORCED_CLOSE: Standard(_CRITICAL, by_rule=True),
    DivergenceClass.SLTP_MODIFIED: Standard(_INFO, by_rule=True),
    DivergenceClass.PROTECTION_MISSING: Standard(_ERROR, persistence=2),
    DivergenceClass.DUPLICATE_FILL: Standard(_ERROR),
    DivergenceClass.CANCEL_CORRECT: Standard(_INFO, by_rule=True),
    DivergenceClass.OVERFILL: Standard(_ERROR),
    DivergenceClass.FEE: Standard(_WARNING, by_rule=True),
    DivergenceClass.CASH_BALANCE: Standard(_ERROR, persistence=2),
    DivergenceClass.FX: Standard(_INFO, by_rule=True),
    DivergenceClass.SPLIT: Standard(_WARNING, persistence=2, by_rule=True),
    DivergenceClass.CORPORATE_ACTION: Standard(_WARNING),
    DivergenceClass.EXPIRY: Standard(_WARNING, by_rule=True),
    DivergenceClass.TRANSFER: Standard(_WARNING),
    DivergenceClass.GAP: Standard(_ERROR),
    DivergenceClass.STALE_FEED: Standard(_ERROR),
    DivergenceClass.TIMEZONE: Standard(_ERROR),
    DivergenceClass.INSTRUMENT_MAP: Standard(_ERROR),
    DivergenceClass.UNKNOWN_ORDER_OUTCOME: Standard(_CRITICAL),
    DivergenceClass.LOT_REALIZED: Standard(_WARNING),
    DivergenceClass.SCHEMA: Standard(_INFO),
    DivergenceClass.POST_LOCK_TRADE: Standard(_CRITICAL),
}
