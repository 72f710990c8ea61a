"""What a proposal came to, as its sender tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from common.words import is_text
from journal.brokers.capture.fields import Fields, choices_of

FIELDS = frozenset(
    {
        "result", "result_per_unit", "currency", "r_multiple", "entry_price", "exit_price", "closed_at", "close_reason",
        "mark_quality", "known_at", "note",
    }
)  # fmt: skip
_NOTE_MAX = 4_000


class MarkQuality(StrEnum):
    """Where the prices come from that an outcome is counted with, the best first."""

    BROKER_FILL = "broker_fill"
    INTRADAY_QUOTE = "intraday_quote"
    EOD_MID = "eod_mid"
    THEORETICAL = "theoretical"


_QUALITIES = choices_of(MarkQuality)


class OutcomeRow(NamedTuple):
    """`result_per_unit` is in the price of one unit, `result` in money, `r_multiple` in units of the risk."""

    result: Decimal | None
    result_per_unit: Decimal | None
    currency: str
    r_multiple: Decimal | None
    entry_price: Decimal | None
    exit_price: Decimal | None
    closed_at: datetime | None
    close_reason: str
    mark_quality: MarkQuality
    known_at: datetime
    note: str


def read_outcome(record: Mapping[str, Any], received_at: datetime) -> OutcomeRow:
    """Raises BadRecord with what is wrong, by field."""
    fields = Fields(record)
    result, per_unit = fields.number("result"), fields.number("result_per_unit")
    r_multiple = fields.number("r_multiple")
    if result is None and per_unit is None and r_multiple is None and not fields.faults:
        fields.faults["result_per_unit"] = (
            "is missing: say it, or result in money, or r_multiple in units of the risk."
        )
    currency = fields.text("currency", 12).upper()
    if result is not None and not currency and "currency" not in fields.faults:
        fields.faults["currency"] = "is missing: in which money is the result?"
    closed_at = fields.moment("closed_at", now=received_at)
    quality = fields.choice("mark_quality", _QUALITIES, needed=True)
    read: dict[str, Any] = {
        "entry_price": fields.number("entry_price"),
        "exit_price": fields.number("exit_price"),
        "close_reason": fields.text("close_reason"),
        "known_at": fields.moment("known_at", now=received_at) or received_at,
        "note": _note(fields),
    }
    fields.check()
    assert quality is not None
    return OutcomeRow(
        result=result, result_per_unit=per_unit, currency=currency, r_multiple=r_multiple, closed_at=closed_at,
        mark_quality=quality, **read,
    )  # fmt: skip


def _note(fields: Fields) -> str:
    value = fields.record.get("note")
    if not is_text(value, nul=True):
        fields.faults["note"] = "is no Unicode: half of a surrogate pair."
        return ""
    if value is None or (isinstance(value, str) and len(value) <= _NOTE_MAX):
        return (value or "").replace("\0", "")
    fields.faults["note"] = f"must be text of at most {_NOTE_MAX:,} characters."
    return ""
