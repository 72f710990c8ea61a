"""Databases as freqtrade writes them, as far as the reader looks at them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

_TRADES = """CREATE TABLE trades (id INTEGER NOT NULL PRIMARY KEY, exchange VARCHAR(25) NOT NULL,
pair VARCHAR(25) NOT NULL, base_currency VARCHAR(25), stake_currency VARCHAR(25), is_open BOOLEAN NOT NULL,
fee_open FLOAT NOT NULL, fee_open_cost FLOAT, fee_open_currency VARCHAR(25), fee_close FLOAT, fee_close_cost FLOAT,
fee_close_currency VARCHAR(25), open_rate FLOAT, close_rate FLOAT, close_profit_abs FLOAT, stake_amount FLOAT NOT NULL,
amount FLOAT, open_date DATETIME NOT NULL, close_date DATETIME, stop_loss FLOAT, exit_reason VARCHAR(255),
strategy VARCHAR(100), enter_tag VARCHAR(255), contract_size FLOAT, leverage FLOAT, is_short BOOLEAN NOT NULL,
funding_fees FLOAT)"""
_ORDERS = """CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, ft_trade_id INTEGER, ft_order_side VARCHAR(25),
ft_pair VARCHAR(25), ft_is_open BOOLEAN, order_id VARCHAR(255), status VARCHAR(255), symbol VARCHAR(25),
order_type VARCHAR(50), side VARCHAR(25), price FLOAT, average FLOAT, amount FLOAT, filled FLOAT, remaining FLOAT,
cost FLOAT, order_date DATETIME, order_filled_date DATETIME, order_update_date DATETIME, ft_fee_base FLOAT)"""
_TRADE = {
    "exchange": "kucoin", "stake_currency": "USDT", "is_open": 0, "fee_open": 0.001, "fee_close": 0.001,
    "open_rate": 100.0, "close_rate": 110.0, "stake_amount": 100.0, "amount": 1.0,
    "open_date": "2026-09-21 14:00:00.000000", "close_date": "2026-09-21 16:00:00.000000", "stop_loss": 90.0,
    "exit_reason": "roi", "strategy": "Sample", "enter_tag": "dip", "leverage": 1.0, "is_short": 0,
    "funding_fees": 0.0,
}  # fmt: skip
_ORDER = {
    "ft_is_open": 0, "status": "closed", "order_type": "limit", "order_date": "2026-09-21 14:00:00.000000",
    "order_filled_date": "2026-09-21 14:00:01.500000",
}  # fmt: skip


class Bot:
    """with Bot(path) as bot: bot.trade("SOL/USDT", bot.order(…)…)"""

    def __init__(self, path: Path | str, *, orders: bool = True) -> None:
        self.database = sqlite3.connect(path)
        self.database.execute(_TRADES)
        if orders:
            self.database.execute(_ORDERS)
        self._trades = 0

    def trade(self, pair: str, *orders: dict[str, Any], **more: Any) -> None:
        self._trades += 1
        self._insert("trades", {**_TRADE, "id": self._trades, "pair": pair, **more})
        for one in orders:
            self._insert(
                "orders",
                {**_ORDER, "ft_trade_id": self._trades, "ft_pair": pair, "symbol": pair, **one},
            )

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        self.database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))

    def __enter__(self) -> Bot:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.commit()
        self.database.close()


def order(id_: str, side: str, filled: float, price: float, **more: Any) -> dict[str, Any]:
    return {
        "order_id": id_, "ft_order_side": side, "side": side if side in ("buy", "sell") else "sell",
        "price": price, "average": price, "amount": filled, "filled": filled, "remaining": 0.0,
        "cost": filled * price, **more,
    }  # fmt: skip
