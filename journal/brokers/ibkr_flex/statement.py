"""Elements in, records out: which account a row belongs to, and who is told of it first.

`row` is the element's place among all elements of the file: `xmllint --xpath '(//*)[17]' file.xml` shows
row 17.
"""

from __future__ import annotations

from collections.abc import Iterator

from journal.brokers.base import OtherRow, ParseOptions, ProblemRow, Record, StatementInfo
from journal.brokers.ibkr_flex import refusals
from journal.brokers.ibkr_flex.desk import Account, Desk
from journal.brokers.ibkr_flex.levels import LEVELS, TradeLevels
from journal.brokers.ibkr_flex.rows import READERS, note_base_currency, read_safely
from journal.brokers.ibkr_flex.values import NO_ID, word
from journal.brokers.ibkr_flex.vocabulary import PERSONAL, SECTIONS, is_known

_ROOTS = frozenset({"FlexQueryResponse", "FlexStatements", "FlexStatement"})
_ROWS = frozenset({*READERS, *LEVELS, "AccountInformation"})
# What is held, by the name of its section and of a row in it.
_HELD = {"OpenPositions": "positions", "CashReport": "cash"}
_HELD_ROWS = {"OpenPosition": "positions", "CashReportCurrency": "cash"}
_STRANGE_ELEMENTS_MAX = 2_000


class StatementReader:
    """Takes start and end of elements; `collect` gives the records since the last time."""

    def __init__(self, options: ParseOptions, default_zone: str, names: dict[str, str]) -> None:
        self.row = 0
        self.is_flex = False
        self.reply: refusals.ServiceReply | None = None
        self._desk = Desk(options, default_zone)
        self._levels = TradeLevels(self._desk, self._emit, self._defer)
        self._names = names
        self._names_seen = 0
        self._records: list[Record | Iterator[Record]] = []
        self._has_iterators = False
        self._section = ""
        self._section_depth = 0
        self._path: list[str] = []
        self._stated_count = ""
        self._count = 0
        self._statement: tuple[int, dict[str, str]] = (0, {})
        self._own: Account | None = None
        self._empty: set[str] = set()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.row += 1
        if self.row == 1 or not self.is_flex or name in _ROOTS:
            self._open(name, attributes)
        elif attributes:
            self._read(name, {key: value for key, value in attributes.items() if value})
        elif not self._section:
            self._section, self._section_depth = name, len(self._path)
            if name in _HELD:
                self._empty.add(_HELD[name])
        self._path.append(name)

    def end(self) -> None:
        name = self._path.pop()
        if len(self._path) <= self._section_depth:
            self._section = ""
        if name == "FlexStatement":
            self._close_statement()

    def take_row(self, name: str, raw: dict[str, str]) -> None:
        """A row whose like was read before, without its empty attributes."""
        self.row += 1
        self._read(name, raw)

    def finish(self) -> None:
        if self.reply is not None:
            raise self.reply.refusal()
        if not self.is_flex:
            raise refusals.not_flex()
        if self._stated_count.isdecimal() and int(self._stated_count[:9]) != self._count:
            account_id = self._own.id if self._own else ""
            self._desk.notices.add(account_id, self.row, "statement_count", self._stated_count[:9])
        self._close_statement()

    def collect(self) -> Iterator[Record]:
        records, self._records = self._records, []
        if not self._has_iterators:
            yield from records  # type: ignore[misc]
            return
        self._has_iterators = False
        for one in records:
            if isinstance(one, tuple):
                yield one
            else:
                yield from one

    def warn_of_repairs(self, row: int) -> None:
        self._desk.notices.add(self._own.id if self._own else "", row, "repaired_text")

    # -- the frame ---------------------------------------------------------------------------------

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        if self.row == 1:
            self._open_root(name)
        if name == "FlexStatement":
            self.is_flex = True
            self._open_statement(attributes)
        elif name == "FlexStatements":
            self._stated_count = attributes.get("count", "")
        elif name not in _ROOTS:
            self._open_strange(name, attributes)

    def _open_root(self, name: str) -> None:
        self.is_flex = name in _ROOTS
        if name == "FlexStatementResponse":
            self.reply = refusals.ServiceReply()
        elif name.lower() == "html":
            raise refusals.web_page()

    def _open_strange(self, name: str, attributes: dict[str, str]) -> None:
        """Rows under a root that is not Flex's own: somebody cut them out of a statement."""
        if self.reply is None and "accountId" in attributes and name in _ROWS:
            self.is_flex = True
            self._read(name, {key: value for key, value in attributes.items() if value})
        elif self.row > _STRANGE_ELEMENTS_MAX:
            raise refusals.not_flex()

    def _open_statement(self, attributes: dict[str, str]) -> None:
        raw = {key: value for key, value in attributes.items() if value}
        self._count += 1
        self._statement = (self.row, raw)
        self._section = ""
        self._empty = set()
        for account in self._desk.accounts.values():
            account.has_executions = False
            account.last_fill = None
        account_id = raw.get("accountId", "")
        self._own = self._desk.account("" if account_id in NO_ID else account_id)
        self._own.alias = word(raw.get("acctAlias")) or self._own.alias

    def _close_statement(self) -> None:
        desk = self._desk
        self._announce_own()
        for account in desk.accounts.values():
            if account.pending:
                self._announce(account)
                self._levels.book_orders(account, self._statement[0])
            self._complete(account)
            for zone in account.clock.unknown_zones:
                desk.notices.add(account.id, self._statement[0], "unknown_zone", zone)
            account.clock.unknown_zones.clear()
        self._records.extend(desk.notices.tell())

    def _announce_own(self) -> None:
        """A statement of nothing is a statement too. One whose rows all name other accounts is theirs."""
        row, own = self._statement[0], self._own
        told = [
            one for one in self._desk.accounts.values() if one.announced_row == row or one.pending
        ]
        if own is None or not own.id or any(one is not own for one in told):
            return
        if not told or self._empty:
            # Once more, where it is known by now that nothing is held.
            own.announced_row = row
            self._records.append(self._info(own)._replace(empty=frozenset(self._empty)))

    def _complete(self, account: Account) -> None:
        """A second StatementInfo for an account whose base currency came to light while reading."""
        currency = account.derive_base_currency() or (self._own.base_currency if self._own else "")
        if account.announced_row != self._statement[0] or account.base_currency or not currency:
            return
        account.base_currency = currency
        self._records.append(self._info(account))
        self._desk.notices.add(account.id, self._statement[0], "base_currency_derived", currency)

    def _announce(self, account: Account) -> None:
        if account.announced_row != self._statement[0]:
            account.announced_row = self._statement[0]
            self._records.append(self._info(account))

    def _info(self, account: Account) -> StatementInfo:
        row, raw = self._statement
        days = self._desk.days
        return StatementInfo(
            row=row,
            account_id=account.id,
            base_currency=account.base_currency,
            account_alias=account.alias,
            from_on=days.lenient(raw.get("fromDate")),
            to_on=days.lenient(raw.get("toDate")),
            generated_at=account.clock.lenient(raw.get("whenGenerated")),
            zone=account.clock.zone,
            raw={**account.details, **raw},
        )

    # -- rows --------------------------------------------------------------------------------------

    def _read(self, name: str, raw: dict[str, str]) -> None:
        if self._empty:
            self._empty.discard(_HELD_ROWS.get(name, ""))
        account = self._account(raw)
        if len(self._names) != self._names_seen:
            self._look_for_new_names(account, name, raw)
        if not account.base_currency:
            note_base_currency(account, name, raw)
        reader = READERS.get(name)
        if name in LEVELS:
            self._levels.read(account, self.row, name, raw)
        elif reader is not None:
            self._emit(account, read_safely(reader, self._desk, account, self.row, name, raw))
        elif name == "AccountInformation":
            self._read_account_information(account, raw)
        else:
            self._keep(account, name, raw)

    def _account(self, raw: dict[str, str]) -> Account:
        account_id = raw.get("accountId")
        if account_id is not None and account_id not in NO_ID:
            return self._desk.account(account_id)
        return self._own or self._desk.account("")

    def _defer(self, records: Iterator[Record]) -> None:
        self._records.append(records)
        self._has_iterators = True

    def _emit(self, account: Account, record: Record) -> None:
        kind = type(record)
        if (
            account.announced_row != self._statement[0]
            and kind is not OtherRow
            and kind is not ProblemRow
        ):
            self._announce(account)
            if not account.id:
                self._desk.notices.add("", self.row, "account_missing")
        self._records.append(record)

    def _keep(self, account: Account, name: str, raw: dict[str, str]) -> None:
        section = self._section or name
        if section not in SECTIONS and name not in SECTIONS:
            self._desk.notices.add(account.id, self.row, "unknown_section", section)
        self._records.append(OtherRow(self.row, account.id, section, raw))

    def _read_account_information(self, account: Account, raw: dict[str, str]) -> None:
        account.details = {key: value for key, value in raw.items() if key not in PERSONAL}
        currency, alias = word(raw.get("currency")), word(raw.get("acctAlias"))
        is_news = (currency or account.base_currency, alias or account.alias) != (
            account.base_currency,
            account.alias,
        )
        account.base_currency = currency or account.base_currency
        account.alias = alias or account.alias
        if is_news and account.announced_row == self._statement[0]:
            self._records.append(self._info(account))

    def _look_for_new_names(self, account: Account, name: str, raw: dict[str, str]) -> None:
        """Names are interned by the XML parser, so a growing table means that this row brought one."""
        self._names_seen = len(self._names)
        if self._names_seen > refusals.NAMES_MAX:
            raise refusals.hostile(f"it uses more than {refusals.NAMES_MAX:,} different names")
        if name in READERS or name in LEVELS:
            new = [one for one in raw if not is_known(one)]
            if new:
                self._desk.notices.add(account.id, self.row, "unknown_attribute", ", ".join(new))
