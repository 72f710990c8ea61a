"""One file into evidence and book, inside the caller's transaction."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import IO, Any, BinaryIO, cast

from common.errors import Rejected
from journal.brokers.base import (
    ClosedLotRow,
    InstrumentRow,
    OtherRow,
    ParseOptions,
    ProblemRow,
    Record,
    StatementInfo,
    StatementParser,
)
from journal.brokers.registry import get_parser, zone_of_broker
from journal.domain.account_terms import Terms
from journal.models import BrokerAccount, ImportBatch, ImportState
from journal.reading.chunks import Chunk
from journal.reading.lines import ExecutionLine, said
from journal.reading.reader import reading
from journal.services.account_terms import adopt_terms, note_terms, terms_of
from journal.services.booking.changes import Changes
from journal.services.booking.openings import touch_openings
from journal.services.booking.rebook import rebook_account
from journal.services.chain.refresh import refresh_after_orders
from journal.services.early_booking import EarlyBooking
from journal.services.erased import ErasedRows
from journal.services.evidence import (
    AccountCounts,
    EvidenceWriter,
    analyze_evidence,
    touch_rated,
)
from journal.services.instruments import InstrumentResolver
from journal.services.issues import store_import_problems
from journal.services.mappings import broker_of
from journal.services.orders import refresh_orders
from journal.services.progress import Progress
from journal.services.stored_files import open_stored

# As it is done on a page; a terminal has flags for it.
NAME_THE_ACCOUNT = "Choose the account, or type a number for a new one, and read the file again."
# A file that is wrong in every row must not fill the database with the same sentence.
PROBLEMS_MAX = 1_000
# Fills that show a person how the file's times are read, per account.
FIRST_EXECUTIONS = 4
_BY_HAND = "manual_entry"
COUNTED = ("executions", "cash", "corporate_actions", "option_events", "transfers")
_PUBLIC = ("format", "sha256", "accounts", "problems", "trades", "realized_pnl")
_PUBLIC_OF_ACCOUNT = ("broker_id", "executions", "cash", "corporate_actions", "positions")
_PUBLIC_OF_PROBLEM = ("severity", "code", "row", "message")


@dataclass(slots=True)
class Ingested:
    """What an import found and did; `as_dict` is what people and programs are shown."""

    sha256: str
    accounts: dict[str, BrokerAccount] = field(default_factory=dict)
    counts: dict[int, AccountCounts] = field(default_factory=dict)
    problems: list[ProblemRow] = field(default_factory=list)
    problem_count: int = 0
    others: Counter[str] = field(default_factory=Counter)
    periods: dict[str, tuple[str, str]] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    first_executions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    new_accounts: set[str] = field(default_factory=set)
    problem_kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: Changes = field(default_factory=Changes)
    # By account number: when its newest statement was made, and from when on it says otherwise than other files.
    stated_at: dict[str, datetime] = field(default_factory=dict)
    contradicted: dict[str, datetime] = field(default_factory=dict)
    # By the account's id in the book: what its latest statement says is not held at its end, with that day.
    empty: dict[str, dict[str, str]] = field(default_factory=dict)

    def as_dict(self, batch: ImportBatch) -> dict[str, Any]:
        """All that a page shows; `report` leaves what a program is promised."""
        return {
            "format": batch.format,
            "sha256": self.sha256,
            "accounts": [
                self._account(batch, number, account) for number, account in self.accounts.items()
            ],
            "problems": [problem_as_dict(problem) for problem in self.problems],
            "problem_count": self.problem_count,
            "problem_kinds": kinds_as_dicts(self.problem_kinds),
            "other_rows": dict(sorted(self.others.items())),
            "stated_empty": self.empty,
            "trades": {"opened": self.changes.opened, "closed": self.changes.closed},
            "realized_pnl": {
                currency: _money_text(amount)
                for currency, amount in sorted(self.changes.realized_pnl.items())
            },
        }

    def _account(
        self, batch: ImportBatch, broker_id: str, account: BrokerAccount
    ) -> dict[str, Any]:
        counts = self.counts.get(account.pk, AccountCounts())
        period = self.periods.get(broker_id, ("", ""))
        return {
            "broker_id": account.broker_id,
            "id": account.pk,
            "name": account.name,
            "is_new": account.broker_id in self.new_accounts,
            "base_currency": account.base_currency,
            "from_on": period[0],
            "to_on": period[1],
            "zone": self.zones.get(broker_id, ""),
            "stated_at": self.stated_at.get(broker_id, batch.received_at).isoformat(),
            "first_executions": self.first_executions.get(broker_id, []),
            **{kind: counts.as_dict(kind) for kind in COUNTED},
            "positions": counts.read["positions"],
        }


def problem_as_dict(problem: ProblemRow) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "code": problem.code,
        "row": problem.row,
        "message": problem.message,
        "account": problem.account_id,
        "raw": problem.raw,
    }


def kinds_as_dicts(kinds: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    """Of (severity, code), the most frequent first."""
    return [
        {"severity": severity, "code": code, "count": count}
        for (severity, code), count in kinds.most_common()
    ]


def _money_text(amount: Decimal) -> str:
    """Exact, without the zeros that a division leaves behind the cents."""
    whole, point, places = format(amount, "f").partition(".")
    return f"{whole}{point}{places[:2]}{places[2:].rstrip('0')}"


def _shown(line: ExecutionLine, instrument: InstrumentRow) -> dict[str, Any]:
    words = said(line)
    return {
        "row": words.row,
        "symbol": instrument.symbol,
        "side": words.side,
        "quantity": format(words.quantity, "f"),
        "price": format(words.price, "f"),
        "currency": instrument.currency,
        "executed_at": words.executed_at.isoformat(),
        "zone": words.zone,
    }


def report(result: dict[str, Any]) -> dict[str, Any]:
    """What `import_statement --json` prints: the promised keys and no others."""
    return {
        **{name: result[name] for name in _PUBLIC},
        "accounts": [
            {name: account[name] for name in _PUBLIC_OF_ACCOUNT} for account in result["accounts"]
        ],
        "problems": [
            {name: problem[name] for name in _PUBLIC_OF_PROBLEM} for problem in result["problems"]
        ],
    }


def ingest(batch: ImportBatch, progress: Progress, *, stream: IO[bytes] | None = None) -> Ingested:
    """Read the batch's file (or the stream, when it is not kept), write its evidence, book what it touches.

    Raises UnreadableStatement or Rejected; the caller's transaction then keeps nothing.
    """
    assert batch.file is not None, "what was captured is booked by journal.services.captures"
    parser = get_parser(batch.format)
    intake = _Intake(batch, parser)
    opened = open_stored(batch.file) if stream is None else stream
    with closing(intake.early):
        with opened as source:
            progress.tell("reading", 0, batch.file.size_bytes)
            with reading(parser, cast("BinaryIO", source), intake.options()) as chunks:
                for chunk in chunks:
                    intake.take(chunk)
                    intake.book_settled()
                    progress.tell("reading", chunk.position, batch.file.size_bytes)
        ingested = intake.finish()
        for account in list(ingested.accounts.values()):
            _book(account, intake, progress)
    _rebook_renamed(intake)
    store_import_problems(batch, ingested.accounts, ingested.problems)
    return ingested


def _book(account: BrokerAccount, intake: _Intake, progress: Progress) -> None:
    ordered = intake.writer.orders[account.pk]
    refresh_orders(account, ordered)
    touched = intake.writer.touched[account.pk]
    touch_rated(account, intake.writer.rates_from.get(account.pk), touched)
    touch_openings(account, intake.batch.pk, touched)
    is_rebased = account.pk in intake.rebased
    if touched.since or is_rebased or intake.early.began(account):
        rebooking = intake.early.rebooking(account)
        rebooking.book(
            None if is_rebased else touched.since,
            lambda done, total: progress.tell("booking", done, total),
        )
        intake.ingested.changes.merge(rebooking.finish())
    refresh_after_orders(account, ordered)


def _rebook_renamed(intake: _Intake) -> None:
    """Accounts that the file says nothing of, where it gave an instrument of theirs another name."""
    spoken_of = {account.pk for account in intake.ingested.accounts.values()}
    others = intake.writer.touched.keys() - spoken_of
    for account in BrokerAccount.objects.filter(pk__in=others).order_by("pk"):
        rebook_account(account, touched=intake.writer.touched[account.pk].since)


class _Intake:
    """Sorts records: accounts and problems here, everything that happened to the writer."""

    def __init__(self, batch: ImportBatch, parser: StatementParser) -> None:
        self.batch = batch
        self.parser = parser
        # "" while a format of many brokers has not said whose account it speaks of.
        self.broker = broker_of(parser, batch)
        self.ingested = Ingested(sha256=batch.file.sha256 if batch.file else "")
        # Accounts that turned out to count otherwise, or in another currency: booked whole.
        self.rebased: set[int] = set()
        # New ones, of which nothing was booked before.
        self.made: set[int] = set()
        self.statement_row = 0
        resolver = InstrumentResolver(workspace_id=batch.workspace_id, broker=self.broker)
        self.writer = EvidenceWriter(batch, resolver)
        self.erased = ErasedRows(batch, self.broker)
        self.early = EarlyBooking(self.writer)

    def options(self) -> ParseOptions:
        accounts = BrokerAccount.objects.filter(
            workspace_id=self.batch.workspace_id, broker=self.broker
        ).exclude(statement_zone="")
        chosen = self.batch.zone or self._zone_of_mapping()
        return ParseOptions(
            zone=chosen or self._zone_of_expected() or None,
            day_first=self.batch.day_first,
            zone_by_account={}
            if chosen
            else dict(accounts.values_list("broker_id", "statement_zone")),
            mapping=self.batch.mapping,
        )

    def _zone_of_mapping(self) -> str:
        return str((self.batch.mapping or {}).get("zone", ""))

    def _zone_of_expected(self) -> str:
        """A file that names no account reads its times as those of the account that it is expected to be of."""
        account = self.batch.account
        return account.statement_zone if account is not None else ""

    def take(self, chunk: Chunk) -> None:
        self.writer.add_instruments(chunk.instruments)
        for kind, items in groupby(self.erased.without(chunk.items), key=type):
            if kind is ExecutionLine:
                self._take_lines(cast("list[ExecutionLine]", list(items)))
            else:
                for item in items:
                    self._take_other(cast("Record", item))

    def book_settled(self) -> None:
        for account in self.ingested.accounts.values():
            self.early.step(account)

    def _take_lines(self, lines: list[ExecutionLine]) -> None:
        for number, some in groupby(lines, key=attrgetter("account_id")):
            own = list(some)
            self._show_first(number, own)
            self.writer.add_executions(own, self._account(number))

    def _take_other(self, record: Record) -> None:
        if isinstance(record, StatementInfo):
            self._open_statement(record)
        elif isinstance(record, ProblemRow):
            self._note_problem(record)
        elif isinstance(record, OtherRow):
            self.ingested.others[record.section] += 1
        else:
            if isinstance(record, ClosedLotRow):
                self.early.stop()
            self.writer.add(record, self._account(record.account_id))

    def _show_first(self, account_number: str, lines: list[ExecutionLine]) -> None:
        shown = self.ingested.first_executions.setdefault(account_number, [])
        for line in lines[: FIRST_EXECUTIONS - len(shown)]:
            shown.append(_shown(line, self.writer.instrument_of(line)))

    def _note_problem(self, problem: ProblemRow) -> None:
        self.ingested.problem_count += 1
        self.ingested.problem_kinds[(problem.severity, problem.code)] += 1
        if len(self.ingested.problems) < PROBLEMS_MAX:
            self.ingested.problems.append(problem)

    def _open_statement(self, info: StatementInfo) -> None:
        if info.broker is not None:
            self.broker = info.broker
        self.writer.names.state(info.generated_at or info.to_on)
        if info.row != self.statement_row:
            self.statement_row = info.row
            self.writer.begin_statement()
        account = self._account(info.account_id, info)
        self._note_base_currency(account, info)
        self._note_terms(account, info)
        if info.account_alias and not account.name:
            account.name = info.account_alias[:120]
            account.save(update_fields=["name"])
        self.ingested.zones[info.account_id] = info.zone
        for part in sorted(info.empty) if info.to_on is not None else ():
            days = self.ingested.empty.setdefault(f"{account.pk}", {})
            days[part] = max(days.get(part, ""), str(info.to_on))
        stated_at = info.stated_at or self.batch.received_at
        known_at = self.ingested.stated_at.get(info.account_id, stated_at)
        self.ingested.stated_at[info.account_id] = max(known_at, stated_at)
        _, known_to = self.ingested.periods.get(info.account_id, ("", ""))
        known_from = self.ingested.periods.get(info.account_id, ("", ""))[0]
        from_on = min(filter(None, [known_from, str(info.from_on or "")]), default="")
        self.ingested.periods[info.account_id] = (from_on, max(known_to, str(info.to_on or "")))

    def _note_base_currency(self, account: BrokerAccount, info: StatementInfo) -> None:
        """A currency that the statement names wins; one that only follows from its figures fills a gap."""
        is_stated = info.raw.get("currency") == info.base_currency
        if not info.base_currency or info.base_currency == account.base_currency:
            return
        if account.base_currency and not is_stated:
            return
        if account.pk not in self.made or self.early.began(account):
            self.rebased.add(account.pk)
        account.base_currency = info.base_currency
        account.save(update_fields=["base_currency"])

    def _note_terms(self, account: BrokerAccount, info: StatementInfo) -> None:
        terms = self._terms(account.broker, info)
        note_terms(self.batch, account, info, terms)
        if adopt_terms(account, terms.values):
            self.rebased.add(account.pk)

    def _terms(self, broker: str, info: StatementInfo) -> Terms:
        """Of the day a table says what was said of it, an entry by hand where it was made."""
        is_by_hand = self.parser.slug == _BY_HAND
        return terms_of(info, broker, zone=self._zone_of_mapping() or info.zone * is_by_hand)

    def _account(self, broker_id: str, info: StatementInfo | None = None) -> BrokerAccount:
        account = self.ingested.accounts.get(broker_id)
        if account is None:
            account = self._find_account(broker_id, info)
            self.ingested.accounts[broker_id] = account
        return account

    def _find_account(self, broker_id: str, info: StatementInfo | None) -> BrokerAccount:
        broker_id = self._number_of(broker_id)
        chosen = self.batch.account.broker if self.batch.account is not None else ""
        broker = self.broker or chosen or self.parser.broker
        account, is_new = BrokerAccount.objects.get_or_create(
            workspace_id=self.batch.workspace_id,
            broker=broker,
            broker_id=broker_id[:64],
            defaults=self._made_as(broker, info),
        )
        if is_new:
            self.ingested.new_accounts.add(broker_id)
            self.made.add(account.pk)
        # A file that is read again after an undo is no news: what it says of the account goes with the rest.
        if account.erasure_asked_at is not None and self.batch.state != ImportState.DONE:
            raise Rejected(
                "account_being_erased",
                f"Account {broker_id} is being erased, and what the file says of it would go too. Nothing was "
                "imported. Wait until the account is gone from the list of accounts, then upload the file again.",
            )
        return account

    def _made_as(self, broker: str, info: StatementInfo | None) -> dict[str, Any]:
        """A new account has its broker's trading day, not that of the file that happened to come first."""
        said = self._terms(broker, info).values if info is not None else {}
        return {"zone": partial(zone_of_broker, broker), **said}

    def _number_of(self, named: str) -> str:
        """The number of the account, of which the file names it or not. Raises Rejected where that cannot be right."""
        batch, wanted = self.batch, self.batch.expected_number
        if batch.account is not None and self.broker not in ("", batch.account.broker):
            whose = self.parser.label if self.broker == self.parser.broker else self.broker
            raise Rejected(
                "wrong_broker",
                f"The file is one of {whose}, but {wanted} is an account of {batch.account.broker}. "
                "Nothing was imported. Choose another account, or type the number of a new one.",
            )
        if not named and not wanted:
            raise Rejected(
                "account_needed",
                f"Files of {self.parser.label} do not say whose they are. Nothing was imported. {NAME_THE_ACCOUNT}",
            )
        if named and wanted and named != wanted:
            raise Rejected(
                "wrong_account",
                f"The file speaks of account {named}, but {wanted} was chosen. Nothing was imported. Choose {named}, "
                "or leave the account open and the file decides.",
            )
        return named or wanted

    def finish(self) -> Ingested:
        self.early.settle()
        self.writer.finish()
        analyze_evidence(self.writer.counts)
        for notice in self.erased.notices:
            self._note_problem(notice)
        self.ingested.counts = self.writer.counts
        self.ingested.contradicted = {
            self.ingested.accounts[number].broker_id: at
            for number, at in self.writer.contradicted.items()
        }
        if not self.ingested.accounts:
            raise Rejected(
                "statement_without_account",
                "The file is well-formed but names no account, so there is nothing to import. Add the account "
                "information section to the query and export it again.",
            )
        return self.ingested
