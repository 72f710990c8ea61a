"""What the first rows of a table become under a mapping: fills, and the trades that they alone would be booked as.

Nothing is written and nothing is locked, so that a person can try one mapping after the other while imports run. What
the whole file does to the book, the preview of the import says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import BinaryIO, cast

from journal.brokers.base import (
    ExecutionRow,
    InstrumentRow,
    OtherRow,
    ParseOptions,
    ProblemRow,
    UnreadableStatement,
)
from journal.brokers.generic_table.mapping import TableMapping
from journal.brokers.registry import get_parser
from journal.domain.booking import book
from journal.domain.values import (
    ZERO,
    Booking,
    Contract,
    Direction,
    Fill,
    LotMethod,
    Severity,
)
from journal.models import ImportBatch
from journal.services.mappings import SLUG, kept_file

RECORDS_MAX = 500
SHOWN_FILLS = 8
SHOWN_TRADES = 8
SHOWN_PROBLEMS = 8


@dataclass(frozen=True, slots=True)
class TriedFill:
    row: int
    instrument: InstrumentRow
    side: str
    quantity: Decimal
    price: Decimal
    fee: Decimal | None
    fee_currency: str
    executed_at: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class TriedTrade:
    """`net_pnl` is None while nothing of it is closed."""

    instrument: InstrumentRow
    direction: Direction
    opened_at: datetime
    closed_at: datetime | None
    zone: str
    quantity: Decimal
    average_open: Decimal | None
    average_close: Decimal | None
    net_pnl: Decimal | None


@dataclass(slots=True)
class Trial:
    """Of the first rows. `refusal` says why the file as a whole cannot be read like this."""

    refusal: str = ""
    fills: list[TriedFill] = field(default_factory=list)
    trades: list[TriedTrade] = field(default_factory=list)
    problems: list[ProblemRow] = field(default_factory=list)
    fill_count: int = 0
    trade_count: int = 0
    left_out: int = 0
    error_count: int = 0
    is_whole: bool = True


def try_mapping(batch: ImportBatch, mapping: TableMapping, *, zone: str = "") -> Trial:
    """`zone` is that of times where neither they nor the mapping state one. Raises StoredFileUnusable."""
    options = ParseOptions(zone=mapping.zone or zone or None, mapping=mapping.as_json())
    trial = Trial()
    executions: list[ExecutionRow] = []
    with kept_file(batch) as stream:
        records = get_parser(SLUG).parse(cast("BinaryIO", stream), options)
        try:
            found = list(islice(records, RECORDS_MAX + 1))
        except UnreadableStatement as refusal:
            return Trial(refusal=refusal.message)
    trial.is_whole = len(found) <= RECORDS_MAX
    for record in found:
        if isinstance(record, ExecutionRow):
            executions.append(record)
        elif isinstance(record, ProblemRow):
            trial.problems.append(record)
        elif isinstance(record, OtherRow) and record.section == "Not used":
            trial.left_out += 1
    trial.fill_count = len(executions)
    trial.error_count = sum(one.severity is Severity.ERROR for one in trial.problems)
    trial.problems = sorted(trial.problems, key=_worst_first)[:SHOWN_PROBLEMS]
    trial.fills = [_shown(one) for one in executions[:SHOWN_FILLS]]
    trades = _trades(executions, _method(batch))
    trial.trade_count = len(trades)
    trial.trades = trades[:SHOWN_TRADES]
    return trial


def _worst_first(problem: ProblemRow) -> tuple[int, int]:
    return -list(Severity).index(problem.severity), problem.row


def _method(batch: ImportBatch) -> LotMethod:
    return LotMethod(batch.account.lot_method) if batch.account else LotMethod.FIFO


def _shown(row: ExecutionRow) -> TriedFill:
    return TriedFill(
        row=row.row,
        instrument=row.instrument,
        side=row.side.value,
        quantity=row.quantity,
        price=row.price,
        fee=row.fee,
        fee_currency=row.fee_currency,
        executed_at=row.executed_at,
        zone=row.zone,
    )


def _trades(rows: Sequence[ExecutionRow], method: LotMethod) -> list[TriedTrade]:
    """As if they were all there is, by account and contract; in the order in which they were opened."""
    numbers: dict[tuple[str, InstrumentRow], int] = {}
    contracts: dict[int, Contract] = {}
    instruments: dict[int, InstrumentRow] = {}
    fills = []
    for place, row in enumerate(rows):
        number = numbers.setdefault((row.account_id, row.instrument), len(numbers))
        instruments[number] = row.instrument
        contracts[number] = _contract(number, row.instrument)
        fills.append(_fill(place, number, row))
    booking = book(fills, contracts=contracts, method=method)
    return sorted(
        _legs(booking, instruments, rows),
        key=lambda trade: (trade.opened_at, trade.instrument.symbol),
    )


def _contract(number: int, row: InstrumentRow) -> Contract:
    return Contract(number, row.asset_class, row.currency, row.multiplier, row.inverse)


def _fill(place: int, number: int, row: ExecutionRow) -> Fill:
    is_own = row.fee_currency in ("", row.instrument.currency)
    return Fill(
        id=place,
        instrument_id=number,
        executed_at=row.executed_at,
        sequence=place,
        side=row.side,
        quantity=row.quantity,
        price=row.price,
        fee=(row.fee or ZERO) + (row.tax or ZERO) if is_own else ZERO,
        fee_known=is_own,
        effect=row.effect,
    )


def _legs(
    booking: Booking, instruments: dict[int, InstrumentRow], rows: Sequence[ExecutionRow]
) -> list[TriedTrade]:
    return [
        TriedTrade(
            instrument=instruments[leg.instrument_id],
            direction=leg.direction,
            opened_at=leg.opened_at,
            closed_at=leg.closed_at,
            zone=rows[leg.id].zone,
            quantity=leg.max_quantity,
            average_open=leg.average_open,
            average_close=leg.average_close,
            net_pnl=leg.net_pnl if leg.closed_quantity and leg.cost_known else None,
        )
        for leg in booking.legs
    ]
