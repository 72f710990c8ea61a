"""Round trips that a bot reports, and what is learnt of them at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Membership
from learning.services import measuring
from tests import captures

FIRST = datetime(2026, 6, 1, 14, 0)  # a Monday


def iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def round_trip(
    number: int, *, entry: str = "100", end: str = "101", **more: Any
) -> list[dict[str, Any]]:
    """Bought on the `number`th day and sold an hour later."""
    opened = FIRST + timedelta(days=number)
    closing = more.pop("closing", {})
    named = {"quantity": "10", "symbol": f"SYM{number % 3}", **more}
    return [
        captures.fill(
            record_id=f"open-{number}", price=entry, executed_at=iso(opened), **named
        ),
        captures.fill(
            record_id=f"close-{number}",
            price=end,
            side="sell",
            executed_at=iso(opened + timedelta(hours=1)),
            **{**named, **closing},
        ),
    ]  # fmt: skip


def report(owner: Membership, *records: dict[str, Any]) -> None:
    """Through the API and the worker’s booking, and measured."""
    captures.account_of(owner.workspace)
    answer = captures.bot(owner).post("/api/executions/batch", {"executions": list(records)})
    assert answer.status_code < 300, answer.content
    captures.book(owner.workspace)
    measuring.measure(owner.workspace_id)
