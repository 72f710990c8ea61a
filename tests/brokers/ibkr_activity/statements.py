"""The samples, and short ways to read them."""

from __future__ import annotations

from pathlib import Path

from journal.brokers.base import ExecutionRow
from tests.brokers.reading import of, parse

SAMPLES = Path(__file__).parent / "samples"
FULL = SAMPLES / "full.csv"
ACCOUNTS = SAMPLES / "accounts.csv"
GERMAN = SAMPLES / "german_orders.csv"
TRADES = (
    "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Exchange,Quantity,T. Price,Proceeds,"
    "Comm/Fee,Basis,Realized P/L,Code\n"
)


def read(source: Path | str, **options: object) -> list:
    return parse(source, "ibkr_activity", **options)


def fill(records: list, symbol: str, place: int = 0) -> ExecutionRow:
    return [one for one in of(ExecutionRow, records) if one.instrument.symbol == symbol][place]


def rows(kind: str, *lines: str) -> str:
    return TRADES + "".join(f"Trades,Data,{kind},{line}\n" for line in lines)
