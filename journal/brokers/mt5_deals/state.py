"""What the account was when a snapshot was made."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from journal.brokers.metatrader.clock import Clock
from journal.brokers.metatrader.positions import Held
from journal.brokers.metatrader.records import Source
from journal.brokers.mt5_deals.fields import SIGNS, Row, at_of, number_of, rows_of, stated
from journal.brokers.mt5_deals.snapshot import EPOCH, Snapshot, zone_contradicted
from journal.brokers.text.faults import BadValue, Missing

_SECOND = timedelta(seconds=1)
_DAY = 86_400


def read_state(around: dict[str, Any], snapshot: Snapshot, source: Source) -> None:
    """What the account was when the snapshot was made."""
    check = snapshot.check(source.zone)
    if check.clock is Clock.CONTRADICTS:
        raise zone_contradicted(check, source.zone)
    source.is_zone_open = check.clock is Clock.OPEN
    head = source.head
    head.generated_at = snapshot.made_at
    head.balance, head.equity = (stated(head.raw, name) for name in ("balance", "equity"))
    day = snapshot.settled_day(source.zone)
    times = (stated(one, "time") for one in rows_of(around, "deals"))
    midnight = None if day is None else (datetime.combine(day, time()) - EPOCH) // _SECOND + _DAY
    if midnight is not None and not any(at is None or at >= midnight for at in times):
        source.positions_of = day


def held_of(number: int, row: Row, zone: ZoneInfo) -> Held | None:
    try:
        return Held(
            row=number,
            raw=row,
            symbol=row["symbol"],
            sign=SIGNS[row["type"]],
            volume=number_of(row, "volume").copy_abs(),
            open_price=number_of(row, "price_open"),
            mark_price=number_of(row, "price_current"),
            opened_at=at_of(row, zone),
        )
    except (BadValue, Missing, KeyError):
        return None
