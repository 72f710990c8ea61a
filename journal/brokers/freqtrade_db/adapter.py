"""The statement parser of freqtrade's database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from journal.brokers.base import ParseOptions, Record
from journal.brokers.freqtrade.records import records_of
from journal.brokers.freqtrade_db.database import MAGIC, read_database


class FreqtradeDb:
    slug = "freqtrade_db"
    broker = "freqtrade"
    label = "freqtrade database (tradesv3.sqlite)"
    default_zone = "UTC"
    # However small: what reads it was not made for files of strangers.
    reads_apart = True

    def recognises(self, head: bytes, name: str) -> bool:
        return head.startswith(MAGIC) and b"trades" in head and b"stake_amount" in head

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        return records_of(read_database(stream))
