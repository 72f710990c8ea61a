"""Answers of exchanges that somebody saved as they came: Bybit v5, Binance, OKX v5. Turned into ccxt's structures, with
the row as it came as their `info`.

What else an answer holds is not looked at. Raises BadValue where a market's name cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from journal.brokers.ccxt_json import symbols
from journal.brokers.ccxt_json.item import number_in, text_in
from journal.brokers.text.faults import BadValue

Row = Mapping[str, Any]
Structure = dict[str, Any]


class Answer(NamedTuple):
    exchange: str
    section: str
    rows: list[Structure]


def read_answer(found: object) -> Answer | None:
    """None where it is no answer that is known here."""
    exchange, rows, category = _rows_of(found)
    if not rows:
        return None
    names = set(rows[0])
    for name, wanted, section, turn in _KNOWN:
        if wanted <= names and exchange in ("", name):
            return Answer(name, section, [_safely(turn, row, category) for row in rows])
    return None


def _safely(turn: Callable[[Row, str], Structure], row: Row, category: str) -> Structure:
    """A market that cannot be read keeps the exchange's name for it, and is told where the row is read."""
    try:
        return turn(row, category)
    except BadValue as bad:
        return {"symbol": bad.text, "timestamp": _moment(row), "info": row}


def _rows_of(found: object) -> tuple[str, list[Row], str]:
    if isinstance(found, list):
        return "", _rows(found), ""
    if not isinstance(found, dict):
        return "", [], ""
    result = found.get("result")
    if "retCode" in found and isinstance(result, dict):
        rows = _rows(result.get("list"))
        coins = [coin for row in rows for coin in _rows(row.get("coin"))]
        return "bybit", coins or rows, text_in(result, "category")
    if isinstance(found.get("data"), list) and "code" in found:
        rows = _rows(found["data"])
        coins = [coin for row in rows for coin in _rows(row.get("details"))]
        return "okx", coins or rows, ""
    if "balances" in found and "makerCommission" in found:
        return "binance", _rows(found["balances"]), ""
    return "", [], ""


def _rows(found: object) -> list[Row]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _moment(row: Row) -> str:
    return text_in(row, "execTime", "time", "ts", "updatedTime", "updateTime")


# -- Bybit


def _bybit_fill(row: Row, category: str) -> Structure:
    symbol = symbols.from_bybit(text_in(row, "symbol"), _bybit_category(row, category))
    market = symbols.read_symbol(symbol)
    side = text_in(row, "side").lower()
    cost = text_in(row, "execFee")
    if market.is_contract:
        coin = market.currency
    else:
        # Who gives liquidity for a rebate gets it in the other coin.
        coin = market.base if (side == "buy") is not cost.startswith("-") else market.quote
    return {
        "id": text_in(row, "execId"),
        "order": text_in(row, "orderId"),
        "timestamp": _moment(row),
        "symbol": symbol,
        "type": text_in(row, "orderType").lower(),
        "side": side,
        "price": text_in(row, "execPrice"),
        "amount": text_in(row, "execQty"),
        "cost": text_in(row, "execValue"),
        "fee": {"cost": cost, "currency": text_in(row, "feeCurrency") or coin} if cost else None,
        "info": row,
    }


def _bybit_category(row: Row, category: str) -> str:
    stated = category or text_in(row, "category")
    if stated:
        return stated
    symbol = text_in(row, "symbol")
    if symbol.count("-") >= 2:
        return "option"
    # Only contracts say how much of a position a fill has closed, and of what kind an order's cause was.
    is_spot = not text_in(row, "closedSize") and not text_in(row, "createType")
    return "spot" if is_spot else "linear"


def _bybit_order(row: Row, category: str) -> Structure:
    symbol = symbols.from_bybit(text_in(row, "symbol"), category or "linear")
    filled = number_in(row, "cumExecQty")
    return {
        "id": text_in(row, "orderId"),
        "clientOrderId": text_in(row, "orderLinkId"),
        "timestamp": text_in(row, "createdTime"),
        "lastTradeTimestamp": text_in(row, "updatedTime"),
        "symbol": symbol,
        "type": text_in(row, "orderType").lower(),
        "side": text_in(row, "side").lower(),
        "price": text_in(row, "price"),
        "amount": text_in(row, "qty"),
        "filled": f"{filled:f}",
        "average": text_in(row, "avgPrice"),
        "status": text_in(row, "orderStatus"),
        "info": row,
    }


def _bybit_position(row: Row, category: str) -> Structure:
    return {
        "symbol": symbols.from_bybit(text_in(row, "symbol"), category or "linear"),
        "timestamp": text_in(row, "updatedTime"),
        "contracts": text_in(row, "size"),
        "side": {"Buy": "long", "Sell": "short"}.get(text_in(row, "side"), ""),
        "entryPrice": text_in(row, "avgPrice"),
        "markPrice": text_in(row, "markPrice"),
        "unrealizedPnl": text_in(row, "unrealisedPnl"),
        "notional": text_in(row, "positionValue"),
        "info": row,
    }


def _bybit_coin(row: Row, category: str) -> Structure:
    return {"currency": text_in(row, "coin"), "total": text_in(row, "walletBalance"), "info": row}


# -- Binance


def _binance_fill(row: Row, category: str) -> Structure:
    is_contract = "realizedPnl" in row or "positionSide" in row
    return {
        "id": text_in(row, "id"),
        "order": text_in(row, "orderId"),
        "timestamp": _moment(row),
        "symbol": symbols.from_binance(text_in(row, "symbol"), is_contract=is_contract),
        "side": _binance_side(row),
        "price": text_in(row, "price"),
        "amount": text_in(row, "qty"),
        "cost": text_in(row, "baseQty", "quoteQty"),
        "fee": {"cost": text_in(row, "commission"), "currency": text_in(row, "commissionAsset")},
        "info": row,
    }


def _binance_side(row: Row) -> str:
    stated = text_in(row, "side").lower()
    return stated or {"true": "buy", "false": "sell"}.get(text_in(row, "isBuyer", "buyer"), "")


def _binance_order(row: Row, category: str) -> Structure:
    is_contract = "positionSide" in row or "reduceOnly" in row
    quantity = number_in(row, "executedQty")
    stated = text_in(row, "avgPrice")
    if not stated and quantity:
        stated = f"{number_in(row, 'cummulativeQuoteQty') / quantity:f}"
    return {
        "id": text_in(row, "orderId"),
        "clientOrderId": text_in(row, "clientOrderId"),
        "timestamp": text_in(row, "time"),
        "lastTradeTimestamp": text_in(row, "updateTime"),
        "symbol": symbols.from_binance(text_in(row, "symbol"), is_contract=is_contract),
        "type": text_in(row, "type").lower(),
        "side": text_in(row, "side").lower(),
        "price": text_in(row, "price"),
        "amount": text_in(row, "origQty"),
        "filled": f"{quantity:f}",
        "average": stated,
        "status": text_in(row, "status"),
        "info": row,
    }


def _binance_position(row: Row, category: str) -> Structure:
    amount = number_in(row, "positionAmt")
    return {
        "symbol": symbols.from_binance(text_in(row, "symbol"), is_contract=True),
        "timestamp": text_in(row, "updateTime"),
        "contracts": f"{amount.copy_abs():f}",
        "side": _side_of(amount),
        "entryPrice": text_in(row, "entryPrice"),
        "markPrice": text_in(row, "markPrice"),
        "unrealizedPnl": text_in(row, "unRealizedProfit", "unrealizedProfit"),
        "notional": text_in(row, "notional"),
        "info": row,
    }


def _side_of(amount: Decimal) -> str:
    if not amount:
        return ""
    return "long" if amount > 0 else "short"


def _binance_income(row: Row, category: str) -> Structure:
    return {
        "id": text_in(row, "tranId"),
        "timestamp": _moment(row),
        "type": text_in(row, "incomeType"),
        "currency": text_in(row, "asset"),
        "amount": text_in(row, "income"),
        "symbol": symbols.from_binance(text_in(row, "symbol"), is_contract=True)
        if text_in(row, "symbol")
        else "",
        "info": row,
    }


def _binance_asset(row: Row, category: str) -> Structure:
    total = number_in(row, "free") + number_in(row, "locked")
    stated = text_in(row, "balance") or f"{total:f}"
    return {"currency": text_in(row, "asset"), "total": stated, "info": row}


# -- OKX


def _okx_fill(row: Row, category: str) -> Structure:
    fee = number_in(row, "fee").copy_negate()
    return {
        "id": text_in(row, "tradeId"),
        "order": text_in(row, "ordId"),
        "timestamp": _moment(row),
        "symbol": symbols.from_okx(text_in(row, "instId")),
        "side": text_in(row, "side"),
        "price": text_in(row, "fillPx"),
        "amount": text_in(row, "fillSz"),
        "fee": {"cost": f"{fee:f}", "currency": text_in(row, "feeCcy")},
        "info": row,
    }


def _okx_coin(row: Row, category: str) -> Structure:
    return {"currency": text_in(row, "ccy"), "total": text_in(row, "cashBal"), "info": row}


_KNOWN: tuple[tuple[str, set[str], str, Callable[[Row, str], Structure]], ...] = (
    ("bybit", {"execId", "execPrice", "execQty"}, "trades", _bybit_fill),
    ("bybit", {"orderId", "cumExecQty", "orderStatus"}, "orders", _bybit_order),
    ("bybit", {"symbol", "positionValue", "avgPrice", "size"}, "positions", _bybit_position),
    ("bybit", {"coin", "walletBalance", "equity"}, "balances", _bybit_coin),
    ("binance", {"orderId", "qty", "commission", "commissionAsset"}, "trades", _binance_fill),
    ("binance", {"orderId", "origQty", "executedQty"}, "orders", _binance_order),
    ("binance", {"symbol", "positionAmt", "entryPrice"}, "positions", _binance_position),
    ("binance", {"incomeType", "income", "asset"}, "ledger", _binance_income),
    ("binance", {"asset", "free", "locked"}, "balances", _binance_asset),
    ("binance", {"asset", "balance", "crossWalletBalance"}, "balances", _binance_asset),
    ("okx", {"instId", "fillPx", "fillSz", "ordId"}, "trades", _okx_fill),
    ("okx", {"ccy", "cashBal"}, "balances", _okx_coin),
)
MARKET_DATA = frozenset({"fundingRate", "fundingRateTimestamp", "openInterest", "lastPrice"})


def is_market_data(found: object) -> bool:
    """Whether it is what an exchange tells everybody, and nothing of an account."""
    _, rows, _ = _rows_of(found)
    return bool(rows) and bool(MARKET_DATA & set(rows[0])) and "size" not in rows[0]
