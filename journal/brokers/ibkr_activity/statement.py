"""Lines in, records out: which account a row belongs to, who is told of it first, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from journal.brokers.base import OtherRow, ParseOptions, ProblemRow, Record, StatementInfo
from journal.brokers.ibkr_activity.balances import CashReport, read_nav, read_position
from journal.brokers.ibkr_activity.cash import read_cash
from journal.brokers.ibkr_activity.corporate import read_corporate_action
from journal.brokers.ibkr_activity.desk import Desk, Entry
from journal.brokers.ibkr_activity.facts import Facts
from journal.brokers.ibkr_activity.layouts import cell
from journal.brokers.ibkr_activity.problems import problem
from journal.brokers.ibkr_activity.sections import TRADE_LEVELS, Row, SectionReader
from journal.brokers.ibkr_activity.trades import TradeReader
from journal.brokers.ibkr_activity.vocabulary import CASH_SECTIONS, SUMMARY_NAMES, Section
from journal.brokers.text.faults import AmbiguousDate, BadDate, BadValue, Missing
from journal.brokers.text.moments import read_when
from journal.brokers.text.tables import Line, named

_ACCOUNTS_MAX = 10_000
_READERS: dict[Section, Callable[[Desk, Entry], Record]] = {
    Section.POSITIONS: read_position,
    Section.CORPORATE_ACTIONS: read_corporate_action,
    **dict.fromkeys(CASH_SECTIONS, read_cash),
}
_UNITED_STATES = ZoneInfo("America/New_York")
_ZONES = {"EST": _UNITED_STATES, "EDT": _UNITED_STATES, "ET": _UNITED_STATES}


class FileReader:
    """The second time through the file. `statements` are what the first one found."""

    def __init__(self, statements: list[Facts], options: ParseOptions, default_zone: str) -> None:
        self._waiting = iter(statements)
        self._options = options
        self._default_zone = default_zone
        self._sections = SectionReader()
        self._statement: StatementReader | None = None

    def read(self, line: Line) -> Iterator[Record]:
        row = self._sections.read(line)
        if row.is_new_statement or (row.is_line and self._statement is None):
            yield from self.finish()
            facts = next(self._waiting)
            self._statement = StatementReader(Desk(facts, self._options, self._default_zone))
        if self._statement is not None:
            yield from self._statement.read(row)
        elif not row.is_line:
            yield OtherRow(row.number, "", row.name, named(row.header, row.cells))

    def finish(self) -> Iterator[Record]:
        if self._statement is not None:
            yield from self._statement.finish()


class StatementReader:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._own = desk.facts.account_id
        self._announced: set[str] = set()
        self._trades = TradeReader(desk)
        self._cash_report = CashReport(desk)

    def read(self, row: Row) -> Iterator[Record]:
        for record in self._records(row):
            yield from self._introduced(record)

    def finish(self) -> Iterator[Record]:
        for record in (*self._trades.finish(), *self._cash_report.finish()):
            yield from self._introduced(record)
        if not self._announced:
            # A statement of nothing is a statement too.
            yield self._announce(self._own)
        facts = self._desk.facts
        if facts.to_on is None and facts.raw.get("Period"):
            self._desk.notices.add(self._own, facts.row, "period_unknown", facts.raw["Period"])
        yield from self._desk.notices.tell()

    # -- accounts ----------------------------------------------------------------------------------

    def _introduced(self, record: Record) -> Iterator[Record]:
        account = record.account_id
        is_aside = isinstance(record, OtherRow | ProblemRow)
        if not is_aside and account not in self._announced and len(self._announced) < _ACCOUNTS_MAX:
            yield self._announce(account)
        yield record

    def _announce(self, account: str) -> StatementInfo:
        desk, facts = self._desk, self._desk.facts
        self._announced.add(account)
        return StatementInfo(
            # The same for all accounts of the statement: equal rows without an id are counted from it on.
            row=facts.row,
            account_id=account,
            base_currency=facts.base_currency,
            account_alias=facts.alias if account == self._own else "",
            from_on=facts.from_on,
            to_on=facts.to_on,
            generated_at=_generated_at(facts.generated, desk.zone(account)),
            zone=desk.zone_name(account),
            raw=facts.raw,
        )

    def _account(self, row: Row) -> str:
        stated = cell(row.cells, row.layout, "account") if row.layout else ""
        if stated and stated != "-":
            return stated
        # Closed lots leave the account out; they are the trade's above them.
        last = self._trades.last_account if row.section is Section.TRADES else None
        return self._own if last is None else last

    # -- rows --------------------------------------------------------------------------------------

    def _records(self, row: Row) -> Iterator[Record]:
        yield from self._end_tables(row)
        if row.kind == "header" or (
            row.is_data and row.section in (Section.STATEMENT, Section.ACCOUNT)
        ):
            # Headers name the columns, and the statement's own fields are in its StatementInfo.
            return
        account = self._account(row)
        if not row.is_data:
            yield self._other(row, account)
        elif row.section is Section.TRADES:
            yield from self._trade(row, account)
        elif row.section is Section.CASH_REPORT:
            yield from self._cash_report.read(row, account)
        elif row.section is Section.NAV:
            yield read_nav(self._desk, row, account)
        elif row.section in _READERS:
            yield self._row(row, account)
        else:
            yield self._unread(row, account)

    def _end_tables(self, row: Row) -> Iterator[Record]:
        if row.section is not Section.TRADES or not row.is_data:
            yield from self._trades.finish()
        if row.section is not Section.CASH_REPORT or not row.is_data:
            yield from self._cash_report.finish()

    def _trade(self, row: Row, account: str) -> Iterator[Record]:
        level = row.cells[0].casefold() if row.cells else ""
        if row.layout is None and level not in TRADE_LEVELS:
            self._desk.notices.add(account, row.number, "unknown_level", level)
            yield self._other(row, account)
        elif row.layout is None:
            missing = Missing("unknown_layout", "the columns of its table cannot be told apart")
            yield problem(row.number, account, named(row.header, row.cells), missing)
        else:
            yield from self._trades.read(self._desk.entry(row, account, row.layout))

    def _row(self, row: Row, account: str) -> Record:
        if row.layout is None:
            if row.section is Section.POSITIONS:
                self._desk.notices.add(account, row.number, "positions_unknown", row.name)
            # Of cash and corporate actions: a total, which has no day.
            return self._other(row, account)
        entry = self._desk.entry(row, account, row.layout)
        try:
            return _READERS[row.section](self._desk, entry)
        except (BadValue, Missing, ArithmeticError) as bad:
            return problem(row.number, account, entry.raw, bad)

    def _unread(self, row: Row, account: str) -> OtherRow:
        name = row.name.casefold()
        if row.section is Section.OTHER and name not in SUMMARY_NAMES:
            code = "unknown_section" if row.layout is None else "cash_section_unknown"
            self._desk.notices.add(account, row.number, code, row.name)
        elif row.section is Section.BY_CONTENT:
            self._desk.notices.add(account, row.number, "unknown_section", row.name)
        return self._other(row, account)

    def _other(self, row: Row, account: str) -> OtherRow:
        return OtherRow(row.number, account, row.name, named(row.header, row.cells))


def _generated_at(text: str, zone: ZoneInfo) -> datetime | None:
    """ "2023-01-05, 10:11:12 EST"."""
    stamp, _, last = text.rpartition(" ")
    known = _ZONES.get(last)
    try:
        return read_when(stamp if known else text).instant(known or zone)
    except (BadDate, AmbiguousDate):
        return None
