"""Which element is read by which reader, and what becomes of a row that its reader cannot understand."""

from __future__ import annotations

from collections.abc import Callable

from journal.brokers.base import Record
from journal.brokers.ibkr_flex import refusals
from journal.brokers.ibkr_flex.cash import read_cash
from journal.brokers.ibkr_flex.corporate import read_corporate_action
from journal.brokers.ibkr_flex.desk import Account, Desk
from journal.brokers.ibkr_flex.options import read_option_event
from journal.brokers.ibkr_flex.positions import (
    read_cash_balance,
    read_conversion_rate,
    read_nav_of_day,
    read_nav_of_period,
    read_position,
)
from journal.brokers.ibkr_flex.transfers import read_transfer
from journal.brokers.ibkr_flex.values import word
from journal.brokers.text.safely import FAULTS, left_out

RowReader = Callable[[Desk, Account, int, dict[str, str]], Record]

READERS: dict[str, RowReader] = {
    "CashTransaction": read_cash,
    "CorporateAction": read_corporate_action,
    "OptionEAE": read_option_event,
    "Transfer": read_transfer,
    "OpenPosition": read_position,
    "ConversionRate": read_conversion_rate,
    "CashReportCurrency": read_cash_balance,
    "EquitySummaryByReportDateInBase": read_nav_of_day,
    "ChangeInNAV": read_nav_of_period,
}
# Where a statement without Account Information gives its base currency away.
_BASE_CURRENCY_HINTS = {
    "ChangeInNAV": "currency",
    "EquitySummaryByReportDateInBase": "currency",
    "FxTransaction": "functionalCurrency",
    "FxLot": "functionalCurrency",
    "ConversionRate": "toCurrency",
}


def note_base_currency(account: Account, name: str, raw: dict[str, str]) -> None:
    attribute = _BASE_CURRENCY_HINTS.get(name)
    if attribute is not None:
        account.hint_base_currency(raw.get(attribute), strong=True)
    elif raw.get("fxRateToBase") == "1":
        account.hint_base_currency(raw.get("currency"), strong=False)


def read_safely(
    reader: RowReader, desk: Desk, account: Account, row: int, name: str, raw: dict[str, str]
) -> Record:
    """What the reader makes of the row, or a problem that says what is wrong, where, and what helps."""
    try:
        return reader(desk, account, row, raw)
    except FAULTS as fault:
        return left_out(row, account.id, raw, fault, refusals.REMEDIES.get, _name_row(name, raw))


def _name_row(name: str, raw: dict[str, str]) -> str:
    parts = [name, word(raw.get("symbol"))[:40]]
    for attribute in ("tradeID", "transactionID", "ibOrderID"):
        if raw.get(attribute):
            parts.append(f"{attribute} {raw[attribute][:40]}")
            break
    return " ".join(part for part in parts if part)
