"""Lines into rows: which section they belong to, whether they state or sum up, and which cell is what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from journal.brokers.ibkr_activity.layouts import (
    Layout,
    LayoutOf,
    cash_layout,
    corporate_layout,
    instrument_layout,
    position_layout,
    trade_layout,
)
from journal.brokers.ibkr_activity.vocabulary import CASH_SECTIONS, SECTIONS, Section
from journal.brokers.text.tables import Line

_KINDS = frozenset({"header", "data", "subtotal", "total", "notes", "footer"})
FILL_LEVELS = frozenset({"order", "trade"})
TRADE_LEVELS = FILL_LEVELS | {"closedlot"}
_POSITION_LEVELS = frozenset({"summary", "lot"})
_DISCRIMINATOR = "datadiscriminator"
# A layout is taken from the first row that shows it and then kept for the table.
_LAYOUTS: dict[Section, LayoutOf] = {
    Section.TRADES: trade_layout,
    Section.POSITIONS: position_layout,
    Section.INSTRUMENTS: instrument_layout,
}
# Rows without a day are totals, so that each has to show its own.
_ROW_LAYOUTS: dict[Section, LayoutOf] = {
    Section.CORPORATE_ACTIONS: corporate_layout,
    Section.OTHER: cash_layout,
    **dict.fromkeys(CASH_SECTIONS, cash_layout),
}


class Row(NamedTuple):
    """`cells` and `header` are without the two first columns (section, kind)."""

    number: int
    name: str  # the section's name as written
    section: Section
    kind: str  # "data", "total", … "" for a line that is not of a section
    header: list[str]
    cells: list[str]
    layout: Layout | None
    is_new_statement: bool

    @property
    def is_data(self) -> bool:
        return self.kind == "data"

    @property
    def is_line(self) -> bool:
        return bool(self.kind)


class SectionReader:
    """Remembers the table that the lines are of: its section, header and layout."""

    def __init__(self) -> None:
        self._name = ""
        self._section = Section.OTHER
        self._header: list[str] = []
        self._layout: Layout | None = None
        self._has_begun = False

    def read(self, line: Line) -> Row:
        cells = line.cells
        kind = cells[1].casefold() if len(cells) > 1 else ""
        if kind not in _KINDS:
            return Row(line.number, cells[0], Section.OTHER, "", [], cells, None, False)
        name, rest = cells[0], cells[2:]
        is_new = False
        if kind == "header":
            is_new = self._begin_table(name, rest)
        elif name != self._name:
            # Rows without a header of their own.
            self._begin_table(name, [])
        if kind == "data":
            self._look_at(rest)
        layout = self._layout
        if kind == "data" and self._section in _ROW_LAYOUTS:
            layout = _ROW_LAYOUTS[self._section](self._header, rest)
        return Row(line.number, name, self._section, kind, self._header, rest, layout, is_new)

    def _begin_table(self, name: str, header: Sequence[str]) -> bool:
        section = SECTIONS.get(name.casefold(), Section.OTHER)
        is_new = section is Section.STATEMENT and self._has_begun and self._section is not section
        self._has_begun = True
        columns = {column.casefold() for column in header}
        if section is Section.OTHER and _DISCRIMINATOR in columns:
            section = Section.BY_CONTENT
        elif section is Section.OTHER and "conid" in columns:
            section = Section.INSTRUMENTS
        self._name, self._section, self._layout = name, section, None
        self._header = _named_apart(header)
        return is_new

    def _look_at(self, cells: Sequence[str]) -> None:
        level = cells[0].casefold() if cells else ""
        if self._section is Section.BY_CONTENT:
            if level in TRADE_LEVELS:
                self._section = Section.TRADES
            elif level in _POSITION_LEVELS:
                self._section = Section.POSITIONS
        if self._layout is not None or self._section not in _LAYOUTS:
            return
        shows = {Section.TRADES: FILL_LEVELS, Section.POSITIONS: {"summary"}}.get(self._section)
        if shows is None or level in shows:
            self._layout = _LAYOUTS[self._section](self._header, cells)


def _named_apart(header: Sequence[str]) -> list[str]:
    """Every column with a name of its own: some languages call the symbol and the code the same, and columns that an
    asset class does not use have no name."""
    seen: Counter[str] = Counter()
    names = []
    for place, column in enumerate(header, start=1):
        name = column or f"#{place}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names
