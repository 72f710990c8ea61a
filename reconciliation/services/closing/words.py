"""What a person reads of a close: exact numbers, and what there is left to do."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from journal.brokers.live import AccountReading
from reconciliation.domain.closing import Why
from reconciliation.models import CloseIntent
from reconciliation.services.closing.memory import Closing

_WHY = {
    Why.TIME: "it could not be made sure in time that it is closed",
    Why.ATTEMPTS: "no order that was sent closed it",
    Why.TURNED: "the position has turned round, so nothing more is sent",
    Why.GREW: "the position grew while it was being closed, so somebody or something else trades it",
    Why.REFUSED: "the broker takes no such order",
}


def plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def name_of(row: CloseIntent) -> str:
    return f"{row.symbol} (ticket {row.ticket})" if row.ticket else row.symbol


def words_of_end(row: CloseIntent, closing: Closing) -> str:
    """One sentence for the log."""
    size, name = plain(abs(row.started_quantity)), name_of(row)
    if row.why:
        return f"{name}: {_WHY[Why(row.why)]}."
    if closing.closed:
        at = f" at {plain(closing.exit)}" if closing.exit is not None else ""
        return f"{name}: {plain(closing.closed)} of {size} closed{at}, and seen flat twice."
    return f"{name}: found flat; somebody else had closed it."


def ticket_of(row: CloseIntent, closing: Closing, held: Decimal | None, at: datetime | None) -> str:
    """What a person has to do by hand. `held` at `at` is what the broker said last, None where it did not."""
    name = name_of(row)
    if held == 0 and at is not None:
        return f"{name}: nothing was held at {at:%H:%M:%S} UTC; look whether it stays so."
    known = held if held is not None else row.started_quantity
    action = "Sell" if known > 0 else "Buy"
    when = f"held at {at:%H:%M:%S} UTC" if held is not None and at else "held when the guard fired"
    parts = [f"{action} {plain(abs(known))} {name}: {plain(known)} {when}"]
    if closing.closed:
        parts.append(f"{plain(closing.closed)} of {plain(abs(row.started_quantity))} closed so far")
    if not closing.intent.is_settled:
        parts.append(
            f"nobody knows what became of the order {closing.intent.client_id} for "
            f"{plain(closing.intent.sent)}: look for it first"
        )
    if row.why:
        parts.append(_WHY[Why(row.why)])
    if closing.words:
        parts.append(f"the broker: {closing.words}")
    return "; ".join(parts) + "."


def queued_line(row: CloseIntent, opens_at: datetime) -> str:
    size = plain(abs(row.started_quantity))
    return (
        f"{name_of(row)}: {size} are closed when the market opens, {opens_at:%Y-%m-%d %H:%M} UTC."
    )


def not_read_line(fault: str, latest: AccountReading | None) -> str:
    if latest is None:
        return f"What the account holds could not be read. {fault}".strip()
    return f"What the account holds was read last at {latest.as_of:%H:%M:%S} UTC. {fault}".strip()
