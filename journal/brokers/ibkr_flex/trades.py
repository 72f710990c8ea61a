"""Executions: Trade and TradeConfirm elements, and Order elements where a statement has nothing finer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from journal.brokers.base import (
    ORDER_AUTHORITY,
    ClosedLotRow,
    ExecutionRow,
    InstrumentRow,
    OtherRow,
    ReportKind,
)
from journal.brokers.ibkr_flex.dates import states_time
from journal.brokers.ibkr_flex.desk import Account, Desk, LastFill
from journal.brokers.ibkr_flex.instruments import OPTIONS
from journal.brokers.ibkr_flex.values import identifier, word
from journal.brokers.ibkr_flex.words import Words
from journal.brokers.text.faults import Missing
from journal.domain.values import ZERO, ExecutionKind, Side

AUTHORITY_STATEMENT = 40
AUTHORITY_CONFIRMATION = 30

_DELIVERIES = frozenset({ExecutionKind.ASSIGNMENT, ExecutionKind.EXERCISE, ExecutionKind.EXPIRY})
_CENT = Decimal("0.01")
_ROUNDING = Decimal("0.005")
_MONEY_ATTRIBUTES = ("tradeMoney", "proceeds", "amount")


def read_execution(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> ExecutionRow | OtherRow:
    return _read_fill(desk, account, row, raw, AUTHORITY_STATEMENT)


def read_confirmation(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> ExecutionRow | OtherRow:
    return _read_fill(desk, account, row, raw, AUTHORITY_CONFIRMATION)


def _read_fill(
    desk: Desk, account: Account, row: int, raw: dict[str, str], authority: int
) -> ExecutionRow | OtherRow:
    account.last_fill = None
    get, numbers = raw.get, desk.numbers
    signed = numbers[get("quantity")]
    if not signed:
        return _without_quantity(desk, account, row, raw)
    words = desk.words[
        get("transactionType"),
        get("buySell"),
        get("openCloseIndicator"),
        get("notes") or get("code"),
    ]
    instrument = desk.instruments.find(raw, account.id, row)
    price = _price(desk, account, row, raw, signed * instrument.multiplier)
    broker_id, exec_id, trade_id = _ids(raw)
    side = _side(desk, account, row, words, signed)
    kind = words.kind
    if kind in _DELIVERIES:
        kind = delivery_kind(words, side, price, instrument)
    executed_at = _executed_at(desk, account, row, raw)
    fee = desk.costs[get("ibCommission") or get("commission")]
    if fee is None and kind is ExecutionKind.TRADE and words.report is not ReportKind.CANCEL:
        desk.notices.add(account.id, row, "commission_missing")
    days, clock = desk.days, account.clock
    account.last_fill = LastFill(instrument, broker_id or exec_id or trade_id)
    return ExecutionRow(
        row, account.id, raw, instrument, words.report, kind, broker_id, exec_id, trade_id,
        identifier(get("ibOrderID") or get("orderID")),
        word(get("orderReference")),
        () if words.report is ReportKind.FILL else _original_ids(raw),
        side,
        signed.copy_abs(),
        price,
        executed_at,
        clock.zone,
        days.lenient(get("reportDate")),
        days.lenient(get("settleDateTarget") or get("settleDate")),
        fee,
        desk.costs[get("taxes") or get("tax")],
        word(get("ibCommissionCurrency") or get("commissionCurrency")),
        numbers[get("fxRateToBase")] or None,
        words.effect,
        numbers[get("proceeds")],
        numbers[get("netCash")],
        numbers[get("cost")],
        numbers[get("fifoPnlRealized")],
        word(get("orderType")),
        clock.lenient(get("orderTime")),
        word(get("exchange")),
        words.notes,
        authority,
    )  # fmt: skip


def _ids(raw: dict[str, str]) -> tuple[str, str, str]:
    get = raw.get
    return (
        identifier(get("transactionID")),
        identifier(get("ibExecID") or get("execID")),
        identifier(get("tradeID")),
    )


def _without_quantity(desk: Desk, account: Account, row: int, raw: dict[str, str]) -> OtherRow:
    if desk.numbers[raw.get("quantity")] is None:
        raise Missing("no_quantity", "it states no quantity")
    desk.notices.add(account.id, row, "zero_quantity")
    return OtherRow(row, account.id, "Trades", raw)


def _side(desk: Desk, account: Account, row: int, words: Words, signed: Decimal) -> Side:
    side = words.side or _side_of_quantity(words, signed)
    if words.remarks or (signed > 0) is not (side is Side.BUY):
        _remark(desk, account, row, words, side, signed)
    return side


def _side_of_quantity(words: Words, signed: Decimal) -> Side:
    # A cancel negates the quantity of the fill that it takes back; its side is that fill's.
    is_cancel = words.report is ReportKind.CANCEL
    return Side.BUY if (signed > 0) is not is_cancel else Side.SELL


def _remark(
    desk: Desk, account: Account, row: int, words: Words, side: Side, signed: Decimal
) -> None:
    for code, subject in words.remarks:
        desk.notices.add(account.id, row, code, subject)
    if words.report is not ReportKind.CANCEL and (signed > 0) is not (side is Side.BUY):
        desk.notices.add(account.id, row, "side_conflict", side.upper())


def delivery_kind(
    words: Words, side: Side, price: Decimal, instrument: InstrumentRow
) -> ExecutionKind:
    """Exercise, assignment or expiry. At a price it was settled in cash: a delivery is booked at 0."""
    is_option = instrument.asset_class in OPTIONS
    if price and (is_option or words.kind is ExecutionKind.EXPIRY):
        return ExecutionKind.CASH_SETTLEMENT
    if words.is_either and is_option and side is Side.BUY:
        return ExecutionKind.ASSIGNMENT
    return words.kind


def _executed_at(desk: Desk, account: Account, row: int, raw: dict[str, str]) -> datetime:
    stated = raw.get("dateTime", "")
    clock = account.clock
    found = clock[stated] if stated else None
    if found is not None and states_time(stated):
        return found
    day, time = raw.get("tradeDate") or stated, raw.get("tradeTime")
    if time and word(time):
        found = clock[f"{day};{time}"]
    else:
        found = found or clock[day]
        if found is not None and not states_time(day):
            desk.notices.add(account.id, row, "time_missing")
    if found is None:
        raise Missing("no_date", "it states no date")
    return found


def _price(desk: Desk, account: Account, row: int, raw: dict[str, str], units: Decimal) -> Decimal:
    """As stated, or what the money of the row says: alone, or against it."""
    get, numbers = raw.get, desk.numbers
    price = numbers[get("tradePrice") or get("price")]
    if price is None:
        price = _derive_price(desk, account, row, raw, units)
    proceeds = numbers[get("proceeds")]
    if not proceeds:
        return price
    return _price_of_money(desk, account, row, units, price, proceeds)


def _derive_price(
    desk: Desk, account: Account, row: int, raw: dict[str, str], units: Decimal
) -> Decimal:
    """From the money of the row. `cost` is that money, with its fees, only where the row opens a position."""
    for attribute in _MONEY_ATTRIBUTES:
        money = desk.numbers[raw.get(attribute)]
        if money is not None:
            desk.notices.add(account.id, row, "price_derived", attribute)
            return (money / units).copy_abs()
    cost = desk.numbers[raw.get("cost")]
    if cost is not None and "C" not in raw.get("openCloseIndicator", ""):
        stated = (desk.costs[raw.get("ibCommission")], desk.costs[raw.get("taxes")])
        fees = sum((one for one in stated if one is not None), ZERO)
        desk.notices.add(account.id, row, "price_derived", "cost")
        return ((cost - fees) / units).copy_abs()
    raise Missing("no_price", "it states no price, and no amount to compute it from")


def _price_of_money(
    desk: Desk, account: Account, row: int, units: Decimal, price: Decimal, proceeds: Decimal
) -> Decimal:
    """The stated price, unless the money that moved contradicts it by more than any rounding: then money
    is right, because it is what the broker's own cost and profit are made of."""
    money, expected = proceeds.copy_abs(), (units * price).copy_abs()
    if abs(money - expected) <= max(_CENT, money * _ROUNDING):
        return price
    desk.notices.add(account.id, row, "price_contradicts_money")
    return (money / units).copy_abs()


def _original_ids(raw: dict[str, str]) -> tuple[str, ...]:
    """Ids of the fill that is cancelled or corrected. Not its order: an order has other fills too."""
    names = ("origTransactionID", "origTradeID", "relatedTransactionID", "relatedTradeID")
    found = (identifier(raw.get(name)) for name in names)
    return tuple(dict.fromkeys(one for one in found if one))


def read_order(
    desk: Desk, account: Account, row: int, raw: dict[str, str]
) -> ExecutionRow | OtherRow:
    """An order as one fill, under an id of its own: an order may have one row a day, and one for each of its legs."""
    record = _read_fill(desk, account, row, raw, ORDER_AUTHORITY)
    if isinstance(record, OtherRow):
        return record
    broker_id = record.broker_id
    if not broker_id and record.order_id:
        day = desk.days.lenient(raw.get("tradeDate") or raw.get("dateTime"))
        leg = record.instrument.broker_id or record.instrument.symbol
        broker_id = f"order:{record.order_id}:{day or ''}:{leg}:{record.side}"
        account.last_fill = LastFill(record.instrument, broker_id)
    return record._replace(broker_id=broker_id, notes=(*record.notes, "ORDER"))


def read_closed_lot(desk: Desk, account: Account, row: int, raw: dict[str, str]) -> ClosedLotRow:
    get, numbers = raw.get, desk.numbers
    quantity = numbers[get("quantity")]
    if not quantity:
        raise Missing("no_quantity", "it states no quantity")
    price = numbers[get("tradePrice") or get("price")]
    if price is None:
        raise Missing("no_price", "it states no price")
    instrument = desk.instruments.find(raw, account.id, row)
    fill = account.last_fill
    is_its_lot = fill is not None and _is_same(fill.instrument, instrument)
    return ClosedLotRow(
        row=row,
        account_id=account.id,
        raw=raw,
        instrument=instrument,
        closing_broker_id=fill.broker_id if fill is not None and is_its_lot else "",
        opening_broker_id=identifier(get("transactionID")),
        quantity=quantity.copy_abs(),
        open_price=price,
        opened_at=account.clock.lenient(get("openDateTime")),
        closed_at=_closed_at(account, raw),
        cost=numbers[get("cost")],
        realized_pnl=numbers[get("fifoPnlRealized")],
    )


def _is_same(one: InstrumentRow, other: InstrumentRow) -> bool:
    if one.broker_id and other.broker_id:
        return one.broker_id == other.broker_id
    return one.symbol == other.symbol


def _closed_at(account: Account, raw: dict[str, str]) -> datetime | None:
    stated = raw.get("dateTime")
    if not stated and word(raw.get("tradeTime")):
        stated = f"{raw.get('tradeDate', '')};{raw['tradeTime']}"
    return account.clock.lenient(stated or raw.get("tradeDate"))
