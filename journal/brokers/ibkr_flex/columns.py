"""Columns of a Flex query saved as text: the attributes of the XML by other names, in a table for each section."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from journal.brokers.base import UnreadableStatement
from journal.brokers.ibkr_flex.vocabulary import ATTRIBUTES
from journal.brokers.text.tables import read_table

_ATTRIBUTES = {name.lower(): name for name in ATTRIBUTES} | {
    "accountalias": "acctAlias",
    "accruedinterest": "accruedInt",
    "assetclass": "assetCategory",
    "clientaccountid": "accountId",
    "currencyprimary": "currency",
    "notescodes": "notes",
}
# A query can be set to begin lines with what they are and with the code of their section.
HEADER, DATA = "HEADER", "DATA"
FRAMES = frozenset({"BOF", "BOA", "BOS", "EOS", "EOA", "EOF", "MSG"})
_FIRST_LINES = 20


def attributes_of(names: Sequence[str], element: str) -> tuple[str, ...]:
    """Column names into attribute names; an unknown one stays as it is."""
    found = [_ATTRIBUTES.get(name.lower().replace("/", ""), name) for name in names]
    if element == "Trade":
        found = ["cost" if one == "costBasis" else one for one in found]
    return tuple(found)


def element_of(names: Sequence[str]) -> str | None:
    """What rows below these column names are: "" for a section that is not read, None where these are none."""
    held = {_ATTRIBUTES.get(name.lower().replace("/", ""), name) for name in names}
    if not held & {"currency", "accountId"} or "" in held:
        return None
    if {"quantity", "tradePrice"} <= held and held & {"tradeDate", "dateTime"}:
        return "Trade"
    if {"type", "amount", "currency"} <= held and held & {"settleDate", "dateTime", "reportDate"}:
        return "CashTransaction"
    return ""


@lru_cache(maxsize=4)
def is_table(head: bytes) -> bool:
    """Whether a file that starts so has a table of trades or of cash transactions."""
    try:
        lines = [line.cells for line in islice(read_table(io.BytesIO(head)), _FIRST_LINES)]
    except UnreadableStatement:
        return False
    return any(element_of(unframed(cells)) for cells in lines)


def unframed(cells: list[str]) -> list[str]:
    """Without what the line is and the code of its section, where it begins with these."""
    return cells[2:] if cells[0] in (HEADER, DATA) else cells
