"""What bridges have seen last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from journal.models import BridgeSeries, Connection


@dataclass(frozen=True, slots=True)
class Terminal:
    """The account behind a bridge at `made_at`. What could not be read is None: unknown, not nothing."""

    account_number: str
    server: str
    made_at: datetime | None
    currency: str
    balance: Decimal | None
    equity: Decimal | None
    positions: int | None
    highest: int
    is_missing: bool


def terminal_of(connection: Connection) -> Terminal | None:
    """None before the first push."""
    series = (
        BridgeSeries.objects.filter(connection=connection, received_at__isnull=False)
        .order_by("-received_at", "-pk")
        .first()
    )
    if series is None:
        return None
    account = series.snapshot.get("account") or {}
    positions = series.snapshot.get("positions")
    return Terminal(
        account_number=series.account_number,
        server=series.server,
        made_at=series.made_at,
        currency=str(account.get("currency") or ""),
        balance=_number(account.get("balance")),
        equity=_number(account.get("equity")),
        positions=len(positions) if isinstance(positions, list) else None,
        highest=series.highest,
        is_missing=bool(series.missing),
    )


def _number(value: Any) -> Decimal | None:
    """As the terminal wrote it: the shortest text of its number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = Decimal(repr(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
