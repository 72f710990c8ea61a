"""Cash transactions: money that reaches or leaves an account other than by a trade."""

from __future__ import annotations

import re
from decimal import Decimal

from journal.brokers.base import CashKind, CashRow, InstrumentRow, OtherRow
from journal.brokers.ibkr_flex.desk import Account, Desk
from journal.brokers.ibkr_flex.values import identifier, word
from journal.brokers.ibkr_flex.words import split_codes
from journal.brokers.text.faults import Missing

_LETTERS = re.compile(r"[^a-z0-9]+")
_KINDS = {
    "deposits withdrawals": CashKind.DEPOSIT,
    "deposit withdrawal": CashKind.DEPOSIT,
    "deposits": CashKind.DEPOSIT,
    "withdrawals": CashKind.WITHDRAWAL,
    "electronic fund transfers": CashKind.DEPOSIT,
    "dividends": CashKind.DIVIDEND,
    "payment in lieu of dividends": CashKind.PAYMENT_IN_LIEU,
    "payment in lieu of dividend": CashKind.PAYMENT_IN_LIEU,
    "withholding tax": CashKind.WITHHOLDING_TAX,
    "871 m withholding": CashKind.WITHHOLDING_TAX,
    "871 m withholding tax": CashKind.WITHHOLDING_TAX,
    "broker interest paid": CashKind.INTEREST_PAID,
    "broker interest received": CashKind.INTEREST_RECEIVED,
    "bond interest paid": CashKind.INTEREST_PAID,
    "bond interest received": CashKind.INTEREST_RECEIVED,
    "other fees": CashKind.FEE,
    "advisor fees": CashKind.FEE,
    "client fees": CashKind.FEE,
    "broker fees": CashKind.FEE,
    "commission adjustments": CashKind.COMMISSION_ADJUSTMENT,
    "price adjustments": CashKind.ADJUSTMENT,
    "sales tax": CashKind.TAX,
    "transaction tax": CashKind.TAX,
    "internal transfers": CashKind.TRANSFER,
    "account transfers": CashKind.TRANSFER,
}
# The sign that the kind has by nature. The other sign takes something back.
_IS_INCOME = {
    CashKind.DIVIDEND: True,
    CashKind.INTEREST_RECEIVED: True,
    CashKind.WITHHOLDING_TAX: False,
    CashKind.INTEREST_PAID: False,
    CashKind.FEE: False,
    CashKind.TAX: False,
}
_REVERSAL = re.compile(
    r"\b(REVERSAL|REVERSED|REVERSE|CANCEL|CANCELLED|CANCELED|CXL)\b", re.IGNORECASE
)
_REVERSAL_CODES = frozenset({"Re", "Ca"})


def read_cash(desk: Desk, account: Account, row: int, raw: dict[str, str]) -> CashRow | OtherRow:
    get, numbers = raw.get, desk.numbers
    if get("levelOfDetail", "").upper() in {"SUMMARY", "BASE_SUMMARY"}:
        # Repeats the detail rows, summed over the accounts of the file.
        return OtherRow(row, account.id, "CashTransactions", raw)
    amount = numbers[get("amount")]
    if amount is None:
        raise Missing("no_amount", "it states no amount")
    occurred_at = account.clock[
        get("dateTime") or get("date") or get("settleDate") or get("reportDate")
    ]
    if occurred_at is None:
        raise Missing("no_date", "it states no date")
    kind = _kind(desk, account, row, get("type"), amount)
    return CashRow(
        row=row,
        account_id=account.id,
        raw=raw,
        broker_id=identifier(get("transactionID")),
        kind=kind,
        amount=amount,
        currency=word(get("currency")),
        fx_rate=numbers[get("fxRateToBase")] or None,
        occurred_at=occurred_at,
        reported_on=desk.days.lenient(get("reportDate")),
        description=get("description", ""),
        instrument=_instrument(desk, account, row, raw),
        trade_id=identifier(get("tradeID")),
        is_reversal=_is_reversal(raw, kind, amount),
    )


def _kind(desk: Desk, account: Account, row: int, stated: str | None, amount: Decimal) -> CashKind:
    kind = _KINDS.get(_LETTERS.sub(" ", (stated or "").lower()).strip())
    if kind is CashKind.DEPOSIT and amount < 0:
        return CashKind.WITHDRAWAL
    if kind is None:
        desk.notices.add(account.id, row, "unknown_cash_type", stated or "")
    return kind or CashKind.OTHER


def _is_reversal(raw: dict[str, str], kind: CashKind, amount: Decimal) -> bool:
    is_income = _IS_INCOME.get(kind)
    if is_income is not None and amount and (amount > 0) is not is_income:
        return True
    if not _REVERSAL_CODES.isdisjoint(split_codes(raw.get("code"))):
        return True
    return _REVERSAL.search(raw.get("description", "")) is not None


def _instrument(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> InstrumentRow | None:
    if not (identifier(raw.get("conid")) or word(raw.get("symbol")) or word(raw.get("isin"))):
        return None
    return desk.instruments.find(raw, account.id, row, name="")
