"""Account activity of eToro, in dollars: positions that open and close as wholes, each with a number of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from journal.brokers.base import (
    CashKind,
    CashRow,
    ClosedLotRow,
    ExecutionRow,
    InstrumentRow,
    Record,
)
from journal.brokers.text.faults import Missing
from journal.brokers.text.layout import Layout
from journal.brokers.text.records import cash, fill
from journal.brokers.text.row import Row
from journal.brokers.text.running import Moved
from journal.brokers.text.sheet import SheetParser
from journal.domain.values import AssetClass, PositionEffect, Side

_LAYOUT = Layout(
    needs={
        "date": "Date", "type": "Type", "details": "Details", "amount": "Amount",
        "equity_change": "Realized Equity Change", "equity": "Realized Equity",
        "balance": "Balance", "position": "Position ID",
    },
    may={"quantity": ("Units", "Units / Contracts"), "class": "Asset type"},
)  # fmt: skip
_CLASSES = {
    "stocks": AssetClass.STOCK,
    "etf": AssetClass.FUND,
    "crypto": AssetClass.CRYPTO,
    "cfd": AssetClass.CFD,
}
_CASH = {
    "deposit": CashKind.DEPOSIT,
    "withdraw request": CashKind.WITHDRAWAL,
    "withdraw fee": CashKind.FEE,
    "withdrawal conversion fee": CashKind.FEE,
    "deposit conversion fee": CashKind.FEE,
    "dividend": CashKind.DIVIDEND,
    "interest payment": CashKind.INTEREST_RECEIVED,
    "overnight fee": CashKind.FEE,
    "overnight refund": CashKind.FEE,
    "rollover fee": CashKind.FEE,
    "sdrt": CashKind.TAX,
    "commission": CashKind.FEE,
    "adjustment": CashKind.ADJUSTMENT,
}


class Etoro(SheetParser):
    slug = "etoro"
    broker = "etoro"
    label = "eToro account activity (CSV)"
    default_zone = "UTC"
    layouts = (_LAYOUT,)
    numbers = ("amount", "equity_change", "equity", "balance")
    day_first = True

    def base_currency(self, rows: Sequence[Row]) -> str:
        return "USD"

    def moved(self, row: Row) -> Moved | None:
        balance = row.decimal("balance")
        if balance is None:
            return None
        is_cash = row.text("type").lower() in _CASH
        return Moved("", row.decimal("amount") if is_cash else None, balance)

    def read_row(self, row: Row) -> Iterable[Record]:
        stated = row.text("type")
        name = stated.lower()
        if name == "open position":
            return [_opening(row)]
        if name == "position closed":
            return _closing(row)
        if name in _CASH and row.decimal("amount") == 0:
            return [row.kept("Nothing moved")]
        if name in _CASH:
            return [_cash(row, _CASH[name])]
        return [row.unknown(stated)]


def _opening(row: Row) -> ExecutionRow:
    """The amount is the money put in. Without leverage it is units times price."""
    units, amount = _units(row), row.needed("amount", "no_amount")
    return fill(row, _instrument(row), Side.BUY, units, (amount / units).copy_abs())._replace(
        broker_id=f"open:{_position(row)}",
        effect=PositionEffect.OPEN,
        proceeds=-amount,
        net_cash=-amount,
    )


def _closing(row: Row) -> list[Record]:
    """The amount is the money that comes back: what was put in and the profit."""
    units, amount, profit = _units(row), row.decimal("amount"), row.decimal("equity_change")
    if amount is None or profit is None:
        raise Missing("no_amount", "it states no amount or no change of the realised equity")
    position, instrument = _position(row), _instrument(row)
    closing = fill(row, instrument, Side.SELL, units, amount / units)._replace(
        broker_id=f"close:{position}",
        effect=PositionEffect.CLOSE,
        proceeds=amount,
        net_cash=amount,
        stated_pnl=profit,
    )
    lot = ClosedLotRow(
        row=row.number, account_id=row.account_id, raw=row.raw, instrument=instrument,
        closing_broker_id=closing.broker_id, opening_broker_id=f"open:{position}",
        quantity=units, open_price=(amount - profit) / units, opened_at=None, closed_at=row.at,
        cost=amount - profit, realized_pnl=profit,
    )  # fmt: skip
    return [closing, lot]


def _cash(row: Row, kind: CashKind) -> CashRow:
    amount = row.decimal("amount")
    if amount is None:
        raise Missing("no_amount", "it states no amount")
    has_contract = kind is CashKind.DIVIDEND or kind is CashKind.TAX
    return cash(row, kind, amount, "USD")._replace(
        description=" ".join(filter(None, (row.text("type"), row.text("details").strip("-")))),
        instrument=_instrument(row) if has_contract and row.text("details") else None,
        trade_id=row.text("position").strip("-"),
    )


def _units(row: Row) -> Decimal:
    return row.needed("quantity", "no_quantity").copy_abs()


def _position(row: Row) -> str:
    position = row.text("position").strip("-")
    if not position:
        raise Missing("no_symbol", "it states no number of a position")
    return position


def _instrument(row: Row) -> InstrumentRow:
    """All amounts are in dollars, whatever the instrument is quoted in: "KER/EUR" is held in dollars here. A CFD keeps
    both names: it is not the share."""
    details = row.word("details", "no_symbol")
    asset_class = _CLASSES.get(row.text("class").lower(), AssetClass.OTHER)
    if asset_class is AssetClass.CFD:
        row.notice("margin_price")
        return row.security(details, "USD", asset_class, description=details)
    return row.security(
        details.rpartition("/")[0] or details, "USD", asset_class, description=details
    )
