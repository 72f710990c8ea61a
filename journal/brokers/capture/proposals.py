"""What a proposal is made of: its legs, what was known of the market, and the settings of who made it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from journal.brokers.capture.executions import SIDES
from journal.brokers.capture.fields import Fields, choices_of
from journal.domain.values import Right, Side

LEGS_MAX = 24
FEATURES_MAX = 200
_NAME_MAX, _TEXT_MAX = 64, 200
_RIGHTS = choices_of(Right, c=Right.CALL, p=Right.PUT, calls=Right.CALL, puts=Right.PUT)
# Other words for the fields of a leg, where it does not use ours.
_ALIASES = {
    "side": ("action", "direction"),
    "right": ("option_type", "put_call", "call_put", "cp", "type"),
    "expiry_on": ("expiry", "expiration", "expiration_date", "expires_on"),
    "quantity": ("contracts", "qty", "ratio"),
}

Leg = dict[str, Any]
Feature = dict[str, Any]


def read_legs(fields: Fields) -> list[Leg]:
    """Each with what is known of it under our names, checked, and whatever else was said of it as it was."""
    value = fields.record.get("legs")
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > LEGS_MAX or not all(map(_is_plain, value)):
        fields.faults["legs"] = (
            f"must be a list of at most {LEGS_MAX} objects of numbers and words, such as "
            '[{"side": "sell", "right": "put", "strike": "95", "expiry_on": "2027-03-19", "quantity": "1"}].'
        )
        return []
    return [_leg(fields, place, one) for place, one in enumerate(value, 1)]


def _leg(fields: Fields, place: int, said: Mapping[str, Any]) -> Leg:
    named = {str(name)[:_NAME_MAX]: value for name, value in said.items() if value is not None}
    for name, others in _ALIASES.items():
        other = next((one for one in others if one in named), None)
        if name not in named and other is not None and _fits(name, named[other]):
            named[name] = named.pop(other)
    own = Fields(named)
    read: dict[str, Any] = {
        "side": own.choice("side", SIDES),
        "right": own.choice("right", _RIGHTS),
        "strike": own.positive("strike"),
        "expiry_on": own.day("expiry_on"),
        "quantity": own.positive("quantity"),
        "price": own.number("price"),
        "symbol": own.text("symbol"),
    }
    if read["right"] and read["strike"] is None and not own.faults:
        own.faults["strike"] = "is missing: an option has one."
    for name, words in own.faults.items():
        fields.faults["legs"] = f"leg {place}: {name} {words}"
    known = {name: _text(value) for name, value in read.items() if value not in (None, "")}
    beside = {name: scalar(value) for name, value in named.items() if name not in read}
    return {**known, **beside}


def _fits(name: str, value: object) -> bool:
    """Whether another word's value is meant so: a leg's `type` may be anything."""
    if name == "expiry_on":
        return isinstance(value, str) and Fields({"it": value}).day("it") is not None
    if name == "quantity":
        return Fields({"it": value}).positive("it") is not None
    words: Mapping[str, Side | Right] = SIDES if name == "side" else _RIGHTS
    return isinstance(value, str) and value.strip().lower() in words


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def read_features(fields: Fields, made_at: datetime) -> dict[str, Feature]:
    """By name {value, as_of}. A plain number or label was so when the proposal was made; another moment is said as
    {"value": …, "as_of": …}, and what else such an object holds stays beside it."""
    value = fields.record.get("features")
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > FEATURES_MAX:
        fields.faults["features"] = _FEATURES_WORDS
        return {}
    return {
        str(name)[:_NAME_MAX]: _feature(fields, str(name), one, made_at)
        for name, one in value.items()
    }


def _feature(fields: Fields, name: str, said: Any, made_at: datetime) -> Feature:
    plain = said if isinstance(said, dict) else {"value": said}
    read = {str(key)[:_NAME_MAX]: scalar(one) for key, one in plain.items() if one is not None}
    own = Fields(plain)
    as_of = own.moment("as_of") or made_at
    if own.faults or "value" not in read or any(one is None for one in read.values()):
        fault = own.faults.get("as_of")
        fields.faults["features"] = f"{name}: as_of {fault}" if fault else _FEATURES_WORDS
        return {}
    return {**read, "as_of": as_of.isoformat()}


_FEATURES_WORDS = (
    f"must be an object of at most {FEATURES_MAX} named numbers and labels, such as "
    '{"iv_rank": {"value": "68.5", "as_of": "2027-03-01T14:30:00Z"}, "dte": 35}.'
)


def read_parameters(fields: Fields) -> dict[str, Any]:
    """The settings that a scanner ran with: named numbers and words, or lists of them."""
    value = fields.record.get("parameters")
    if value is None:
        return {}
    if isinstance(value, dict) and len(value) <= FEATURES_MAX:
        read = {
            str(name)[:_NAME_MAX]: [scalar(part) for part in one] if isinstance(one, list) else scalar(one)
            for name, one in value.items() if one is not None
        }  # fmt: skip
        if not any(one is None or (isinstance(one, list) and None in one) for one in read.values()):
            return read
    fields.faults["parameters"] = (
        f"must be an object of at most {FEATURES_MAX} named numbers and words, or lists of them, such as "
        '{"min_iv_rank": "50", "blacklist": ["ACME"]}.'
    )
    return {}


def _is_plain(leg: object) -> bool:
    if not isinstance(leg, dict):
        return False
    said = [one for one in leg.values() if one is not None]
    return bool(said) and all(scalar(one) is not None for one in said)


def scalar(value: object) -> str | bool | None:
    """A number as its text. None for what is neither a number, a word nor a yes or no."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, str) and len(value) <= _TEXT_MAX and "\0" not in value:
        return value
    return None
