"""What brokers last valued positions at: by an app above that reads brokers (`offer_marks`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple


class Mark(NamedTuple):
    """The price of one unit of the instrument in its own currency, as of `at`."""

    account_id: int
    instrument_id: int
    price: Decimal
    at: datetime


Marks = Callable[[int, Collection[int], datetime], Iterable[Mark]]
_sources: list[Marks] = []


def offer_marks(marks: Marks) -> None:
    """Called once, when the app that reads brokers is ready. It is given the workspace, accounts, and the present."""
    if marks not in _sources:
        _sources.append(marks)


def list_marks(
    workspace_id: int, account_ids: Collection[int], now: datetime
) -> dict[tuple[int, int], Mark]:
    """By account and instrument: the newest."""
    found: dict[tuple[int, int], Mark] = {}
    for source in _sources:
        for one in source(workspace_id, account_ids, now):
            key = (one.account_id, one.instrument_id)
            if key not in found or found[key].at < one.at:
                found[key] = one
    return found
