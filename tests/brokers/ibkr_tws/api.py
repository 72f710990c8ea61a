"""What the API says, in ib_async's own classes."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from ib_async import CommissionReport, Contract, Execution, Order, OrderState

NOW = datetime(2026, 6, 2, 13, 30, tzinfo=UTC)
ACCOUNT = "U7654321"


def stock(**values: Any) -> Contract:
    return Contract(
        **{
            "conId": 4711,
            "symbol": "ACME",
            "localSymbol": "ACME",
            "secType": "STK",
            "currency": "USD",
            **values,
        }
    )


def execution(exec_id: str = "0000e0d5.65b8.01.01", **values: Any) -> Execution:
    said = {
        "acctNumber": ACCOUNT, "side": "BOT", "shares": 100.0, "price": 25.49, "permId": 5001, "clientId": 5,
        "orderId": 11, "time": NOW, "exchange": "ISLAND", "lastLiquidity": 2, **values,
    }  # fmt: skip
    return Execution(exec_id, **said)


def charge(
    exec_id: str = "0000e0d5.65b8.01.01", commission: float = 1.05, currency: str = "USD"
) -> CommissionReport:
    return CommissionReport(exec_id, commission, currency)


def order(**values: Any) -> Order:
    said = {
        "orderId": 11, "permId": 5001, "clientId": 5, "account": ACCOUNT, "action": "BUY", "totalQuantity": 100.0,
        "orderType": "LMT", "lmtPrice": 25.5, "auxPrice": 0.0, "tif": "GTC", **values,
    }  # fmt: skip
    return Order(**said)


def stop(**values: Any) -> Order:
    said = {
        "orderId": 12,
        "permId": 5002,
        "action": "SELL",
        "orderType": "STP",
        "lmtPrice": 0.0,
        "auxPrice": 24.0,
    }
    return order(**{**said, "parentId": 11, **values})


def state(status: str = "Submitted", **values: Any) -> OrderState:
    return OrderState(status=status, **values)


def status(
    about: Order, word: str = "Submitted", filled: float = 0.0, average: float = 0.0, held: str = ""
) -> Any:
    return SimpleNamespace(
        orderId=about.orderId, clientId=about.clientId, permId=about.permId, status=word, filled=filled,
        remaining=about.totalQuantity - filled, avgFillPrice=average, whyHeld=held,
    )  # fmt: skip
