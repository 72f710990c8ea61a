"""Transactions of one tastytrade account, as its export (CSV) and as its API (JSON) write them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

ACCOUNT = "5WX00001"
OPTION = "FERN  260116P00020000"
_HEADER = (
    "Date,Type,Sub Type,Action,Symbol,Instrument Type,Description,Value,Quantity,Average Price,Commissions,Fees,"
    "Multiplier,Root Symbol,Underlying Symbol,Expiration Date,Strike Price,Call or Put,Order #,Currency"
)


class Row(NamedTuple):
    """`id` is the API's. `action` is "" where the row does not say it, `price` None where nothing was traded."""

    id: int
    at: datetime
    kind: str
    sub_kind: str
    symbol: str
    text: str
    action: str = ""
    quantity: int = 0
    price: Decimal | None = None
    value: Decimal = Decimal(0)
    commission: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    order: str = ""

    @property
    def is_option(self) -> bool:
        return len(self.symbol) > 6


def traded(id_: int, at: datetime, action: str, symbol: str, quantity: int, price: str) -> Row:
    each = Decimal(price) * (100 if len(symbol) > 6 else 1)
    value = each * quantity * (1 if action.startswith("Sell") else -1)
    return Row(
        id_, at, "Trade", action, symbol, f"{action} {quantity} {symbol} @ {price}", action, quantity, Decimal(price),
        value, Decimal(1), Decimal("0.14"), str(700000 + id_),
    )  # fmt: skip


def csv(rows: Iterable[Row]) -> str:
    newest_first = sorted(rows, key=lambda row: (row.at, row.id), reverse=True)
    return "\n".join([_HEADER, *map(_line, newest_first)]) + "\n"


def _line(row: Row) -> str:
    contract = ["100", "FERN", "FERN", "1/16/26", "20", "PUT"] if row.is_option else [""] * 6
    average = "" if row.price is None else f"{row.value / row.quantity:.2f}"
    kind = "" if not row.symbol else "Equity Option" if row.is_option else "Equity"
    cells = [
        f"{row.at:%Y-%m-%dT%H:%M:%S+0000}", row.kind, row.sub_kind, row.action.upper().replace(" ", "_"), row.symbol,
        kind, row.text, f"{row.value:.2f}", f"{row.quantity}", average,
        f"{-row.commission:.2f}" if row.commission else "--", f"{-row.fees:.2f}", *contract, row.order, "USD",
    ]  # fmt: skip
    return ",".join(cells)


def api(rows: Iterable[Row]) -> str:
    newest_first = sorted(rows, key=lambda row: (row.at, row.id), reverse=True)
    return json.dumps({"data": {"items": [_item(row) for row in newest_first]}})


def _item(row: Row) -> dict[str, object]:
    def money(name: str, amount: Decimal) -> dict[str, str]:
        effect = "None" if not amount else "Credit" if amount > 0 else "Debit"
        return {name: f"{abs(amount):.2f}", f"{name}-effect": effect}

    item: dict[str, object] = {
        "id": row.id, "account-number": ACCOUNT, "transaction-type": row.kind, "transaction-sub-type": row.sub_kind,
        "description": row.text, "executed-at": row.at.isoformat(timespec="milliseconds"),
        "transaction-date": f"{row.at:%Y-%m-%d}", **money("value", row.value),
        **money("commission", -row.commission), **money("clearing-fees", -row.fees),
        **money("net-value", row.value - row.commission - row.fees),
    }  # fmt: skip
    if row.symbol:
        kind = "Equity Option" if row.is_option else "Equity"
        item |= {"symbol": row.symbol, "instrument-type": kind, "underlying-symbol": row.symbol[:4]}
        item["quantity"] = f"{row.quantity}.0"
    if row.action:
        item["action"] = row.action
    if row.price is not None:
        item["price"] = f"{row.price}"
    if row.order:
        item |= {
            "order-id": int(row.order),
            "exec-id": f"4_A-{row.id}",
            "ext-group-fill-id": str(80000 + row.id),
        }
    return item


def moment(day: int, hour: int = 15, second: int = 0, thousandth: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, 30, second, thousandth * 1000, tzinfo=UTC)
