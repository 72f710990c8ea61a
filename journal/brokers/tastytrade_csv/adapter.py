"""The statement parser of tastytrade's transaction exports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from journal.brokers.base import ParseOptions, Record
from journal.brokers.tastytrade_csv.layouts import is_tax_file, layout_of
from journal.brokers.tastytrade_csv.table import read_transactions
from journal.brokers.text.decoding import sight

_CUTS = re.compile(r"[,;\t|]")


class TastytradeCsv:
    slug = "tastytrade_csv"
    broker = "tastytrade"
    label = "tastytrade transactions (CSV)"
    default_zone = "America/New_York"

    def recognises(self, head: bytes, name: str) -> bool:
        # The tax file too: it is this adapter that can say what is wrong with it.
        first = sight(head).split(b"\n", 1)[0].split(b"\r", 1)[0].decode("utf-8", "replace")
        columns = [cell.strip(" \"'") for cell in _CUTS.split(first)]
        return layout_of(columns) is not None or is_tax_file(columns)

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        return read_transactions(stream, options, self.default_zone)
