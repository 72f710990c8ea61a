"""What Directa calls what, in the column Tipo operazione. Names are cut at 25 letters."""

from __future__ import annotations

from journal.brokers.base import CashKind
from journal.domain.values import Side

SIDES = {"acquisto": Side.BUY, "vendita": Side.SELL}
COMMISSION = "commissioni"
TRANSACTION_TAX = "tobin tax"
MATURITY = "rimborso obbl."
# In front of a name: what it names is taken back.
REVERSAL = "st."
# By how a name begins; the first that fits.
_KINDS = (
    ("conferimento", CashKind.DEPOSIT),
    ("prelievo", CashKind.WITHDRAWAL),
    ("provento", CashKind.DIVIDEND),
    ("incasso dividendi", CashKind.DIVIDEND),
    ("dividendi", CashKind.DIVIDEND),
    ("coupon certif.", CashKind.DIVIDEND),
    ("cedola", CashKind.INTEREST_RECEIVED),
    ("interessi prest", CashKind.INTEREST_RECEIVED),
    ("ratei att.", CashKind.INTEREST_RECEIVED),
    ("ratei pass.", CashKind.INTEREST_PAID),
    ("ritenuta su plusvalenza", CashKind.TAX),
    ("rit.", CashKind.WITHHOLDING_TAX),
    ("ritenuta", CashKind.WITHHOLDING_TAX),
    (TRANSACTION_TAX, CashKind.TAX),
    ("bollo", CashKind.TAX),
    (COMMISSION, CashKind.FEE),
)


def cash_kind(name: str) -> CashKind | None:
    bare = name.lower().removeprefix(REVERSAL).strip()
    return next((kind for start, kind in _KINDS if bare.startswith(start)), None)
