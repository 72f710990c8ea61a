"""A first look at a table: its columns, its first rows, and where they begin, whatever stands above them."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import BinaryIO, NamedTuple

from journal.brokers.base import UnreadableStatement
from journal.brokers.generic_table.headings import header_roles
from journal.brokers.generic_table.when import is_clock, read_moment
from journal.brokers.text.archive import PACKED, joined
from journal.brokers.text.faults import BadValue
from journal.brokers.text.layout import HEADER_LINES_MAX, name_columns
from journal.brokers.text.numbers import read_number
from journal.brokers.text.tables import Line, Table, open_table
from journal.brokers.text.workbook import UNPACKED_BYTES_MAX, read_workbook

ROWS_LOOKED_AT = 400
_OF_WORKBOOK = b"xl/"
# What a page, a document or a program's data begins with: no table, whatever commas are in it.
_OTHERS = (b"<", b"{", b"[", b"%PDF", b"\x89PNG", b"\xff\xd8")
_ROWS_MIN, _COLUMNS_MIN = 2, 3


class Sight(NamedTuple):
    """`names` are those of all columns ("#1", "#2" … where the table has no header), `header_line` the line of the
    file with them, 0 where there is none. `rows` are as wide as the header. `is_whole`: there are no more rows."""

    names: tuple[str, ...]
    header_line: int
    rows: tuple[Line, ...]
    delimiter: str
    is_whole: bool

    def column(self, name: str) -> list[str]:
        """The cells of a column, without the empty ones."""
        place = self.names.index(name)
        return [row.cells[place] for row in self.rows if row.cells[place]]


def is_table(head: bytes) -> bool:
    """Whether a file that starts like this is a workbook, or text that falls into the same columns line by line."""
    if head.startswith(PACKED):
        return _OF_WORKBOOK in head
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_OTHERS):
        return False
    try:
        lines = list(islice(open_table(io.BytesIO(head)).lines, HEADER_LINES_MAX))
    except UnreadableStatement:
        return False
    widths = Counter(len([*filter(None, line.cells)]) for line in lines)
    return sum(many for width, many in widths.items() if width >= _COLUMNS_MIN) >= _ROWS_MIN


def open_any(stream: BinaryIO, sheet: str = "", *, unpacked_max: int = UNPACKED_BYTES_MAX) -> Table:
    """The lines of a text or of a workbook. Raises UnreadableStatement, here or while they are read."""
    start = stream.read(len(PACKED))
    whole = joined(start, stream)
    if start == PACKED:
        return Table("", read_workbook(whole, sheet, unpacked_max=unpacked_max))
    return open_table(whole)


def look(
    stream: BinaryIO,
    *,
    sheet: str = "",
    has_header: bool | None = None,
    unpacked_max: int = UNPACKED_BYTES_MAX,
) -> Sight:
    """`has_header` is told where a person decided it. Raises UnreadableStatement for what is no table."""
    table = open_any(stream, sheet, unpacked_max=unpacked_max)
    found = list(islice(table.lines, HEADER_LINES_MAX + ROWS_LOOKED_AT + 1))
    if not found:
        raise UnreadableStatement("empty_file", "The file is empty. Export it again.")
    is_whole = len(found) <= HEADER_LINES_MAX + ROWS_LOOKED_AT
    width = max(_filled_width(line) for line in found)
    lines = [widen(line, width) for line in found]
    place = None if has_header is False else _header_place(lines, is_sure=has_header is True)
    if place is None:
        names = tuple(f"#{number}" for number in range(1, width + 1))
        return Sight(names, 0, tuple(lines[:ROWS_LOOKED_AT]), table.delimiter, is_whole)
    header, rows = lines[place], lines[place + 1 :]
    return Sight(
        name_columns(header.cells),
        header.number,
        tuple(rows[:ROWS_LOOKED_AT]),
        table.delimiter,
        is_whole and len(rows) <= ROWS_LOOKED_AT,
    )


def widen(line: Line, width: int) -> Line:
    """With the empty cells that its end leaves out, without those that are beyond the last column."""
    cells = line.cells + [""] * (width - len(line.cells))
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return Line(line.number, cells)


def _filled_width(line: Line) -> int:
    return max((place for place, cell in enumerate(line.cells, 1) if cell), default=0)


def _header_place(lines: Sequence[Line], *, is_sure: bool) -> int | None:
    """The line that names the columns: the one with most known names; else words alone above the first row of figures.

    None where the first line is a row already.
    """
    among = lines[:HEADER_LINES_MAX]
    known = [len(set(filter(None, map(_role_of, line.cells)))) for line in among]
    best = max(range(len(among)), key=lambda place: (known[place], -place))
    if known[best] >= _COLUMNS_MIN and not _has_figures(among[best]):
        return best
    first = next((place for place, line in enumerate(among) if _has_figures(line)), len(among))
    if first == 0:
        return 0 if is_sure else None
    return max(range(first), key=lambda place: (len([*filter(None, among[place].cells)]), place))


def _role_of(cell: str) -> object:
    roles = header_roles(cell) if cell else {}
    return max(roles, key=roles.__getitem__) if roles else None


def _has_figures(line: Line) -> bool:
    """Whether it has a date or a time, or numbers in a third of its cells."""
    filled = [cell for cell in line.cells if cell]
    numbers = sum(map(is_number, filled))
    return len(filled) >= _COLUMNS_MIN and (numbers * 3 >= len(filled) or any(map(is_date, filled)))


def is_number(cell: str) -> bool:
    for point in (".", ","):
        try:
            return read_number(cell, point) is not None
        except BadValue:
            continue
    return False


def is_date(cell: str) -> bool:
    """A day, with or without a time. A whole number such as 20260304 may be one."""
    if is_clock(cell):
        return False
    try:
        read_moment(cell, day_first=True)
    except BadValue:
        try:
            read_moment(cell, day_first=False)
        except BadValue:
            return False
    return True
