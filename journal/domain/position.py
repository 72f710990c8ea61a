"""One instrument's position: fills go in, matches and legs come out.

Invariants, for any sequence of fills:

* The open quantity is the sum of signed quantities (less fees taken in units), plus what closed without an opening.
* Flat ends a leg; a fill through zero closes one leg and opens the next, its money and fee shared by quantity.
* The fees of matches and open lots are the fees of the fills, to the last digit.
* Gross P&L is the money received less the money paid, less the cost of what is still open.
* What has no basis has no P&L: None, never zero.

A transfer out of the account realises nothing: its lots leave at their own cost, opening fees included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from journal.domain.legs import OpenLeg
from journal.domain.lots import Lots, Parcel, new_lots
from journal.domain.stated_costs import close_at_stated_profit, keeps_stated_profit
from journal.domain.stated_lots import BrokerLots
from journal.domain.trouble import Trouble
from journal.domain.unopened import (
    matches_of,
    state_unknown,
    stated_gross,
    stated_opening,
    states_profit,
)
from journal.domain.valuation import Valuation
from journal.domain.values import (
    ONE,
    ZERO,
    AssetClass,
    Booking,
    Contract,
    Direction,
    ExecutionKind,
    Fill,
    Lot,
    LotMethod,
    Match,
    PositionEffect,
    Side,
    StatedLot,
)

_BUY = Side.BUY
_LONG, _SHORT = Direction.LONG, Direction.SHORT
_TRADE, _TRANSFER = ExecutionKind.TRADE, ExecutionKind.TRANSFER
_OPEN, _CLOSE = PositionEffect.OPEN, PositionEffect.CLOSE

_OPTIONS = {AssetClass.OPTION, AssetClass.FUTURE_OPTION, AssetClass.WARRANT}
_ENDINGS = {ExecutionKind.EXPIRY, ExecutionKind.CASH_SETTLEMENT}
_OPTION_ENDINGS = {*_ENDINGS, ExecutionKind.ASSIGNMENT, ExecutionKind.EXERCISE}
# The other methods' lots are empty and as good as new when a leg is over.
_FRESH_LOTS = {LotMethod.HIFO, LotMethod.BROKER}
_OPENING_EFFECTS = {PositionEffect.UNKNOWN, PositionEffect.OPEN}


class Position:
    """`quantity` is absolute; the direction is the leg's. No leg: flat."""

    __slots__ = (
        "_booking",
        "_endings",
        "_method",
        "_parcel_of",
        "contract",
        "group",
        "has_stated_cost",
        "leg",
        "lots",
        "matches",
        "price_of",
        "quantity",
        "trouble",
    )

    def __init__(
        self, contract: Contract, method: LotMethod, booking: Booking, group: str = ""
    ) -> None:
        self.contract = contract
        self.group = group
        self.quantity = ZERO
        self.leg: OpenLeg | None = None
        self.has_stated_cost = False
        self.trouble = Trouble(booking.problems, contract.instrument_id)
        valuation = Valuation(contract, self.trouble)
        self.price_of = valuation.price_of
        self._parcel_of = valuation.parcel_of
        self._booking = booking
        self.matches = booking.matches
        self._method = method
        self._endings = _OPTION_ENDINGS if contract.asset_class in _OPTIONS else _ENDINGS
        self.lots: Lots = self.new_lots(_LONG)

    def new_lots(self, direction: Direction) -> Lots:
        if self._method is LotMethod.BROKER:
            return BrokerLots()
        return new_lots(self._method, direction, self.price_of)

    # -- a fill arrives

    def apply(self, fill: Fill, premium: Decimal = ZERO) -> None:
        """Book one fill. `premium` is the P&L that a delivered option hands over to it."""
        parcel = self._parcel_of(fill, premium)
        direction = _LONG if fill.side is _BUY else _SHORT
        leg = self.leg
        if parcel.quantity <= ZERO:
            self.trouble.about_fill("quantity_not_positive", fill)
        elif leg is not None and leg.direction is not direction:
            if fill.effect is _OPEN:
                self.trouble.about_fill("effect_contradicts", fill, effect="opening")
            if self.has_stated_cost and keeps_stated_profit(self, parcel, fill):
                close_at_stated_profit(self, leg, parcel, fill)
            else:
                self.reduce(parcel, fill.stated_lots, own_basis=fill.kind is _TRANSFER)
                is_whole = not parcel.quantity or not self.never_opens(fill)
                if not leg.result.cost_known and is_whole and states_profit(fill):
                    # What the rest of the fill opens has no profit, so all that is stated is about what it closed.
                    leg.take_stated(state_unknown(self.matches, fill, self.contract))
            if not self.quantity:
                self._pass_zero(leg, parcel, fill)
        elif (
            fill.kind is _TRADE
            and fill.effect in _OPENING_EFFECTS
            and (leg is not None or not fill.stated_pnl)
        ):
            self.open(parcel, direction, fill.id, fill.executed_at)
        else:
            self._increase(parcel, fill, direction)

    def deliver(self, fill: Fill, quantity: Decimal) -> Decimal:
        """Book an option's exercise or assignment of which `quantity` units deliver.

        Those close at their own basis, and the P&L that they would have had is returned for the delivered fill.
        """
        parcel = self._parcel_of(fill, ZERO)
        direction = _LONG if fill.side is _BUY else _SHORT
        if self.leg is None or self.leg.direction is direction:
            self.trouble.about_fill("delivery_without_position", fill)
            self._increase(parcel, fill, direction)
            return ZERO
        delivered = parcel.split_off(min(quantity, self.quantity, parcel.quantity))
        is_short = delivered.quantity < min(quantity, fill.quantity)
        moved = self.reduce(delivered, () if parcel.quantity else fill.stated_lots, own_basis=True)
        if is_short or any(each.gross_pnl is None for each in matches_of(self.matches, fill.id)):
            self.trouble.about_fill("delivery_without_position", fill)
        self.reduce(parcel)
        if not self.quantity:
            self._pass_zero(self.leg, parcel, fill)
        return moved

    # -- the position grows

    def open(
        self,
        parcel: Parcel,
        direction: Direction,
        execution_id: int | None,
        at: datetime,
    ) -> None:
        """Add a lot. Without a leg it begins one, named after the execution."""
        leg = self.leg
        if leg is None:
            leg = self.leg = self._new_leg(execution_id, direction, at)
            if self._method in _FRESH_LOTS:
                self.lots = self.new_lots(direction)
        self.quantity += parcel.quantity
        leg.add_opening(execution_id, parcel, self.quantity)
        self.lots.push(parcel)

    def adopt(self, leg: OpenLeg, parcels: Iterable[Parcel]) -> None:
        """Go on with a leg, and its lots, of another instrument."""
        self.leg = leg
        self.refill(parcels)
        self.quantity = sum((parcel.quantity for parcel in self.lots), ZERO)

    def take(self, quantity: Decimal) -> list[Parcel]:
        """Remove lots, in the order of the lot method, without closing them."""
        taken = []
        while quantity:
            lot = self.lots.head()
            taken.append(lot.split_off(min(quantity, lot.quantity)))
            if not lot.quantity:
                self.lots.drop()
            quantity -= taken[-1].quantity
            self.quantity -= taken[-1].quantity
        return taken

    def reprice(self) -> None:
        """After quantities or values of lots changed: prices, and what depends on them, follow."""
        parcels = list(self.lots)
        for parcel in parcels:
            parcel.price = self.price_of(parcel.value, parcel.quantity)
        self.refill(parcels)

    def refill(self, parcels: Iterable[Parcel]) -> None:
        assert self.leg is not None  # lots belong to a leg
        self.lots = self.new_lots(self.leg.direction)
        for parcel in parcels:
            self.lots.push(parcel)

    def forget(self, leg: OpenLeg) -> None:
        """The leg went over into another one as a whole."""
        self._booking.legs[:] = [each for each in self._booking.legs if each is not leg.result]

    def _new_leg(self, leg_id: int | None, direction: Direction, at: datetime) -> OpenLeg:
        assert leg_id is not None  # a leg is named after the execution that opens it
        leg = OpenLeg(leg_id, self.contract.instrument_id, direction, at, self.price_of)
        self._booking.legs.append(leg.result)
        return leg

    def _increase(self, parcel: Parcel, fill: Fill, direction: Direction) -> None:
        """A fill that by quantity opens or adds, and is no plain trade or says that it closes."""
        closes = fill.effect is PositionEffect.UNKNOWN and fill.stated_pnl
        if fill.kind in self._endings or (self.leg is None and (closes or self.never_opens(fill))):
            opposite = _SHORT if direction is _LONG else _LONG
            leg = self._new_leg(fill.id, opposite, fill.executed_at)
            self._close_unopened(leg, parcel, fill)
            leg.finish(fill.executed_at)
            return
        if fill.effect is _CLOSE:
            self.trouble.about_fill("effect_contradicts", fill, effect="closing")
        elif fill.effect is PositionEffect.CLOSE_OPEN:
            self.trouble.about_fill("reversal_without_position", fill)
        self.open(parcel, direction, fill.id, fill.executed_at)

    def never_opens(self, fill: Fill) -> bool:
        """Ends of contracts, what the source calls a close, and units that leave without being called a short."""
        if fill.kind is _TRANSFER and fill.effect is PositionEffect.UNKNOWN:
            return fill.side is not _BUY
        return fill.effect is _CLOSE or fill.kind in self._endings

    # -- the position shrinks

    def reduce(
        self,
        incoming: Parcel,
        stated: Sequence[StatedLot] = (),
        *,
        own_basis: bool = False,
    ) -> Decimal:
        """Match a parcel against open lots until one of them is used up.

        With `own_basis` no more than the fee of the parcel is realised; what else it would have been is returned.
        """
        moved = ZERO
        leg = self.leg
        assert leg is not None  # the caller saw a position of the other direction
        if stated and isinstance(self.lots, BrokerLots):
            for lot, quantity in self._choose(self.lots, incoming, stated):
                self.quantity -= quantity
                moved += self.match(leg, lot, incoming, quantity, own_basis)
        while incoming.quantity and self.quantity:
            lot = self.lots.head()
            quantity = incoming.quantity
            quantity = min(quantity, lot.quantity)
            self.quantity -= quantity
            moved += self.match(leg, lot, incoming, quantity, own_basis)
            if not lot.quantity:
                self.lots.drop()
        return moved

    def _choose(
        self, lots: BrokerLots, incoming: Parcel, stated: Sequence[StatedLot]
    ) -> Sequence[tuple[Parcel, Decimal]]:
        chosen = lots.choose(stated, min(incoming.quantity, self.quantity))
        if chosen is None:
            self.trouble.report("stated_lots_not_found", execution_id=incoming.execution_id)
        return chosen or ()

    def match(
        self,
        leg: OpenLeg,
        lot: Parcel,
        incoming: Parcel,
        quantity: Decimal,
        own_basis: bool = False,
    ) -> Decimal:
        """Close `quantity` of a lot. With `own_basis` it does so at what it cost, opening fee included, and the P&L
        that it would have had beyond that is returned.
        """
        closing_id = incoming.execution_id
        assert closing_id is not None  # only fills and book entries close
        open_value, open_fee = lot.take(quantity)
        close_value, close_fee = incoming.take(quantity)
        close_price = incoming.price
        moved = ZERO
        gross = net = None
        if lot.cost_known and (incoming.cost_known or own_basis):
            gross = close_value - open_value if leg.direction is _LONG else open_value - close_value
            net = gross - open_fee - close_fee
            if own_basis:
                moved, gross, net = gross - open_fee, open_fee, -close_fee
                close_value = open_value + (gross if leg.direction is _LONG else -gross)
                close_price = self.price_of(close_value, quantity) if gross else lot.price
        leg.add_closing(closing_id, quantity, close_value, close_fee, gross, net)
        matches = self.matches
        follows = matches and matches[-1].closing_id == closing_id
        matches.append(
            Match(
                leg.result.id,
                self.contract.instrument_id,
                closing_id,
                lot.execution_id,
                matches[-1].ordinal + 1 if follows else 0,
                leg.direction,
                quantity,
                lot.price if lot.cost_known else None,
                close_price,
                lot.at,
                incoming.at,
                open_fee,
                close_fee,
                gross,
                net,
                lot.fx_rate,
                incoming.fx_rate,
            )
        )
        return moved

    def _pass_zero(self, leg: OpenLeg, parcel: Parcel, fill: Fill) -> None:
        """The leg is over, and what is left of the fill begins another."""
        opens = parcel.quantity > ZERO
        if opens and self.never_opens(fill):
            self._close_unopened(leg, parcel, fill)
            opens = False
        self.finish(fill.executed_at)
        if opens:
            direction = _SHORT if leg.direction is _LONG else _LONG
            self.open(parcel, direction, fill.id, fill.executed_at)

    def finish(self, at: datetime) -> None:
        """Flat: the leg is over."""
        assert self.leg is not None  # it was just reduced
        self.look_at_costs(self.leg)
        self.leg.finish(at)
        self.leg = None

    def look_at_costs(self, leg: OpenLeg) -> None:
        """Nothing is open at an unknown cost (any more): does the leg know all that it realised?"""
        result = leg.result
        if not result.cost_known:
            own = (match for match in self.matches if match.leg_id == result.id)
            result.cost_known = all(match.net_pnl is not None for match in own)

    def _close_unopened(self, leg: OpenLeg, parcel: Parcel, fill: Fill) -> None:
        """A close without an open: the statement starts in mid-position."""
        known = matches_of(self.matches, fill.id)
        gross = stated_gross(parcel, fill, leg.direction, known)
        code = "basis_unknown" if gross is None else "basis_from_broker"
        self.trouble.about_fill(code, fill, quantity=parcel.quantity)
        value = parcel.value
        if gross is not None:
            value = value - gross if leg.direction is _LONG else value + gross
        opening = Parcel(
            parcel.quantity, value, ZERO, self.price_of(value, parcel.quantity), stated_opening(fill),
            None, None, "", gross is not None,
        )  # fmt: skip
        leg.result.opened_at = min(leg.result.opened_at, opening.at)
        leg.add_opening(None, opening, leg.result.max_quantity + opening.quantity)
        parcel.cost_known = opening.cost_known
        self.match(leg, opening, parcel, parcel.quantity)

    # -- the end of the stream

    def open_lots(self) -> list[Lot]:
        leg = self.leg
        if leg is None:
            return []
        leg.settle_averages()
        sign = ONE if leg.direction is _LONG else -ONE
        return [
            Lot(
                leg_id=leg.result.id,
                instrument_id=self.contract.instrument_id,
                signed_quantity=sign * parcel.quantity,
                price=parcel.price if parcel.cost_known else ZERO,
                fee=parcel.fee,
                opened_at=parcel.at,
                opening_id=parcel.execution_id,
                cost_known=parcel.cost_known,
                fx_rate=parcel.fx_rate,
            )
            for parcel in self.lots
        ]
