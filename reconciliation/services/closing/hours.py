"""Whether a market can be closed in now, and when it opens if not."""

from __future__ import annotations

from datetime import datetime, timedelta

from journal.brokers.base import InstrumentRow
from journal.domain.values import AssetClass
from reconciliation.domain.guards.market import is_forex_open

_STEP = timedelta(minutes=15)
_WEEKEND = timedelta(days=3)


def opens_at(instrument: InstrumentRow, now: datetime) -> datetime | None:
    """None where it is open, and where nobody knows: then the broker's own answer tells."""
    if instrument.asset_class is not AssetClass.FOREX or is_forex_open(now):
        return None
    at = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    end = now + _WEEKEND
    while at < end:
        at += _STEP
        if is_forex_open(at):
            return at
    return None
