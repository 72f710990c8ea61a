"""Flex queries in CSV: lines become the rows that the same query has in XML, and are read as those are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from journal.brokers.base import (
    ConversionRateRow,
    OtherRow,
    ParseOptions,
    Record,
    UnreadableStatement,
)
from journal.brokers.ibkr_flex.columns import (
    DATA,
    FRAMES,
    attributes_of,
    element_of,
    is_table,
    unframed,
)
from journal.brokers.ibkr_flex.statement import StatementReader
from journal.brokers.text.remarks import remedy
from journal.brokers.text.safely import lacks, left_out
from journal.brokers.text.tables import CutLine, Line, named, read_table

# "BOA","U1234567": what follows is of this account, where rows do not say whose they are.
_ACCOUNT_BEGINS = "BOA"
_ACCOUNT = re.compile(r"[A-Z]{1,3}\d{4,12}", re.ASCII)


class IbkrFlexCsv:
    slug = "ibkr_flex_csv"
    broker = "ibkr"
    label = "Interactive Brokers Flex trades and cash (CSV)"
    default_zone = "America/New_York"

    def recognises(self, head: bytes, name: str) -> bool:
        return is_table(head)

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        yield from _Reader(options, self.default_zone).read(stream)


class _Reader:
    def __init__(self, options: ParseOptions, default_zone: str) -> None:
        self._rows = StatementReader(options, default_zone, {})
        self._names: tuple[str, ...] = ()
        self._element: str | None = None
        # As the file calls it, by the name of the attribute: rows are kept as they were written.
        self._written: dict[str, str] = {}
        self._is_known = False

    def read(self, stream: BinaryIO) -> Iterator[Record]:
        self._rows.start("FlexQueryResponse", {})
        self._rows.start("FlexStatement", {})
        for line in read_table(stream):
            yield from self._read_line(line)
        if not self._is_known:
            raise UnreadableStatement(
                "header_missing",
                "No line at the start of the file has the columns of a Flex query's trades or cash transactions. "
                "Nothing was imported. Add column headers in the query's delivery configuration, or set its format to "
                "XML, and export it again.",
            )
        # The end of the statement, then of the whole.
        self._rows.end()
        self._rows.end()
        yield from self._collect()

    def _read_line(self, line: Line) -> Iterator[Record]:
        if line.cells[0] in FRAMES:
            self._read_frame(line)
            yield OtherRow(line.number, "", "Frame", named((), line.cells))
            return
        cells = unframed(line.cells)
        element = None if line.cells[0] == DATA else element_of(cells)
        if element is not None:
            self._open(cells, element)
            yield OtherRow(line.number, "", "Header", named((), line.cells))
        elif self._element and (len(cells) < len(self._names) or isinstance(line, CutLine)):
            code = "row_cut" if isinstance(line, CutLine) else "row_short"
            yield left_out(line.number, "", named((), line.cells), lacks(code), remedy)
        elif self._element:
            self._rows.row = line.number - 1
            self._rows.take_row(self._element, named(self._names, cells))
            yield from self._collect()
        else:
            section = "Preamble" if self._element is None else "Sections that are not read"
            yield OtherRow(line.number, "", section, named((), line.cells))

    def _read_frame(self, line: Line) -> None:
        if line.cells[0] == _ACCOUNT_BEGINS and _ACCOUNT.fullmatch("".join(line.cells[1:2])):
            self._rows.end()
            self._rows.row = line.number - 1
            self._rows.start("FlexStatement", {"accountId": line.cells[1]})

    def _open(self, cells: list[str], element: str) -> None:
        self._element = element
        self._is_known = self._is_known or bool(element)
        self._names = attributes_of(cells, element)
        self._written.update(zip(self._names, cells, strict=True))

    def _collect(self) -> Iterator[Record]:
        for record in self._rows.collect():
            if isinstance(record, ConversionRateRow):
                yield record
            else:
                raw = {self._written.get(name, name): cell for name, cell in record.raw.items()}
                yield record._replace(raw=raw)
