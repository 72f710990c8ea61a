"""Movements and balances of cash, rates between currencies, worths of accounts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.brokers.base.contracts import InstrumentRow


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
