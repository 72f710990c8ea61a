"""A broker that answers as a test says, and accounts that it is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from journal.brokers.base import InstrumentRow
from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.live import AccountReading, Holding, WorkingOrder
from journal.models import BrokerAccount, Connection, Pull, PullDocument, PullState
from tests.integration.journal.rows import account_of, stock

NOW = datetime(2025, 3, 5, 15, 0, tzinfo=UTC)


class Clock:
    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Broker:
    """`holds` by account number; `trouble` by account number is raised instead, `slow` waited for."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.holds: dict[str, dict[InstrumentRow, str]] = {}
        self.trouble: dict[str, PullFault] = {}
        self.slow: dict[str, float] = {}
        self.changes: dict[str, dict[str, object]] = {}
        self.orders: dict[str, tuple[WorkingOrder, ...]] = {}
        self.asked: list[str] = []

    @contextmanager
    def open(self, connection: Connection) -> Iterator[Broker]:
        yield self

    def read(self, number: str) -> AccountReading:
        self.asked.append(number)
        time.sleep(self.slow.get(number, 0))
        if number in self.trouble:
            raise self.trouble[number]
        return self.reading(number)

    def reading(self, number: str) -> AccountReading:
        holdings = tuple(
            Holding(row, "", Decimal(quantity), None, Decimal(11))
            for row, quantity in self.holds.get(number, {}).items()
        )
        found = AccountReading(
            number, self.clock.now(), "EUR", holdings, self.orders.get(number, ()), Decimal(1000), Decimal(900)
        )  # fmt: skip
        return found._replace(**self.changes.get(number, {}))


def away(code: str = "broker_unreachable") -> PullFault:
    return PullFault(code, "The broker did not answer.", Verdict.LATER)


def connect(workspace_id: int, *numbers: str, name: str = "broker") -> Connection:
    return Connection.objects.create(
        workspace_id=workspace_id, fetcher="ibkr_flex", name=name, account_numbers=list(numbers)
    )


def cover(connection: Connection, number: str, since: datetime, until: datetime) -> None:
    """The broker's history of that time is known."""
    pull = Pull.objects.create(
        workspace_id=connection.workspace_id, connection=connection, state=PullState.DONE, since=since, until=until
    )  # fmt: skip
    PullDocument.objects.create(
        workspace_id=connection.workspace_id, pull=pull, account_number=number, since=since, until=until
    )  # fmt: skip


def accounts_of(workspace_id: int, count: int) -> list[BrokerAccount]:
    return [account_of(workspace_id, f"U{n:07}") for n in range(1, count + 1)]


ACME, BOLT = stock("ACME"), stock("BOLT")
