"""What is remembered of a close between two steps: the pure intent, and what was seen and sent, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from journal.brokers.base import InstrumentRow
from journal.brokers.live import Holding
from journal.domain.fate import Reply
from journal.domain.values import ZERO, AssetClass, Right
from reconciliation.domain.closing import Intent, Phase, Why
from reconciliation.models import CloseIntent

_DECIMALS = ("multiplier", "strike")


@dataclass(slots=True)
class Closing:
    """One position's close. `expected` is the price when it was first seen; `sent_at` of the latest order, `fills` what
    became of each order by its client id (quantity, price), `words` the broker's own on the latest refusal."""

    intent: Intent
    instrument: InstrumentRow
    entry: Decimal | None = None
    expected: Decimal | None = None
    sent_at: datetime | None = None
    queued_until: datetime | None = None
    fills: dict[str, tuple[Decimal, Decimal | None]] = field(default_factory=dict)
    words: str = ""

    def note(self, client_id: str, reply: Reply) -> None:
        """What the broker says of an order; it never takes back what was filled."""
        before, price = self.fills.get(client_id, (ZERO, None))
        if reply.filled >= before and reply.filled:
            self.fills[client_id] = (reply.filled, reply.price or price)
        if reply.reason:
            self.words = reply.reason[:300]

    @property
    def closed(self) -> Decimal:
        return sum((quantity for quantity, _ in self.fills.values()), ZERO)

    @property
    def exit(self) -> Decimal | None:
        """The average price of all that was filled; None where some of it has none."""
        if not self.closed or any(price is None for _, price in self.fills.values()):
            return None
        paid = sum((quantity * (price or ZERO) for quantity, price in self.fills.values()), ZERO)
        return paid / self.closed


def of_holding(intent: Intent, holding: Holding) -> Closing:
    return Closing(intent, holding.instrument, holding.average_price, holding.price)


def store(row: CloseIntent, closing: Closing) -> None:
    """Into the row's fields; saving them is the caller's."""
    intent = closing.intent
    row.phase = intent.phase
    row.why = intent.why or ""
    row.next_at = intent.next_at
    row.began_at = intent.began_at
    row.memory = {
        "left": str(intent.left),
        "held": _text(intent.held),
        "attempt": intent.attempt,
        "sent": str(intent.sent),
        "is_settled": intent.is_settled,
        "flat_reads": intent.flat_reads,
        "reads": intent.reads,
        "instrument": instrument_json(closing.instrument),
        "entry": _text(closing.entry),
        "expected": _text(closing.expected),
        "sent_at": _time_text(closing.sent_at),
        "queued_until": _time_text(closing.queued_until),
        "fills": {
            name: [str(quantity), _text(price)] for name, (quantity, price) in closing.fills.items()
        },
        "words": closing.words,
    }


def load(row: CloseIntent) -> Closing:
    kept: Mapping[str, Any] = row.memory
    intent = Intent(
        key=row.key,
        started=row.started_quantity,
        began_at=row.began_at,
        phase=Phase(row.phase),
        left=Decimal(kept["left"]),
        held=_number(kept["held"]),
        attempt=kept["attempt"],
        sent=Decimal(kept["sent"]),
        is_settled=kept["is_settled"],
        flat_reads=kept["flat_reads"],
        reads=kept["reads"],
        next_at=row.next_at,
        why=Why(row.why) if row.why else None,
    )
    return Closing(
        intent,
        instrument_of(kept["instrument"]),
        entry=_number(kept["entry"]),
        expected=_number(kept["expected"]),
        sent_at=_time(kept["sent_at"]),
        queued_until=_time(kept["queued_until"]),
        fills={
            name: (Decimal(quantity), _number(price))
            for name, (quantity, price) in kept["fills"].items()
        },
        words=kept["words"],
    )


def instrument_json(row: InstrumentRow) -> dict[str, Any]:
    """Without what is empty."""
    found: dict[str, Any] = {}
    for name, value in row._asdict().items():
        if value in (None, "", False):
            continue
        is_plain = isinstance(value, bool | str)
        found[name] = value if is_plain else str(value)
    return found


def instrument_of(kept: Mapping[str, Any]) -> InstrumentRow:
    values = {name: value for name, value in kept.items() if name in InstrumentRow._fields}
    for name in _DECIMALS:
        if name in values:
            values[name] = Decimal(values[name])
    if "expiry_on" in values:
        values["expiry_on"] = date.fromisoformat(values["expiry_on"])
    if "right" in values:
        values["right"] = Right(values["right"])
    values["asset_class"] = AssetClass(values["asset_class"])
    for name in ("broker_id", "symbol", "currency"):
        values.setdefault(name, "")
    return InstrumentRow(**values)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _time_text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
