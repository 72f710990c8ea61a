"""A captured proposal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from journal.brokers.capture.executions import ENVELOPE, SIDES
from journal.brokers.capture.fields import Fields
from journal.brokers.capture.proposals import read_features, read_legs, read_parameters
from journal.domain.values import Side

FIELDS = ENVELOPE | {
    "symbol", "strategy", "side", "quantity", "entry_price", "stop_price", "target_price", "expected_profit",
    "expected_loss", "probability", "legs", "features", "reason", "scanner",
    "scanner_version", "parameters", "needs_approval", "pool", "at", "expires_at",
}  # fmt: skip
_POOLS = ("shown", "shadow")


class RecommendationRow(NamedTuple):
    symbol: str
    strategy: str
    side: Side | None
    quantity: Decimal | None
    entry_price: Decimal | None
    stop_price: Decimal | None
    target_price: Decimal | None
    expected_profit: Decimal | None
    expected_loss: Decimal | None
    probability: Decimal | None
    legs: list[dict[str, Any]]
    features: dict[str, Any]
    reason: str
    scanner: str
    scanner_version: str
    parameters: dict[str, Any]
    needs_approval: bool
    pool: str
    recommended_at: datetime
    expires_at: datetime | None


def read_recommendation(record: Mapping[str, Any], received_at: datetime) -> RecommendationRow:
    """Raises BadRecord with what is wrong, by field."""
    fields = Fields(record)
    pool = fields.text("pool").lower() or "shown"
    if pool not in _POOLS:
        fields.faults["pool"] = "must be shown or shadow."
    probability = fields.positive("probability", zero=True)
    if probability is not None and probability > 1:
        fields.faults["probability"] = "must be a share between 0 and 1: write 0.68 for 68 %."
    recommended_at = fields.moment("at", now=received_at) or received_at
    row = RecommendationRow(
        symbol=fields.needed_text("symbol"),
        strategy=fields.text("strategy"),
        side=fields.choice("side", SIDES),
        quantity=fields.positive("quantity"),
        entry_price=fields.number("entry_price"),
        stop_price=fields.number("stop_price"),
        target_price=fields.number("target_price"),
        expected_profit=fields.number("expected_profit"),
        expected_loss=fields.number("expected_loss"),
        probability=probability,
        legs=read_legs(fields),
        features=read_features(fields, recommended_at),
        reason=_reason(fields),
        scanner=fields.text("scanner"),
        scanner_version=fields.text("scanner_version"),
        parameters=read_parameters(fields),
        needs_approval=fields.flag("needs_approval"),
        pool=pool,
        recommended_at=recommended_at,
        expires_at=fields.moment("expires_at"),
    )
    fields.check()
    return row


def _reason(fields: Fields) -> str:
    value = fields.record.get("reason")
    if value is None or isinstance(value, str):
        return (value or "").replace("\0", "")[:4_000]
    fields.faults["reason"] = "must be text."
    return ""
