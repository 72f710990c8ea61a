"""What a file says of itself, and rows that are in no book."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import NamedTuple

from journal.domain.values import LotMethod, Severity


class StatementInfo(NamedTuple):
    """The start of one account's part of the file."""

    row: int
    account_id: str
    base_currency: str
    account_alias: str
    from_on: date | None
    to_on: date | None
    generated_at: datetime | None
    zone: str  # the zone that was assumed for its times
    raw: dict[str, str]
    # How the account is to be booked, where the file tells: positions per ticket, and how the broker matches lots. Only
    # what is said or seen: None where it is merely not contradicted.
    is_hedging: bool | None = None
    lot_method: LotMethod | None = None
    # Where one format is that of many brokers: whose account it is, "" where the file does not say. Then the account
    # that is chosen tells. None: the reader's own broker.
    broker: str | None = None
    # Of the parts that say what is held ("positions", "cash") those that are there and empty: then nothing is held at
    # the statement's end. Of a part that is not there nothing is known.
    empty: frozenset[str] = frozenset()

    @property
    def stated_at(self) -> datetime | None:
        """When the broker spoke: when it made the statement, else at the end of its period."""
        if self.generated_at is not None or self.to_on is None:
            return self.generated_at
        return datetime.combine(self.to_on, time.max, tzinfo=UTC)


class OtherRow(NamedTuple):
    """A row that the book does not use (yet). Kept and counted, never fatal."""

    row: int
    account_id: str
    section: str
    raw: dict[str, str]


class ProblemRow(NamedTuple):
    row: int
    account_id: str
    severity: Severity
    code: str
    message: str
    raw: dict[str, str]
