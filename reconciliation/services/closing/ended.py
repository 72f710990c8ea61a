"""A position's close is over: the log's row with what it came to, and the count."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from journal.domain.exact import divide
from journal.domain.values import Direction
from reconciliation.domain.closing import Phase
from reconciliation.models import CloseIntent, LogEvent, LogStatus, ReconciliationLog
from reconciliation.services import tallies
from reconciliation.services.closing.memory import Closing
from reconciliation.services.closing.words import words_of_end


def log_position(row: CloseIntent, closing: Closing, now: datetime) -> None:
    """Called once, in the transaction that ends it."""
    is_closed = row.phase == Phase.CLOSED
    if is_closed and closing.closed:
        tallies.count(tallies.AUTOCLOSED, row.reason)
    ReconciliationLog.objects.create(
        workspace_id=row.workspace_id,
        account_id=row.account_id,
        event=LogEvent.CLOSE,
        status=_status(closing, is_closed=is_closed),
        intent=row.pk,
        broker_position_id=row.ticket,
        symbol=row.symbol,
        direction=Direction.LONG if row.started_quantity > 0 else Direction.SHORT,
        volume=abs(row.started_quantity),
        entry_price=closing.entry,
        current_price=closing.expected,
        exit_price=closing.exit,
        slippage=slippage_of(row, closing),
        pnl=pnl_of(row, closing),
        close_reason=row.reason,
        message=words_of_end(row, closing),
        created_at=now,
    )


def pnl_of(row: CloseIntent, closing: Closing) -> Decimal | None:
    """Before fees, in the market's currency, of what was closed; None where a price is not known."""
    return _gain(row, closing, closing.entry, closing.exit)


def slippage_of(row: CloseIntent, closing: Closing) -> Decimal | None:
    """Money: positive where the fills were worse than the price at which it was decided."""
    gain = _gain(row, closing, closing.expected, closing.exit)
    return None if gain is None else -gain


def _gain(
    row: CloseIntent, closing: Closing, since: Decimal | None, until: Decimal | None
) -> Decimal | None:
    if since is None or until is None:
        return None
    instrument = closing.instrument
    units = closing.closed * instrument.multiplier * (1 if row.started_quantity > 0 else -1)
    if not instrument.inverse:
        return units * (until - since)
    # Worth money of the coin: a coin that rises is paid with fewer of it.
    return (
        units * (divide(Decimal(1), since) - divide(Decimal(1), until)) if since and until else None
    )


def _status(closing: Closing, *, is_closed: bool) -> LogStatus:
    if is_closed:
        return LogStatus.SUCCESS
    return LogStatus.PARTIAL if closing.closed else LogStatus.FAILED
