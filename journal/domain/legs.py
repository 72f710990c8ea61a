"""A leg while it is open: the sums that its result states.

Matches are the truth; a leg adds them up. `fees` are those of its executions so far, paid for what is still open
included, so while a leg is open net P&L is not gross P&L less fees.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from journal.domain.exact import share
from journal.domain.lots import Parcel, PriceOf
from journal.domain.values import ZERO, Direction, LegResult, Match


class OpenLeg:
    __slots__ = ("closed_value", "direction", "opened_value", "price_of", "result")

    def __init__(
        self,
        leg_id: int,
        instrument_id: int,
        direction: Direction,
        at: datetime,
        price_of: PriceOf,
    ) -> None:
        self.direction = direction
        self.opened_value = ZERO
        self.closed_value = ZERO
        self.price_of = price_of
        self.result = LegResult(
            id=leg_id,
            instrument_id=instrument_id,
            direction=direction,
            opened_at=at,
            closed_at=None,
            opened_quantity=ZERO,
            closed_quantity=ZERO,
            max_quantity=ZERO,
            average_open=None,
            average_close=None,
            gross_pnl=ZERO,
            net_pnl=ZERO,
            fees=ZERO,
            cost_known=True,
        )

    def add_opening(self, execution_id: int | None, parcel: Parcel, open_quantity: Decimal) -> None:
        """A parcel joins the position, which holds `open_quantity` with it."""
        result = self.result
        if execution_id is not None:
            result.execution_ids.append(execution_id)
        result.opened_quantity += parcel.quantity
        result.fees += parcel.fee
        self.opened_value += parcel.value
        result.max_quantity = max(result.max_quantity, open_quantity)
        if not parcel.cost_known:
            result.cost_known = False

    def add_closing(
        self,
        execution_id: int,
        quantity: Decimal,
        value: Decimal,
        fee: Decimal,
        gross: Decimal | None,
        net: Decimal | None,
    ) -> None:
        result = self.result
        ids = result.execution_ids
        if not ids or ids[-1] != execution_id:
            ids.append(execution_id)
        result.closed_quantity += quantity
        result.fees += fee
        self.closed_value += value
        if gross is None or net is None:
            result.cost_known = False
        else:
            result.gross_pnl += gross
            result.net_pnl += net

    def take_stated(self, matches: Iterable[tuple[Match, Decimal]]) -> None:
        """Matches that were added without a P&L have one now; beside each what its opening was worth."""
        for match, opened_value in matches:
            assert match.gross_pnl is not None  # it is stated now
            assert match.net_pnl is not None
            self.result.gross_pnl += match.gross_pnl
            self.result.net_pnl += match.net_pnl
            self.opened_value += opened_value

    def rescale(self, ratio: Decimal, per: Decimal) -> None:
        """A split: the same money over another number of units, before and after it alike."""
        result = self.result
        result.opened_quantity = share(result.opened_quantity, ratio, per)
        result.closed_quantity = share(result.closed_quantity, ratio, per)
        result.max_quantity = share(result.max_quantity, ratio, per)

    def give_away(self, parcels: Iterable[Parcel], quantity: Decimal) -> None:
        """Parcels go to another leg, with their cost and fee, and `quantity` units of what was opened."""
        self.result.opened_quantity -= quantity
        for parcel in parcels:
            self.result.fees -= parcel.fee
            self.opened_value -= parcel.value

    def move_to(self, instrument_id: int, price_of: PriceOf) -> None:
        self.result.instrument_id = instrument_id
        self.price_of = price_of

    def finish(self, at: datetime) -> None:
        self.result.closed_at = at
        self.settle_averages()

    def settle_averages(self) -> None:
        result = self.result
        if result.cost_known and result.opened_quantity:
            result.average_open = self.price_of(self.opened_value, result.opened_quantity)
        if result.closed_quantity:
            result.average_close = self.price_of(self.closed_value, result.closed_quantity)
