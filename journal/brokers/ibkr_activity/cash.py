"""Money that came or went other than by a trade."""

from __future__ import annotations

import re
from decimal import Decimal

from journal.brokers.base import CashKind, CashRow, InstrumentRow
from journal.brokers.ibkr_activity.desk import Desk, Entry
from journal.brokers.ibkr_activity.vocabulary import Section

_KINDS = {
    Section.DIVIDENDS: CashKind.DIVIDEND,
    Section.WITHHOLDING_TAX: CashKind.WITHHOLDING_TAX,
    Section.FEES: CashKind.FEE,
    Section.COMMISSION_ADJUSTMENTS: CashKind.COMMISSION_ADJUSTMENT,
    Section.SALES_TAX: CashKind.TAX,
}
# The sign that the kind has by nature. The other sign takes something back.
_IS_INCOME = {
    CashKind.DIVIDEND: True,
    CashKind.WITHHOLDING_TAX: False,
    CashKind.FEE: False,
    CashKind.TAX: False,
}
# "MSFT(US5949181045) Cash Dividend USD 0.75 per Share (Ordinary Dividend)"
_HEAD = re.compile(r"\s*([^\s()][^()]{0,40}?)\s*\(([A-Z0-9]{4,14})\)", re.ASCII)
_IN_LIEU = re.compile(r"\bpayment in lieu\b", re.IGNORECASE)
_REVERSAL = re.compile(
    r"\b(reversal|reversed|reverse|cancel|cancelled|canceled|cxl)\b", re.IGNORECASE
)
_REVERSAL_CODES = frozenset({"Re", "Ca"})
_NAMING = frozenset({Section.DIVIDENDS, Section.WITHHOLDING_TAX})


def read_cash(desk: Desk, entry: Entry) -> CashRow:
    amount = entry.wanted("amount")
    day, occurred_at = desk.day(entry)
    description = entry.text("description")
    kind = _kind(entry.row.section, description, amount)
    return CashRow(
        row=entry.row.number,
        account_id=entry.account,
        raw=entry.raw,
        broker_id="",
        kind=kind,
        amount=amount,
        currency=entry.text("currency"),
        fx_rate=None,
        occurred_at=occurred_at,
        reported_on=day,
        description=description,
        instrument=_instrument(desk, entry, description),
        trade_id="",
        is_reversal=_is_reversal(entry, kind, amount, description),
    )


def _kind(section: Section, description: str, amount: Decimal) -> CashKind:
    if section is Section.DEPOSITS:
        return CashKind.DEPOSIT if amount >= 0 else CashKind.WITHDRAWAL
    if section is Section.INTEREST:
        return CashKind.INTEREST_RECEIVED if amount >= 0 else CashKind.INTEREST_PAID
    if section is Section.DIVIDENDS and _IN_LIEU.search(description):
        return CashKind.PAYMENT_IN_LIEU
    return _KINDS[section]


def _is_reversal(entry: Entry, kind: CashKind, amount: Decimal, description: str) -> bool:
    is_income = _IS_INCOME.get(kind)
    if is_income is not None and amount and (amount > 0) is not is_income:
        return True
    if not _REVERSAL_CODES.isdisjoint(entry.text("code").split(";")):
        return True
    return _REVERSAL.search(description) is not None


def _instrument(desk: Desk, entry: Entry, description: str) -> InstrumentRow | None:
    match = _HEAD.match(description) if entry.row.section in _NAMING else None
    if match is None:
        return None
    return desk.contracts.mentioned(
        match[1], match[2], entry.text("currency"), entry.row.number, entry.account
    )
