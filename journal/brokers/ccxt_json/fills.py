"""Trades into fills, and orders too where there are no trades."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from journal.brokers.base import (
    POSITION,
    CashKind,
    CashRow,
    ExecutionRow,
    InstrumentRow,
    OptionEventKind,
    OptionEventRow,
    ReportKind,
)
from journal.brokers.ccxt_json.contracts import Contracts, money_of
from journal.brokers.ccxt_json.item import Item, number_in, read_ms, text_in
from journal.brokers.ccxt_json.told import Told, tell
from journal.brokers.text.faults import Missing
from journal.brokers.text.notices import Notices
from journal.domain.values import ZERO, AssetClass, ExecutionKind, PositionEffect, Side

AUTHORITY = 40
AUTHORITY_ORDER = 20
_DIGITS_MAX = 30
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}


class Desk:
    """What is known of the file while its rows are read."""

    def __init__(self, account_id: str, contracts: Contracts, notices: Notices) -> None:
        self.account_id = account_id
        self.contracts = contracts
        self.notices = notices
        self.orders: dict[str, Item] = {}
        # Contracts of which the account holds longs and shorts apart, as its positions say.
        self.hedged: set[str] = set()

    def note(self, item: Item, code: str, subject: str = "") -> None:
        self.notices.add(self.account_id, item.row, code, subject)


class Fee:
    """What a fill cost: `main` in the coin itself, else in what it is quoted in, else in any; the rest apart."""

    def __init__(self, item: Item, instrument: InstrumentRow) -> None:
        found: dict[str, Decimal] = {}
        stated = False
        for one in item.parts("fees") or item.parts("fee"):
            cost = number_in(one, "cost")
            # An empty one says nothing; one of 0 says that it was free.
            stated = stated or bool(text_in(one, "cost"))
            currency = _fee_currency(item, text_in(one, "currency"), instrument)
            found[currency] = found.get(currency, ZERO) + cost
        owned = instrument.symbol if instrument.asset_class is AssetClass.CRYPTO else ""
        order = [owned, instrument.currency, *sorted(found)]
        charged = [name for name in order if found.get(name)]
        self.currency = charged[0] if charged else instrument.currency
        self.main = found.get(self.currency, ZERO) if stated else None
        self.others = {name: found[name] for name in charged if name != self.currency}


def _fee_currency(item: Item, stated: str, instrument: InstrumentRow) -> str:
    """Bybit's own row names the coin; ccxt infers it from the side, and is wrong where fees are paid otherwise."""
    return item.told("feeCurrency", "feeCoin") or stated or instrument.currency


def read_trade(item: Item, desk: Desk) -> Iterator[ExecutionRow | CashRow]:
    """Raises Missing, BadValue."""
    instrument = desk.contracts.instrument(_symbol(item))
    side = _side(item)
    quantity = item.needed("no_quantity", "it states no amount", "amount").copy_abs()
    price = item.number("price")
    if price is None:
        raise Missing("no_price", "it states no price")
    order = desk.orders.get(item.text("order"))
    told = tell(item, side, order, is_hedged=instrument.symbol in desk.hedged)
    fee = Fee(item, instrument)
    proceeds = money_of(instrument, quantity, price)
    made = _fill(item, desk, instrument, side, quantity, price)._replace(
        kind=told.kind,
        broker_id=fill_id(item),
        exec_id=item.text("id"),
        trade_id=_ticket(instrument, told),
        order_id=item.text("order"),
        order_reference=_reference(item, order),
        fee=fee.main,
        fee_currency=fee.currency,
        effect=_effect(instrument, side, told, item, order),
        proceeds=None if instrument.inverse else (-proceeds if side is Side.BUY else proceeds),
        stated_pnl=_net(told, fee, instrument),
        order_type=item.text("type") or ("" if order is None else order.text("type")),
        ordered_at=None if order is None or not order.text("timestamp") else order.at(),
        notes=_notes(item, told),
    )  # fmt: skip
    _tell(item, desk, told, fee)
    yield made
    for currency, cost in fee.others.items():
        yield _paid(item, desk, instrument, currency, cost)


def _tell(item: Item, desk: Desk, told: Told, fee: Fee) -> None:
    if told.unknown:
        desk.note(item, "unknown_fill_type", told.unknown)
    if told.ticket:
        desk.note(item, "hedged_positions")
    if fee.main is None:
        desk.note(item, "fee_not_stated")
    for currency in fee.others:
        desk.note(item, "fee_apart", currency)


def fill_id(item: Item) -> str:
    """Exchanges that count fills do so per market, so a number alone is no id. Others are made to be unique."""
    stated = item.text("id")
    return f"{_symbol(item)}:{stated}" if stated.isdecimal() else stated


def _ticket(instrument: InstrumentRow, told: Told) -> str:
    return f"{POSITION}{instrument.symbol}:{told.ticket}" if told.ticket else ""


def _reference(item: Item, order: Item | None) -> str:
    stated = item.text("clientOrderId") or item.told("orderLinkId", "clOrdId", "clientOid")
    return stated or ("" if order is None else order.text("clientOrderId"))


def _effect(
    instrument: InstrumentRow, side: Side, told: Told, item: Item, order: Item | None
) -> PositionEffect:
    """Coins that are sold were held, unless they were borrowed."""
    is_sale_of_coins = instrument.asset_class is AssetClass.CRYPTO and side is Side.SELL
    if is_sale_of_coins and told.effect is PositionEffect.UNKNOWN and not _on_margin(item, order):
        return PositionEffect.CLOSE
    return told.effect


def _on_margin(item: Item, order: Item | None) -> bool:
    """Kraken, Bybit, OKX, Binance: in the fill's own row or its order's."""
    if item.told("isIsolated") or item.told("instType") == "MARGIN":
        return True
    if item.told("isLeverage") == "1" or (order is not None and order.told("isLeverage") == "1"):
        return True
    return bool(item.told_number("margin")) if item.told("ordertxid") else False


def _notes(item: Item, told: Told) -> tuple[str, ...]:
    return (*filter(None, (item.text("takerOrMaker").upper(),)), *told.notes)


def _net(told: Told, fee: Fee, instrument: InstrumentRow) -> Decimal | None:
    """The stated profit less the fee of this fill, where both are in one currency."""
    if told.pnl is None or told.kind is not ExecutionKind.TRADE:
        return told.pnl
    if not fee.main or fee.currency == instrument.currency:
        return told.pnl - (fee.main or ZERO)
    return None


def _paid(
    item: Item, desk: Desk, instrument: InstrumentRow, currency: str, cost: Decimal
) -> CashRow:
    return CashRow(
        row=item.row, account_id=desk.account_id, raw=item.raw,
        broker_id=f"{fill_id(item)}:fee:{currency}" if item.text("id") else "",
        kind=CashKind.FEE, amount=-cost, currency=currency, fx_rate=None, occurred_at=item.at(),
        reported_on=None, description="Second fee of a fill", instrument=instrument, trade_id="",
        is_reversal=cost < ZERO,
    )  # fmt: skip


def read_order(item: Item, desk: Desk) -> Iterator[ExecutionRow]:
    """What was filled of it, as one fill. Raises Missing, BadValue."""
    filled = item.number("filled")
    if not filled or (item.text("status").lower() == "open" and not item.number("average")):
        return
    instrument = desk.contracts.instrument(_symbol(item))
    side = _side(item)
    price = item.number("average") or item.number("price")
    if not price:
        raise Missing("no_price", "it states no average price")
    fee = Fee(item, instrument)
    desk.note(item, "order_rows_booked")
    if fee.main is None:
        desk.note(item, "fee_not_stated")
    yield _fill(item, desk, instrument, side, filled.copy_abs(), price)._replace(
        executed_at=read_ms(done) if (done := item.text("lastTradeTimestamp")) else item.at(),
        ordered_at=item.at(),
        order_id=item.text("id"),
        order_reference=item.text("clientOrderId"),
        order_type=item.text("type"),
        fee=fee.main,
        fee_currency=fee.currency,
        authority=AUTHORITY_ORDER,
    )


def read_settlement(item: Item, desk: Desk) -> Iterator[ExecutionRow | OptionEventRow]:
    """A contract that ended: `side` is that of the close, `price` what one unit was settled at. Raises as above."""
    if not item.text("side"):
        yield _ended(item, desk)
        return
    instrument = desk.contracts.instrument(_symbol(item))
    quantity = item.needed("no_quantity", "it states no amount", "amount").copy_abs()
    price = item.number("price")
    if price is None:
        raise Missing("no_price", "it states no price")
    fee = Fee(item, instrument)
    yield _fill(item, desk, instrument, _side(item), quantity, price)._replace(
        kind=ExecutionKind.CASH_SETTLEMENT if price else ExecutionKind.EXPIRY,
        effect=PositionEffect.CLOSE,
        broker_id=item.text("id"),
        fee=fee.main or ZERO,
        fee_currency=fee.currency,
    )


def _ended(item: Item, desk: Desk) -> OptionEventRow:
    """Worthless, and nothing says whether it was held or owed: what is open ends."""
    instrument = desk.contracts.instrument(_symbol(item))
    if instrument.right is None:
        raise Missing("no_direction", "it does not say whether it is a purchase or a sale")
    return OptionEventRow(
        row=item.row, account_id=desk.account_id, raw=item.raw, kind=OptionEventKind.EXPIRY,
        instrument=instrument,
        signed_quantity=item.needed("no_quantity", "it states no amount", "amount").copy_abs(),
        price=ZERO, happened_on=item.at().date(), trade_id=item.text("id"), proceeds=None, fee=ZERO,
        stated_cost=None, stated_pnl=None, fx_rate=None, is_directed=False,
    )  # fmt: skip


def _symbol(item: Item) -> str:
    symbol = item.text("symbol")
    if not symbol:
        raise Missing("no_symbol", "it names no market")
    return symbol


def _side(item: Item) -> Side:
    side = _SIDES.get(item.text("side").lower())
    if side is None:
        raise Missing("no_direction", "it does not say whether it is a purchase or a sale")
    return side


def _fill(
    item: Item, desk: Desk, instrument: InstrumentRow, side: Side, quantity: Decimal, price: Decimal
) -> ExecutionRow:
    return ExecutionRow(
        row=item.row, account_id=desk.account_id, raw=item.raw, instrument=instrument,
        report=ReportKind.FILL, kind=ExecutionKind.TRADE, broker_id="", exec_id="", trade_id="",
        order_id="", order_reference="", original_ids=(), side=side, quantity=quantity, price=price,
        executed_at=item.at(), zone="UTC", reported_on=None, settled_on=None, fee=None, tax=ZERO,
        fee_currency=instrument.currency, fx_rate=None, effect=PositionEffect.UNKNOWN, proceeds=None,
        net_cash=None, stated_cost=None, stated_pnl=None, order_type="", ordered_at=None,
        exchange="", notes=(), authority=AUTHORITY,
    )  # fmt: skip


def oldest_first(items: Sequence[Item]) -> list[Item]:
    """In time; of one instant by the exchange's own count, else as the file has them, turned if it is newest first."""
    is_turned = bool(items) and _time_of(items[0]) > _time_of(items[-1])
    return sorted(
        reversed(items) if is_turned else items, key=lambda one: (_time_of(one), _count_of(one))
    )


def _time_of(item: Item) -> tuple[str, str]:
    return item.text("timestamp").rjust(16), item.text("datetime")


def _count_of(item: Item) -> int:
    stated = item.told("seq") or item.text("id")
    return int(stated) if stated.isdecimal() and len(stated) <= _DIGITS_MAX else 0
