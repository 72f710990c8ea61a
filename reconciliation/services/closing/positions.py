"""One position of an account that is to be flat: its steps, each stored before it is done."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count

from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.live import ClosingOrder
from journal.domain.fate import Fate, Reply
from journal.services.desks.opening import settles_within
from reconciliation.domain import closing as machine
from reconciliation.domain.closing import (
    Action,
    Cancelled,
    Do,
    Heard,
    Patience,
    Phase,
    Position,
    Silence,
)
from reconciliation.models import CloseIntent, CloseStep
from reconciliation.selectors.sessions import next_open
from reconciliation.services.closing import beginning, ended, memory
from reconciliation.services.closing.memory import Closing
from reconciliation.services.closing.room import Room
from reconciliation.services.closing.seen import Target, holdings_of, market_of, position_of
from reconciliation.services.closing.taking import AT_ONCE, CALL_SECONDS

# So much less than a minute that a person is told within it also where a worker was killed in the last moment, and
# another one has to wait until the account is let go.
PATIENCE = Patience(total=timedelta(seconds=42), pauses=(1, 2, 3))
# After which the account is seen flat twice, where its last position was closed late.
TO_SEE_FLAT = timedelta(seconds=6)
# In one round: read, take back, read, send.
_STEPS = 6
_IN_FLIGHT = AT_ONCE + timedelta(seconds=CALL_SECONDS)
_NO_LEAVE = Reply(
    Fate.REJECTED, is_final=True, reason="No connection of this account may close positions."
)


def meet(room: Room) -> None:
    """Positions that the account holds and nobody closes yet: those of the beginning, and those that came since."""
    reading = room.reading()
    if reading is None:
        return
    rows = CloseIntent.objects.filter(root=room.hold.root)
    known = {Target(market_of_intent(one), one.ticket) for one in rows.filter(ended_at=None)}
    escalated = {
        Target(market_of_intent(one), one.ticket) for one in rows.filter(phase=Phase.ESCALATED)
    }
    new = [
        (target, holding)
        for target, holding in holdings_of(reading).items()
        if target not in known | escalated
    ]
    if not new:
        return
    now = room.clock.now()
    with room.hold.storing() as root:
        count = rows.aggregate(n=Count("pk"))["n"]
        for target, holding in new:
            beginning.add_position(root, target, holding, count=count, now=now)


def unfinished(root: CloseIntent) -> list[CloseIntent]:
    return list(CloseIntent.objects.filter(root=root, ended_at=None).order_by("pk"))


def work_on(room: Room, row: CloseIntent) -> None:
    """As far as it goes without waiting; one order at most. Raises Overtaken."""
    closing = memory.load(row)
    target = Target(market_of(closing.instrument), row.ticket)
    for _ in range(_STEPS):
        now = room.clock.now()
        if _queue(room, row, closing):
            return
        before = closing.intent
        closing.intent, action = machine.decide(before, now, PATIENCE)
        if action.do is Do.WAIT:
            return
        if action.do is not Do.NOTHING:
            _remember(room, row, closing, action)
            heard = _act(room, closing, target, action)
            closing.intent = machine.hear(closing.intent, heard, room.clock.now(), PATIENCE)
            _store(room, row, closing, action, heard)
        elif closing.intent != before:
            _store(room, row, closing, action, None)
        if action.do in (Do.SEND, Do.NOTHING) or closing.intent.phase in machine.OVER:
            return


def _queue(room: Room, row: CloseIntent, closing: Closing) -> bool:
    """In a market that is closed nothing is sent: it waits until it opens, and has its whole time from then on."""
    intent = closing.intent
    if intent.phase is not Phase.SENDING or not intent.is_settled:
        return False
    broker = room.hold.root.account.broker
    at = next_open(closing.instrument, room.clock.now(), broker=broker)
    if at is None:
        return False
    closing.queued_until = at
    closing.intent = intent._replace(
        phase=Phase.READING, held=None, next_at=at, began_at=at, reads=0
    )
    with room.hold.storing():
        _save(row, closing)
        _add_step(room, row, "queue", heard={"opens_at": at.isoformat()})
    return True


def _act(room: Room, closing: Closing, target: Target, action: Action) -> Heard:
    if action.do is Do.READ:
        reading = room.reading(target.market)
        if reading is not None:
            return position_of(reading, target)
        return _lost(room)
    if room.desk is None:
        # What became of an order is not known by giving up.
        return Silence() if action.do is Do.FIND else _lost(room)
    room.touch(target.market)
    try:
        return _ask(room, closing, target, action)
    except PullFault as fault:
        room.fault = fault.message
        if action.do is not Do.FIND and fault.verdict is Verdict.PERSON:
            return Reply(Fate.REJECTED, is_final=True, reason=fault.message)
        return Silence()


def _lost(room: Room) -> Heard:
    """The broker cannot be asked: now, or at all before a person changes something."""
    if room.is_hopeless:
        return Reply(Fate.REJECTED, is_final=True, reason=room.fault)
    return Silence()


def _ask(room: Room, closing: Closing, target: Target, action: Action) -> Heard:
    desk = room.desk
    assert desk is not None  # the caller looked
    if action.do is Do.CANCEL:
        if not room.may_close:
            return _NO_LEAVE
        return Cancelled(desk.cancel_orders(room.account_number, closing.instrument))
    if action.do is Do.FIND:
        reply = desk.find_order(room.account_number, action.client_id)
        reply = _never(room, closing, reply)
    elif not room.may_close:
        reply = _NO_LEAVE
    else:
        assert action.side is not None  # of an order
        order = ClosingOrder(
            closing.instrument, target.ticket, action.side, action.quantity, action.client_id
        )
        room.hold.check()
        reply = desk.send_close(room.account_number, order)
    closing.note(action.client_id, reply)
    return reply


def _never(room: Room, closing: Closing, reply: Reply) -> Reply:
    """An order that is not found so long after it was sent that it cannot come any more."""
    root = room.hold.root
    if reply.fate is not Fate.NOT_FOUND or root.connection is None or closing.sent_at is None:
        return reply
    within = settles_within(root.connection)
    if within is None or room.clock.now() - closing.sent_at < _IN_FLIGHT + within:
        return reply
    return reply._replace(fate=Fate.NEVER)


def _remember(room: Room, row: CloseIntent, closing: Closing, action: Action) -> None:
    """Before it is done. What only reads is stored with what was heard."""
    if action.do is not Do.SEND:
        return
    closing.sent_at = room.clock.now()
    with room.hold.storing():
        _save(row, closing)
        _add_step(room, row, "send", action)


def _store(
    room: Room, row: CloseIntent, closing: Closing, action: Action, heard: Heard | None
) -> None:
    done = {Do.SEND: "sent", Do.NOTHING: "end"}.get(action.do, action.do.value)
    with room.hold.storing():
        is_over = closing.intent.phase in machine.OVER
        if is_over:
            row.ended_at = room.clock.now()
        _save(row, closing)
        _add_step(room, row, done, action, _told(heard))
        if is_over:
            ended.log_position(row, closing, room.clock.now())


def _save(row: CloseIntent, closing: Closing) -> None:
    memory.store(row, closing)
    row.save(update_fields=["phase", "why", "next_at", "began_at", "memory", "ended_at"])


def _add_step(
    room: Room,
    row: CloseIntent,
    name: str,
    action: Action | None = None,
    heard: dict[str, Any] | None = None,
) -> None:
    quantity: Decimal | None = action.quantity if action and action.do is Do.SEND else None
    CloseStep.objects.create(
        workspace_id=row.workspace_id, account_id=row.account_id, intent=row, action=name,
        client_id=action.client_id if action else "", quantity=quantity, heard=heard or {},
        fence=room.hold.root.fence, created_at=room.clock.now(),
    )  # fmt: skip


def _told(heard: Heard | None) -> dict[str, Any]:
    if isinstance(heard, Position):
        return {"held": str(heard.signed_quantity), "is_quiet": heard.is_quiet}
    if isinstance(heard, Reply):
        return {
            "fate": heard.fate.value,
            "filled": str(heard.filled),
            "price": None if heard.price is None else str(heard.price),
            "order_id": heard.order_id,
            "reason": heard.reason[:300],
        }
    if isinstance(heard, Cancelled):
        return {"is_done": heard.is_done}
    return {"silence": True} if heard is not None else {}


def market_of_intent(row: CloseIntent) -> str:
    return market_of(memory.instrument_of(row.memory["instrument"]))
