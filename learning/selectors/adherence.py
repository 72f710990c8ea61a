"""What was decided, trade by trade, as columns: rules kept and broken, proposals that were followed, what fills got."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from common.sql import fetch
from learning.domain.execution import Fills, shortfall
from learning.domain.trades import Floats, Ints, weeks_of
from learning.models import TradeInsight
from learning.selectors.facts import coded, numbers_of, seconds_of

_FOLLOWED = """
SELECT f.id, min(r.id) FROM learning_tradefact f JOIN journal_recommendation r
    ON r.workspace_id = f.workspace_id AND r.record_id = f.recommendation_id
JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
WHERE f.workspace_id = %(workspace)s AND f.known_at <= %(as_of)s AND f.recommendation_id <> ''
    AND (%(trades)s::bigint[] IS NULL OR f.id = ANY(%(trades)s)) GROUP BY f.id
"""
# Prices of what is one leg or one structure; several contracts at once have no price of their own. What was planned is
# what stood when it was opened.
_FILLED = """
SELECT f.id, f.opened_at, f.symbol, f.direction = 'long', abs(t.average_open),
    f.features ->> 'bid', f.features ->> 'ask',
    coalesce(s.units, t.quantity), legs.multiplier, f.risk, coalesce(r.entry_price, planned.entry_price),
    f.features ->> 'hour', ordered.order_type
FROM learning_tradefact f JOIN journal_trade t ON t.id = f.id
LEFT JOIN journal_structure s ON s.id = t.id
CROSS JOIN LATERAL (
    SELECT max(i.multiplier) AS multiplier FROM journal_leg l JOIN journal_instrument i ON i.id = l.instrument_id
    WHERE l.trade_id = t.id
) legs
LEFT JOIN LATERAL (
    SELECT r.entry_price FROM journal_recommendation r JOIN journal_importbatch b ON b.id = r.batch_id
    WHERE r.workspace_id = f.workspace_id AND r.record_id = f.recommendation_id AND f.recommendation_id <> ''
        AND b.withdrawn_at IS NULL AND r.recommended_at <= f.opened_at + interval '1 hour' ORDER BY r.id LIMIT 1
) r ON TRUE
LEFT JOIN LATERAL (
    SELECT (v.terms ->> 'entry_price')::numeric AS entry_price FROM journal_planversion v
    WHERE v.plan_id = f.plan_id AND v.made_at <= f.opened_at + interval '1 hour' ORDER BY v.number DESC LIMIT 1
) planned ON TRUE
LEFT JOIN LATERAL (
    SELECT found.order_type FROM journal_leg l JOIN journal_execution e ON e.leg_id = l.id AND e.order_id <> ''
    CROSS JOIN LATERAL (
        SELECT o.order_type FROM journal_order o WHERE o.account_id = e.account_id AND o.order_id = e.order_id
            AND o.order_id <> ''
        UNION ALL
        SELECT o.order_type FROM journal_order o WHERE o.account_id = e.account_id AND o.client_order_id = e.order_id
            AND o.client_order_id <> ''
    ) found
    WHERE l.trade_id = t.id AND found.order_type <> '' ORDER BY e.executed_at, e.id LIMIT 1
) ordered ON TRUE
WHERE f.workspace_id = %(workspace)s AND f.known_at <= %(as_of)s AND t.average_open IS NOT NULL
    AND (%(trades)s::bigint[] IS NULL OR f.id = ANY(%(trades)s)) ORDER BY f.known_at, f.id
"""


class Decided(NamedTuple):
    """Of one closed trade: whether each rule that could be checked was kept, and what that makes of it."""

    id: int
    checks: dict[str, bool | None]
    grade: str
    quadrant: str


def decided_as_of(
    workspace_id: int, as_of: datetime, trades: Collection[int] | None = None
) -> list[Decided]:
    rows = TradeInsight.objects.filter(workspace_id=workspace_id, known_at__lte=as_of)
    if trades is not None:
        rows = rows.filter(pk__in=trades)
    return [
        Decided._make(row) for row in rows.order_by("known_at", "id").values_list(*Decided._fields)
    ]


def version_of(decided: Sequence[Decided], filled: Filled) -> str:
    """Changes whenever what was decided, or got, is told otherwise."""
    told = blake2b(digest_size=16)
    for one in decided:
        told.update(f"{one.id}:{sorted(one.checks.items())}:{one.quadrant};".encode())
    fills = filled.fills
    told.update(str(filled.order_types).encode())
    for column in (
        filled.order_type,
        filled.key,
        fills.price,
        fills.bid,
        fills.ask,
        fills.quantity,
        fills.limit,
        fills.risk,
    ):
        told.update(column.tobytes())
    return told.hexdigest()


def followed_as_of(
    workspace_id: int, as_of: datetime, trades: Collection[int] | None = None
) -> dict[int, int]:
    """Trade → key of the candidate that it followed."""
    return dict(fetch(_FOLLOWED, _asked(workspace_id, as_of, trades)))


def _asked(workspace_id: int, as_of: datetime, trades: Collection[int] | None) -> dict[str, object]:
    named = None if trades is None else list(trades)
    return {"workspace": workspace_id, "as_of": as_of, "trades": named}


class Filled(NamedTuple):
    """Entries as `Fills`, with their trades, symbols and types of orders (codes and words), and hours."""

    key: Ints
    fills: Fills
    symbol: Ints
    symbols: tuple[str, ...]
    order_type: Ints
    order_types: tuple[str, ...]
    hour: Ints


def filled_as_of(
    workspace_id: int, as_of: datetime, trades: Collection[int] | None = None
) -> Filled:
    rows = fetch(_FILLED, _asked(workspace_id, as_of, trades))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 13
    ids, opened, symbols, is_long, price, bid, ask, quantity, multiplier, risk, limit = columns[:11]
    hour, orders = columns[11:]
    codes, words = coded(list(symbols))
    types, type_words = coded([one or "" for one in orders])
    prices, sizes = _numbers(price), _numbers(quantity) * _numbers(multiplier)
    hours = _numbers(hour)
    return Filled(
        key=np.array(ids, dtype=np.int64),
        fills=Fills(
            side=np.where(np.array(is_long, dtype=np.bool_), 1.0, -1.0),
            price=prices,
            bid=_numbers(bid),
            ask=_numbers(ask),
            quantity=_numbers(quantity),
            multiplier=_numbers(multiplier),
            risk=_numbers(risk),
            premium=prices * sizes,
            limit=np.abs(_numbers(limit)),
            is_entry=np.ones(len(rows), dtype=np.bool_),
            week=weeks_of(seconds_of(opened)),
        ),
        symbol=codes,
        symbols=words,
        order_type=types,
        order_types=type_words,
        hour=np.where(np.isnan(hours), -1, np.nan_to_num(hours)).astype(np.int64),
    )


def entry_costs(filled: Filled) -> dict[int, tuple[float | None, float | None]]:
    """By trade: what its entry cost against the mid, in R, and as a share of the spread; None where not known."""
    told = shortfall(filled.fills)
    return {
        int(key): (_known(r), _known(share))
        for key, r, share in zip(filled.key, told.r, told.spread_share, strict=True)
    }


def _known(value: np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None


def _numbers(values: Sequence[object]) -> Floats:
    return numbers_of(None if one is None else float(str(one)) for one in values)
