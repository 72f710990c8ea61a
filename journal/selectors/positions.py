"""What is open now, with the broker's latest mark where one is stated.

The book's own positions, and beside them what the broker lists on the latest day and nothing ever moved in the book:
it was held before the first statement, and no trade, day or sum counts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    """`weighted` is the sum of signed quantity x open price, None where a part of the basis is unknown. Money in
    `currency`.

    `is_stated`: only the broker says so. Then there is no trade, the cost is the broker's own, opening fees included,
    and `opened_at` the time of the oldest lot that it lists.

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
    weighted: Decimal | None
    opened_at: datetime | None
    trade_id: int | None
    is_stated: bool
    mark_price: Decimal | None
    marked_on: date | None
    broker_quantity: Decimal | None
    base_currency: str
    fx_rate: Decimal | None

    @property
    def side(self) -> str:
        return "long" if self.signed_quantity > 0 else "short"

    @property
    def average_price(self) -> Decimal | None:
        if self.weighted is None or not self.signed_quantity:
            return None
        return divide(self.weighted, self.signed_quantity)

    @property
    def cost(self) -> Decimal | None:
        """Money that the open quantity took, positive for long and short."""
        opened = self._opened
        return None if opened is None else abs(opened)

    @property
    def unrealized_pnl(self) -> Decimal | None:
        opened = self._opened
        if opened is None or self.mark_price is None:
            return None
        if self.is_inverse:
            return opened - self._value(self.mark_price) if opened and self.mark_price else None
        return self._value(self.mark_price) - opened

    @property
    def unrealized_base(self) -> Decimal | None:
        """In base currency, as realised P&L is: the whole of it at the rate of its end, here the mark."""
        return in_base(self.unrealized_pnl, self.fx_rate)

    @property
    def _opened(self) -> Decimal | None:
        """Exact where a price is money: an average may have more digits than a number holds."""
        if self.is_inverse:
            return None if self.average_price is None else self._value(self.average_price)
        return None if self.weighted is None else self.weighted * self.multiplier

    def _value(self, price: Decimal) -> Decimal:
        units = self.signed_quantity * self.multiplier
        if self.is_inverse:
            return units / price if price else ZERO
        return units * price


# An undone import. Read once and kept as a hash; a join would look up a batch for each position.
_WITHDRAWN = """SELECT id FROM journal_importbatch
        WHERE workspace_id = %(workspace)s AND withdrawn_at IS NOT NULL"""
_OWNED = """workspace_id = %(workspace)s
          AND (%(accounts)s::bigint[] IS NULL OR id = ANY(%(accounts)s))"""

# What files of the day differ about is not known.
_STATED = f"""
    SELECT r.account_id, r.instrument_id, min(r.signed_quantity),
           CASE WHEN count(r.cost) = count(*) AND min(r.cost) = max(r.cost)
                THEN abs(min(r.cost)) * sign(min(r.signed_quantity)) END,
           (SELECT min(lot.opened_at) FROM journal_positionreport lot
            WHERE lot.account_id = r.account_id AND lot.reported_on = latest.day AND lot.is_lot
              AND lot.instrument_id = r.instrument_id AND lot.batch_id NOT IN ({_WITHDRAWN})),
           NULL::bigint, true
    FROM (SELECT id FROM journal_brokeraccount WHERE {_OWNED}) owner
    CROSS JOIN LATERAL (
        SELECT n.reported_on AS day FROM journal_positionreport n
        WHERE n.account_id = owner.id AND NOT n.is_lot AND n.reported_on IS NOT NULL
          AND n.batch_id NOT IN ({_WITHDRAWN})
        ORDER BY n.reported_on DESC LIMIT 1
    ) latest
    JOIN journal_positionreport r ON r.account_id = owner.id AND r.reported_on = latest.day
     AND NOT r.is_lot AND r.batch_id NOT IN ({_WITHDRAWN})
    WHERE NOT EXISTS (SELECT FROM journal_execution e WHERE e.account_id = r.account_id
                      AND e.instrument_id = r.instrument_id)
      AND NOT EXISTS (SELECT FROM journal_openlot o WHERE o.account_id = r.account_id
                      AND o.instrument_id = r.instrument_id)
    GROUP BY r.account_id, r.instrument_id, latest.day
    HAVING min(r.signed_quantity) = max(r.signed_quantity) AND min(r.signed_quantity) <> 0
       AND count(*) = count(DISTINCT r.batch_id)"""

_STATEMENT = f"""
SELECT p.account_id, coalesce(nullif(a.name, ''), a.broker_id), i.id, i.symbol, i.description,
       i.asset_class, i.currency, i.multiplier, i.is_inverse, p.quantity,
       p.weighted, p.opened_at, p.trade_id, p.is_stated, mark.mark_price, mark.reported_on, mark.signed_quantity,
       a.base_currency, CASE WHEN i.currency = a.base_currency THEN 1 ELSE mark.fx_rate END,
       found.rate, found.is_straight
FROM (
    SELECT l.account_id, l.instrument_id, sum(l.signed_quantity) AS quantity,
           CASE WHEN bool_and(l.cost_known) THEN sum(l.signed_quantity * l.price) END AS weighted,
           min(l.opened_at) AS opened_at, min(leg.trade_id) AS trade_id, false AS is_stated
    FROM journal_openlot l JOIN journal_leg leg ON leg.id = l.leg_id
    WHERE l.account_id IN (SELECT id FROM journal_brokeraccount WHERE {_OWNED})
    GROUP BY 1, 2
    UNION ALL {_STATED}
) p
JOIN journal_instrument i ON i.id = p.instrument_id
JOIN journal_brokeraccount a ON a.id = p.account_id
LEFT JOIN LATERAL (
    SELECT r.mark_price, r.reported_on, r.signed_quantity, r.fx_rate FROM journal_positionreport r
    WHERE r.account_id = p.account_id AND r.instrument_id = p.instrument_id AND NOT r.is_lot
    AND r.batch_id NOT IN ({_WITHDRAWN})
    ORDER BY r.reported_on DESC NULLS LAST, r.id DESC LIMIT 1
) mark ON true
LEFT JOIN LATERAL (
    SELECT c.rate, c.from_currency = i.currency AS is_straight FROM journal_conversionrate c
    WHERE mark.fx_rate IS NULL AND i.currency <> a.base_currency AND c.account_id = p.account_id
    AND (c.from_currency, c.to_currency)
        IN ((i.currency, a.base_currency), (a.base_currency, i.currency))
    AND c.reported_on BETWEEN mark.reported_on - %(days)s::int AND mark.reported_on
    AND c.rate <> 0 AND c.batch_id NOT IN ({_WITHDRAWN})
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
    return [_position(row) for row in rows]


def list_stated(workspace_id: int, account_ids: Sequence[int]) -> list[tuple[int, int, Decimal]]:
    """(account, instrument, signed quantity) of what only the broker lists on the latest day of each account."""
    rows = fetch(_STATED, {"workspace": workspace_id, "accounts": list(account_ids)})
    return [
        (account_id, instrument_id, quantity) for account_id, instrument_id, quantity, *_ in rows
    ]


def _position(row: tuple[Any, ...]) -> Position:
    position = Position(*_with_one_rate(row))
    if not position.is_stated or position.weighted is None:
        return position
    # Stated is money, not price. What an inverse contract cost does not say at which price it was opened.
    weighted = None if position.is_inverse else divide(position.weighted, position.multiplier)
    return replace(position, weighted=weighted)


def _with_one_rate(row: tuple[Any, ...]) -> list[Any]:
    *figures, own, stated, is_straight = row
    if stated is None:
        return [*figures, own]
    return [*figures, stated if is_straight else divide(ONE, stated)]
