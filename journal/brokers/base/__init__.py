"""What a broker adapter is: a folder with a parser, and what a parser may say.

A parser turns bytes into a stream of records and never raises for what a user's file holds: a row that it
cannot understand becomes a `ProblemRow`. It raises `UnreadableStatement` only when the file as a whole is
not what it claims to be (not XML, cut short, hostile); whoever called it then keeps nothing.

Records come in file order; but fills of one instant that have no running number come oldest first, whatever the order
of the file: their place is all that tells which was first (`text.tables.oldest_first` turns them). `row` counts the
elements or lines of the file from 1 and is what a person can look up; `raw` holds the row as it was written, without
its empty attributes.
"""

from journal.brokers.base.contracts import InstrumentRow
from journal.brokers.base.dealing import (
    HAND_AUTHORITY,
    ORDER_AUTHORITY,
    PART_AUTHORITY,
    POSITION,
    ClosedLotRow,
    ExecutionRow,
    OrderRole,
    OrderRow,
    OrderStatus,
    ReportKind,
)
from journal.brokers.base.holdings import (
    CorporateActionRow,
    OptionEventKind,
    OptionEventRow,
    PositionRow,
    TransferRow,
)
from journal.brokers.base.money import CashBalanceRow, CashKind, CashRow, ConversionRateRow, NavRow
from journal.brokers.base.parser import ParseOptions, Record, StatementParser, UnreadableStatement
from journal.brokers.base.statements import OtherRow, ProblemRow, StatementInfo

__all__ = (
    "HAND_AUTHORITY", "ORDER_AUTHORITY", "PART_AUTHORITY", "POSITION", "CashBalanceRow", "CashKind", "CashRow",
    "ClosedLotRow", "ConversionRateRow", "CorporateActionRow", "ExecutionRow", "InstrumentRow", "NavRow",
    "OptionEventKind", "OptionEventRow", "OrderRole", "OrderRow", "OrderStatus", "OtherRow", "ParseOptions",
    "PositionRow", "ProblemRow", "Record", "ReportKind", "StatementInfo", "StatementParser", "TransferRow",
    "UnreadableStatement",
)  # fmt: skip
