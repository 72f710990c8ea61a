"""Who may work on an account at the moment: one worker at a time, and none that was overtaken.

A worker holds an account for a while (`held_until`) and says so again with everything that it stores. One that was
killed lets go by that time; one that was only slow finds another's fence when it comes back, and does nothing more.
The account's row is locked for an instant only, never while the broker is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from journal.models import BrokerAccount
from journal.services.pulls.clock import Clock
from reconciliation.models import CloseIntent

# One call of the broker takes at most so long; whoever asks says before and after it that the account is his.
CALL_SECONDS = 8.0
HOLD = timedelta(seconds=CALL_SECONDS + 4)
# What was stored is done at once, or not at all: whoever was stopped in between for longer does not do it.
_STORED = [
    "held_until",
    "memory",
    "phase",
    "why",
    "next_at",
    "began_at",
    "ended_at",
    "escalated_at",
]
AT_ONCE = timedelta(seconds=2)


class Overtaken(Exception):
    """Another worker has the account, or may have it by now."""


class Hold:
    def __init__(self, root: CloseIntent, clock: Clock) -> None:
        self.root = root
        self.clock = clock
        self._said_at = clock.now()

    @contextmanager
    def storing(self) -> Iterator[CloseIntent]:
        """A transaction in which nobody else has the account; the root as it is. Raises Overtaken."""
        with transaction.atomic():
            row = CloseIntent.objects.select_for_update(no_key=True).get(pk=self.root.pk)
            if row.fence != self.root.fence or row.is_over:
                raise Overtaken
            row.held_until = self.clock.now() + HOLD
            yield row
            row.save(update_fields=_STORED)
        self._said_at = self.clock.now()
        self.root = row

    def check(self) -> None:
        """Before something is sent. Raises Overtaken where it was stored too long ago."""
        if self.clock.now() - self._said_at > AT_ONCE:
            raise Overtaken

    def let_go(self) -> None:
        CloseIntent.objects.filter(pk=self.root.pk, fence=self.root.fence).update(held_until=None)


@transaction.atomic
def take(root_id: int, clock: Clock) -> Hold | None:
    """None while it is not due, over, or somebody else's, or while another close of the same account is at work."""
    account_id = CloseIntent.objects.values_list("account_id", flat=True).get(pk=root_id)
    # Roots of one account are taken one after the other, so that two guards do not both close it.
    BrokerAccount.objects.select_for_update(no_key=True).get(pk=account_id)
    root = CloseIntent.objects.select_for_update(no_key=True).get(pk=root_id)
    now = clock.now()
    if root.is_over or not is_due(root, now) or _is_another_at_work(root):
        return None
    root.fence += 1
    root.held_until = now + HOLD
    root.save(update_fields=["fence", "held_until"])
    return Hold(root, clock)


def is_due(root: CloseIntent, now: datetime) -> bool:
    is_free = root.held_until is None or root.held_until <= now
    return is_free and (root.next_at is None or root.next_at <= now)


def _is_another_at_work(root: CloseIntent) -> bool:
    """Whoever has begun goes on to the end; of those that have not, the first."""
    others = CloseIntent.objects.filter(
        account_id=root.account_id, root=None, ended_at=None
    ).exclude(pk=root.pk)
    if root.fence:
        return False
    return others.filter(Q(fence__gt=0) | Q(pk__lt=root.pk)).exists()
