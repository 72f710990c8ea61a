"""Trades and orders out of a SQLite file that somebody uploaded, which may be made to do harm.

It is read from memory, never written, and never next to other files. Allowed is to read columns of plain tables: no
views, virtual tables, functions or recursion, values of a limited length, and a limited number of steps.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any, BinaryIO

from journal.brokers.freqtrade.records import Source
from journal.brokers.freqtrade.remarks import broken_database, not_freqtrade
from journal.brokers.freqtrade.values import BotOrder, BotTrade, plain

MAGIC = b"SQLite format 3\x00"
BYTES_MAX = 256 * 1024**2
ROWS_MAX = 5_000_000
_CHUNK_BYTES = 64 * 1024
_VALUE_MAX = 1024**2
_STEPS = 100_000
_STEPS_MAX = 20_000  # of the above
_COLUMNS_MAX = 500
# How a file says that it is written through a log beside it.
_JOURNAL_AT, _WAL, _ROLLBACK = slice(18, 20), b"\x02\x02", b"\x01\x01"
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}


def read_database(stream: BinaryIO) -> Source:
    """Raises UnreadableStatement."""
    held = bytearray()
    while chunk := stream.read(_CHUNK_BYTES):
        held += chunk
        if not held.startswith(MAGIC[: len(held)]):
            raise not_freqtrade()
        if len(held) > BYTES_MAX:
            raise broken_database(f"it is larger than {BYTES_MAX // 1024**2} MB")
    if len(held) < 512 or b"trades" not in held:
        raise not_freqtrade()
    is_logged = bytes(held[_JOURNAL_AT]) == _WAL
    held[_JOURNAL_AT] = _ROLLBACK
    try:
        with closing(_open(bytes(held))) as database:
            return Source(_trades(database), is_unfinished=is_logged)
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        raise broken_database(_why(error)) from None


def _open(data: bytes) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.deserialize(data)
    for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
        database.execute(f"PRAGMA {pragma}")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _VALUE_MAX)
    database.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _COLUMNS_MAX)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.text_factory = _text
    database.set_authorizer(_authorize)
    left = iter(range(_STEPS_MAX))
    database.set_progress_handler(lambda: next(left, None) is None, _STEPS)
    return database


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _authorize(action: int, *_: Any) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _trades(database: sqlite3.Connection) -> list[BotTrade]:
    kinds = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    if not _is_plain(kinds.get("trades")):
        raise not_freqtrade()
    trades: dict[str, BotTrade] = {}
    count = 0
    for row in _rows(database, "SELECT * FROM main.trades ORDER BY id"):
        count += 1
        trades[row.get("id", "")] = BotTrade(count, row)
    if _is_plain(kinds.get("orders")):
        for row in _rows(database, "SELECT * FROM main.orders ORDER BY id"):
            count += 1
            trade = trades.get(row.get("ft_trade_id", ""))
            if trade is not None:
                trade.orders.append(BotOrder(count, row))
    return list(trades.values())


def _is_plain(sql: object) -> bool:
    return isinstance(sql, str) and sql.lstrip().upper().startswith("CREATE TABLE")


def _rows(database: sqlite3.Connection, query: str) -> Iterator[dict[str, str]]:
    cursor = database.execute(query)
    names = [one[0] for one in cursor.description]
    for count, values in enumerate(cursor):
        if count >= ROWS_MAX:
            raise broken_database("it has more rows than any bot writes")
        yield plain(dict(zip(names, values, strict=True)))


def _why(error: Exception) -> str:
    """SQLite's own words, but for what a file may have put into them."""
    text = str(error).partition(":")[0][:80]
    return text if text.isascii() and text.isprintable() else "it is damaged"
