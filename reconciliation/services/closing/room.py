"""What one round knows: the desk, and what was read through it."""

from __future__ import annotations

from datetime import datetime, timedelta

from journal.brokers.fetching import PullFault
from journal.brokers.live import AccountReading
from journal.services.desks.desk import Desk
from journal.services.pulls.clock import Clock
from reconciliation.services.closing.taking import Hold

# How old a reading may be that something is sent against, and how far a broker's clock may be behind.
FRESH = timedelta(seconds=3)
_BEHIND = timedelta(seconds=5)


class Room:
    """`fault` is why the broker cannot be asked, in words; `is_hopeless` where waiting does not change that."""

    def __init__(self, hold: Hold, clock: Clock) -> None:
        self.hold = hold
        self.clock = clock
        self.account_number = hold.root.account.broker_id
        self.desk: Desk | None = None
        self.may_close = False
        self.fault = ""
        self.is_hopeless = False
        # Whatever was seen last, however old or partial: for what a person is told.
        self.latest: AccountReading | None = None
        self._read_at: datetime | None = None
        self._is_silent = False
        self._touched: set[str] = set()

    def let_in(self, desk: Desk, *, may_close: bool) -> None:
        self.desk, self.may_close = desk, may_close

    def give_up(self, fault: str) -> None:
        self.fault, self.is_hopeless = fault, True

    def touch(self, market: str) -> None:
        """Something was done in this market: what was read of it before says nothing any more."""
        self._touched.add(market)

    def reading(self, market: str = "") -> AccountReading | None:
        """Whole and fresh, or None. A broker that gave no answer is not asked again in this round."""
        now = self.clock.now()
        is_fresh = self._read_at is not None and now - self._read_at <= FRESH
        if is_fresh and market not in self._touched and self.latest is not None:
            return self.latest if self.latest.is_complete else None
        if self._is_silent or self.desk is None:
            return None
        return self._read(self.desk, now)

    def _read(self, desk: Desk, now: datetime) -> AccountReading | None:
        self._is_silent = True
        try:
            found = desk.read(self.account_number)
        except PullFault as fault:
            self.fault = fault.message
            return None
        if found.as_of < now - _BEHIND:
            self.fault = f"The broker told how it was at {found.as_of:%H:%M:%S} UTC only."
            return None
        self.latest, self._read_at = found, now
        self._touched.clear()
        if not found.is_complete:
            self.fault = f"The broker did not tell: {', '.join(found.lacking)}."
            return None
        self._is_silent = False
        return found
