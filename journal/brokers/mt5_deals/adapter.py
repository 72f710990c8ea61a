"""The statement parser of what the MetaTrader5 package gives: deals as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from journal.brokers.base import ParseOptions, Record
from journal.brokers.mt5_deals.package import read_package
from journal.brokers.mt5_deals.snapshot import KIND
from journal.brokers.text.decoding import sight

_SNAPSHOT = re.compile(rb'\{\s*"kind"\s*:\s*"' + KIND.encode() + b'"')
# Fields of a TradeDeal that no other record has together.
_FIELDS = (b'"ticket"', b'"time_msc"', b'"entry"', b'"position_id"', b'"magic"', b'"volume"')


class Mt5Deals:
    slug = "mt5_deals"
    broker = "mt5"
    label = "MetaTrader5 package: deals (JSON)"
    # Most servers run on the time of New York's close: EET, in summer EEST.
    default_zone = "Europe/Athens"

    def recognises(self, head: bytes, name: str) -> bool:
        start = sight(head)
        if _SNAPSHOT.match(start):
            return True
        return start.startswith((b"[", b"{")) and all(field in start for field in _FIELDS)

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        return read_package(stream, options, self.default_zone)
