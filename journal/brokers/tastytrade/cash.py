"""Money movements. The text is asked first: exports of 2018 to 2020 call a received wire a withdrawal."""

from __future__ import annotations

import re

from journal.brokers.base import CashKind, CashRow, InstrumentRow
from journal.brokers.tastytrade.row import Transaction
from journal.brokers.text.faults import Missing
from journal.brokers.text.notices import Notices

_TEXTS = (
    (r"\bmark to market\b", CashKind.ADJUSTMENT),
    (r"\bregulatory fee adjustment\b|\bfee correction\b", CashKind.COMMISSION_ADJUSTMENT),
    (r"\bwithholding\b|\bforeign tax\b|\bW-8\b|\bNRA\b", CashKind.WITHHOLDING_TAX),
    (r"\binterest on credit\b|\bcredit interest\b", CashKind.INTEREST_RECEIVED),
    (r"\bfrom \d\d?/\d\d? thru \d\d?/\d\d? @|\bdebit interest\b", CashKind.INTEREST_PAID),
    (r"\bwire\b|\bACH\b|\bcheck\b", CashKind.DEPOSIT),
)
_KIND_TEXTS = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _TEXTS)
_KINDS = {
    "deposit": CashKind.DEPOSIT,
    "withdrawal": CashKind.WITHDRAWAL,
    "transfer": CashKind.TRANSFER,
    "dividend": CashKind.DIVIDEND,
    "special dividend": CashKind.DIVIDEND,
    "credit interest": CashKind.INTEREST_RECEIVED,
    "debit interest": CashKind.INTEREST_PAID,
    "fully paid stock lending income": CashKind.INTEREST_RECEIVED,
    "fee": CashKind.FEE,
    "balance adjustment": CashKind.ADJUSTMENT,
    "mark to market": CashKind.ADJUSTMENT,
}
# The sign that the kind has by nature. The other sign takes something back.
_IS_INCOME = {
    CashKind.INTEREST_RECEIVED: True,
    CashKind.INTEREST_PAID: False,
    CashKind.WITHHOLDING_TAX: False,
    CashKind.FEE: False,
}
_REVERSAL = re.compile(r"\b(REVERSAL|REVERSED|REVERSE|CANCELLED|CANCELED|CXL)\b", re.IGNORECASE)


def read_cash(one: Transaction, instrument: InstrumentRow | None, notices: Notices) -> CashRow:
    if one.value is None:
        raise Missing("no_amount", "it states no amount")
    amount = one.money
    kind = _kind(one, notices)
    if kind in (CashKind.DEPOSIT, CashKind.WITHDRAWAL) and amount:
        kind = CashKind.DEPOSIT if amount > 0 else CashKind.WITHDRAWAL
    is_income = _IS_INCOME.get(kind)
    return CashRow(
        row=one.row,
        account_id=one.account_id,
        raw=one.raw,
        broker_id=one.id,
        kind=kind,
        amount=amount,
        currency=one.currency,
        fx_rate=None,
        occurred_at=one.at,
        reported_on=None,
        description=one.description,
        instrument=instrument,
        trade_id="",
        is_reversal=bool(
            one.reverses_id
            or (is_income is not None and amount and (amount > 0) is not is_income)
            or _REVERSAL.search(one.description)
        ),
    )


def _kind(one: Transaction, notices: Notices) -> CashKind:
    for text, kind in _KIND_TEXTS:
        if text.search(one.description):
            return kind
    known = _KINDS.get(one.sub_kind)
    if known is None and one.sub_kind.endswith(" fee"):
        known = CashKind.FEE
    if known is None and not one.sub_kind and one.instrument_type == "equity" and one.money > 0:
        # The layout of 16 columns has no sub-type; a dividend has the name of the share as its text.
        known = CashKind.DIVIDEND
    if known is None:
        notices.add(
            one.account_id, one.row, "unknown_cash_type", one.sub_kind or one.description[:40]
        )
    return known or CashKind.OTHER
