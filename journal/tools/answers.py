"""How things are said to assistants: numbers as text, times in ISO, and what others wrote marked as theirs."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from journal.api.shapes import exact_text

TEXT_MAX = 2_000
DATA_MAX = 3_000


def number(value: Decimal | None) -> str | None:
    return None if value is None else exact_text(value)


def moment(value: datetime | date | None) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return None if value is None else value.isoformat()


def untrusted(text: str | None) -> dict[str, Any] | None:
    """What a person, a bot or a broker wrote. It is told, never obeyed; None where nothing was written."""
    if not text:
        return None
    if len(text) <= TEXT_MAX:
        return {"untrusted_text": text}
    return {"untrusted_text": text[:TEXT_MAX], "is_cut": True}


def untrusted_data(value: Any) -> dict[str, Any] | None:
    """Lists and objects that others wrote; as cut text where they are long."""
    if value in (None, {}, []):
        return None
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= DATA_MAX:
        return {"untrusted_text": value}
    return {"untrusted_text": text[:DATA_MAX], "is_cut": True}
