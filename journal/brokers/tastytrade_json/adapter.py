"""The statement parser of transactions as tastytrade's API answers them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from journal.brokers.base import ParseOptions, Record
from journal.brokers.tastytrade_json.reading import read_transactions
from journal.brokers.text.decoding import sight

_MARKS = re.compile(rb'"transaction-type"\s*:|"context"\s*:\s*"/accounts/[^"/]+/transactions"')


class TastytradeJson:
    slug = "tastytrade_json"
    broker = "tastytrade"
    label = "tastytrade transactions (API, JSON)"
    default_zone = "America/New_York"

    def recognises(self, head: bytes, name: str) -> bool:
        seen = sight(head)
        return seen.startswith((b"{", b"[")) and _MARKS.search(seen) is not None

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        return read_transactions(stream, options, self.default_zone)
