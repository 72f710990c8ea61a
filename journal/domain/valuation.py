"""What a fill is worth in one contract, and back: from money to a price that a person reads."""

from __future__ import annotations

from decimal import Decimal

from journal.domain.exact import divide
from journal.domain.lots import Parcel
from journal.domain.trouble import Trouble
from journal.domain.values import ZERO, Contract, Fill, Side

_BUY = Side.BUY


class Valuation:
    __slots__ = ("_inverse", "_multiplier", "_trouble")

    def __init__(self, contract: Contract, trouble: Trouble) -> None:
        self._inverse = contract.inverse
        self._multiplier = contract.multiplier
        self._trouble = trouble

    def parcel_of(self, fill: Fill, premium: Decimal) -> Parcel:
        """The fill as a parcel. A premium lowers the cost of a purchase, or adds to the proceeds of a sale."""
        quantity, price, known = fill.quantity, fill.price, fill.price_known
        if fill.asset_fee:
            quantity -= fill.asset_fee if fill.side is _BUY else -fill.asset_fee
        if self._inverse:
            value = self._inverse_value(fill, quantity)
            known = known and price > ZERO
        else:
            value = price * quantity * self._multiplier
        if premium and quantity > ZERO:
            value -= premium if fill.side is _BUY else -premium
            price = self.price_of(value, quantity)
        if not fill.fee_known:
            self._trouble.about_fill("fee_not_converted", fill)
        return Parcel(
            quantity,
            value,
            fill.fee,
            price,
            fill.executed_at,
            fill.id,
            fill.fx_rate,
            fill.broker_id,
            known,
        )

    def _inverse_value(self, fill: Fill, quantity: Decimal) -> Decimal:
        """Per unit first: what opens and closes at one price cancels out, in parts too."""
        if fill.price > ZERO:
            return -quantity * divide(self._multiplier, fill.price)
        self._trouble.about_fill("price_not_positive", fill, price=fill.price)
        return ZERO

    def price_of(self, value: Decimal, quantity: Decimal) -> Decimal:
        """The price at which `quantity` units are worth `value`; 0 for an inverse contract that is worth nothing."""
        if not self._inverse:
            return divide(value, quantity * self._multiplier)
        return divide(quantity * self._multiplier, -value) if value else ZERO
