"""What the statement's own list of contracts says of one: id, multiplier, expiry and so on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.ibkr_activity.layouts import Layout, cell, number_in
from journal.brokers.text.faults import AmbiguousDate, BadDate
from journal.brokers.text.moments import read_when
from journal.domain.values import Right

# "CLOV 16JUL21 20.0 C"
OPTION = re.compile(
    r"(?P<root>\S.{0,40}?)\s+(?P<day>\d\d?)(?P<month>[A-Z]{3})(?P<year>\d\d)\s+(?P<strike>\d[\d.,]*)\s+(?P<right>[CP])",
    re.ASCII,
)
# "CLOV  210716C00020000"
OCC = re.compile(r"\S{1,6}\s*\d{6}[CP]\d{8}", re.ASCII)
ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}\d", re.ASCII)
_CUSIP = re.compile(r"[A-Z0-9]{8}\d", re.ASCII)
_ID = re.compile(r"[1-9]\d{0,12}", re.ASCII)
RIGHTS = {"C": Right.CALL, "CALL": Right.CALL, "P": Right.PUT, "PUT": Right.PUT}


class ContractFact(NamedTuple):
    """A row of Financial Instrument Information. `names` are all symbols that it goes by."""

    names: tuple[str, ...]
    description: str
    conid: str
    isin: str
    cusip: str
    underlying: str
    exchange: str
    multiplier: Decimal | None
    expiry_on: date | None
    strike: Decimal | None
    right: Right | None


def read_fact(layout: Layout, cells: Sequence[str]) -> ContractFact:
    def text(name: str) -> str:
        found = cell(cells, layout, name)
        return "" if found in ("-", "--") else found

    description = text("description")
    # "89988, 89988.OLD": one contract under two names.
    names = [name.strip() for name in text("symbol").split(",") if name.strip()]
    if OPTION.fullmatch(description):
        names.append(description)
    is_named = "multiplier" in layout
    security_id = text("security_id") if is_named else _first(ISIN, cells[4:6])
    conid = text("conid")
    return ContractFact(
        names=tuple(dict.fromkeys(names)),
        description=description,
        conid=conid if _ID.fullmatch(conid) else "",
        isin=security_id if ISIN.fullmatch(security_id) else "",
        cusip=security_id if _CUSIP.fullmatch(security_id) else "",
        underlying=text("underlying"),
        exchange=text("exchange"),
        multiplier=number_in(cells, layout["multiplier"]) if is_named else None,
        expiry_on=lenient_day(text("expiry")),
        strike=number_in(cells, layout["strike"]) if "strike" in layout else None,
        right=RIGHTS.get(text("type").upper()),
    )


def _first(pattern: re.Pattern[str], cells: Sequence[str]) -> str:
    return next((one for one in cells if pattern.fullmatch(one)), "")


def lenient_day(text: str) -> date | None:
    try:
        return read_when(text).day if text else None
    except (BadDate, AmbiguousDate):
        return None


NOTHING = ContractFact((), "", "", "", "", "", "", None, None, None, None)
