"""What the broker holds for us at the end: positions, cash, net asset value, and its conversion rates."""

from __future__ import annotations

from journal.brokers.base import CashBalanceRow, ConversionRateRow, NavRow, OtherRow, PositionRow
from journal.brokers.ibkr_flex.desk import Account, Desk
from journal.brokers.ibkr_flex.values import identifier, word
from journal.brokers.text.faults import Missing

_LEVELS = {"": False, "SUMMARY": False, "LOT": True}


def read_position(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> PositionRow | OtherRow:
    get, numbers = raw.get, desk.numbers
    level = word(get("levelOfDetail")).upper()
    if level not in _LEVELS:
        desk.notices.add(account.id, row, "unknown_level", level)
        return OtherRow(row, account.id, "OpenPositions", raw)
    quantity = numbers[get("position") or get("quantity")]
    if quantity is None:
        raise Missing("no_quantity", "it states no quantity")
    opening_id = identifier(get("originatingTransactionID"))
    return PositionRow(
        row=row,
        account_id=account.id,
        raw=raw,
        instrument=desk.instruments.find(raw, account.id, row),
        signed_quantity=quantity,
        mark_price=numbers[get("markPrice")],
        value=numbers[get("positionValue")],
        cost=numbers[get("costBasisMoney")],
        unrealized_pnl=numbers[get("fifoPnlUnrealized")],
        fx_rate=numbers[get("fxRateToBase")] or None,
        reported_on=desk.days.lenient(get("reportDate")),
        is_lot=_LEVELS[level] or (not level and bool(opening_id)),
        opened_at=account.clock.lenient(get("openDateTime")),
        opening_broker_id=opening_id,
    )


def read_conversion_rate(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> ConversionRateRow:
    get = raw.get
    rate, day = desk.numbers[get("rate")], desk.days[get("reportDate") or get("date")]
    if rate is None:
        raise Missing("no_rate", "it states no rate")
    if day is None:
        raise Missing("no_date", "it states no date")
    return ConversionRateRow(
        row, account.id, get("fromCurrency", ""), get("toCurrency", ""), day, rate
    )  # fmt: skip


def read_cash_balance(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> CashBalanceRow:
    get, numbers = raw.get, desk.numbers
    currency = word(get("currency"))
    is_base = currency == "BASE_SUMMARY" or get("levelOfDetail", "").upper() == "BASECURRENCY"
    return CashBalanceRow(
        row=row,
        account_id=account.id,
        raw=raw,
        currency=currency,
        is_base=is_base,
        ending_cash=numbers[get("endingCash")],
        ending_settled_cash=numbers[get("endingSettledCash")],
        reported_on=desk.days.lenient(get("toDate") or get("reportDate")),
    )


def read_nav_of_day(desk: Desk, account: Account, row: int, raw: dict[str, str]) -> NavRow:
    return _nav(desk, account, row, raw, ("reportDate", "total"))


def read_nav_of_period(desk: Desk, account: Account, row: int, raw: dict[str, str]) -> NavRow:
    return _nav(desk, account, row, raw, ("toDate", "endingValue"))


def _nav(
    desk: Desk, account: Account, row: int, raw: dict[str, str], names: tuple[str, str]
) -> NavRow:
    day, total = desk.days[raw.get(names[0])], desk.numbers[raw.get(names[1])]
    if day is None:
        raise Missing("no_date", "it states no date")
    if total is None:
        raise Missing("no_amount", "it states no total")
    return NavRow(row, account.id, raw, day, total)
