"""A captured fill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from journal.brokers.base import POSITION, ExecutionRow, ReportKind
from journal.brokers.capture.contracts import FIELDS as CONTRACT_FIELDS
from journal.brokers.capture.contracts import read_contract
from journal.brokers.capture.fields import Fields, choices_of
from journal.domain.values import ZERO, ExecutionKind, PositionEffect, Side

# Below what brokers themselves state (30 and more), above whole orders (20).
AUTHORITY = 26
ENVELOPE = frozenset({"record_id", "account", "broker", "source", "extra"})
FIELDS = (
    ENVELOPE
    | CONTRACT_FIELDS
    | {
        "side", "quantity", "price", "executed_at", "exec_id", "order_id", "client_order_id", "position_id", "fee",
        "fee_currency", "tax", "effect", "kind", "report", "original_exec_id", "order_type", "ordered_at", "fx_rate",
        "plan_id", "recommendation_id", "strategy", "role", "notes",
    }
)  # fmt: skip
# It is kept together with what says that it is one.
_POSITION_MAX = 64 - len(POSITION)
SIDES = choices_of(
    Side, b=Side.BUY, s=Side.SELL, bot=Side.BUY, sld=Side.SELL, bought=Side.BUY, sold=Side.SELL, long=Side.BUY,
    short=Side.SELL, sell_short=Side.SELL, buy_to_cover=Side.BUY, buy_to_open=Side.BUY, buy_to_close=Side.BUY,
    sell_to_open=Side.SELL, sell_to_close=Side.SELL,
)  # fmt: skip
_EFFECTS = choices_of(PositionEffect)
_KINDS = choices_of(ExecutionKind)
_REPORTS = choices_of(ReportKind)
_EFFECT_OF_SIDE = {
    "buy_to_open": PositionEffect.OPEN,
    "sell_to_open": PositionEffect.OPEN,
    "sell_short": PositionEffect.OPEN,
    "buy_to_close": PositionEffect.CLOSE,
    "sell_to_close": PositionEffect.CLOSE,
    "buy_to_cover": PositionEffect.CLOSE,
}


class Desk(NamedTuple):
    """Where a record belongs, and when it came."""

    account_id: str
    broker: str
    base_currency: str
    received_at: datetime


def read_execution(record: Mapping[str, Any], desk: Desk, row: int = 0) -> ExecutionRow:
    """Raises BadRecord with what is wrong, by field."""
    fields = Fields(record)
    instrument = read_contract(fields, desk.base_currency, desk.broker)
    side = fields.choice("side", SIDES, needed=True)
    quantity = fields.positive("quantity", needed=True)
    report = fields.choice("report", _REPORTS) or ReportKind.FILL
    price = fields.number("price")
    if price is None and "price" not in fields.faults:
        fields.faults["price"] = "is missing."
    executed_at = fields.moment("executed_at", needed=True, now=desk.received_at)
    position_id = fields.text("position_id", _POSITION_MAX)
    read: dict[str, Any] = {
        "exec_id": fields.text("exec_id"),
        "order_id": fields.text("order_id"),
        "order_reference": fields.text("client_order_id"),
        "original_ids": _originals(fields, report),
        "fee": fields.number("fee"),
        "tax": fields.number("tax"),
        "fee_currency": fields.text("fee_currency", 12).upper(),
        "fx_rate": fields.positive("fx_rate"),
        "kind": fields.choice("kind", _KINDS) or ExecutionKind.TRADE,
        "effect": fields.choice("effect", _EFFECTS) or _effect_of(record),
        "order_type": fields.text("order_type", 32),
        "ordered_at": fields.moment("ordered_at"),
        "exchange": fields.text("exchange", 32),
    }
    fields.check()
    assert instrument is not None
    assert side is not None
    assert executed_at is not None
    return ExecutionRow(
        row=row, account_id=desk.account_id, raw=dict(record), instrument=instrument, report=report,
        broker_id="", trade_id=f"{POSITION}{position_id}" if position_id else "", side=side,
        quantity=quantity or ZERO, price=price or ZERO, executed_at=executed_at, zone="UTC", reported_on=None,
        settled_on=None, proceeds=None, net_cash=None, stated_cost=None, stated_pnl=None, notes=(),
        authority=AUTHORITY, record_id=str(record.get("record_id", "")), **read,
    )  # fmt: skip


def _effect_of(record: Mapping[str, Any]) -> PositionEffect:
    word = str(record.get("side", "")).strip().lower().replace(" ", "_")
    return _EFFECT_OF_SIDE.get(word, PositionEffect.UNKNOWN)


def _originals(fields: Fields, report: ReportKind) -> tuple[str, ...]:
    original = fields.text("original_exec_id")
    if report is ReportKind.FILL or original:
        return (original,) if original else ()
    if "original_exec_id" not in fields.faults:
        fields.faults["original_exec_id"] = "is missing: which fill is meant?"
    return ()
