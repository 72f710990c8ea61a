"""Execution rows for tests of the book, without a file around them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from journal.brokers.base import ExecutionRow, InstrumentRow, Record, ReportKind
from journal.domain.values import AssetClass, ExecutionKind, PositionEffect, Side
from journal.models import BrokerAccount, ImportBatch, ImportState, StatementFile
from journal.reading.chunks import make_chunks
from journal.reading.lines import ExecutionLine
from journal.services.booking.changes import Changes
from journal.services.booking.openings import touch_openings
from journal.services.booking.rebook import Rebooking
from journal.services.evidence import EvidenceWriter
from journal.services.instruments import InstrumentResolver

START = datetime(2025, 3, 3, 14, 30, tzinfo=UTC)


def stock(symbol: str, *, currency: str = "USD") -> InstrumentRow:
    return InstrumentRow(f"conid-{symbol}", AssetClass.STOCK, symbol, currency, Decimal(1))


def fill(
    number: int,
    signed_quantity: int,
    price: str,
    *,
    instrument: InstrumentRow | None = None,
    minutes: int | None = None,
    **changes: object,
) -> ExecutionRow:
    """Fill `number` of the account: its id and, unless `minutes` says otherwise, its place in time."""
    row = ExecutionRow(
        row=number,
        account_id="U7000001",
        raw={"transactionID": str(number)},
        instrument=instrument or stock("ACME"),
        report=ReportKind.FILL,
        kind=ExecutionKind.TRADE,
        broker_id=str(10_000 + number),
        exec_id=f"exec.{number}",
        trade_id=str(50_000 + number),
        order_id=f"order-{number}",
        order_reference="",
        original_ids=(),
        side=Side.BUY if signed_quantity > 0 else Side.SELL,
        quantity=Decimal(abs(signed_quantity)),
        price=Decimal(price),
        executed_at=START + timedelta(minutes=number if minutes is None else minutes),
        zone="America/New_York",
        reported_on=None,
        settled_on=None,
        fee=Decimal("1.01"),
        tax=Decimal(0),
        fee_currency="USD",
        fx_rate=Decimal("0.92"),
        effect=PositionEffect.UNKNOWN,
        proceeds=None,
        net_cash=None,
        stated_cost=None,
        stated_pnl=None,
        order_type="LMT",
        ordered_at=None,
        exchange="ARCA",
        notes=(),
        authority=40,
    )
    return row._replace(**changes)


def account_of(workspace_id: int, number: str = "U7000001", **values: object) -> BrokerAccount:
    account, _ = BrokerAccount.objects.get_or_create(
        workspace_id=workspace_id,
        broker="ibkr",
        broker_id=number,
        defaults={"base_currency": "EUR", **values},
    )
    return account


def import_rows(
    account: BrokerAccount, rows: Iterable[Record], *, source: str = "ibkr_flex"
) -> Changes:
    """What an import does once the file is read: evidence, then the book. `source` is the format."""
    file, _ = StatementFile.objects.get_or_create(
        workspace_id=account.workspace_id,
        sha256="0" * 64,
        defaults={"name": "rows", "size_bytes": 1, "stored_as": "rows"},
    )
    batch = ImportBatch.objects.create(
        workspace_id=account.workspace_id, file=file, format=source, state=ImportState.DONE
    )
    resolver = InstrumentResolver(workspace_id=account.workspace_id, broker="ibkr")
    writer = EvidenceWriter(batch, resolver)
    for chunk in make_chunks(rows, lambda: 0):
        writer.add_instruments(chunk.instruments)
        for item in chunk.items:
            if isinstance(item, ExecutionLine):
                writer.add_executions([item], account)
            else:
                writer.add(item, account)
    writer.finish()
    touch_openings(account, batch.pk, writer.touched[account.pk])
    touched = writer.touched[account.pk].since
    with closing(Rebooking(account, writer.kept)) as rebooking:
        rebooking.book(touched, None)
        return rebooking.finish()
