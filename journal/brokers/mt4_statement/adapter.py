"""The statement parser of MetaTrader 4's account statement in HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from journal.brokers.base import ParseOptions, Record
from journal.brokers.mt4_statement.statement import read_statement
from journal.brokers.text.decoding import Recoder, TooManyRepairs

_COLUMNS = re.compile(
    r">\s*ticket\s*<.{0,1500}?>\s*open\s+time\s*<.{0,1500}?>\s*item\s*<.{0,1500}?>\s*close\s+time\s*<",
    re.IGNORECASE | re.DOTALL,
)


class Mt4Statement:
    slug = "mt4_statement"
    broker = "mt4"
    label = "MetaTrader 4 statement (HTML)"
    # Most servers run on the time of New York's close: EET, in summer EEST.
    default_zone = "Europe/Athens"

    def recognises(self, head: bytes, name: str) -> bool:
        try:
            text = Recoder(head).recode(head[: len(head) - len(head) % 2])
        except TooManyRepairs:
            return False
        return "<" in text[:200] and _COLUMNS.search(text) is not None

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        return read_statement(stream, options, self.default_zone)
