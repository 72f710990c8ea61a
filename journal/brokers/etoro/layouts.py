"""The sheets of eToro's account statement that are read."""

from __future__ import annotations

from journal.brokers.text.layout import Layout

ACTIVITY = Layout(
    needs={
        "date": "Date", "type": "Type", "details": "Details", "amount": "Amount",
        "equity_change": "Realized Equity Change", "equity": "Realized Equity",
        "balance": "Balance", "position": "Position ID",
    },
    may={"quantity": ("Units", "Units / Contracts"), "class": "Asset type"},
)  # fmt: skip
CLOSED = Layout(
    needs={
        "position": "Position ID", "action": "Action", "quantity": ("Units / Contracts", "Units"),
        "opened": "Open Date", "date": "Close Date", "leverage": "Leverage",
        "open_rate": "Open Rate", "close_rate": "Close Rate",
    },
    may={"direction": "Long / Short"},
)  # fmt: skip
