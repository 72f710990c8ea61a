"""An account whose broker fell silent, and of whose history two days are missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from reconciliation.services.demo.desk import Desk, Held
from reconciliation.services.demo.flex import Paper, Statement

BASALT = Paper("BASALT", 84_000_001)
_DAY = timedelta(days=1)


def play(desk: Desk, end: datetime) -> None:
    first = Statement(
        desk.account.broker_id, "Old broker, first.xml", end - 40 * _DAY, end - 12 * _DAY
    )
    first.deposit("6100", end - 40 * _DAY, Decimal(20_000))
    first.trade("6101", end - 38 * _DAY, BASALT, 300, "42")
    desk.state(first)
    later = Statement(
        desk.account.broker_id, "Old broker, later.xml", end - 10 * _DAY, end - 3 * _DAY
    )
    later.trade("6201", end - 5 * _DAY, BASALT, -50, "45")
    desk.state(later)
    desk.read(end - 2 * _DAY, [Held(BASALT, Decimal(250), Decimal(42), Decimal("44.5"))])
    for hours in (40, 30, 20, 10, 1):
        desk.silence(end - timedelta(hours=hours))
