"""The statement parser of any table. It reads nothing without a mapping: what a column is, a person decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import BinaryIO

from journal.brokers.base import ParseOptions, Record, UnreadableStatement
from journal.brokers.generic_table.mapping import (
    Role,
    Shape,
    TableMapping,
    lacks,
)
from journal.brokers.generic_table.mapping_json import BadMapping, from_json
from journal.brokers.generic_table.rows import MappedSheet
from journal.brokers.generic_table.sight import ROWS_LOOKED_AT, is_table, open_any, widen
from journal.brokers.text.layout import HEADER_LINES_MAX, name_columns, plain
from journal.brokers.text.moments import day_orders
from journal.brokers.text.tables import Line, Table


class GenericTable:
    slug = "generic_table"
    # That of the account: any broker's table may come.
    broker = ""
    label = "Any table (CSV, XLSX): you say what its columns are"
    default_zone = "UTC"

    def recognises(self, head: bytes, name: str) -> bool:
        return is_table(head)

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        mapping = _mapping_of(options)
        table = open_any(stream, mapping.sheet)
        ahead = list(islice(table.lines, HEADER_LINES_MAX + ROWS_LOOKED_AT))
        width = len(mapping.header)
        lines = [widen(line, width) for line in ahead]
        start = _start(lines, mapping)
        day_first = options.day_first
        if day_first is None:
            day_first = _checked_order(lines[start:], mapping)
        rest = (widen(line, width) for line in table.lines)
        if not mapping.has_header:
            lines.insert(0, Line(0, list(mapping.header)))
        whole = Table("", chain(lines, rest))
        zone = options.zone or mapping.zone or None
        sheet = MappedSheet(mapping, has_zone=bool(zone or options.zone_by_account))
        yield from sheet.read_table(whole, replace(options, zone=zone, day_first=day_first))


def _mapping_of(options: ParseOptions) -> TableMapping:
    if options.mapping is None:
        raise UnreadableStatement(
            "mapping_needed",
            "No reader knows this table, so somebody has to say once which of its columns is which. Nothing was "
            "imported. Do so on the page of this import, or hand in a mapping with the file (docs/import.md).",
        )
    try:
        mapping = from_json(options.mapping)
    except BadMapping as error:
        raise UnreadableStatement(
            "mapping_invalid", f"The mapping cannot be used. {error}"
        ) from None
    missing = lacks(mapping)
    if missing:
        words = " ".join(question.words for question in missing)
        raise UnreadableStatement(
            "mapping_incomplete",
            f"The mapping leaves open what the book needs. {words} Nothing was imported.",
        )
    return mapping


def _start(lines: list[Line], mapping: TableMapping) -> int:
    """The place of the first row. Raises UnreadableStatement where no line has all columns that the mapping names."""
    if not mapping.has_header:
        return 0
    named = [plain(name) for name in mapping.columns]
    fewest: list[str] = list(mapping.columns)
    for place, line in enumerate(lines[:HEADER_LINES_MAX]):
        there = {plain(name) for name in name_columns(line.cells)}
        missing = [
            name for name, bare in zip(mapping.columns, named, strict=True) if bare not in there
        ]
        if not missing:
            return place + 1
        fewest = min(fewest, missing, key=len)
    names = ", ".join(f"“{name}”" for name in fewest[:5])
    raise UnreadableStatement(
        "mapping_of_others",
        f"The mapping was made for another table: this file has no column {names}. Nothing was imported. Say again "
        "which column is which, or hand in the mapping that belongs to this file.",
    )


def _checked_order(rows: list[Line], mapping: TableMapping) -> bool | None:
    """Whether days come first. Raises UnreadableStatement where the dates contradict the mapping: those that can be
    read in two ways would be read in the wrong one."""
    if mapping.shape is Shape.FILLS:
        names = mapping.names_of(Role.DATE)
    else:
        names = [*mapping.names_of(Role.DATE), *mapping.names_of(Role.EXIT_DATE)]
    places = [mapping.header.index(name) for name in names]
    orders = day_orders(
        row.cells[place] for row in rows for place in places if place < len(row.cells)
    )
    if mapping.day_first is not None and orders == {not mapping.day_first}:
        first = "day" if mapping.day_first else "month"
        raise UnreadableStatement(
            "dates_contradict",
            f"The mapping says that dates begin with the {first}, but those of this file do not. Nothing was imported. "
            "Change it in the mapping.",
        )
    return mapping.day_first
