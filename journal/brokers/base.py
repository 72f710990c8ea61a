"""What a broker adapter is: a folder with a parser, and what a parser may say.

A parser turns bytes into a stream of records and never raises for what a user's file holds: a row that it
cannot understand becomes a `ProblemRow`. It raises `UnreadableStatement` only when the file as a whole is
not what it claims to be (not XML, cut short, hostile); whoever called it then keeps nothing.

Records come in file order; but fills of one instant that have no running number come oldest first, whatever the order
of the file: their place is all that tells which was first (`text.tables.oldest_first` turns them). `row` counts the
elements or lines of the file from 1 and is what a person can look up; `raw` holds the row as it was written, without
its empty attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, BinaryIO, NamedTuple, Protocol, runtime_checkable

from journal.domain import identity
from journal.domain.corporate import ActionKind
from journal.domain.values import (
    AssetClass,
    ExecutionKind,
    LotMethod,
    PositionEffect,
    Right,
    Severity,
    Side,
)


class UnreadableStatement(Exception):
    """The whole file cannot be used. `code` is stable; the message says why and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """What the person decided before reading: the zone of times without an offset, per account or for all; and for
    tables that no reader knows what their columns are (`generic_table.mapping`, as JSON has it)."""

    zone: str | None = None
    zone_by_account: dict[str, str] = field(default_factory=dict)
    day_first: bool | None = None
    mapping: dict[str, Any] | None = None


class InstrumentRow(NamedTuple):
    """A contract as a row describes it. Parsers cache these: the same contract gives the same object."""

    broker_id: str  # the broker's contract id (IBKR: conid), "" when it has none
    asset_class: AssetClass
    symbol: str
    currency: str
    multiplier: Decimal
    description: str = ""
    underlying_symbol: str = ""
    underlying_broker_id: str = ""
    expiry_on: date | None = None
    strike: Decimal | None = None
    right: Right | None = None
    exchange: str = ""
    isin: str = ""
    cusip: str = ""
    figi: str = ""
    inverse: bool = False


class StatementInfo(NamedTuple):
    """The start of one account's part of the file."""

    row: int
    account_id: str
    base_currency: str
    account_alias: str
    from_on: date | None
    to_on: date | None
    generated_at: datetime | None
    zone: str  # the zone that was assumed for its times
    raw: dict[str, str]
    # How the account is to be booked, where the file tells: positions per ticket, and how the broker matches lots. Only
    # what is said or seen: None where it is merely not contradicted.
    is_hedging: bool | None = None
    lot_method: LotMethod | None = None
    # Where one format is that of many brokers: whose account it is, "" where the file does not say. Then the account
    # that is chosen tells. None: the reader's own broker.
    broker: str | None = None
    # Of the parts that say what is held ("positions", "cash") those that are there and empty: then nothing is held at
    # the statement's end. Of a part that is not there nothing is known.
    empty: frozenset[str] = frozenset()

    @property
    def stated_at(self) -> datetime | None:
        """When the broker spoke: when it made the statement, else at the end of its period."""
        if self.generated_at is not None or self.to_on is None:
            return self.generated_at
        return datetime.combine(self.to_on, time.max, tzinfo=UTC)


# What a person enters by hand: the least of what is said of a fill.
HAND_AUTHORITY = 22
# Authorities of rows that are no single fill, see ExecutionRow.
ORDER_AUTHORITY = 20
PART_AUTHORITY = 10

POSITION = identity.POSITION


class ReportKind(StrEnum):
    """What an execution row does to the book. CANCEL and its original both stay as evidence."""

    FILL = "fill"
    CANCEL = "cancel"
    CORRECT = "correct"


class ExecutionRow(NamedTuple):
    """One reported fill. `authority`: the higher wins where several sources report one fill (statement 40, a coarser
    one 35, confirmation 30, a program's or a person's word less but above ORDER_AUTHORITY: an order summed up as one
    fill). PART_AUTHORITY: a part of a fill, as sources state it that know round trips only. It gives way to the fill
    that holds it (`trade_id` is that one's `broker_id`, where the source names it), or to the order.

    A fee or tax of None is not stated, which is not the same as one of 0: another source may state it.
    """

    row: int
    account_id: str
    raw: dict[str, str]
    instrument: InstrumentRow
    report: ReportKind
    kind: ExecutionKind
    broker_id: str  # most stable id of the booking row ("" when the source has none)
    exec_id: str  # the exchange's or API's execution id, where a bot would know it
    trade_id: str  # see POSITION
    order_id: str
    order_reference: str
    original_ids: tuple[str, ...]  # CANCEL, CORRECT: any id of the row that is meant
    side: Side
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    zone: str
    reported_on: date | None
    settled_on: date | None
    fee: Decimal | None  # positive costs; commission
    tax: Decimal | None  # positive costs; transaction taxes and levies stated apart
    fee_currency: str  # of both, "" when it is not stated: then the contract's
    fx_rate: Decimal | None  # contract currency -> account base currency
    effect: PositionEffect
    proceeds: Decimal | None  # as stated, signed: money received
    net_cash: Decimal | None
    stated_cost: Decimal | None
    stated_pnl: Decimal | None
    order_type: str
    ordered_at: datetime | None
    exchange: str
    notes: tuple[str, ...]
    authority: int
    record_id: str = (
        ""  # the sender's own name of a captured record: tells fills without an id apart
    )


class OrderStatus(StrEnum):
    """What happened to an order."""

    PLACED = "placed"
    MODIFIED = "modified"
    TRIGGERED = "triggered"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"


class OrderRole(StrEnum):
    ENTRY = "entry"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    EXIT = "exit"


class OrderRow(NamedTuple):
    """One moment in the life of an order. What it leaves open ("" or None) is as the reports before it have it.

    At least one of `client_order_id` (the sender's) and `order_id` (the broker's) is there: reports that share one of
    them speak of the same order. `parent_id` is either id of the order that it protects or belongs to, `group_id` what
    orders have in common of which one cancels the others.
    """

    row: int
    account_id: str
    raw: dict[str, str]
    instrument: InstrumentRow | None
    client_order_id: str
    order_id: str
    parent_id: str
    group_id: str
    role: OrderRole | None
    side: Side | None
    order_type: str
    time_in_force: str
    quantity: Decimal | None
    limit_price: Decimal | None
    stop_price: Decimal | None
    status: OrderStatus
    filled_quantity: Decimal | None
    average_price: Decimal | None
    fee: Decimal | None
    fee_currency: str
    reason: str  # why it was rejected or cancelled, in the broker's words
    position_id: str
    plan_id: str
    recommendation_id: str
    strategy: str
    happened_at: datetime
    record_id: str = ""


class ClosedLotRow(NamedTuple):
    """The broker's own lot match, stated after the closing fill that it belongs to."""

    row: int
    account_id: str
    raw: dict[str, str]
    instrument: InstrumentRow
    closing_broker_id: str  # of the fill that it follows, "" when the file does not tell
    opening_broker_id: str
    quantity: Decimal
    open_price: Decimal
    opened_at: datetime | None
    closed_at: datetime | None
    cost: Decimal | None
    realized_pnl: Decimal | None


class CashKind(StrEnum):
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    DIVIDEND = "dividend"
    PAYMENT_IN_LIEU = "payment_in_lieu"
    WITHHOLDING_TAX = "withholding_tax"
    INTEREST_PAID = "interest_paid"
    INTEREST_RECEIVED = "interest_received"
    FUNDING = "funding"  # what holders of perpetual contracts pay each other
    FEE = "fee"
    COMMISSION_ADJUSTMENT = "commission_adjustment"
    TAX = "tax"
    TRANSFER = "transfer"
    ADJUSTMENT = "adjustment"
    OTHER = "other"


class CashRow(NamedTuple):
    row: int
    account_id: str
    raw: dict[str, str]
    broker_id: str
    kind: CashKind
    amount: Decimal  # signed: positive reaches the account
    currency: str
    fx_rate: Decimal | None
    occurred_at: datetime
    reported_on: date | None
    description: str
    instrument: InstrumentRow | None
    trade_id: str
    is_reversal: bool


class CorporateActionRow(NamedTuple):
    """One line of an action; actions with two sides come as two rows that share `action_id` or text and time."""

    row: int
    account_id: str
    raw: dict[str, str]
    broker_id: str
    action_id: str
    kind: ActionKind
    code: str
    instrument: InstrumentRow
    signed_quantity: Decimal
    cash: Decimal  # signed, in the instrument's currency
    value: Decimal | None
    stated_pnl: Decimal | None
    effective_at: datetime
    reported_on: date | None
    fx_rate: Decimal | None
    description: str
    ratio: Decimal | None  # new units per old, read from the text, None when it does not say
    other_isin: str  # the counterpart named in the text
    other_symbol: str


class OptionEventKind(StrEnum):
    EXERCISE = "exercise"
    ASSIGNMENT = "assignment"
    EXPIRY = "expiry"
    CASH_SETTLEMENT = "cash_settlement"
    DELIVERY = "delivery"  # the share side of an exercise or assignment


class OptionEventRow(NamedTuple):
    """Exercise, assignment or expiry as its own section states it.

    The matching BookTrade fill is the one that counts; this row explains it, and stands in for it where a
    query left the fill out.
    Not `is_directed`: the source states how many ended, and not whether they were held long or short. Then
    `signed_quantity` is positive, and the book closes what is open at that day.
    """

    row: int
    account_id: str
    raw: dict[str, str]
    kind: OptionEventKind
    instrument: InstrumentRow
    signed_quantity: Decimal
    price: Decimal
    happened_on: date
    trade_id: str
    proceeds: Decimal | None
    fee: Decimal
    stated_cost: Decimal | None
    stated_pnl: Decimal | None
    fx_rate: Decimal | None
    is_directed: bool = True


class TransferRow(NamedTuple):
    row: int
    account_id: str
    raw: dict[str, str]
    broker_id: str
    instrument: InstrumentRow | None  # None: cash only
    signed_quantity: Decimal
    price: Decimal | None
    cash: Decimal
    currency: str
    fx_rate: Decimal | None
    occurred_at: datetime
    reported_on: date | None
    kind: str
    counterparty: str
    stated_cost: Decimal | None


class PositionRow(NamedTuple):
    """An open position at the statement's end, as the broker states it."""

    row: int
    account_id: str
    raw: dict[str, str]
    instrument: InstrumentRow
    signed_quantity: Decimal
    mark_price: Decimal | None
    value: Decimal | None
    cost: Decimal | None
    unrealized_pnl: Decimal | None
    fx_rate: Decimal | None
    reported_on: date | None
    is_lot: bool
    opened_at: datetime | None
    opening_broker_id: str


class ConversionRateRow(NamedTuple):
    row: int
    account_id: str
    from_currency: str
    to_currency: str
    reported_on: date
    rate: Decimal


class CashBalanceRow(NamedTuple):
    """The broker's ending cash in one currency (or in base: `is_base`)."""

    row: int
    account_id: str
    raw: dict[str, str]
    currency: str
    is_base: bool
    ending_cash: Decimal | None
    ending_settled_cash: Decimal | None
    reported_on: date | None


class NavRow(NamedTuple):
    """Net asset value in base currency for one day."""

    row: int
    account_id: str
    raw: dict[str, str]
    reported_on: date
    total: Decimal


class OtherRow(NamedTuple):
    """A row that the book does not use (yet). Kept and counted, never fatal."""

    row: int
    account_id: str
    section: str
    raw: dict[str, str]


class ProblemRow(NamedTuple):
    row: int
    account_id: str
    severity: Severity
    code: str
    message: str
    raw: dict[str, str]


Record = (
    StatementInfo
    | ExecutionRow
    | OrderRow
    | ClosedLotRow
    | CashRow
    | CorporateActionRow
    | OptionEventRow
    | TransferRow
    | PositionRow
    | ConversionRateRow
    | CashBalanceRow
    | NavRow
    | OtherRow
    | ProblemRow
)


@runtime_checkable
class StatementParser(Protocol):
    """Stateless: one instance may parse many files, also at the same time.

    One with `reads_apart` True is only ever run in a process of its own, however small the file: what reads it was not
    made for files that want to do harm.
    """

    slug: str
    broker: str  # the broker whose account numbers the file speaks of: "ibkr"
    label: str
    default_zone: str

    def recognises(self, head: bytes, name: str) -> bool:
        """Whether a file that starts with `head` (the first 64 KiB) is this parser's. By content, not by name."""
        ...

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        """Records in file order, in memory that does not grow with the file.

        Raises UnreadableStatement at any time, also after records were already given.
        """
        ...
