"""The fills of trades as `journal.domain.structures.life` speaks of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from common.sql import fetch
from journal.domain.exact import share
from journal.domain.names import name_key
from journal.domain.structures.life import Change, Life, life_of
from journal.domain.structures.values import StructureLeg, Terms
from journal.domain.values import ZERO, AssetClass, ExecutionKind, Right

# Of a fill through zero, the part that closed a leg is what it was matched with. Both ways in which a fill is in a leg
# have an index; one condition for both would use neither.
_FILLS = """
SELECT trade_id, closes_other, executed_at, instrument_id, side, quantity, closed_part, price, fee_quoted, kind,
    order_id, trading_day FROM (
    SELECT l.trade_id, FALSE AS closes_other, e.*, (SELECT sum(m.quantity) FROM journal_lotmatch m
        WHERE m.closing_id = e.id AND m.leg_id = e.closed_leg AND e.closed_leg <> e.leg_id) AS closed_part
    FROM journal_leg l JOIN journal_execution e ON e.leg_id = l.id WHERE l.trade_id = ANY(%(trades)s)
    UNION ALL
    SELECT l.trade_id, TRUE, e.*, CASE WHEN e.leg_id IS NOT NULL THEN (SELECT sum(m.quantity) FROM journal_lotmatch m
        WHERE m.closing_id = e.id AND m.leg_id = e.closed_leg) END
    FROM journal_leg l JOIN journal_execution e ON e.closed_leg = l.id AND e.leg_id IS DISTINCT FROM l.id
    WHERE l.trade_id = ANY(%(trades)s)
) filled ORDER BY executed_at, sequence, id
"""
_TERMS = """
SELECT i.id, i.asset_class, i.currency, i.multiplier, i."right", i.strike, i.expiry_on, i.is_inverse,
    coalesce(u.symbol, nullif(i.underlying_symbol, ''), i.symbol)
FROM journal_instrument i LEFT JOIN journal_instrument u ON u.id = i.underlying_id WHERE i.id = ANY(%s)
"""
_OPEN = """
SELECT l.trade_id, o.instrument_id, sum(o.signed_quantity) FROM journal_leg l JOIN journal_openlot o ON o.leg_id = l.id
WHERE l.trade_id = ANY(%s) GROUP BY 1, 2
"""

_FUTURES = (AssetClass.FUTURE, AssetClass.FUTURE_OPTION)


class _Fill(NamedTuple):
    trade_id: int
    closes_other: bool
    executed_at: datetime
    instrument_id: int
    side: str
    quantity: Decimal
    closed_part: Decimal | None
    price: Decimal
    fee: Decimal | None
    kind: str
    order_id: str
    trading_day: date

    @property
    def order(self) -> str:
        """Brokers use ids again: an order is one of its day. Nobody ordered what expired or was assigned."""
        is_ordered = self.order_id and self.kind == ExecutionKind.TRADE
        return f"{self.order_id} {self.trading_day}" if is_ordered else ""

    def change(self, terms: Terms) -> Change:
        part = self.quantity
        if self.closed_part is not None:
            part = self.closed_part if self.closes_other else self.quantity - self.closed_part
        signed = part if self.side == "buy" else -part
        fee = share(self.fee, part, self.quantity) if self.fee and self.quantity else ZERO
        kind = ExecutionKind(self.kind)
        price = None if kind is ExecutionKind.OPENING else self.price
        return Change(self.executed_at, StructureLeg(terms, signed, price, fee), kind, self.order)


def read_lives(
    trade_ids: Collection[int], planned: Mapping[int, Decimal] | None = None
) -> dict[int, Life]:
    """The life of each trade. `planned` is what the stop of its plan would have lost, in money, by trade."""
    fills = [_Fill._make(row) for row in fetch(_FILLS, {"trades": list(trade_ids)})]
    terms = _terms({fill.instrument_id for fill in fills})
    held: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for trade_id, instrument_id, quantity in fetch(_OPEN, [list(trade_ids)]):
        held[trade_id][instrument_id] = quantity
    changes: dict[int, list[Change]] = defaultdict(list)
    for fill in fills:
        changes[fill.trade_id].append(fill.change(terms[fill.instrument_id]))
    losses = planned or {}
    return {
        trade_id: life_of(of, planned_loss=losses.get(trade_id), open_now=held[trade_id])
        for trade_id, of in changes.items()
    }


def _terms(instrument_ids: Collection[int]) -> dict[int, Terms]:
    return {
        id_: Terms(
            id_, AssetClass(asset_class), currency, multiplier, Right(right) if right else None, strike, expiry_on,
            is_inverse,
            # Futures of several months go by several names, and so do the options on them.
            "" if asset_class in _FUTURES else name_key(underlying),
        )
        for id_, asset_class, currency, multiplier, right, strike, expiry_on, is_inverse, underlying in fetch(
            _TERMS, [list(instrument_ids)]
        )
    }  # fmt: skip
