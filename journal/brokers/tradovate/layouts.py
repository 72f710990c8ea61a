"""The columns of Tradovate's reports. Those that begin with "_" are its own names of things; most repeat others."""

from __future__ import annotations

from journal.brokers.text.layout import Layout

FILLS = Layout(
    needs={
        "id": "Fill ID", "order": "Order ID", "date": "Timestamp", "side": "B/S",
        "quantity": "Quantity", "price": "Price", "symbol": "Contract",
    },
    may={
        "utc": "_timestamp", "active": "_active", "account": "Account", "fee": "commission",
        "traded_on": "_tradeDate", "currency": "Currency",
    },
)  # fmt: skip
ORDERS = Layout(
    needs={
        "side": "B/S", "symbol": "Contract", "date": "Fill Time", "status": "Status",
        "price": ("avgPrice", "Avg Fill Price"), "quantity": ("filledQty", "Filled Qty"),
        "order": ("orderId", "Order ID"),
    },
    may={
        "account": "Account", "placed": "Timestamp", "order_type": "Type", "currency": "Currency",
        "price_again": "Avg Fill Price", "quantity_again": "Filled Qty",
    },
)  # fmt: skip
PERFORMANCE = Layout(
    needs={
        "symbol": "symbol", "bought": "buyFillId", "sold": "sellFillId", "quantity": "qty",
        "price": "buyPrice", "sell_price": "sellPrice", "profit": "pnl",
        "date": "boughtTimestamp", "sold_at": "soldTimestamp",
    },
)  # fmt: skip
POSITIONS = Layout(
    needs={
        "symbol": "Contract", "bought": "Buy Fill ID", "sold": "Sell Fill ID",
        "quantity": "Paired Qty", "price": "Buy Price", "sell_price": "Sell Price",
        "profit": "P/L", "date": "Bought Timestamp", "sold_at": "Sold Timestamp",
    },
    may={"account": "Account", "currency": "Currency"},
)  # fmt: skip
PAIRS = (PERFORMANCE, POSITIONS)
