"""A reader for tests: files that name neither their account nor the order of day and month.

Every line is `when,symbol,side,quantity,price,currency` after a first line `bare`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from journal.brokers.base import (
    ExecutionRow,
    InstrumentRow,
    ParseOptions,
    Record,
    ReportKind,
    StatementInfo,
)
from journal.brokers.text.moments import read_when, read_zone
from journal.brokers.text.tables import read_table
from journal.domain.values import ZERO, AssetClass, ExecutionKind, PositionEffect, Side


class Bare:
    slug = "bare"
    broker = "barebroker"
    label = "Bare fills"
    default_zone = "Europe/Berlin"

    def recognises(self, head: bytes, name: str) -> bool:
        return head.startswith(b"bare\n")

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        zone = options.zone or self.default_zone
        yield StatementInfo(1, "", "USD", "", None, None, None, zone, {})
        for number, cells in read_table(stream, ","):
            if number > 1:
                yield _fill(number, cells, zone, options.day_first)


def _fill(number: int, cells: list[str], zone: str, day_first: bool | None) -> ExecutionRow:
    when, symbol, side, quantity, price, currency = cells
    return ExecutionRow(
        row=number,
        account_id="",
        raw={"line": ",".join(cells)},
        instrument=InstrumentRow("", AssetClass.STOCK, symbol, currency, Decimal(1)),
        report=ReportKind.FILL,
        kind=ExecutionKind.TRADE,
        broker_id="",
        exec_id="",
        trade_id="",
        order_id="",
        order_reference="",
        original_ids=(),
        side=Side(side),
        quantity=Decimal(quantity),
        price=Decimal(price),
        executed_at=read_when(when, day_first=day_first).instant(read_zone(zone)),
        zone=zone,
        reported_on=None,
        settled_on=None,
        fee=ZERO,
        tax=ZERO,
        fee_currency=currency,
        fx_rate=None,
        effect=PositionEffect.UNKNOWN,
        proceeds=None,
        net_cash=None,
        stated_cost=None,
        stated_pnl=None,
        order_type="",
        ordered_at=None,
        exchange="",
        notes=(),
        authority=40,
    )
