"""Booking while a statement is still being read: instruments that seem complete need not wait for its end.

The reader works on another core, and this one would wait for it. Nothing depends on the guess: whatever comes later for
an instrument touches it again, and at the end it is booked like any other.
"""

from __future__ import annotations

from journal.domain.values import LotMethod
from journal.models import BrokerAccount
from journal.services.booking.rebook import Rebooking
from journal.services.evidence import EvidenceWriter

# So many at a time that the queries which every step sends are few.
_REPORTS_MIN = 6_000


class EarlyBooking:
    def __init__(self, writer: EvidenceWriter) -> None:
        self._writer = writer
        self._rebookings: dict[int, Rebooking] = {}
        self._settled: dict[int, list[int]] = {}
        self._is_off = False

    def stop(self) -> None:
        """From here on everything waits: rows came that touch what was booked."""
        self._is_off = True

    def rebooking(self, account: BrokerAccount) -> Rebooking:
        """What was begun for the account, or a new one."""
        known = self._rebookings.get(account.pk)
        if known is None:
            known = self._rebookings[account.pk] = Rebooking(account, self._writer.kept)
        return known

    def settle(self) -> None:
        """Have the database hold what was booked so far."""
        for rebooking in self._rebookings.values():
            rebooking.settle()

    def close(self) -> None:
        for rebooking in self._rebookings.values():
            rebooking.close()

    def began(self, account: BrokerAccount) -> bool:
        return account.pk in self._rebookings

    def step(self, account: BrokerAccount) -> None:
        """Book what has settled, if it is enough to be worth it. The broker's own lots come later than the fills."""
        kept = self._writer.kept
        if self._is_off or not kept.holds(account.pk) or account.lot_method == LotMethod.BROKER:
            return
        settled = self._settled.setdefault(account.pk, [])
        settled += kept.take_settled(account.pk)
        counts = kept.counts(account.pk)
        if sum(counts[instrument_id] for instrument_id in settled) < _REPORTS_MIN:
            return
        self._settled[account.pk] = []
        since = self._writer.touched[account.pk].since
        for instrument_id in settled:
            since.pop(instrument_id, None)
        self.rebooking(account).book_early(settled)
