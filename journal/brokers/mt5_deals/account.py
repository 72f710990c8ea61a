"""What an account holds, as the terminal's records say it: a part that is not among them is lacking, never nothing."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from journal.brokers.live import AccountReading, Holding, WorkingOrder
from journal.brokers.mt5_deals.fields import (
    SIGNS,
    Row,
    at_of,
    id_of,
    number_of,
    rows_of,
    stated,
    texts_of,
)
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.lots import Contracts, Fact, Symbol
from journal.domain.values import Side

_NETTING = ("0", "1")
# SYMBOL_TRADE_MODE of a symbol in which nothing can be traded.
_DISABLED = "0"
# Orders at market are among those at work for a moment: even numbers buy, odd ones sell. 8 closes by another position.
_LIMITS, _STOPS, _KINDS = ("2", "3"), ("4", "5", "6", "7"), 8


class _Quote(NamedTuple):
    """Of one symbol; what is None the bridge did not say. `at`: when it was quoted, by the server's clock."""

    at: datetime | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    is_halted: bool | None = None


def read_account(
    state: dict[str, Any], account_id: str, zone: ZoneInfo, as_of: datetime
) -> AccountReading:
    """`state` is what a push said of the account; `zone` the trading server's."""
    found = state.get("account")
    info = texts_of(found) if isinstance(found, dict) else {}
    contracts = _contracts(state, info.get("currency", ""))
    lacking = _lacking(state, info)
    holdings, orders = [], []
    quotes = _quotes(state, zone, as_of)
    for row in rows_of(state, "positions"):
        quote = quotes.get(row.get("symbol", ""), _Quote())
        held = _holding(row, contracts, quote, is_hedging=info.get("margin_mode") not in _NETTING)
        if held is None:
            lacking.append(f"position {row.get('ticket', '?')} {row.get('symbol', '')}".strip())
        else:
            holdings.append(held)
    for row in rows_of(state, "orders"):
        order = _order(row, contracts, zone)
        if order is None:
            lacking.append(f"order {row.get('ticket', '?')} {row.get('symbol', '')}".strip())
        else:
            orders.append(order)
    balance = stated(info, "balance")
    return AccountReading(
        account_id=account_id,
        as_of=as_of,
        currency=info.get("currency", ""),
        holdings=tuple(holdings),
        orders=tuple(orders),
        equity=stated(info, "equity"),
        balance=balance,
        cash={info["currency"]: balance} if balance is not None and "currency" in info else None,
        margin_used=stated(info, "margin"),
        lacking=tuple(lacking),
    )


def _lacking(state: dict[str, Any], info: Row) -> list[str]:
    lacking = [name for name in ("positions", "orders") if not isinstance(state.get(name), list)]
    lacking += [name for name in ("currency", "equity", "balance") if name not in info]
    terminal = state.get("terminal")
    if isinstance(terminal, dict) and terminal.get("connected") is False:
        # What the terminal shows without its broker is what it last knew.
        lacking.append("connection of the terminal to its broker")
    return lacking


def _contracts(state: dict[str, Any], currency: str) -> Contracts:
    symbols = []
    for row in rows_of(state, "symbols"):
        size = stated(row, "trade_contract_size")
        if size and size > 0 and row.get("name") and row.get("currency_profit"):
            symbols.append(Symbol(row["name"], row["currency_profit"], size))
    hints: dict[str, list[Fact]] = defaultdict(list)
    return Contracts(currency, {}, hints, symbols)


def _quotes(state: dict[str, Any], zone: ZoneInfo, as_of: datetime) -> dict[str, _Quote]:
    """What a tick of a position's symbol says, and whether the broker lets it be traded at all."""
    halted = {
        row["name"]: row["trade_mode"] == _DISABLED
        for row in rows_of(state, "symbols")
        if row.get("name") and row.get("trade_mode")
    }
    found = {name: _Quote(is_halted=mode) for name, mode in halted.items()}
    for row in rows_of(state, "ticks"):
        name = row.get("symbol", "")
        try:
            # Clocks differ by seconds; a price is never from after the look.
            at = min(at_of({"time_msc": row["time_msc"]}, zone), as_of)
            found[name] = _Quote(at, _price(row, "bid"), _price(row, "ask"), halted.get(name))
        except (BadValue, Missing, KeyError):
            continue
    return found


def _holding(row: Row, contracts: Contracts, quote: _Quote, *, is_hedging: bool) -> Holding | None:
    try:
        contract = contracts.find(row["symbol"])
        if contract is None:
            return None
        # A ticket may change overnight; the identifier, which the deals of the position name, does not.
        ticket = id_of(row, "identifier") or id_of(row, "ticket")
        return Holding(
            instrument=contract.instrument,
            ticket=ticket if is_hedging else "",
            signed_quantity=SIGNS[row["type"]] * number_of(row, "volume").copy_abs(),
            average_price=stated(row, "price_open"),
            price=stated(row, "price_current"),
            price_at=quote.at,
            open_pnl=_open_pnl(row),
            stop_price=_price(row, "sl"),
            target_price=_price(row, "tp"),
            bid=quote.bid,
            ask=quote.ask,
            is_halted=quote.is_halted,
        )
    except (BadValue, Missing, KeyError):
        return None


def _open_pnl(row: Row) -> Decimal | None:
    """Swap that has run up is part of it, as it is of the equity."""
    profit = stated(row, "profit")
    return None if profit is None else profit + (stated(row, "swap") or 0)


def _order(row: Row, contracts: Contracts, zone: ZoneInfo) -> WorkingOrder | None:
    try:
        contract, kind = contracts.find(row["symbol"]), row["type"]
        if contract is None or not kind.isdecimal() or int(kind) > _KINDS:
            return None
        whole, left = number_of(row, "volume_initial"), number_of(row, "volume_current")
        set_up = {"time_msc": row.get("time_setup_msc", ""), "time": row.get("time_setup", "")}
        price = _price(row, "price_open")
        return WorkingOrder(
            order_id=id_of(row, "ticket"),
            client_order_id="",
            instrument=contract.instrument,
            side=Side.SELL if int(kind) % 2 else Side.BUY,
            quantity=whole,
            filled_quantity=whole - left,
            limit_price=_price(row, "price_stoplimit")
            if kind in ("6", "7")
            else price
            if kind in _LIMITS
            else None,
            stop_price=price if kind in _STOPS else None,
            is_reduce_only=False,
            at=at_of({name: text for name, text in set_up.items() if text}, zone),
        )
    except (BadValue, Missing, KeyError):
        return None


def _price(row: Row, name: str) -> Decimal | None:
    """MetaTrader writes nothing as 0."""
    return stated(row, name) or None
