"""Reports of an account as fills: which keys mean one fill, by their ids and else by what they say.

Keys that share a report's values are asked about together (`journal.domain.twins`), as far as they lie near each other
in time. An execution belongs to the first booking that names it, whatever both say of it. An entry by hand that is no
fill's twin is asked about last: where it sums up fills (`journal.domain.entered`), it is a report of the first of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from journal.domain.entered import Line, find_parts
from journal.domain.identity import POSITION, ReportType, known_id
from journal.domain.trading_day import trading_day
from journal.domain.twins import APART, BY_BOOKING, BY_EXECUTION, BY_VALUE, Mention, find_twins
from journal.domain.values import TradingDay

# Reports that are further apart have nothing to do with each other.
CHAINED = timedelta(seconds=2 * APART + 1)
# Nor are the reports of one fill, with a minute that somebody remembers.
SPREAD = timedelta(minutes=1) + CHAINED
# But an entry and the fills that it sums up are of one trading day, which has 25 hours when clocks are set back.
ENTERED_SPREAD = timedelta(hours=25) + SPREAD


class Row(NamedTuple):
    """One report. `source` is who says it in which format; `said_at` when."""

    id: int
    instrument_id: int
    report: str
    side: str
    quantity: Decimal
    price: Decimal
    key: str
    source: str
    batch_id: int
    at: datetime
    exec_id: str
    trade_id: str
    authority: int
    event_key: str
    said_at: datetime
    is_told: bool
    by_hand: bool
    order_id: str = ""

    @property
    def values(self) -> tuple[object, ...]:
        return self.instrument_id, self.report, self.side, self.quantity, self.price

    @property
    def mention(self) -> Mention:
        return Mention(
            self.key, self.source, self.batch_id, self.at, self.exec_id, self.trade_id, self.is_told, self.by_hand
        )  # fmt: skip


class Entered(NamedTuple):
    """What is to be known of the entries by hand that are among the reports. `corrected` are those that a person
    corrected, as they read now; None for one that was left out."""

    day: TradingDay
    corrected: Mapping[str, Row | None] = {}


# Instrument, side, trading day.
_Place = tuple[int, str, date]


def find_fills(
    rows: Mapping[str, list[Row]], wanted: Collection[str] | None, entered: Entered | None = None
) -> list[list[str]]:
    """The fills of all that has to do with the `wanted` keys (None: of everything), each as its keys. `rows` by key.
    Where none of them is by hand, nothing need be known of entries."""
    pieces, executions = list(_pieces(rows)), _executions(rows)
    places = _Places(rows, entered) if entered is not None else None
    days = places.days() if places else []
    chosen = _related(
        rows, [*([row.key for row in piece] for piece in pieces), *days], executions, wanted
    )
    fills = _Groups(chosen)
    for piece in pieces:
        if piece[0].key in chosen:
            for twins in find_twins(_mentions(piece, executions)):
                fills.join(twins)
    for pair in executions.items():
        if pair[0] in chosen:
            fills.join(pair)
    if places:
        for entry, parts in places.parts_of(fills.all()):
            fills.join([entry, parts[0]])
    return sorted(sorted(group) for group in fills.all())


def _related(
    keys: Iterable[str],
    tied: Iterable[Iterable[str]],
    executions: Mapping[str, str],
    wanted: Collection[str] | None,
) -> set[str]:
    """Those that the fills of the wanted ones depend on."""
    related = _Groups(keys)
    if wanted is None:
        return {key for group in related.all() for key in group}
    for together in tied:
        related.join(together, strictly=False)
    for pair in executions.items():
        related.join(pair, strictly=False)
    return {key for group in related.all() if not group.isdisjoint(wanted) for key in group}


class _Places:
    """Where entries by hand are, and all that happened there."""

    def __init__(self, rows: Mapping[str, list[Row]], entered: Entered) -> None:
        self._rows = rows
        self._entered = entered
        self._by_key: dict[str, _Place] = {}
        for key, listed in rows.items():
            said = self._said(key, listed) if _is_nameless_entry(key, listed) else None
            if said is not None:
                self._by_key[key] = self._place(said)
        self._wanted = set(self._by_key.values())
        self._instruments = {place[0] for place in self._wanted}

    def days(self) -> list[list[str]]:
        """The keys of each place that has an entry: one of them may be what another one is not."""
        found: dict[_Place, list[str]] = defaultdict(list)
        for key, place in self._by_key.items():
            found[place].append(key)
        for key, listed in self._rows.items():
            places = {self._place(row) for row in listed if row.instrument_id in self._instruments}
            for place in places & self._wanted:
                found[place].append(key)
        return list(found.values())

    def parts_of(self, groups: Iterable[Collection[str]]) -> list[tuple[str, tuple[str, ...]]]:
        """To each entry that sums up fills one key of each of these. `groups` are the keys of what is one fill."""
        entries: dict[_Place, list[Line]] = defaultdict(list)
        fills: dict[_Place, list[Line]] = defaultdict(list)
        for group in groups:
            own = [row for key in sorted(group) for row in self._rows[key]]
            if len(group) == 1 and own[0].key in self._by_key:
                said = self._said(own[0].key, own)
                assert said is not None
                entries[self._by_key[said.key]].append(_line(said, own))
            elif not any(row.by_hand for row in own) and own[0].instrument_id in self._instruments:
                counting = _counting(own)
                if counting is not None and (place := self._place(counting)) in self._wanted:
                    fills[place].append(_line(counting, own))
        found: dict[str, tuple[str, ...]] = {}
        for place, waiting in entries.items():
            found |= find_parts(waiting, fills[place])
        return sorted(found.items())

    def _place(self, row: Row) -> _Place:
        return row.instrument_id, row.side, trading_day(row.at, self._entered.day)

    def _said(self, key: str, listed: list[Row]) -> Row | None:
        return self._entered.corrected.get(key, _counting(listed))


def _is_nameless_entry(key: str, rows: Iterable[Row]) -> bool:
    """What names an execution is that one and no other."""
    return key.startswith(BY_VALUE) and all(row.by_hand for row in rows)


def _counting(rows: Iterable[Row]) -> Row | None:
    """The report of one fill that counts. A correction without what it corrects is told, and no fill of its own."""
    said = [row for row in rows if row.report != ReportType.CANCEL]
    if all(row.report == ReportType.CORRECT for row in said):
        return None
    return max(said, key=lambda row: (row.authority, row.said_at, row.event_key, row.id))


def _line(said: Row, rows: Sequence[Row]) -> Line:
    orders = sorted({known_id(row.order_id) for row in rows} - {""})
    own = known_id(said.order_id)
    positions = sorted(row.trade_id for row in rows if row.trade_id.startswith(POSITION))
    return Line(
        said.key, own or next(iter(orders), ""), next(iter(positions), ""), said.at, said.quantity, said.price
    )  # fmt: skip


class _Groups:
    """Keys that belong together. Two booking ids never do."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._of = {key: {key} for key in keys}

    def join(self, keys: Iterable[str], *, strictly: bool = True) -> None:
        first, *others = keys
        for other in others:
            one, two = self._of[first], self._of[other]
            if one is two or (strictly and _bookings(one) and _bookings(two)):
                continue
            one |= two
            for key in two:
                self._of[key] = one

    def of(self, key: str) -> set[str]:
        return self._of[key]

    def all(self) -> Iterator[set[str]]:
        seen: set[int] = set()
        for group in self._of.values():
            if id(group) not in seen:
                seen.add(id(group))
                yield group


def _bookings(keys: Iterable[str]) -> bool:
    return any(key.startswith(BY_BOOKING) for key in keys)


def _executions(rows: Mapping[str, list[Row]]) -> dict[str, str]:
    """Key of an execution to the first booking of it."""
    bookings: dict[str, str] = {}
    for key in sorted(rows):
        if key.startswith(BY_BOOKING):
            for row in rows[key]:
                if known_id(row.exec_id):
                    bookings.setdefault(BY_EXECUTION + known_id(row.exec_id), key)
    return {key: booking for key, booking in bookings.items() if key in rows}


def _pieces(rows: Mapping[str, list[Row]]) -> Iterator[list[Row]]:
    """Rows that are equal in all that counts, cut where they are too far apart to have to do with each other."""
    equal: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for listed in rows.values():
        for row in listed:
            equal[row.values].append(row)
    for listed in equal.values():
        listed.sort(key=lambda row: row.at)
        piece, until = [listed[0]], listed[0].mention.until
        for row in listed[1:]:
            if row.at - until > CHAINED:
                yield piece
                piece = []
            piece.append(row)
            until = max(until, row.mention.until)
        yield piece


def _mentions(piece: Iterable[Row], executions: Mapping[str, str]) -> Iterator[Mention]:
    """Without the executions whose booking says something else of them: those are known by their id."""
    rows = list(piece)
    keys = {row.key for row in rows}
    for row in rows:
        if executions.get(row.key, row.key) in keys:
            yield row.mention
