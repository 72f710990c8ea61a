"""One row of a sheet, and what all rows of a file share: its notation, zone, contracts and notices."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from journal.brokers.base import InstrumentRow, OtherRow, ParseOptions
from journal.brokers.text import remarks
from journal.brokers.text.contracts import OptionName
from journal.brokers.text.faults import BadNumber, BadValue, Missing
from journal.brokers.text.layout import Header
from journal.brokers.text.moments import When, read_when, read_zone
from journal.brokers.text.notices import Notices
from journal.brokers.text.numbers import decimal_point, read_number
from journal.domain.values import AssetClass

_CONTRACTS_MAX = 50_000


@dataclass(slots=True)
class Desk:
    """`point` is the file's decimal separator, `day_first` the order of its dates; `memory` is the reader's own, for
    what later rows must know of earlier ones."""

    header: Header
    options: ParseOptions
    default_zone: str
    account_id: str
    point: str
    day_first: bool | None
    date_column: str
    moment: Callable[[Row], When]
    notices: Notices = field(default_factory=remarks.sheet_notices)
    memory: dict[str, Any] = field(default_factory=dict)
    _contracts: dict[InstrumentRow, InstrumentRow] = field(default_factory=dict)

    _zones: dict[str, ZoneInfo] = field(default_factory=dict)

    def zone_of(self, account_id: str) -> ZoneInfo:
        if account_id not in self._zones:
            chosen = self.options.zone_by_account.get(account_id) or self.options.zone
            self._zones[account_id] = read_zone(chosen or self.default_zone)
        return self._zones[account_id]

    def contract(self, described: InstrumentRow) -> InstrumentRow:
        """The same contract gives the same object."""
        if len(self._contracts) >= _CONTRACTS_MAX:
            self._contracts.clear()
        return self._contracts.setdefault(described, described)


class Row:
    """`number` is the line of the file; `raw` the cells as written, without the empty ones."""

    def __init__(self, desk: Desk, number: int, cells: list[str], raw: dict[str, str]) -> None:
        self.desk = desk
        self.number = number
        self.cells = cells
        self.raw = raw
        self.account_id = desk.account_id
        # The file ends within it.
        self.is_cut = False
        # Its amount has another sign than the balances beside it say.
        self.is_contradicted = False

    def text(self, name: str) -> str:
        """The cell of a column by our name, "" where the file has none."""
        place = self.desk.header.places.get(name)
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    def decimal(self, name: str) -> Decimal | None:
        """None where the cell says nothing. A cell that can only be in the other notation is read in it."""
        cell = self.text(name)
        point = self.desk.point
        try:
            return read_number(cell, point)
        except BadNumber:
            other = decimal_point([cell])
            if other is None or other == point:
                raise
            return read_number(cell, other)

    def money(self, name: str) -> Decimal:
        """Zero where the cell says nothing."""
        return self.decimal(name) or Decimal(0)

    def needed(self, name: str, code: str) -> Decimal:
        """A number that the row cannot do without, and that is not zero. Raises Missing with this code."""
        number = self.decimal(name)
        if not number:
            raise Missing(code, remarks.LACKS[code])
        return number

    def word(self, name: str, code: str) -> str:
        cell = self.text(name)
        if not cell:
            raise Missing(code, remarks.LACKS[code])
        return cell

    def when(self, name: str) -> When:
        cell = self.text(name)
        if not cell:
            raise Missing("no_date", remarks.LACKS["no_date"])
        return read_when(cell, day_first=self.desk.day_first)

    def day(self, name: str) -> date | None:
        return self.when(name).day if self.text(name) else None

    @property
    def zone(self) -> ZoneInfo:
        return self.desk.zone_of(self.account_id)

    @cached_property
    def moment(self) -> When:
        """The row's own, as stated."""
        return self.desk.moment(self)

    @cached_property
    def moment_or_none(self) -> When | None:
        try:
            return self.moment
        except (BadValue, Missing):
            return None

    @property
    def at(self) -> datetime:
        """The row's own moment in UTC; a day alone is its first instant."""
        return self.moment.instant(self.zone)

    def beside(self, name: str) -> str:
        """The cell to the right of a column: where some files put the currency, without a name."""
        place = self.desk.header.places.get(name)
        return self.cells[place + 1] if place is not None and place + 1 < len(self.cells) else ""

    def currency_of(self, column: str, *, in_name: re.Pattern[str], beside: re.Pattern[str]) -> str:
        """The currency of a column of money: the group of `in_name` in the column's own name, else the cell beside it
        where that is one. "" where neither tells."""
        place = self.desk.header.places.get(column)
        if place is None:
            return ""
        match = in_name.search(self.desk.header.names[place])
        if match:
            return match[1]
        cell = self.beside(column)
        return cell if beside.fullmatch(cell) else ""

    def notice(self, code: str, subject: str = "") -> None:
        self.desk.notices.add(self.account_id, self.number, code, subject)

    def kept(self, section: str) -> OtherRow:
        """For rows that the book does not use."""
        return OtherRow(self.number, self.account_id, section, self.raw)

    def unknown(self, kind: str) -> OtherRow:
        """For rows of a kind that this version does not know: kept, and told."""
        kind = kind or "Unknown"
        self.notice("unknown_row_type", kind)
        return self.kept(kind)

    def security(
        self,
        symbol: str,
        currency: str,
        asset_class: AssetClass = AssetClass.STOCK,
        multiplier: Decimal = Decimal(1),
        **more: Any,
    ) -> InstrumentRow:
        described = InstrumentRow("", asset_class, symbol, currency, multiplier, **more)
        return self.desk.contract(described)

    def option(self, symbol: str, name: OptionName, currency: str) -> InstrumentRow:
        """A listed option on 100 units."""
        return self.security(
            symbol, currency, AssetClass.OPTION, Decimal(100), underlying_symbol=name.underlying,
            expiry_on=name.expiry_on, strike=name.strike, right=name.right,
        )  # fmt: skip
