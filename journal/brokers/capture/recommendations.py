"""A captured proposal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from journal.brokers.capture.executions import ENVELOPE, SIDES
from journal.brokers.capture.fields import Fields
from journal.domain.values import Side

FIELDS = ENVELOPE | {
    "symbol", "strategy", "side", "quantity", "entry_price", "stop_price", "target_price", "expected_profit",
    "expected_loss", "probability", "legs", "features", "reason", "scanner", "pool", "at", "expires_at",
}  # fmt: skip
_POOLS = ("shown", "shadow")
_LEGS_MAX = 24
_FEATURES_MAX = 200
_TEXT_MAX = 200


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
        legs=_legs(fields),
        features=_features(fields),
        reason=_reason(fields),
        scanner=fields.text("scanner"),
        pool=pool,
        recommended_at=fields.moment("at", now=received_at) or received_at,
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


def _legs(fields: Fields) -> list[dict[str, Any]]:
    value = fields.record.get("legs")
    if value is None:
        return []
    if isinstance(value, list) and len(value) <= _LEGS_MAX:
        legs = [_plain(one) for one in value if isinstance(one, dict)]
        if len(legs) == len(value) and all(legs):
            return [leg for leg in legs if leg]
    fields.faults["legs"] = (
        f"must be a list of at most {_LEGS_MAX} objects of numbers and words, such as "
        '[{"side": "sell", "right": "put", "strike": "95", "expiry_on": "2027-03-19", "quantity": "1"}].'
    )
    return []


def _features(fields: Fields) -> dict[str, Any]:
    """Named numbers and labels; each may also be {"value": …, "as_of": …}."""
    value = fields.record.get("features")
    if value is None:
        return {}
    if isinstance(value, dict) and len(value) <= _FEATURES_MAX:
        read = {
            str(name): _plain(one) if isinstance(one, dict) else _scalar(one)
            for name, one in value.items()
        }
        if all(one is not None for one in read.values()):
            return read
    fields.faults["features"] = (
        f"must be an object of at most {_FEATURES_MAX} named numbers and labels, such as "
        '{"iv_rank": "68.5", "dte": 35}.'
    )
    return {}


def _plain(value: dict[str, Any]) -> dict[str, Any] | None:
    read = {str(name)[:64]: _scalar(one) for name, one in value.items()}
    return read if read and all(one is not None for one in read.values()) else None


def _scalar(value: object) -> str | bool | None:
    """A number as its text. None for what is neither a number, a word nor a yes or no."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, str) and len(value) <= _TEXT_MAX and "\0" not in value:
        return value
    return None
