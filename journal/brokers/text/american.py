"""Securities as American brokers name them, in dollars: tickers, mutual funds of five letters, CUSIPs."""

from __future__ import annotations

import re
from decimal import Decimal

from journal.brokers.base import InstrumentRow
from journal.brokers.text.row import Row
from journal.domain.values import ZERO, AssetClass

_CUSIP = re.compile(r"(?=.*\d)[0-9A-Z]{9}", re.ASCII)
_FUND = re.compile(r"[A-Z]{4}X", re.ASCII)
_PAR = Decimal("0.01")
_TENTH = Decimal("0.1")


def security_in_dollars(
    row: Row,
    symbol: str,
    description: str = "",
    quantity: Decimal = ZERO,
    price: Decimal | None = None,
    money: Decimal | None = None,
) -> InstrumentRow:
    """A bond where quantity times price is a hundred times the money: bonds are quoted in percent of face value."""
    if _FUND.fullmatch(symbol):
        return row.security(symbol, "USD", AssetClass.FUND, description=description)
    if not _CUSIP.fullmatch(symbol):
        return row.security(symbol, "USD", description=description)
    if quantity and price and money and abs(money / (quantity * price)) < _TENTH:
        return row.security(
            symbol, "USD", AssetClass.BOND, _PAR, description=description, cusip=symbol
        )
    return row.security(symbol, "USD", description=description, cusip=symbol)
