"""Where in a file its table begins, and which of its columns is which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from journal.brokers.text.tables import Line

HEADER_LINES_MAX = 60
_Names = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One form of a broker's table: our name of a column → how the file may call it. Case and blanks do not count;
    "Total*" is any name that begins like this.

    A line is the header where all of `needs` are found. `may` holds columns that are used where they are there.
    """

    needs: Mapping[str, _Names]
    may: Mapping[str, _Names] = field(default_factory=dict)

    def places(self, names: Sequence[str]) -> dict[str, int] | None:
        """Our names with the places of their columns; None where one that is needed is missing."""
        at = {plain(name): place for place, name in reversed(list(enumerate(names)))}
        found = {ours: _first(at, theirs) for ours, theirs in self.needs.items()}
        if None in found.values():
            return None
        found |= {ours: _first(at, theirs) for ours, theirs in self.may.items()}
        return {ours: place for ours, place in found.items() if place is not None}


@dataclass(frozen=True, slots=True)
class Header:
    """`names` as written; unnamed columns by the one before them: "Price", "" is "Price", "Price #2"."""

    number: int
    names: tuple[str, ...]
    layout: Layout
    places: Mapping[str, int]

    @property
    def last_needed(self) -> int:
        return max(self.places[name] for name in self.layout.needs)


def find_header(line: Line, layouts: Iterable[Layout]) -> Header | None:
    if not any(line.cells):
        return None
    names = name_columns(line.cells)
    for layout in layouts:
        places = layout.places(names)
        if places is not None:
            return Header(line.number, names, layout, places)
    return None


def header_of(lines: Sequence[Line], layouts: Iterable[Layout]) -> Header | None:
    """The header among the first lines of a table that is in memory."""
    layouts = list(layouts)
    found = (find_header(line, layouts) for line in lines[:HEADER_LINES_MAX])
    return next((header for header in found if header is not None), None)


def filled_up(lines: Iterable[Line], header: Header) -> list[Line]:
    """Workbooks leave out the empty cells at the end of a row, which are no sign that it was cut."""
    width = len(header.names)
    return [Line(one.number, one.cells + [""] * (width - len(one.cells))) for one in lines]


def name_columns(cells: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    base = ""
    for cell in cells:
        base = cell or base
        name, count = base, 1
        while name in names:
            count += 1
            name = f"{base} #{count}"
        names.append(name or f"#{len(names) + 1}")
    return tuple(names)


def plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _first(at: Mapping[str, int], names: _Names) -> int | None:
    several = (names,) if isinstance(names, str) else names
    for name in map(plain, several):
        if name.endswith("*"):
            begins = [place for one, place in at.items() if one.startswith(name[:-1])]
            if begins:
                return min(begins)
        elif name in at:
            return at[name]
    return None
