"""What either side says of an account, in one shape: the book's lines are derived from it, the broker's from a
snapshot.

Quantities are signed (positive is long) where it says so; money is in the currency beside it. What a side does not say
is None, and None is compared with nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.values import AssetClass, Side


class Terms(NamedTuple):
    """What comparing has to know of an instrument. `tick` is the smallest step of its price and `step` of its quantity,
    0 where nobody states one. `expires_on` of options and futures."""

    instrument_id: int
    symbol: str
    asset_class: AssetClass
    currency: str
    multiplier: Decimal
    tick: Decimal
    step: Decimal
    expires_on: date | None = None


class PositionLine(NamedTuple):
    """`ticket` tells positions of one instrument apart in hedging accounts, "" in others. `instrument_id` is None where
    the broker names an instrument that the book does not know by any of its names.

    `is_protected`: whether a stop is there, attached or as a working order; None where the side does not say.
    """

    instrument_id: int | None
    symbol: str
    ticket: str
    signed_quantity: Decimal
    average_price: Decimal | None = None
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    wants_stop: bool = False
    is_protected: bool | None = None
    evidence: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.instrument_id or self.symbol}:{self.ticket}"


class OrderLine(NamedTuple):
    """`is_over`: nothing more can come of it. `is_uncertain`: it was sent by us, and nobody knows what became of it."""

    order_id: str
    client_order_id: str
    instrument_id: int | None
    symbol: str
    side: Side
    quantity: Decimal
    filled_quantity: Decimal
    is_over: bool
    at: datetime
    is_uncertain: bool = False
    evidence: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.order_id or self.client_order_id


class Cause(StrEnum):
    """Who or what brought a fill about, as the broker tells it."""

    UNKNOWN = "unknown"
    OURS = "ours"
    BY_HAND = "by_hand"
    STOP = "stop"
    TARGET = "target"
    FORCED = "forced"


class FillLine(NamedTuple):
    """`ids` are all that the side knows the fill by, the strongest first. `reverses` are ids of the fill that this one
    takes back. `fee` is positive when it costs, `fx_rate` what its money was converted into the account's currency by.
    `is_dated`: only the day of `at` is known.
    """

    ids: tuple[str, ...]
    order_id: str
    client_order_id: str
    instrument_id: int | None
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    at: datetime
    fee: Decimal | None = None
    fee_currency: str = ""
    fx_rate: Decimal | None = None
    is_closing: bool | None = None
    cause: Cause = Cause.UNKNOWN
    reverses: tuple[str, ...] = ()
    is_dated: bool = False
    evidence: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return (
            self.ids[0]
            if self.ids
            else f"{self.symbol}:{self.side}:{self.quantity}:{self.at.isoformat()}"
        )

    @property
    def signed_quantity(self) -> Decimal:
        return self.quantity if self.side is Side.BUY else -self.quantity


class RealizedLine(NamedTuple):
    """What one day realised in one currency. `is_converted`: the figure went through a rate of exchange."""

    on: date
    currency: str
    amount: Decimal
    is_converted: bool = False


class Action(NamedTuple):
    """A corporate action or transfer that either side tells of around that day."""

    instrument_id: int
    on: date
    kind: str


class Statement(NamedTuple):
    """One side's word on one account at `as_of`; fills and realised money within the window only.

    `cash` by currency, None where the side does not state it.
    """

    as_of: datetime
    positions: tuple[PositionLine, ...]
    orders: tuple[OrderLine, ...] = ()
    fills: tuple[FillLine, ...] = ()
    cash: Mapping[str, Decimal] | None = None
    realized: tuple[RealizedLine, ...] | None = None


class Window(NamedTuple):
    """From `since` up to and without `until`: both sides' fills and realised money are of this time and no other."""

    since: datetime
    until: datetime
