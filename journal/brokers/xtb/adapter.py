"""The statement parser of XTB: a workbook of several sheets, or one of them as CSV."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from journal.brokers.base import ParseOptions, Record
from journal.brokers.text.archive import PACKED, parts_of
from journal.brokers.text.layout import find_header
from journal.brokers.text.sheet import first_lines
from journal.brokers.text.tables import Table
from journal.brokers.xtb.cash import CashOperations
from journal.brokers.xtb.layouts import LAYOUTS
from journal.brokers.xtb.positions import ClosedPositions, PositionFacts
from journal.brokers.xtb.sheets import read_report

_SHEETS = re.compile(
    # Others have closed positions too, but no such history.
    rb'(?:cash operations?(?: history)?|closed position history)["<]',
    re.IGNORECASE,
)
# Columns of the cash operations, in whatever order texts lie in a workbook.
_WORDS = (b">Comment<", b">Amount<", b">Type<", b">Time<")
_OWN_WORDS = (b"OPEN BUY", b"Free funds interest", b"CASH OPERATION HISTORY", b"Cash Operations")


class Xtb:
    slug = "xtb"
    broker = "xtb"
    label = "XTB report (XLSX) or cash operations (CSV)"
    default_zone = "Europe/Warsaw"

    def recognises(self, head: bytes, name: str) -> bool:
        if head.startswith(PACKED):
            return any(_is_theirs(part) for _, part in parts_of(head))
        return any(find_header(line, LAYOUTS) for line in first_lines(head))

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        report = read_report(stream)
        learnt = PositionFacts()
        lines = list(report.positions.lines) if report.positions else []
        if report.positions:
            table = Table(report.positions.delimiter, iter(lines))
            deque(learnt.read_table(table, options), maxlen=0)
        if report.cash:
            cash = CashOperations(report.account, report.currency, learnt.booked)
            yield from cash.read_table(report.cash, options)
        if report.positions:
            positions = ClosedPositions(report.account, report.currency, learnt)
            yield from positions.read_table(Table(report.positions.delimiter, iter(lines)), options)


def _is_theirs(part: bytes) -> bool:
    if _SHEETS.search(part):
        return True
    return all(word in part for word in _WORDS) and any(word in part for word in _OWN_WORDS)
