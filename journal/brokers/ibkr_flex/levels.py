"""Trades are told at several levels of detail. Each fill counts once.

Executions count. Orders, symbol and asset summaries only repeat them, except that a statement without any
execution for an account has nothing finer than its orders. Which it is may be known only at the statement's
end: until an account's first execution, its orders wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from journal.brokers.base import OtherRow, Record
from journal.brokers.ibkr_flex.desk import Account, Desk
from journal.brokers.ibkr_flex.orders import PendingRows
from journal.brokers.ibkr_flex.rows import read_safely
from journal.brokers.ibkr_flex.trades import (
    read_closed_lot,
    read_confirmation,
    read_execution,
    read_order,
)
from journal.brokers.ibkr_flex.values import word

# Which element is which level, unless `levelOfDetail` of a Trade or TradeConfirm says otherwise.
LEVELS = {
    "Trade": "EXECUTION",
    "TradeConfirm": "EXECUTION",
    "Order": "ORDER",
    "Lot": "CLOSED_LOT",
    "ClosedLot": "CLOSED_LOT",
    "SymbolSummary": "SYMBOL_SUMMARY",
    "AssetSummary": "ASSET_SUMMARY",
    "WashSale": "WASH_SALE",
}
_SUMMARIES = frozenset({"SYMBOL_SUMMARY", "ASSET_SUMMARY", "WASH_SALE", "WASH_SALES", "SUMMARY"})

Emit = Callable[[Account, Record], None]
Defer = Callable[[Iterator[Record]], None]


class TradeLevels:
    def __init__(self, desk: Desk, emit: Emit, defer: Defer) -> None:
        self._desk = desk
        self._emit = emit
        self._defer = defer

    def read(self, account: Account, row: int, name: str, raw: dict[str, str]) -> None:
        level = _level(name, raw)
        if level == "EXECUTION":
            self._read_execution(account, row, name, raw)
        elif level == "CLOSED_LOT":
            self._read_lot(account, row, name, raw)
        elif level == "ORDER" and not account.has_executions:
            account.pending.add(row, name, raw, is_order=True)
        else:
            if level not in _SUMMARIES and level != "ORDER":
                self._desk.notices.add(account.id, row, "unknown_level", level)
            self._emit(account, OtherRow(row, account.id, name, raw))

    def _read_execution(self, account: Account, row: int, name: str, raw: dict[str, str]) -> None:
        if not account.has_executions:
            account.has_executions = True
            if account.pending:
                self._defer(self._drop_orders(account, account.pending.take()))
        reader = read_confirmation if name == "TradeConfirm" else read_execution
        self._emit(account, read_safely(reader, self._desk, account, row, name, raw))

    def _read_lot(self, account: Account, row: int, name: str, raw: dict[str, str]) -> None:
        if account.pending:
            account.pending.add(row, name, raw, is_order=False)
        else:
            self._emit(account, read_safely(read_closed_lot, self._desk, account, row, name, raw))

    def _drop_orders(self, account: Account, rows: PendingRows) -> Iterator[Record]:
        """The account has executions, so its orders only repeat them."""
        for row, name, raw in rows.drain():
            if _level(name, raw) == "CLOSED_LOT":
                yield read_safely(read_closed_lot, self._desk, account, row, name, raw)
            else:
                yield OtherRow(row, account.id, name, raw)

    def book_orders(self, account: Account, row: int) -> None:
        """The statement has ended without an execution for this account."""
        rows = account.pending.take()
        self._desk.notices.add(account.id, row, "order_rows_booked", count=rows.orders)
        self._defer(self._fills_of_orders(account, rows))

    def _fills_of_orders(self, account: Account, rows: PendingRows) -> Iterator[Record]:
        # Runs when its records are asked for; by then a fill of the next statement may be the last one.
        last_fill, account.last_fill = account.last_fill, None
        for row, name, raw in rows.drain():
            is_lot = _level(name, raw) == "CLOSED_LOT"
            reader = read_closed_lot if is_lot else read_order
            yield read_safely(reader, self._desk, account, row, name, raw)
        account.last_fill = last_fill


def _level(name: str, raw: dict[str, str]) -> str:
    level = LEVELS[name]
    if level == "EXECUTION":
        stated = raw.get("levelOfDetail", level)
        if stated != level:
            return word(stated).upper() or level
    return level
