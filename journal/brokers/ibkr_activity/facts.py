"""What a statement says of itself and of its contracts, gathered before its rows are read.

The contracts' own section stands behind the trades that need it (multiplier, contract id), so a file is gone through
twice; only what is kept here stays in memory, and it grows with the number of contracts, not of rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from journal.brokers.ibkr_activity.contract_facts import ContractFact, read_fact
from journal.brokers.ibkr_activity.layouts import Layout, cell, number_in
from journal.brokers.ibkr_activity.sections import SectionReader
from journal.brokers.ibkr_activity.vocabulary import (
    ACCOUNT_LABELS,
    ALIAS_LABELS,
    BASE_CURRENCY_LABELS,
    MONTHS,
    Section,
)
from journal.brokers.text.tables import Line

CONTRACTS_MAX = 200_000
_ACCOUNT = re.compile(r"[A-Z]{1,3}\d{4,10}[A-Z]?", re.ASCII)
_CURRENCIES = frozenset(
    """
    AED AUD CAD CHF CNH CNY CZK DKK EUR GBP HKD HUF ILS INR JPY KRW MXN MYR NOK NZD PLN RUB SAR SEK SGD THB TRY TWD
    USD ZAR
    """.split()  # noqa: SIM905 - a list of names is easier to read and to extend as text
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)", re.ASCII)
_WORD = re.compile(r"[^\W\d_]+")
_DAY = re.compile(r"(?<!\d)(\d\d?)(?!\d)", re.ASCII)
_STATED_FIELDS = frozenset({"Title", "Period", "WhenGenerated", "BrokerName"})
_FIELDS_MAX = 200


@dataclass(slots=True)
class Facts:
    """Of one statement; a file may hold several, one behind the other. `row` is the line on which it starts."""

    row: int
    account_id: str = ""
    alias: str = ""
    base_currency: str = ""
    from_on: date | None = None
    to_on: date | None = None
    generated: str = ""
    raw: dict[str, str] = field(default_factory=dict)
    # By category and symbol, None where two contracts share both.
    contracts: dict[tuple[str, str], ContractFact | None] = field(default_factory=dict)
    by_isin: dict[str, tuple[str, str]] = field(default_factory=dict)
    # Of what is traded or held: money for each unit and point, and by symbol alone category and currency.
    ratios: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    traded: dict[str, tuple[str, str]] = field(default_factory=dict)


class Gatherer:
    def __init__(self) -> None:
        self.statements: list[Facts] = []
        self._sections = SectionReader()

    @property
    def has_sections(self) -> bool:
        return bool(self.statements)

    def take(self, line: Line) -> None:
        row = self._sections.read(line)
        if row.is_new_statement or (row.is_line and not self.statements):
            self.statements.append(Facts(line.number))
        if not row.is_data:
            return
        facts = self.statements[-1]
        if row.section in (Section.STATEMENT, Section.ACCOUNT) or _is_pair(
            facts, row.header, row.cells
        ):
            _note_field(facts, row.section, row.cells)
        elif row.section is Section.INSTRUMENTS and row.layout is not None:
            _note_contract(facts, row.layout, row.cells)
        elif row.section in (Section.TRADES, Section.POSITIONS) and row.layout is not None:
            _note_money(facts, row.layout, row.cells)


def _is_pair(facts: Facts, header: Sequence[str], cells: Sequence[str]) -> bool:
    """A field and its value, before the account is known: Account Information in whatever language."""
    return len(header) == len(cells) == 2 and not facts.account_id


def _note_field(facts: Facts, section: Section, cells: Sequence[str]) -> None:
    name, value = (*cells, "", "")[:2]
    if section is Section.STATEMENT:
        if name in _STATED_FIELDS:
            facts.raw[name] = value
        if name == "Period":
            facts.from_on, facts.to_on = read_period(value)
        elif name == "WhenGenerated":
            facts.generated = value
        return
    label = name.casefold()
    known = section is Section.ACCOUNT
    if not facts.account_id and (
        (known and label in ACCOUNT_LABELS) or (value and _ACCOUNT.fullmatch(value.split()[0]))
    ):
        # "U1234567 (Custom Consolidated)"
        facts.account_id = (value.split() or [""])[0].rstrip(",")
        facts.raw[name] = value
    elif label in ALIAS_LABELS:
        facts.alias = value
    elif label in BASE_CURRENCY_LABELS or (
        known and not facts.base_currency and value in _CURRENCIES
    ):
        facts.base_currency = value
        # The name under which the journal looks for a currency that is stated, not derived.
        facts.raw["currency"] = value


def _note_contract(facts: Facts, layout: Layout, cells: Sequence[str]) -> None:
    if len(facts.contracts) >= CONTRACTS_MAX:
        return
    fact = read_fact(layout, cells)
    category = cell(cells, layout, "category").casefold()
    for name in fact.names:
        key = (category, name)
        known = facts.contracts.get(key, fact)
        same = known is not None and known.conid == fact.conid
        facts.contracts[key] = fact if same else None
    if fact.isin and fact.names:
        facts.by_isin.setdefault(fact.isin, (category, fact.names[0]))


def _note_money(facts: Facts, layout: Layout, cells: Sequence[str]) -> None:
    category = cell(cells, layout, "category").casefold()
    key = (category, cell(cells, layout, "symbol"))
    if len(facts.traded) < CONTRACTS_MAX:
        facts.traded.setdefault(key[1], (category, cell(cells, layout, "currency")))
    if key in facts.ratios or len(facts.ratios) >= CONTRACTS_MAX:
        return
    stated = [number_in(cells, layout[name]) for name in ("multiplier",) if name in layout]
    ratio = stated[0] if stated else _money_ratio(layout, cells)
    if ratio:
        facts.ratios[key] = ratio.copy_abs()


def _money_ratio(layout: Layout, cells: Sequence[str]) -> Decimal | None:
    names = ("quantity", "price", "notional" if "notional" in layout else "proceeds")
    found = [number_in(cells, layout[name]) for name in names if name in layout]
    if len(found) < len(names) or not all(found):
        return None
    quantity, price, money = (number for number in found if number is not None)
    return (money / (quantity * price)).copy_abs()


def read_period(text: str) -> tuple[date | None, date | None]:
    """ "January 1, 2024 - March 31, 2024" in the languages that are known; a single day is both ends."""
    parts = text.split(" - ")
    if len(parts) > 2:
        return None, None
    days = [_period_day(part) for part in parts]
    return days[0], days[-1]


def _period_day(text: str) -> date | None:
    lower = text[:80].casefold()
    year = _YEAR.search(lower)
    days = _DAY.findall(lower[: year.start()] + lower[year.end() :]) if year else []
    words = _WORD.findall(lower)
    month = next(
        (number for start, number in MONTHS for word in words if word.startswith(start)), None
    )
    if year is None or month is None or len(days) != 1:
        return None
    try:
        return date(int(year[1]), month, int(days[0]))
    except ValueError:
        return None
