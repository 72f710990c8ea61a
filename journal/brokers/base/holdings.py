"""What is held, and what changes it without a trade."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.brokers.base.contracts import InstrumentRow
from journal.domain.corporate import ActionKind


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
