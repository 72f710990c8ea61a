"""One round of making an account flat: read it, do for each position what comes next, see whether it is over.

What the pure machine (`reconciliation.domain.closing`) says to remember is stored before it is done, with the step; no
lock is held while the broker is asked. So a worker may be killed anywhere: the next one reads before it sends.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta

from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.live import Ability
from journal.services.desks.opening import abilities_of, open_desk
from journal.services.pulls.clock import SYSTEM, Clock
from reconciliation.models import CloseIntent
from reconciliation.services.closing import ending, positions
from reconciliation.services.closing.room import Room
from reconciliation.services.closing.taking import CALL_SECONDS, Hold, Overtaken, take

_SOON = timedelta(seconds=1)


def work(intent_id: int, *, clock: Clock = SYSTEM) -> datetime | None:
    """When to go on; None when the account is flat or a person's. Does nothing while another worker has the account."""
    row = CloseIntent.objects.get(pk=intent_id)
    root_id = row.root_id or row.pk
    hold = take(root_id, clock)
    if hold is None:
        return _when_again(root_id, clock)
    try:
        _go(hold, clock)
    except Overtaken:
        return _when_again(root_id, clock)
    except Exception:
        # Whatever is wrong, the account is not held up by it longer than it has to be.
        hold.let_go()
        raise
    hold.let_go()
    return _when_again(root_id, clock)


def _when_again(root_id: int, clock: Clock) -> datetime | None:
    root = CloseIntent.objects.get(pk=root_id)
    if root.is_over:
        return None
    now = clock.now()
    times = [one for one in (root.held_until, root.next_at) if one is not None and one > now]
    # Nobody has it and nothing is to be waited for: it waits for another close of the same account.
    return max(times, default=now + (_SOON if not root.fence else timedelta()))


def _go(hold: Hold, clock: Clock) -> None:
    with ExitStack() as stack:
        room = Room(hold, clock)
        connection = hold.root.connection
        if connection is None:
            room.give_up("No connection of this account can tell what it holds.")
        elif not ending.is_late(hold.root, clock.now()):
            try:
                desk = stack.enter_context(open_desk(connection, timeout=CALL_SECONDS, clock=clock))
            except PullFault as fault:
                room.fault = fault.message
                if fault.verdict is Verdict.PERSON:
                    room.give_up(fault.message)
            else:
                room.let_in(desk, may_close=Ability.CLOSE in abilities_of(connection))
        positions.meet(room)
        for position in positions.unfinished(hold.root):
            positions.work_on(room, position)
        ending.look(room)
