"""Corporate actions that Schwab states in two rows: the old units under a CUSIP, the new ones under the ticker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from journal.brokers.schwab.vocabulary import ACTIONS
from journal.brokers.text.faults import BadNumber
from journal.brokers.text.row import Row
from journal.domain.values import ZERO

# "TONIX PHARMA HLDGS XXXREVERSE SPLIT EFF: 06/10/24" is the old name of "TONIX PHARMA HLDGS".
_ENDED = re.compile(r"\s*X{3}.*", re.ASCII | re.DOTALL)


class Half(NamedTuple):
    action_id: str
    symbol: str


def pair_halves(rows: Sequence[Row]) -> dict[int, Half]:
    """By row number. Neighbours of one action, one with units that come and one with units that go, are one.

    The old half has the ticker of the new one where both name the same company: the book knows the units by it.
    """
    found: dict[int, Half] = {}
    for one, other in pairwise(rows):
        if one.number in found or not _belong_together(one, other):
            continue
        symbols = sorted((one.text("symbol"), other.text("symbol")))
        action_id = ":".join((one.text("action"), str(one.moment.day), *symbols))
        symbol_of = _tickers(one, other)
        for row in (one, other):
            found[row.number] = Half(action_id, symbol_of[row.number])
    return found


def _belong_together(one: Row, other: Row) -> bool:
    if one.text("action") not in ACTIONS or one.text("action") != other.text("action"):
        return False
    try:
        return one.money("quantity") * other.money("quantity") < ZERO
    except BadNumber:
        return False


def _tickers(one: Row, other: Row) -> dict[int, str]:
    new, old = (one, other) if one.money("quantity") > ZERO else (other, one)
    is_same = _company(new) == _company(old)
    return {
        new.number: new.text("symbol"),
        old.number: new.text("symbol") if is_same else old.text("symbol"),
    }


def _company(row: Row) -> str:
    return _ENDED.sub("", row.text("description")).strip()
