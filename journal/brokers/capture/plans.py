"""A plan as a bot, an assistant or a form states it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from journal.brokers.capture.executions import SIDES
from journal.brokers.capture.fields import BadRecord, Fields
from journal.domain.chain.terms import PlanTerms
from journal.domain.values import Side

# What the terms are called elsewhere.
ALIASES = {
    "direction": "side",
    "entry": "entry_price",
    "stop": "stop_price",
    "stop_loss": "stop_price",
    "target": "target_price",
    "take_profit": "target_price",
    "size": "quantity",
    "expiry": "expires_at",
}
TERMS = frozenset(PlanTerms._fields)
FIELDS = TERMS | ALIASES.keys() | {"plan_id", "account", "broker", "source", "reason"}
_NOTES_MAX, _CONDITIONS_MAX = 10_000, 16_384


def canonical(record: Mapping[str, Any]) -> dict[str, Any]:
    """Under the names that we use. Raises BadRecord where one thing is said twice."""
    named: dict[str, Any] = {}
    for name, value in record.items():
        own = ALIASES.get(name, name)
        if own in named:
            raise BadRecord({name: f"means {own}, which is there as well: send one of them."})
        named[own] = value
    return named


def read_plan(record: Mapping[str, Any], *, is_open: bool = True) -> PlanTerms:
    """Of a record under canonical names. Raises BadRecord with what is wrong, by field.

    `is_open`: nothing is filled yet. Later a stop may well move beyond the entry.
    """
    fields = Fields(record)
    low, high = fields.number("entry_price"), fields.number("entry_price_to")
    if high is not None and low is None and "entry_price" not in fields.faults:
        fields.faults["entry_price"] = "is missing: a range has two ends."
    if low is not None and high is not None:
        low, high = (low, None) if low == high else (min(low, high), max(low, high))
    terms = PlanTerms(
        symbol=fields.needed_text("symbol"),
        side=fields.choice("side", SIDES),
        strategy=fields.text("strategy"),
        timeframe=fields.text("timeframe", 32),
        conditions=_conditions(fields),
        entry_price=low,
        entry_price_to=high,
        stop_price=fields.number("stop_price"),
        target_price=fields.number("target_price"),
        quantity=fields.positive("quantity"),
        notes=_notes(fields),
        recommendation_id=fields.text("recommendation_id"),
        expires_at=fields.moment("expires_at"),
    )
    if is_open:
        _check_sides(fields, terms)
    fields.check()
    return terms


def _check_sides(fields: Fields, terms: PlanTerms) -> None:
    """A stop above what is to be bought, or a target below, is a mistake: most often of the side."""
    low = terms.entry_price
    if terms.side is None or low is None or low < 0:
        return
    high = terms.entry_price_to or low
    buys = terms.side is Side.BUY
    stop, target = terms.stop_price, terms.target_price
    if stop is not None and (stop >= low if buys else stop <= high):
        where = "below" if buys else "above"
        fields.faults["stop_price"] = f"of a {terms.side} must be {where} its entry."
    if target is not None and (target <= high if buys else target >= low):
        where = "above" if buys else "below"
        fields.faults["target_price"] = f"of a {terms.side} must be {where} its entry."


def _notes(fields: Fields) -> str:
    value = fields.record.get("notes")
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= _NOTES_MAX:
        return value.replace("\0", "").strip()
    fields.faults["notes"] = f"must be text of at most {_NOTES_MAX:,} characters."
    return ""


def _conditions(fields: Fields) -> Any:
    """Text, a list or an object; numbers as their text, so that none is rounded."""
    value = fields.record.get("conditions")
    if value in (None, "", [], {}):
        return None
    if isinstance(value, (str, list, dict)):
        try:
            kept = _plain(value)
        except (TypeError, RecursionError):
            kept = None
        if kept is not None and len(json.dumps(kept)) <= _CONDITIONS_MAX:
            return kept
    fields.faults["conditions"] = (
        f"must be text, a list or an object of at most {_CONDITIONS_MAX:,} characters, such as "
        '["RSI(14) below 30", {"price_above": "25.10"}].'
    )
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name).replace("\0", ""): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return value.replace("\0", "")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
