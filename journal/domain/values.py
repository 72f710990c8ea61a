"""The values that booking speaks in.

Conventions, everywhere in the project:

* Every number is a `Decimal`; `float` never enters.
* `quantity` is positive and goes with a `Side`; `signed_quantity` is positive for BUY.
* A `fee` is positive when it costs and negative when it is a rebate.
* Every `*_at` is an aware UTC datetime, every `*_on` a date.
* Money without a currency beside it is in the instrument's own (quoted) currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

ZERO = Decimal(0)
ONE = Decimal(1)


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class Direction(StrEnum):
    LONG = "long"
    SHORT = "short"


class AssetClass(StrEnum):
    STOCK = "stock"
    OPTION = "option"
    FUTURE = "future"
    FUTURE_OPTION = "future_option"
    FOREX = "forex"
    CRYPTO = "crypto"
    CFD = "cfd"
    BOND = "bond"
    BILL = "bill"
    FUND = "fund"
    WARRANT = "warrant"
    STRUCTURED = "structured"
    METAL = "metal"
    OTHER = "other"


class Right(StrEnum):
    CALL = "call"
    PUT = "put"


class LotMethod(StrEnum):
    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    AVERAGE = "average"
    BROKER = "broker"


class ExecutionKind(StrEnum):
    """Why a fill exists. All but TRADE are book entries that no order caused.

    OPENING is what was held before the first thing that is known of an instrument (`journal.domain.openings`).
    """

    TRADE = "trade"
    EXPIRY = "expiry"
    ASSIGNMENT = "assignment"
    EXERCISE = "exercise"
    CASH_SETTLEMENT = "cash_settlement"
    TRANSFER = "transfer"
    CORPORATE_ACTION = "corporate_action"
    LIQUIDATION = "liquidation"
    ADJUSTMENT = "adjustment"
    OPENING = "opening"


class PositionEffect(StrEnum):
    """What the source says that a fill did to the position; UNKNOWN when it does not say."""

    OPEN = "open"
    CLOSE = "close"
    CLOSE_OPEN = "close_open"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Problem:
    """Trouble in somebody's data: a value that is shown beside the row that caused it, never raised."""

    severity: Severity
    code: str
    message: str
    row: int | None = None
    execution_id: int | None = None
    instrument_id: int | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """What booking must know about an instrument.

    `multiplier` is money per point and unit. An `inverse` contract is worth multiplier / price
    in its settlement currency, so its P&L is quantity x multiplier x (1/open - 1/close) when long.
    """

    instrument_id: int
    asset_class: AssetClass
    currency: str
    multiplier: Decimal = ONE
    inverse: bool = False


class StatedLot(NamedTuple):
    """One lot that the broker itself says a closing fill consumed (LotMethod.BROKER)."""

    quantity: Decimal
    open_price: Decimal
    opened_at: datetime | None
    opening_broker_id: str
    cost: Decimal | None
    realized_pnl: Decimal | None


@dataclass(slots=True)
class Fill:
    """One effective execution, as booking sees it. Treated as immutable.

    `fee` is in the contract's currency (`fee_known` is False when it could not be converted).
    `asset_fee` is a fee taken in the asset itself (in units, positive): it lowers the quantity that
    reaches the position, and its value is already inside `fee`.
    `price_known` False: units came or went at a price that nobody stated; the price is not used, lots
    that it opens have an unknown cost and what it closes an unknown P&L.
    `stated_cost` and `stated_pnl` are the broker's own figures for the whole fill, used only where
    the book has no basis of its own. `group` is the hedging ticket, else "".
    """

    id: int
    instrument_id: int
    executed_at: datetime
    sequence: int
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO
    kind: ExecutionKind = ExecutionKind.TRADE
    effect: PositionEffect = PositionEffect.UNKNOWN
    broker_id: str = ""
    group: str = ""
    fx_rate: Decimal | None = None
    asset_fee: Decimal = ZERO
    fee_known: bool = True
    stated_cost: Decimal | None = None
    stated_pnl: Decimal | None = None
    stated_lots: tuple[StatedLot, ...] = ()
    price_known: bool = True

    @property
    def signed_quantity(self) -> Decimal:
        return self.quantity if self.side is Side.BUY else -self.quantity

    @property
    def moved(self) -> Decimal:
        """By how much the position changes: less what is taken as a fee in units."""
        return self.signed_quantity - self.asset_fee


@dataclass(frozen=True, slots=True)
class Split:
    """`ratio` new units for every `per` old ones (1 per 25 for a reverse split). Cost is unchanged.

    `quantity_after` is the broker's own signed position afterwards when it states it, so that fractions
    paid out in cash can be told from an error. Cash in lieu realises P&L on the fraction:
    `execution_id` is the book entry (an execution of kind CORPORATE_ACTION) that realises it.
    """

    id: str
    instrument_id: int
    effective_at: datetime
    sequence: int
    ratio: Decimal
    cash_in_lieu: Decimal = ZERO
    per: Decimal = ONE
    quantity_after: Decimal | None = None
    execution_id: int | None = None
    fx_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BasisTransfer:
    """Lots, or a part of their cost, move from one instrument to another.

    Symbol and ISIN change, stock merger: `cost_fraction` 1, and the source position is emptied.
    Spin-off: the source keeps its units and 1 - `cost_fraction` of its cost.
    `ratio` target units per `per` source units; `cash` (of the whole transfer, signed: positive reaches the
    account, in the source's currency) is boot that realises P&L: it pays for the 1 - `cost_fraction` of
    the cost that does not travel. Opening dates travel with the lots.
    `execution_id` is the book entry (an execution of kind CORPORATE_ACTION, on the target's side where there are
    two) that realises boot, and that opens the leg of a spun-off instrument.
    `quantity` source units move where only a part was tendered; None moves them all.
    """

    id: str
    source_id: int
    target_id: int
    effective_at: datetime
    sequence: int
    ratio: Decimal
    cost_fraction: Decimal = ONE
    keeps_source: bool = False
    cash: Decimal = ZERO
    per: Decimal = ONE
    execution_id: int | None = None
    fx_rate: Decimal | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OptionDelivery:
    """An exercise or assignment that delivers: the option fill's premium moves into the share fill.

    Both fills are in the same stream. The option leg closes at its own basis with no P&L of its
    own (the money is not lost: it changes the price of the delivered shares). A partial delivery moves the
    premium of the quantity delivered only.
    """

    option_fill_id: int
    share_fill_id: int


class StatedOpenLot(NamedTuple):
    """One open lot as the broker lists it: absolute quantity, and cost with the opening fee."""

    quantity: Decimal
    cost: Decimal
    opened_at: datetime
    opening_broker_id: str


@dataclass(frozen=True, slots=True)
class StatedCost:
    """What the broker says that all that is open of an instrument cost, right after the moment and sequence.

    `cost` is absolute and includes the opening fees; it counts only where just `signed_quantity` is open. `lots` are
    those of the broker's that were opened before anything that is known of the instrument.
    """

    instrument_id: int
    effective_at: datetime
    sequence: int
    signed_quantity: Decimal
    cost: Decimal
    lots: tuple[StatedOpenLot, ...] = ()
    on: date | None = None


BookEvent = Fill | Split | BasisTransfer | StatedCost


@dataclass(slots=True)
class Lot:
    """An open quantity at a cost. `cost_known` False: the statement starts in mid-position.

    `price` is the open price per unit as traded (or average); `fee` is the part of the opening fees that
    still waits for its close. `opening_id` is the execution that opened it, None for lots that an
    event or an unknown opening created.
    """

    leg_id: int
    instrument_id: int
    signed_quantity: Decimal
    price: Decimal
    fee: Decimal
    opened_at: datetime
    opening_id: int | None
    cost_known: bool = True
    fx_rate: Decimal | None = None


class Match(NamedTuple):
    """One closing fill against one lot: the stored figure that every screen sums.

    `gross_pnl` is before fees; `net_pnl` = gross_pnl - open_fee - close_fee. Both are None when the
    basis is unknown. `open_fx_rate` and `close_fx_rate` multiply the contract's currency into base;
    the base P&L uses the closing rate (the rate of the day it was realised).
    """

    leg_id: int
    instrument_id: int
    closing_id: int
    opening_id: int | None
    ordinal: int
    direction: Direction
    quantity: Decimal
    open_price: Decimal | None
    close_price: Decimal
    opened_at: datetime
    closed_at: datetime
    open_fee: Decimal
    close_fee: Decimal
    gross_pnl: Decimal | None
    net_pnl: Decimal | None
    open_fx_rate: Decimal | None
    close_fx_rate: Decimal | None


@dataclass(slots=True)
class LegResult:
    """One instrument's way from flat to flat. `id` is the execution that opened it.

    `execution_ids` are in booking order; a fill through zero belongs to the leg it closes and to
    the leg it opens. Quantities are absolute; prices are volume-weighted.
    """

    id: int
    instrument_id: int
    direction: Direction
    opened_at: datetime
    closed_at: datetime | None
    opened_quantity: Decimal
    closed_quantity: Decimal
    max_quantity: Decimal
    average_open: Decimal | None
    average_close: Decimal | None
    gross_pnl: Decimal
    net_pnl: Decimal
    fees: Decimal
    cost_known: bool
    execution_ids: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Booking:
    """All that follows from a stream: in the order in which it happened."""

    matches: list[Match]
    lots: list[Lot]
    legs: list[LegResult]
    problems: list[Problem]


class TradingDay(NamedTuple):
    """How an account turns an instant into its trading day: zone and roll-over, minutes after midnight."""

    zone: str
    rollover_minutes: int = 0


__all__ = [
    "ONE",
    "ZERO",
    "AssetClass",
    "BasisTransfer",
    "BookEvent",
    "Booking",
    "Contract",
    "Direction",
    "ExecutionKind",
    "Fill",
    "LegResult",
    "Lot",
    "LotMethod",
    "Match",
    "OptionDelivery",
    "PositionEffect",
    "Problem",
    "Right",
    "Severity",
    "Side",
    "Split",
    "StatedCost",
    "StatedLot",
    "StatedOpenLot",
    "TradingDay",
    "date",
]
