"""The books of many accounts against what their brokers said: reads both sides, and has the pure functions compare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import structlog

from journal.brokers.live import AccountReading
from journal.domain.spans import Span, join, without
from journal.domain.trading_day import trading_day
from journal.domain.values import Side
from journal.selectors.coverage import WHOLE, Coverage, coverage_of
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.comparison import Comparison, Part, Setting, compare
from reconciliation.domain.feed import Gap
from reconciliation.domain.fills import EDGE, Told, compare_words
from reconciliation.domain.findings import Finding
from reconciliation.domain.orders import overfilled_by
from reconciliation.domain.records import FillLine, OrderLine, PositionLine, Statement, Window
from reconciliation.domain.tolerances import Tolerances
from reconciliation.models import Heard
from reconciliation.selectors.book import Book, books_of, terms_of
from reconciliation.selectors.locks import locked_since_all
from reconciliation.selectors.rules import tolerances_of
from reconciliation.services.reading import Word
from reconciliation.services.snapshots import Known

logger = structlog.get_logger(__name__)

WINDOW = timedelta(hours=48)
# Of a history with more holes nobody needs to be told of each.
_GAPS_MAX = 20
_NEEDS_ALL = {Kind.PHANTOM, Kind.QUANTITY, Kind.DUPLICATE_FILL}


@dataclass(slots=True)
class Judged:
    """What one account's comparison came to. `parts` may say that something is gone; `gaps` are of the feed,
    `fills` the book's of the time, None where nobody read them. `failure` says what went wrong in comparing."""

    findings: list[Finding] = field(default_factory=list)
    parts: frozenset[Part] = frozenset()
    skipped: dict[Part, str] = field(default_factory=dict)
    window: Window | None = None
    has_gaps: bool = False
    gaps: tuple[Gap, ...] = ()
    fills: tuple[FillLine, ...] | None = None
    failure: str = ""


def compare_all(
    workspace_id: int, words: Sequence[Word], known: Known, *, now: datetime
) -> dict[int, Judged]:
    """By account. Those that were not heard whole are compared with nothing, and told of their gaps only."""
    covered = coverage_of({word.connection.pk for word in words if word.connection})
    whole = [word for word in words if word.is_whole]
    earliest = min((word.reading.as_of for word in whole if word.reading), default=now)
    since = min(earliest, now) - WINDOW
    books = books_of(workspace_id, [word.account for word in whole], since=since, now=now)
    terms = dict(books.terms)
    terms |= terms_of(workspace_id, set(known.ids.values()) - terms.keys())
    tolerances = tolerances_of(workspace_id)
    locks = locked_since_all(workspace_id, [word.account.pk for word in whole], now)
    found = {}
    for word in words:
        spans = _spans(word, covered)
        judged = Judged(gaps=tuple(_gaps(spans)))
        if word.is_whole:
            judged.fills = books.of[word.account.pk].fills.ours
            side = _Side(word, books.of[word.account.pk], known, _window(word, spans, since))
            known_of = Settings(terms, tolerances, locks.get(word.account.pk))
            try:
                _judge(judged, side, spans, known_of)
            except Exception as error:
                # Of this account nothing is concluded; the others wait for nobody.
                logger.exception("comparing_failed", account=word.account.pk)
                judged = Judged(
                    gaps=judged.gaps, fills=judged.fills, failure=describe_failure(error)
                )
        found[word.account.pk] = judged
    return found


def describe_failure(error: Exception) -> str:
    """For people; the log has the rest."""
    return f"The book could not be compared because of a mistake in this program ({type(error).__name__})."


@dataclass(frozen=True, slots=True)
class Settings:
    terms: Mapping[int, object]
    tolerances: Tolerances
    locked_at: datetime | None


@dataclass(slots=True)
class _Side:
    word: Word
    book: Book
    known: Known
    window: Window

    @property
    def reading(self) -> AccountReading:
        assert self.word.reading is not None
        return self.word.reading

    @property
    def is_late(self) -> bool:
        """A statement speaks of a moment that is over: the book is put back to it."""
        return self.word.heard == Heard.STATEMENT


def _judge(judged: Judged, side: _Side, spans: Sequence[Span], known: Settings) -> None:
    as_of = side.reading.as_of
    window = judged.window = side.window
    holes = without([Span(window.since, window.until)], spans) if spans else []
    fills_known = bool(spans) and window.until - window.since > 2 * EDGE
    judged.has_gaps = bool(holes)
    ours, theirs = _statements(side)
    setting = Setting(
        known.terms,  # type: ignore[arg-type]
        known.tolerances,
        window,
        trading_day(as_of, side.word.account.trading_day),
        side.book.actions,
        has_gaps=judged.has_gaps,
        fills_known=fills_known,
        locked_at=known.locked_at,
    )
    result: Comparison = compare(ours, theirs, setting)
    judged.findings = list(result.findings)
    if fills_known:
        judged.findings += compare_words(
            side.book.fills.told_twice,
            side.book.fills.news,
            setting.terms,
            known.tolerances,
            told=Told(window, as_of),
        )
    judged.skipped = dict(result.skipped)
    if "orders" in side.reading.lacking:
        judged.skipped[Part.ORDERS] = "The broker’s statement does not list orders."
    if _differ(judged.findings):
        # Positions that differ move the money too: it would be told once more.
        judged.skipped[Part.CASH] = "The positions of the two sides differ."
        judged.findings = [one for one in judged.findings if one.kind is not Kind.CASH_BALANCE]
    judged.parts = frozenset(part for part in Part if part not in judged.skipped)


def _differ(findings: Iterable[Finding]) -> bool:
    moved = {
        Kind.MISSING_IN_JOURNAL,
        Kind.PHANTOM,
        Kind.QUANTITY,
        Kind.SIDE,
        Kind.EXPIRY,
        Kind.TRANSFER,
    }
    return any(one.kind in moved and one.key.startswith("position:") for one in findings)


def _statements(side: _Side) -> tuple[Statement, Statement]:
    reading, book = side.reading, side.book
    ours, theirs = list(book.statement.positions), _holdings(side)
    if side.is_late:
        ours = _put_back(ours, book, reading.as_of)
    ours, theirs = _by_one_key(ours, theirs, is_hedging=side.word.account.is_hedging)
    told_orders = "orders" not in reading.lacking
    orders = _orders(side) if told_orders else []
    own_orders = _comparable(book.statement.orders, orders) if told_orders else []
    if not book.fills.news and all(line.is_uncertain for line in own_orders):
        # Where nobody but the broker tells of orders, one that the book has not heard of yet is no news.
        orders = []
    if told_orders:
        own_orders += [ours for ours, _ in book.told_orders]
        orders += [theirs for _, theirs in book.told_orders]
        overfilled = overfilled_by(book.statement.orders, book.fills.theirs, known=orders)
        own_orders += [ours for ours, _ in overfilled]
        orders += [theirs for _, theirs in overfilled]
    fills, their_fills = (
        tuple(line for line in lines if not side.is_late or line.at < reading.as_of)
        for lines in (book.fills.ours, book.fills.theirs)
    )
    return (
        book.statement._replace(
            positions=tuple(ours),
            orders=tuple(own_orders),
            fills=fills,
            cash=None if side.is_late else book.statement.cash,
        ),
        Statement(
            reading.as_of, tuple(theirs), tuple(orders), their_fills,
            None if side.is_late else reading.cash, book.their_realized,
        ),
    )  # fmt: skip


def _holdings(side: _Side) -> list[PositionLine]:
    reading, broker = side.reading, side.word.account.broker
    stopped = {
        (side.known.of(broker, order.instrument), order.side)
        for order in reading.orders
        if order.stop_price is not None
    }
    lines = []
    for line in reading.holdings:
        id_ = side.known.of(broker, line.instrument)
        closing = Side.SELL if line.signed_quantity > 0 else Side.BUY
        lines.append(
            PositionLine(
                id_, line.instrument.symbol, line.ticket, line.signed_quantity,
                # What a statement calls an average holds fees.
                None if side.is_late else line.average_price,
                line.stop_price, line.target_price,
                is_protected=None if "orders" in reading.lacking
                else line.stop_price is not None or (id_, closing) in stopped,
            )
        )  # fmt: skip
    return lines


def _put_back(lines: Sequence[PositionLine], book: Book, as_of: datetime) -> list[PositionLine]:
    later: defaultdict[int, Decimal] = defaultdict(Decimal)
    for fill in book.fills.ours:
        if fill.at >= as_of and fill.instrument_id:
            later[fill.instrument_id] += fill.signed_quantity
    if not later:
        return list(lines)
    held: dict[int | None, PositionLine] = {}
    for line in lines:
        known = held.get(line.instrument_id)
        total = line.signed_quantity + (known.signed_quantity if known else 0)
        held[line.instrument_id] = line._replace(signed_quantity=total, ticket="")
    for id_, quantity in later.items():
        known = held.get(id_) or PositionLine(id_, "", "", Decimal(0))
        total = known.signed_quantity - quantity
        held[id_] = known._replace(signed_quantity=total, average_price=None)
    return list(held.values())


def _by_one_key(
    ours: Sequence[PositionLine], theirs: Sequence[PositionLine], *, is_hedging: bool
) -> tuple[list[PositionLine], list[PositionLine]]:
    """In a hedging account tickets tell positions apart: a long and a short one are never added up, also where the
    other side has nothing at all. Where either side does not say its tickets, what an instrument comes to is compared.
    """
    nameless = {
        line.instrument_id
        for line in (*ours, *theirs)
        if not is_hedging or (not line.ticket and line.signed_quantity)
    }
    one, other = (
        [line._replace(ticket="") if line.instrument_id in nameless else line for line in lines]
        for lines in (ours, theirs)
    )
    return one, other


def _orders(side: _Side) -> list[OrderLine]:
    broker = side.word.account.broker
    return [
        OrderLine(
            line.order_id, line.client_order_id, side.known.of(broker, line.instrument), line.instrument.symbol,
            line.side, line.quantity, line.filled_quantity, False, line.at,
        )
        for line in side.reading.orders
    ]  # fmt: skip


def _comparable(ours: Iterable[OrderLine], theirs: Sequence[OrderLine]) -> list[OrderLine]:
    """Those that are at work, and of those that ended the ones that the broker still lists."""
    listed = {id_ for line in theirs for id_ in (line.order_id, line.client_order_id) if id_}
    return [
        line
        for line in ours
        if not line.is_over or not listed.isdisjoint({line.order_id, line.client_order_id})
    ]


def _spans(word: Word, covered: Mapping[int, Coverage]) -> list[Span]:
    if word.connection is None:
        return []
    held = covered[word.connection.pk].held
    return join([*held.get(word.account.broker_id, ()), *held.get(WHOLE, ())])


def _gaps(spans: Sequence[Span]) -> list[Gap]:
    if not spans:
        return []
    holes = without([Span(spans[0].since, spans[-1].until)], spans)
    return [Gap(hole.since, hole.until, "window") for hole in holes[-_GAPS_MAX:]]


def _window(word: Word, spans: Sequence[Span], since: datetime) -> Window:
    """From `since`, or from where the broker's history begins, up to where it is known to."""
    reading = word.reading
    assert reading is not None
    if not spans:
        return Window(since, reading.as_of)
    start = max(since, spans[0].since)
    return Window(start, max(start, min(reading.as_of, spans[-1].until)))


def may_miss(judged: Judged, kind: str, part: Part | None) -> bool:
    """Whether the run looked for differences of that kind and part."""
    if part is None:
        return True
    if judged.has_gaps and kind in _NEEDS_ALL:
        return False
    return part in judged.parts
