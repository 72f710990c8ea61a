"""What is open now, with the broker's latest mark where one is stated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from common.sql import fetch
from journal.domain.base_pnl import in_base
from journal.domain.exact import divide
from journal.domain.values import ONE, ZERO
from journal.selectors.evidence import RateBook


@dataclass(frozen=True, slots=True)
class Position:
    """`average_price` and `cost` are None where a part of the basis is unknown. Money in `currency`.

    `fx_rate` is what one unit of it was worth in the account's base currency when it was marked: as the report of the
    position states it, else by the account's rates (see `RateBook`); None where neither is there.
    """

    account_id: int
    account_name: str
    instrument_id: int
    symbol: str
    description: str
    asset_class: str
    currency: str
    multiplier: Decimal
    is_inverse: bool
    signed_quantity: Decimal
    average_price: Decimal | None
    opened_at: datetime
    trade_id: int
    mark_price: Decimal | None
    marked_on: date | None
    broker_quantity: Decimal | None
    base_currency: str
    fx_rate: Decimal | None

    @property
    def side(self) -> str:
        return "long" if self.signed_quantity > 0 else "short"

    @property
    def cost(self) -> Decimal | None:
        """Money that the open quantity took, positive for long and short."""
        if self.average_price is None:
            return None
        return abs(self._value(self.average_price))

    @property
    def unrealized_pnl(self) -> Decimal | None:
        if self.average_price is None or self.mark_price is None:
            return None
        if self.is_inverse:
            if not self.average_price or not self.mark_price:
                return None
            return self._value(self.average_price) - self._value(self.mark_price)
        return self._value(self.mark_price) - self._value(self.average_price)

    @property
    def unrealized_base(self) -> Decimal | None:
        """In base currency, as realised P&L is: the whole of it at the rate of its end, here the mark."""
        return in_base(self.unrealized_pnl, self.fx_rate)

    def _value(self, price: Decimal) -> Decimal:
        units = self.signed_quantity * self.multiplier
        if self.is_inverse:
            return units / price if price else ZERO
        return units * price


_STATEMENT = """
SELECT p.account_id, coalesce(nullif(a.name, ''), a.broker_id), i.id, i.symbol, i.description,
       i.asset_class, i.currency, i.multiplier, i.is_inverse, p.quantity,
       CASE WHEN p.known AND p.quantity <> 0 THEN p.weighted / p.quantity END,
       p.opened_at, p.trade_id, mark.mark_price, mark.reported_on, mark.signed_quantity,
       a.base_currency, CASE WHEN i.currency = a.base_currency THEN 1 ELSE mark.fx_rate END,
       found.rate, found.is_straight
FROM (
    SELECT l.account_id, l.instrument_id, sum(l.signed_quantity) AS quantity,
           sum(l.signed_quantity * l.price) AS weighted, bool_and(l.cost_known) AS known,
           min(l.opened_at) AS opened_at, min(leg.trade_id) AS trade_id
    FROM journal_openlot l JOIN journal_leg leg ON leg.id = l.leg_id
    WHERE l.account_id IN (SELECT id FROM journal_brokeraccount WHERE workspace_id = %(workspace)s)
      AND (%(accounts)s::bigint[] IS NULL OR l.account_id = ANY(%(accounts)s))
    GROUP BY 1, 2
) p
JOIN journal_instrument i ON i.id = p.instrument_id
JOIN journal_brokeraccount a ON a.id = p.account_id
LEFT JOIN LATERAL (
    SELECT r.mark_price, r.reported_on, r.signed_quantity, r.fx_rate FROM journal_positionreport r
    WHERE r.account_id = p.account_id AND r.instrument_id = p.instrument_id AND NOT r.is_lot
    -- Read once and kept as a hash; a join would look up a batch for each position.
    AND r.batch_id NOT IN (
        SELECT id FROM journal_importbatch
        WHERE workspace_id = %(workspace)s AND withdrawn_at IS NOT NULL
    )
    ORDER BY r.reported_on DESC NULLS LAST, r.id DESC LIMIT 1
) mark ON true
LEFT JOIN LATERAL (
    SELECT c.rate, c.from_currency = i.currency AS is_straight FROM journal_conversionrate c
    WHERE mark.fx_rate IS NULL AND i.currency <> a.base_currency AND c.account_id = p.account_id
    AND (c.from_currency, c.to_currency)
        IN ((i.currency, a.base_currency), (a.base_currency, i.currency))
    AND c.reported_on BETWEEN mark.reported_on - %(days)s::int AND mark.reported_on
    AND c.rate <> 0 AND c.batch_id NOT IN (
        SELECT id FROM journal_importbatch
        WHERE workspace_id = %(workspace)s AND withdrawn_at IS NOT NULL
    )
    ORDER BY is_straight DESC, c.reported_on DESC, c.id DESC LIMIT 1
) found ON true
ORDER BY i.symbol, i.expiry_on, i.strike, p.account_id
"""


def list_positions(
    workspace_id: int, *, account_ids: Sequence[int] | None = None
) -> list[Position]:
    rows = fetch(
        _STATEMENT,
        {
            "workspace": workspace_id,
            "accounts": list(account_ids) if account_ids else None,
            "days": RateBook.MAX_AGE_DAYS,
        },
    )
    return [Position(*_with_one_rate(row)) for row in rows]


def _with_one_rate(row: tuple[Any, ...]) -> list[Any]:
    *figures, own, stated, is_straight = row
    if stated is None:
        return [*figures, own]
    return [*figures, stated if is_straight else divide(ONE, stated)]
