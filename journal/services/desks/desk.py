"""What reads and closes at a broker through one connection, however that is reached: asked over its API, by commands
that a bridge fetches, or by the paper broker inside."""

from __future__ import annotations

from typing import Protocol

from journal.brokers.base import InstrumentRow
from journal.brokers.live import AccountReading, ClosingOrder
from journal.domain.fate import Reply


class Desk(Protocol):
    """One connection for a short time. A call that takes too long is a PullFault of a reading, and Fate.UNKNOWN of an
    order. Raises PullFault (LATER: the broker is away; PERSON: somebody has to change something)."""

    def read(self, account_number: str) -> AccountReading: ...

    def send_close(self, account_number: str, order: ClosingOrder) -> Reply: ...

    def find_order(self, account_number: str, client_id: str) -> Reply: ...

    def cancel_orders(self, account_number: str, instrument: InstrumentRow) -> bool:
        """Takes back what is at work in the instrument; False while something still is."""
        ...
