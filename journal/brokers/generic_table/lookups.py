"""How a mapping is looked up: which column is which, and what a cell means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from journal.brokers.generic_table.mapping import SEVERAL, Action, TableMapping
from journal.brokers.text.layout import Layout, plain

V = TypeVar("V")


def meant_by(words: Mapping[str, V], cell: str) -> V | None:
    """By the whole word, else by the longest that it begins with ("you bought*"). None: nobody said."""
    word = plain(cell)
    if word in words:
        return words[word]
    begins = [known for known in words if known.endswith("*") and word.startswith(known[:-1])]
    return words[max(begins, key=len)] if begins else None


def action_in(sides: Mapping[str, Action], cell: str) -> Action | None:
    return meant_by(sides, cell)


class ExactLayout(Layout):
    """Names as they are: a star in them is no wildcard."""

    def places(self, names: Sequence[str]) -> dict[str, int] | None:
        at = {plain(name): place for place, name in reversed(list(enumerate(names)))}
        wanted = {**self.needs, **self.may}
        found = {ours: at.get(plain(str(theirs))) for ours, theirs in wanted.items()}
        if None in found.values():
            return None
        return {ours: place for ours, place in found.items() if place is not None}


def our_names(mapping: TableMapping) -> dict[str, str]:
    """Our name of each column to that of the table. Of several of one role, "fee", "fee#2" …"""
    columns: dict[str, str] = {}
    for role in dict.fromkeys(mapping.columns.values()):
        for number, name in enumerate(mapping.names_of(role), 1):
            assert number == 1 or role in SEVERAL
            columns[role.value if number == 1 else f"{role.value}#{number}"] = name
    return columns
