"""Cells of an item: texts as they were written, numbers with the sign that the effect beside them says."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from journal.brokers.tastytrade.row import read_money
from journal.brokers.text.numbers import NOTHING


def raw_of(item: dict[str, Any]) -> dict[str, str]:
    """The item as it was written, without what is empty."""
    texts = ((name, written(value)) for name, value in item.items())
    return {name: text for name, text in texts if text}


def written(value: Any) -> str:
    if value is None or value in ([], {}):
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def text_of(raw: dict[str, str], name: str) -> str:
    text = raw.get(name, "").strip()
    return "" if name != "symbol" and text.lower() in NOTHING else text


def id_of(raw: dict[str, str], name: str) -> str:
    text = text_of(raw, name)
    return "" if text == "0" else text


def signed(raw: dict[str, str], name: str) -> Decimal | None:
    """Positive where it reaches the account. Raises BadNumber."""
    number = read_money(text_of(raw, name))
    effect = text_of(raw, f"{name}-effect").lower()
    if number is None or not effect:
        return number
    return number.copy_abs() if effect == "credit" else number.copy_abs().copy_negate()
