"""Whether an account is flat, and what a person is told when it is not. Each of it once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from journal.brokers.fetching import PullFault
from journal.brokers.live import AccountReading, Holding
from reconciliation.domain.closing import Phase, Why
from reconciliation.models import CloseIntent, LogEvent, LogStatus, ReconciliationLog
from reconciliation.selectors.sightings import holdings_last_seen
from reconciliation.services import telling
from reconciliation.services.closing import firings, memory, positions
from reconciliation.services.closing.room import Room
from reconciliation.services.closing.seen import Target, holdings_of, instruments_at_work
from reconciliation.services.closing.words import not_read_line, plain, queued_line, ticket_of

# The account is seen flat twice, with this between.
APART = timedelta(seconds=5)
_PAUSES = (1, 2, 4, 8)


def is_late(root: CloseIntent, now: datetime) -> bool:
    """Then nothing more is done but to tell a person."""
    return now >= _end(root)


def look(room: Room) -> None:
    """At the end of a round."""
    root, now = room.hold.root, room.clock.now()
    rows = list(CloseIntent.objects.filter(root=root).order_by("pk"))
    at_work = [one for one in rows if not one.is_over]
    if at_work and all(_is_queued(one, now) for one in at_work):
        _wait_for_market(room, rows, at_work)
    elif at_work:
        _again(room, min(one.next_at or now for one in at_work))
    elif any(one.phase == Phase.ESCALATED for one in rows):
        _escalate(room, rows, next(Why(one.why) for one in rows if one.why))
    elif (reading := room.reading()) is not None:
        _look_at(room, rows, reading)
    elif is_late(root, now) or room.is_hopeless:
        _escalate(room, rows, Why.REFUSED if room.is_hopeless else Why.TIME)
    else:
        _silent(room)


def _look_at(room: Room, rows: Sequence[CloseIntent], reading: AccountReading) -> None:
    """All that was to be closed is; is there nothing else, and nothing that could open something?"""
    root, now = room.hold.root, room.clock.now()
    is_flat = not holdings_of(reading) and not reading.orders
    if not is_flat and is_late(root, now):
        _escalate(room, rows, Why.TIME)
    elif not is_flat:
        if not holdings_of(reading):
            _take_back(room, reading)
        with room.hold.storing() as held:
            held.memory = {**held.memory, "flat_at": None}
            held.next_at = min(now + timedelta(seconds=1), _end(held))
    elif (seen := _flat_at(root)) is None:
        with room.hold.storing() as held:
            held.memory = {**held.memory, "flat_at": now.isoformat(), "reads": 0}
            held.phase, held.next_at = Phase.VERIFYING, now + APART
    elif now - seen >= APART:
        _end_flat(room, rows)
    else:
        _again(room, seen + APART)


def _take_back(room: Room, reading: AccountReading) -> None:
    """Orders at work in markets where nothing is held would open something."""
    if room.desk is None or not room.may_close:
        return
    for market, instrument in instruments_at_work(reading.orders).items():
        room.touch(market)
        try:
            room.desk.cancel_orders(room.account_number, instrument)
        except PullFault as fault:
            room.fault = fault.message


def _silent(room: Room) -> None:
    """No whole answer: again after a pause that grows. What was seen flat once has to be seen anew."""
    with room.hold.storing() as held:
        count = held.memory.get("reads", 0)
        pause = timedelta(seconds=_PAUSES[min(count, len(_PAUSES) - 1)])
        held.memory = {**held.memory, "reads": count + 1, "flat_at": None}
        held.next_at = min(room.clock.now() + pause, _end(held))


def _again(room: Room, at: datetime) -> None:
    with room.hold.storing() as held:
        held.next_at = min(at, _end(held))


def _end(root: CloseIntent) -> datetime:
    return root.began_at + positions.PATIENCE.total + positions.TO_SEE_FLAT


def _flat_at(root: CloseIntent) -> datetime | None:
    text = root.memory.get("flat_at")
    return datetime.fromisoformat(text) if text else None


def _is_queued(row: CloseIntent, now: datetime) -> bool:
    until = memory.load(row).queued_until
    return until is not None and until > now


def _wait_for_market(
    room: Room, rows: Sequence[CloseIntent], at_work: Sequence[CloseIntent]
) -> None:
    """A person is told when it goes on, and once for each time that it waits."""
    times = {one.pk: one.next_at or room.clock.now() for one in at_work}
    at = min(times.values())
    failed = [one for one in rows if one.phase == Phase.ESCALATED]
    with room.hold.storing() as held:
        lines = [queued_line(one, times[one.pk]) for one in at_work]
        lines += [_ticket(room, one) for one in failed]
        is_new = held.memory.get("queued_until") != at.isoformat()
        held.memory = {**held.memory, "queued_until": at.isoformat(), "flat_at": None}
        held.next_at = held.began_at = at
        if is_new:
            _tell(
                held, "waits", "A close waits until the market opens", lines, event="closing.queued"
            )


def _end_flat(room: Room, rows: Sequence[CloseIntent]) -> None:
    now = room.clock.now()
    with room.hold.storing() as held:
        held.phase, held.ended_at, held.next_at = Phase.CLOSED, now, None
        _log_account(held, LogStatus.SUCCESS, "Seen flat twice, with nothing at work.", now)
        lines = [
            f"{len(rows)} positions were closed. Seen flat twice, at {_flat_at(held):%H:%M:%S} and {now:%H:%M:%S} UTC."
        ]
        _tell(held, "flat", "Verified flat", lines, event="closing.flat")
        firings.settle(held)


def _escalate(room: Room, rows: Sequence[CloseIntent], why: Why) -> None:
    """Exact numbers for a person, once: with the root's end, in one transaction."""
    now = room.clock.now()
    with room.hold.storing() as held:
        held.phase, held.why = Phase.ESCALATED, why
        held.ended_at = held.escalated_at = now
        held.next_at = None
        lines = _tickets(room, rows)
        _log_account(held, LogStatus.FAILED, " ".join(lines), now)
        _tell(held, "escalated", "Close by hand", lines, event="closing.escalated", urgent=True)
        firings.join(held)
        firings.settle(held)


def _tickets(room: Room, rows: Sequence[CloseIntent]) -> list[str]:
    failed = [one for one in rows if one.phase == Phase.ESCALATED]
    lines = [_ticket(room, one) for one in failed]
    known = {Target(positions.market_of_intent(one), one.ticket) for one in failed}
    latest = room.latest
    if latest is None or not latest.is_complete:
        lines.append(not_read_line(room.fault, latest))
    if latest is not None:
        left = [one for target, one in holdings_of(latest).items() if target not in known]
        lines += [_unclaimed(one, latest.as_of) for one in left]
        lines += [
            f"Take back the order {one.order_id}: {one.side.value} {plain(one.quantity)} {one.instrument.symbol}."
            for one in latest.orders
        ]
    elif not rows:
        lines += holdings_last_seen(room.hold.root.account_id)
    return lines


def _ticket(room: Room, row: CloseIntent) -> str:
    closing = memory.load(row)
    latest = room.latest
    if latest is None:
        return ticket_of(row, closing, closing.intent.held, row.ended_at)
    holding = holdings_of(latest).get(Target(positions.market_of_intent(row), row.ticket))
    held = holding.signed_quantity if holding else None
    if held is None and latest.is_complete:
        held = Decimal(0)
    return ticket_of(row, closing, held, latest.as_of)


def _unclaimed(holding: Holding, at: datetime) -> str:
    quantity = holding.signed_quantity
    ticket = f" (ticket {holding.ticket})" if holding.ticket else ""
    action = "Sell" if quantity > 0 else "Buy"
    name, now = f"{holding.instrument.symbol}{ticket}", f"{at:%H:%M:%S} UTC"
    return f"{action} {plain(abs(quantity))} {name}: {plain(quantity)} held at {now}."


def _log_account(root: CloseIntent, status: LogStatus, message: str, now: datetime) -> None:
    ReconciliationLog.objects.create(
        workspace_id=root.workspace_id, account_id=root.account_id, event=LogEvent.CLOSE, status=status,
        intent=root.pk, close_reason=root.reason, message=message, created_at=now,
    )  # fmt: skip


def _tell(
    root: CloseIntent,
    state: str,
    subject: str,
    lines: Sequence[str],
    *,
    event: str,
    urgent: bool = False,
) -> None:
    telling.tell(
        telling.CLOSING,
        workspace_id=root.workspace_id,
        account_id=root.account_id,
        key=f"close:{root.key}:{state}:{root.memory.get('queued_until') or ''}",
        subject=f"{subject}: {root.account}",
        lines=lines,
        url_path=_page_of(root),
        urgent=urgent,
        data={"account": root.account.broker_id, "reason": root.reason, "state": state, "lines": list(lines)},
        event=event,
    )  # fmt: skip


def _page_of(root: CloseIntent) -> str:
    """Where the closing stands step by step, with what is left for a person."""
    if root.firing is None:
        return "/reconciliation/log"
    return f"/guards/{root.firing.guard_id}#firing-{root.firing.pk}"
