"""One account of the demo on both sides: what reaches the book, and what its broker says it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from journal.brokers.base import InstrumentRow
from journal.brokers.fetchers import get_fetcher
from journal.brokers.fetching import Document, Window
from journal.brokers.live import AccountReading, Holding, WorkingOrder
from journal.domain.values import AssetClass, Side
from journal.models import (
    BrokerAccount,
    CapturedKind,
    Connection,
    ImportBatch,
    ImportState,
    Pull,
    PullState,
)
from journal.services.captures.booking import book_captured
from journal.services.captures.receiving import Sender, receive_records
from journal.services.imports import run_import
from journal.services.pulls.documents import Intake
from reconciliation.models import Heard, ReconciliationRun
from reconciliation.services import cycle
from reconciliation.services.demo.flex import Paper, Statement
from reconciliation.services.passing import take_words
from reconciliation.services.reading import unheard

SOURCE = "demo"


class Past:
    """A clock that stands where the story is."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Held:
    """One position as the broker has it."""

    paper: Paper
    quantity: Decimal
    average: Decimal | None = None
    price: Decimal | None = None
    open_pnl: Decimal | None = None
    stop: Decimal | None = None


@dataclass(slots=True)
class Desk:
    account: BrokerAccount
    connection: Connection
    user_id: int | None

    def state(self, statement: Statement) -> None:
        """The statement comes as a pull brings it: kept, imported, and known to be complete up to its end."""
        clock = Past(statement.until)
        pull, is_new = Pull.objects.get_or_create(
            workspace_id=self.account.workspace_id, connection=self.connection, state=PullState.DONE, source=SOURCE,
            since=statement.since, until=statement.until, note=statement.name, asked_by_id=self.user_id,
            defaults={"started_at": statement.until, "finished_at": statement.until},
        )  # fmt: skip
        window = Window(statement.since, statement.until)
        intake = Intake(pull, get_fetcher(self.connection.fetcher), window, clock=clock)
        document = Document(
            statement.name, "ibkr_flex", statement.content(), self.account.broker_id,
            complete_until=statement.until, since=statement.since,
        )  # fmt: skip
        if is_new:
            intake.take(document)
        for held in pull.documents.exclude(batch=None).select_related("batch"):
            if held.batch is not None and held.batch.state == ImportState.QUEUED:
                run_import(held.batch)
                # It came when it was stated, and not only now: what cleared before was not cleared by it.
                came = {
                    "created_at": statement.until,
                    "started_at": statement.until,
                    "finished_at": statement.until,
                }
                ImportBatch.objects.filter(pk=held.batch.pk).update(**came)

    def report(self, kind: CapturedKind, records: Sequence[Mapping[str, Any]]) -> None:
        """What a bot reports of the account. A record that was taken before is known."""
        said = [
            {"account": self.account.broker_id, "broker": self.account.broker, **record} for record in records
        ]  # fmt: skip
        sender = Sender(self.account.workspace_id, self.user_id, account_id=self.account.pk)
        refused = [
            one for one in receive_records(sender, kind, said) if one.status not in ("created", "known")
        ]  # fmt: skip
        assert not refused, refused
        while book_captured(self.account.workspace_id):
            pass

    def read(
        self, at: datetime, holdings: Iterable[Held], *, orders: Sequence[WorkingOrder] = (),
        equity: str = "100000", cash: Decimal | None = None,
    ) -> ReconciliationRun:  # fmt: skip
        """The broker answers, wholly."""
        reading = AccountReading(
            account_id=self.account.broker_id,
            as_of=at,
            currency="USD",
            holdings=tuple(_holding(one, at) for one in holdings),
            orders=tuple(orders),
            equity=Decimal(equity),
            balance=None,
            cash=None if cash is None else {"USD": cash},
        )
        return cycle.take_reading(
            self.account, self.connection, reading, heard=Heard.ASKED, source=SOURCE, clock=Past(at)
        )

    def silence(self, at: datetime) -> None:
        """The broker is asked, and does not answer."""
        word = unheard(
            self.account, self.connection, at, "broker_unreachable", "The broker did not answer (ConnectTimeout)."
        )  # fmt: skip
        take_words(self.account.workspace_id, [word], source=SOURCE, clock=Past(at))


def _holding(held: Held, at: datetime) -> Holding:
    return Holding(
        instrument_of(held.paper), "", held.quantity, held.average, held.price,
        at if held.price is not None else None, held.open_pnl, held.stop,
    )  # fmt: skip


def instrument_of(paper: Paper) -> InstrumentRow:
    return InstrumentRow(str(paper.number), AssetClass.STOCK, paper.symbol, "USD", Decimal(1))


def working(  # noqa: PLR0913 - as many as an order has facts
    paper: Paper, side: Side, quantity: int, at: datetime, *, order_id: str, client_id: str, filled: int = 0,
    stop: str | None = None,
) -> WorkingOrder:  # fmt: skip
    return WorkingOrder(
        order_id, client_id, instrument_of(paper), side, Decimal(quantity), Decimal(filled), None,
        None if stop is None else Decimal(stop), stop is not None, at,
    )  # fmt: skip
