"""What every row reader works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from journal.brokers.base import InstrumentRow, ParseOptions
from journal.brokers.ibkr_activity.contracts import Contracts
from journal.brokers.ibkr_activity.facts import Facts
from journal.brokers.ibkr_activity.layouts import Layout, cell
from journal.brokers.ibkr_activity.problems import SENTENCES, SEVERITIES
from journal.brokers.ibkr_activity.sections import Row
from journal.brokers.ibkr_flex.values import word
from journal.brokers.ibkr_flex.words import Words, read_words
from journal.brokers.text.faults import Missing
from journal.brokers.text.moments import When, read_when, read_zone
from journal.brokers.text.notices import Notices
from journal.brokers.text.numbers import read_number
from journal.brokers.text.tables import named

_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A row with its account and its cells by what they are."""

    row: Row
    account: str
    raw: dict[str, str]
    layout: Layout

    def text(self, name: str) -> str:
        return word(cell(self.row.cells, self.layout, name))

    def number(self, name: str) -> Decimal | None:
        return read_number(cell(self.row.cells, self.layout, name))

    def wanted(self, name: str) -> Decimal:
        number = self.number(name)
        if number is None:
            raise Missing(f"no_{name}", f"it states no {name}")
        return number

    def when(self, name: str = "at") -> When:
        text = self.text(name)
        if not text:
            raise Missing("no_date", "it states no date")
        return read_when(text)


class Desk:
    def __init__(self, facts: Facts, options: ParseOptions, default_zone: str) -> None:
        self.facts = facts
        self.notices = Notices(SENTENCES, SEVERITIES)
        self.contracts = Contracts(facts, self.notices)
        self._options = options
        self._default_zone = default_zone
        self._zones: dict[str, ZoneInfo] = {}
        self._words: dict[str, Words] = {}

    def zone_name(self, account: str) -> str:
        options = self._options
        return options.zone_by_account.get(account) or options.zone or self._default_zone

    def zone(self, account: str) -> ZoneInfo:
        """Raises UnreadableStatement: it is what a person chose."""
        name = self.zone_name(account)
        if name not in self._zones:
            self._zones[name] = read_zone(name)
        return self._zones[name]

    def entry(self, row: Row, account: str, layout: Layout) -> Entry:
        return Entry(row, account, named(row.header, row.cells), layout)

    def words(self, entry: Entry) -> Words:
        codes = entry.text("code")
        words = self._words.get(codes)
        if words is None:
            if len(self._words) >= _REMEMBERED:
                self._words.clear()
            words = self._words[codes] = read_words((None, None, None, codes))
        for code, subject in words.remarks:
            self.notices.add(entry.account, entry.row.number, code, subject)
        return words

    def instant(self, entry: Entry, name: str = "at") -> datetime:
        when = entry.when(name)
        if when.at is None:
            self.notices.add(entry.account, entry.row.number, "time_missing")
        return when.instant(self.zone(entry.account))

    def day(self, entry: Entry, name: str = "at") -> tuple[date, datetime]:
        when = entry.when(name)
        return when.day, when.instant(self.zone(entry.account))

    def contract(self, entry: Entry) -> InstrumentRow:
        symbol = entry.text("symbol")
        if not symbol:
            raise Missing("no_symbol", "it names no instrument")
        return self.contracts.find(
            entry.text("category"), symbol, entry.text("currency"), entry.row.number, entry.account
        )
