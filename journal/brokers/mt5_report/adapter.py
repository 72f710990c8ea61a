"""The statement parser of MetaTrader 5's history report: one for XLSX and HTML, whose lines are the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from journal.brokers.base import ParseOptions, Record
from journal.brokers.metatrader.cells import spread
from journal.brokers.mt5_report.report import read_report
from journal.brokers.mt5_report.sight import is_report
from journal.brokers.text.archive import PACKED, joined
from journal.brokers.text.markup import CHUNK_BYTES, read_markup
from journal.brokers.text.tables import Line
from journal.brokers.text.workbook import read_workbook


class Mt5Report:
    slug = "mt5_report"
    broker = "mt5"
    label = "MetaTrader 5 history report (XLSX, HTML)"
    # Most servers run on the time of New York's close: EET, in summer EEST.
    default_zone = "Europe/Athens"

    def recognises(self, head: bytes, name: str) -> bool:
        return is_report(head)

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        start = stream.read(CHUNK_BYTES)
        whole = joined(start, stream)
        lines = read_workbook(whole) if start.startswith(PACKED) else _lines_of_page(whole)
        return read_report(lines, options, self.default_zone)


def _lines_of_page(stream: BinaryIO) -> Iterator[Line]:
    for row in read_markup(stream):
        cells = spread(row.cells)
        if any(cells):
            yield Line(row.number, cells)
