"""The tables of an XTB report, of the years before 2025 ("CASH OPERATION HISTORY") and since ("Cash Operations")."""

from __future__ import annotations

from journal.brokers.text.layout import Layout

CASH = Layout(
    needs={
        "id": "ID", "type": "Type", "date": "Time", "comment": "Comment",
        "symbol": ("Symbol", "Ticker"), "amount": "Amount",
    },
    may={"product": "Product", "instrument": "Instrument", "ticker": "Ticker"},
)  # fmt: skip
POSITIONS = Layout(
    needs={
        "symbol": ("Symbol", "Ticker"), "type": "Type", "quantity": "Volume",
        "opened": ("Open time", "Open Time (UTC)"), "open": "Open price",
        "date": ("Close time", "Close Time (UTC)"), "price": "Close price",
        "profit": ("Gross P/L", "Gross Profit"),
    },
    may={
        "position": ("Position", "Position ID"), "category": "Category",
        "purchase": "Purchase value", "commission": "Commission", "swap": "Swap",
        "rollover": "Rollover", "ticker": "Ticker",
    },
)  # fmt: skip
LAYOUTS = (CASH, POSITIONS)
