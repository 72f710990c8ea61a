"""Parser records as evidence rows: which columns, in which order, and what makes two of them the same event.

Each spec's `values` gives the columns after the common ones (workspace, batch, account, row, raw, event_key).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from journal.brokers.base import (
    CashBalanceRow,
    CashRow,
    ClosedLotRow,
    ConversionRateRow,
    CorporateActionRow,
    InstrumentRow,
    NavRow,
    OptionEventRow,
    OrderRow,
    PositionRow,
    TransferRow,
)
from journal.domain.identity import digest
from journal.models import (
    CashBalanceReport,
    CashReport,
    ClosedLotReport,
    ConversionRate,
    CorporateActionReport,
    NavReport,
    OptionEventReport,
    OrderReport,
    PositionReport,
    TransferReport,
)

# How the keys of events without an id begin.
BY_VALUE = "v:"
COMMON_COLUMNS = ("workspace", "batch", "account", "row", "event_key", "raw")


@dataclass(frozen=True, slots=True)
class Spec:
    """`count_as` is the word under which the result counts the rows; "" counts nothing.

    `touches_book`: a new row of this kind changes lots, so its instrument has to be booked again.
    """

    model: type[models.Model]
    columns: tuple[str, ...]
    values: Callable[[Any, int | None, ZoneInfo], tuple[Any, ...]]
    count_as: str
    touches_book: bool = False


def instrument_words(instrument: InstrumentRow | None) -> str:
    if instrument is None:
        return ""
    return instrument.broker_id or f"{instrument.symbol}|{instrument.currency}"


def event_key(record: Any, *, words: str | None = None) -> str:
    """What the row says, without where it stood: the same event from another file has the same key.

    A row's own id wins when it has one. Equal rows of one file are told apart by an ordinal that the writer
    appends. `words` are what another file may call the contract.
    """
    broker_id = getattr(record, "broker_id", "")
    if broker_id:
        return f"{type(record).__name__[:4].lower()}:{broker_id}"[:80]
    values = [
        (words or instrument_words(value)) if isinstance(value, InstrumentRow) else value
        for name, value in zip(record._fields, record, strict=True)
        if name not in {"row", "account_id", "raw"}
    ]
    return f"{BY_VALUE}{digest(type(record).__name__, *values)}"


def _text(value: str, limit: int) -> str:
    return value[:limit]


def _cash(record: CashRow, instrument: int | None, zone: ZoneInfo) -> tuple[Any, ...]:
    return (
        instrument,
        _text(record.broker_id, 64),
        record.kind,
        record.amount,
        record.currency,
        record.fx_rate,
        record.occurred_at,
        record.reported_on or record.occurred_at.astimezone(zone).date(),
        record.reported_on,
        _text(record.description, 512),
        _text(record.trade_id, 64),
        record.is_reversal,
    )


def _corporate(
    record: CorporateActionRow, instrument: int | None, zone: ZoneInfo
) -> tuple[Any, ...]:
    return (
        instrument,
        _text(record.broker_id, 64),
        _text(record.action_id, 64),
        record.kind,
        _text(record.code, 16),
        record.signed_quantity,
        record.cash,
        record.value,
        record.stated_pnl,
        record.effective_at,
        record.reported_on,
        record.fx_rate,
        _text(record.description, 512),
        record.ratio,
        _text(record.other_isin, 12),
        _text(record.other_symbol, 64),
    )


def _option_event(
    record: OptionEventRow, instrument: int | None, zone: ZoneInfo
) -> tuple[Any, ...]:
    return (
        instrument,
        record.kind,
        record.signed_quantity,
        record.price,
        record.happened_on,
        _text(record.trade_id, 64),
        record.proceeds,
        record.fee,
        record.stated_cost,
        record.stated_pnl,
        record.fx_rate,
        record.is_directed,
    )


def _transfer(record: TransferRow, instrument: int | None, zone: ZoneInfo) -> tuple[Any, ...]:
    return (
        instrument,
        _text(record.broker_id, 64),
        _text(record.kind, 32),
        record.signed_quantity,
        record.price,
        record.cash,
        record.currency,
        record.fx_rate,
        record.occurred_at,
        record.reported_on,
        _text(record.counterparty, 128),
        record.stated_cost,
    )


def _order(record: OrderRow, instrument: int | None, zone: ZoneInfo) -> tuple[Any, ...]:
    return (
        instrument,
        _text(record.client_order_id, 64),
        _text(record.order_id, 64),
        _text(record.parent_id, 64),
        _text(record.group_id, 64),
        record.role or "",
        record.side or "",
        _text(record.order_type, 32),
        _text(record.time_in_force, 16),
        record.quantity,
        record.limit_price,
        record.stop_price,
        record.status,
        record.filled_quantity,
        record.average_price,
        record.fee,
        _text(record.fee_currency, 12),
        _text(record.reason, 255),
        _text(record.position_id, 64),
        _text(record.plan_id, 64),
        _text(record.recommendation_id, 64),
        _text(record.strategy, 64),
        record.happened_at,
    )


def _position(record: PositionRow, instrument: int | None, zone: ZoneInfo) -> tuple[Any, ...]:
    return (
        instrument,
        record.signed_quantity,
        record.mark_price,
        record.value,
        record.cost,
        record.unrealized_pnl,
        record.fx_rate,
        record.reported_on,
        record.is_lot,
        record.opened_at,
        _text(record.opening_broker_id, 64),
    )


def _closed_lot(record: ClosedLotRow, instrument: int | None, zone: ZoneInfo) -> tuple[Any, ...]:
    return (
        instrument,
        _text(record.closing_broker_id, 64),
        _text(record.opening_broker_id, 64),
        record.quantity,
        record.open_price,
        record.opened_at,
        record.closed_at,
        record.cost,
        record.realized_pnl,
    )


def _balance(record: CashBalanceRow, _: int | None, zone: ZoneInfo) -> tuple[Any, ...]:
    return (
        record.currency,
        record.is_base,
        record.ending_cash,
        record.ending_settled_cash,
        record.reported_on,
    )


def _nav(record: NavRow, _: int | None, zone: ZoneInfo) -> tuple[Any, ...]:
    return (record.reported_on, record.total)


def _rate(record: ConversionRateRow, _: int | None, zone: ZoneInfo) -> tuple[Any, ...]:
    return (record.from_currency, record.to_currency, record.reported_on, record.rate)


SPECS: dict[type, Spec] = {
    CashRow: Spec(
        CashReport,
        (
            "instrument",
            "broker_id",
            "kind",
            "amount",
            "currency",
            "fx_rate",
            "occurred_at",
            "occurred_on",
            "reported_on",
            "description",
            "trade_id",
            "is_reversal",
        ),
        _cash,
        "cash",
    ),
    CorporateActionRow: Spec(
        CorporateActionReport,
        (
            "instrument",
            "broker_id",
            "action_id",
            "kind",
            "code",
            "signed_quantity",
            "cash",
            "value",
            "stated_pnl",
            "effective_at",
            "reported_on",
            "fx_rate",
            "description",
            "ratio",
            "other_isin",
            "other_symbol",
        ),
        _corporate,
        "corporate_actions",
        touches_book=True,
    ),
    OptionEventRow: Spec(
        OptionEventReport,
        (
            "instrument",
            "kind",
            "signed_quantity",
            "price",
            "happened_on",
            "trade_id",
            "proceeds",
            "fee",
            "stated_cost",
            "stated_pnl",
            "fx_rate",
            "is_directed",
        ),
        _option_event,
        "option_events",
        touches_book=True,
    ),
    OrderRow: Spec(
        OrderReport,
        (
            "instrument",
            "client_order_id",
            "order_id",
            "parent_id",
            "group_id",
            "role",
            "side",
            "order_type",
            "time_in_force",
            "quantity",
            "limit_price",
            "stop_price",
            "status",
            "filled_quantity",
            "average_price",
            "fee",
            "fee_currency",
            "reason",
            "position_id",
            "plan_id",
            "recommendation_id",
            "strategy",
            "happened_at",
        ),
        _order,
        "orders",
    ),
    TransferRow: Spec(
        TransferReport,
        (
            "instrument",
            "broker_id",
            "kind",
            "signed_quantity",
            "price",
            "cash",
            "currency",
            "fx_rate",
            "occurred_at",
            "reported_on",
            "counterparty",
            "stated_cost",
        ),
        _transfer,
        "transfers",
        touches_book=True,
    ),
    PositionRow: Spec(
        PositionReport,
        (
            "instrument",
            "signed_quantity",
            "mark_price",
            "value",
            "cost",
            "unrealized_pnl",
            "fx_rate",
            "reported_on",
            "is_lot",
            "opened_at",
            "opening_broker_id",
        ),
        _position,
        "positions",
    ),
    ClosedLotRow: Spec(
        ClosedLotReport,
        (
            "instrument",
            "closing_broker_id",
            "opening_broker_id",
            "quantity",
            "open_price",
            "opened_at",
            "closed_at",
            "cost",
            "realized_pnl",
        ),
        _closed_lot,
        "closed_lots",
        touches_book=True,
    ),
    CashBalanceRow: Spec(
        CashBalanceReport,
        ("currency", "is_base", "ending_cash", "ending_settled_cash", "reported_on"),
        _balance,
        "",
    ),
    NavRow: Spec(NavReport, ("reported_on", "total"), _nav, ""),
    ConversionRateRow: Spec(
        ConversionRate, ("from_currency", "to_currency", "reported_on", "rate"), _rate, ""
    ),
}
