"""A contract as a row describes it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from journal.domain.values import AssetClass, Right


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
