"""Reports of an account as fills: which keys mean one fill, by their ids and else by what they say.

Keys that share a report's values are asked about together (`journal.domain.twins`), as far as they lie near each other
in time. An execution belongs to the first booking that names it, whatever both say of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from journal.domain.identity import known_id
from journal.domain.twins import APART, BY_BOOKING, BY_EXECUTION, Mention, find_twins

# Reports that are further apart have nothing to do with each other.
CHAINED = timedelta(seconds=2 * APART + 1)
# Nor are the reports of one fill, with a minute that somebody remembers.
SPREAD = timedelta(minutes=1) + CHAINED


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

    @property
    def values(self) -> tuple[object, ...]:
        return self.instrument_id, self.report, self.side, self.quantity, self.price

    @property
    def mention(self) -> Mention:
        return Mention(
            self.key, self.source, self.batch_id, self.at, self.exec_id, self.trade_id, self.is_told, self.by_hand
        )  # fmt: skip


def find_fills(rows: Mapping[str, list[Row]], wanted: Collection[str] | None) -> list[list[str]]:
    """The fills of all that has to do with the `wanted` keys (None: of everything), each as its keys. `rows` by key."""
    pieces, executions = list(_pieces(rows)), _executions(rows)
    chosen = _related(rows, pieces, executions, wanted)
    fills = _Groups(chosen)
    for piece in pieces:
        if piece[0].key in chosen:
            for twins in find_twins(_mentions(piece, executions)):
                fills.join(twins)
    for pair in executions.items():
        if pair[0] in chosen:
            fills.join(pair)
    return sorted(sorted(group) for group in fills.all())


def _related(
    keys: Iterable[str],
    pieces: Iterable[list[Row]],
    executions: Mapping[str, str],
    wanted: Collection[str] | None,
) -> set[str]:
    """Those that the fills of the wanted ones depend on."""
    related = _Groups(keys)
    if wanted is None:
        return {key for group in related.all() for key in group}
    for piece in pieces:
        related.join([row.key for row in piece], strictly=False)
    for pair in executions.items():
        related.join(pair, strictly=False)
    return {key for group in related.all() if not group.isdisjoint(wanted) for key in group}


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
