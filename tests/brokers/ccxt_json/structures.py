"""ccxt's structures with everything that a test does not speak of filled in."""

from __future__ import annotations

import itertools
import json

T0 = 1_790_000_000_000  # 21 September 2026, 14:13:20 UTC
_ids = itertools.count(1)


def fee(cost, currency):
    return {"cost": cost, "currency": currency}


def trade(symbol, side, amount, price, *, minute=0, fees=(), id=None, info=None, **more):
    at = T0 + minute * 60_000
    return {
        "info": info or {},
        "id": id or f"t-{next(_ids)}",
        "timestamp": at,
        "datetime": None,
        "symbol": symbol,
        "order": None,
        "type": "limit",
        "side": side,
        "takerOrMaker": "taker",
        "price": price,
        "amount": amount,
        "cost": None,
        "fee": fees[0] if len(fees) == 1 else None,
        "fees": list(fees),
        **more,
    }


def document(exchange="bybit", account="24680", **sections):
    return {"fillbook": "ccxt", "exchange": exchange, "account": account, **sections}


def dumped(found):
    return json.dumps(found)
