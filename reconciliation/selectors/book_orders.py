"""Orders of which the book holds more than how they stand: what our own side and the broker each said of one, and those
that we sent and of which nobody knows what became."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from common.sql import fetch
from journal.domain.values import ZERO, Side
from reconciliation.domain.records import OrderLine
from reconciliation.selectors.fills import BROKERS_WORD

_OVER = frozenset({"filled", "cancelled", "rejected", "expired"})
# For so long it matters what became of an order that was sent.
_LATELY = timedelta(days=14)

_SAID = """
SELECT r.account_id, b.reported_by, r.order_id, r.client_order_id, r.status, r.filled_quantity, r.happened_at
FROM journal_orderreport r JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
WHERE r.account_id = ANY(%(accounts)s) AND r.happened_at >= %(since)s
ORDER BY r.happened_at, r.id
"""
# A close that a person was left with while its latest order was not accounted for. What the broker tells of that order
# later, as a fill or as an order, settles it.
_UNCERTAIN = """
SELECT c.account_id, c.id, c.key || '-' || (c.memory ->> 'attempt'), c.instrument_id, c.symbol, c.started_quantity,
       (c.memory ->> 'sent')::numeric, coalesce((c.memory ->> 'sent_at')::timestamptz, c.began_at)
FROM reconciliation_closeintent c
WHERE c.account_id = ANY(%(accounts)s) AND c.root_id IS NOT NULL AND c.phase = 'escalated' AND c.began_at >= %(lately)s
  AND c.memory ->> 'is_settled' = 'false' AND (c.memory ->> 'sent')::numeric > 0
  AND NOT EXISTS (
    SELECT FROM journal_orderreport o JOIN journal_importbatch b ON b.id = o.batch_id AND b.withdrawn_at IS NULL
    WHERE o.account_id = c.account_id AND o.client_order_id = c.key || '-' || (c.memory ->> 'attempt'))
  AND NOT EXISTS (
    SELECT FROM journal_executionreport e JOIN journal_importbatch b ON b.id = e.batch_id AND b.withdrawn_at IS NULL
    WHERE e.account_id = c.account_id AND e.executed_at >= c.began_at
      AND e.order_reference = c.key || '-' || (c.memory ->> 'attempt'))
"""


@dataclass(slots=True)
class Words:
    """The latest that one side said of one order; `filled` at most ever."""

    filled: Decimal = ZERO
    is_over: bool = False
    at: datetime | None = None

    def hear(self, status: str, filled: Decimal | None, at: datetime) -> None:
        self.filled = max(self.filled, filled or ZERO)
        self.is_over, self.at = status in _OVER, at


@dataclass(slots=True)
class Said:
    ours: dict[str, Words] = field(default_factory=lambda: defaultdict(Words))
    theirs: dict[str, Words] = field(default_factory=lambda: defaultdict(Words))


def told_twice(
    orders: Mapping[int, Sequence[OrderLine]], values: Mapping[str, Any]
) -> dict[int, list[tuple[OrderLine, OrderLine]]]:
    """By account what our side said of an order, and what the broker said of its end."""
    said: defaultdict[int, Said] = defaultdict(Said)
    for account_id, source, order_id, client_id, *words in fetch(_SAID, dict(values)):
        side = said[account_id].theirs if source in BROKERS_WORD else said[account_id].ours
        for name in _names(order_id, client_id):
            side[name].hear(*words)
    return {
        account_id: list(_pairs(orders.get(account_id, ()), both))
        for account_id, both in said.items()
        if both.ours and both.theirs
    }


def _pairs(lines: Iterable[OrderLine], said: Said) -> Iterable[tuple[OrderLine, OrderLine]]:
    for line in lines:
        names = _names(line.order_id, line.client_order_id)
        own, other = (
            next((side[name] for name in names if name in side), None)
            for side in (said.ours, said.theirs)
        )
        if own is not None and other is not None and other.is_over and other.at is not None:
            yield (
                line._replace(
                    filled_quantity=own.filled, is_over=own.is_over, at=own.at or line.at
                ),
                line._replace(filled_quantity=other.filled, is_over=True, at=other.at),
            )


def _names(order_id: str, client_id: str) -> list[str]:
    return [f"{kind}:{id_}" for kind, id_ in (("b", order_id), ("c", client_id)) if id_]


def uncertain(values: Mapping[str, Any], *, now: datetime) -> dict[int, list[OrderLine]]:
    """By account."""
    found: defaultdict[int, list[OrderLine]] = defaultdict(list)
    rows = fetch(_UNCERTAIN, {"accounts": values["accounts"], "lately": now - _LATELY})
    for account_id, id_, client_id, instrument_id, symbol, started, sent, at in rows:
        side = Side.SELL if started > 0 else Side.BUY
        found[account_id].append(
            OrderLine(
                "", client_id, instrument_id, symbol, side, sent, ZERO, False, at, is_uncertain=True,
                evidence=(f"intent:{id_}",),
            )
        )  # fmt: skip
    return found
