"""Fills of a broker's client library as the journal's: for what a bot that was dead has missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fillbook_client.scanner import fields_of


def execution_of(fill: Any) -> dict[str, Any]:
    """The arguments of `Journal.execution`. Takes ccxt's unified trades (fetch_my_trades), ib_async's fills
    (ib.fills()), and mappings that have the journal's own names. Raises ValueError for anything else.
    """
    said = fields_of(fill)
    if {"symbol", "side", "quantity", "price"} <= said.keys():
        return said
    if {"symbol", "side", "amount", "price", "timestamp"} <= said.keys():
        return _of_ccxt(said)
    if {"contract", "execution"} <= said.keys():
        return _of_ib(said)
    raise ValueError(f"This is no fill that is understood: {sorted(said)[:20]}")


def _of_ccxt(trade: Mapping[str, Any]) -> dict[str, Any]:
    """https://docs.ccxt.com/#/?id=trade-structure"""
    fees = [
        fee
        for fee in [trade.get("fee"), *(trade.get("fees") or ())]
        if fee and fee.get("cost") is not None
    ]
    fee = fees[0] if fees else {}
    return {
        "symbol": trade["symbol"],
        "side": trade["side"],
        "quantity": trade["amount"],
        "price": trade["price"],
        "executed_at": float(trade["timestamp"]) / 1000,
        "exec_id": trade.get("id"),
        "order_id": trade.get("order"),
        "fee": fee.get("cost"),
        "fee_currency": fee.get("currency"),
    }


def _of_ib(fill: Mapping[str, Any]) -> dict[str, Any]:
    """https://ib-api-reloaded.github.io/ib_async/api.html (Fill: contract, execution, commissionReport)."""
    contract, execution = fields_of(fill["contract"]), fields_of(fill["execution"])
    charged = fields_of(fill.get("commissionReport"))
    is_charged = bool(charged.get("currency"))
    return {
        "symbol": contract.get("localSymbol") or contract.get("symbol"),
        "currency": contract.get("currency"),
        "asset_class": {"STK": "stock", "OPT": "option", "FUT": "future", "FOP": "future_option", "CASH": "forex"}.get(
            str(contract.get("secType")), "other"
        ),
        "multiplier": contract.get("multiplier") or None,
        "instrument_id": str(contract["conId"]) if contract.get("conId") else None,
        "strike": contract.get("strike") or None,
        "right": {"C": "call", "P": "put", "CALL": "call", "PUT": "put"}.get(str(contract.get("right"))),
        "expiry_on": _day(contract.get("lastTradeDateOrContractMonth")),
        "side": {"BOT": "buy", "SLD": "sell"}.get(str(execution.get("side")), execution.get("side")),
        "quantity": execution.get("shares"),
        "price": execution.get("price"),
        "executed_at": execution.get("time") or fill.get("time"),
        "exec_id": execution.get("execId"),
        "order_id": str(execution["permId"]) if execution.get("permId") else None,
        "client_order_id": execution.get("orderRef") or None,
        "account": execution.get("acctNumber") or None,
        "fee": charged.get("commission") if is_charged else None,
        "fee_currency": charged.get("currency") if is_charged else None,
    }  # fmt: skip


def _day(text: Any) -> str | None:
    """Of 20270319."""
    words = str(text or "")[:8]
    return f"{words[:4]}-{words[4:6]}-{words[6:]}" if len(words) == 8 and words.isdigit() else None
