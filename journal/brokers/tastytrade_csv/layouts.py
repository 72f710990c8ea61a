"""Which columns the three layouts have, under one set of names.

- today's: 20 columns, 21 with Total; its older form of 16 lacks Sub Type, Root Symbol, Order # and Currency;
- the first one of 15, with a price per unit, costs as one positive number, and local times.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Layout(NamedTuple):
    """`columns` maps the name that the reader uses to the place in the row."""

    is_first: bool
    columns: dict[str, int]


# Our name: the header's, in lower case.
_TODAY = {
    "date": "date",
    "kind": "type",
    "sub_kind": "sub type",
    "action": "action",
    "symbol": "symbol",
    "instrument_type": "instrument type",
    "description": "description",
    "value": "value",
    "quantity": "quantity",
    "average": "average price",
    "commission": "commissions",
    "fees": "fees",
    "multiplier": "multiplier",
    "underlying": "underlying symbol",
    "expiry": "expiration date",
    "strike": "strike price",
    "right": "call or put",
    "order": "order #",
    "total": "total",
    "currency": "currency",
}
_FIRST = {
    "date": "date/time",
    "kind": "transaction code",
    "sub_kind": "transaction subcode",
    "symbol": "symbol",
    "side": "buy/sell",
    "effect": "open/close",
    "quantity": "quantity",
    "expiry": "expiration date",
    "strike": "strike",
    "right": "call/put",
    "price": "price",
    "fees": "fees",
    "value": "amount",
    "description": "description",
    "account": "account reference",
}
_OPTIONAL = frozenset({"sub_kind", "order", "total", "currency"})
_TAX = frozenset({"account_nr", "sec_type", "8949_code"})


def layout_of(header: Sequence[str]) -> Layout | None:
    names = [name.strip().lower() for name in header]
    for is_first, wanted in ((False, _TODAY), (True, _FIRST)):
        columns = {ours: names.index(theirs) for ours, theirs in wanted.items() if theirs in names}
        lacking = wanted.keys() - columns.keys()
        if lacking <= (frozenset() if is_first else _OPTIONAL):
            return Layout(is_first, columns)
    return None


def is_tax_file(header: Sequence[str]) -> bool:
    return {name.strip().lower() for name in header} >= _TAX
