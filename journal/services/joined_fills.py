"""Keeps which keys of reports mean one fill (`JoinedFill`), as the effective evidence has it.

Each report is written under its own key, so that no order of imports and no undo decides what is the same: that is
derived (`journal.domain.joined`), for all that lies near what came or went. A fill keeps the key that it was first
booked by, and with it what people said of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from common.sql import execute, fetch
from journal.brokers.base import HAND_AUTHORITY, ORDER_AUTHORITY
from journal.domain.identity import known_id
from journal.domain.joined import ENTERED_SPREAD, SPREAD, Row, find_fills
from journal.models import JoinedFill
from journal.selectors.evidence import count_reports
from journal.services.copying import copy_rows
from journal.services.entered_fills import Periods, entered_among

# Reports of one fill are seconds apart; equal fills in a row may be a chain of such.
_AROUND = timedelta(minutes=10)
# About a kilobyte each. One large instrument is read at once, as it is booked.
_REPORTS_AT_ONCE = 50_000


@dataclass(slots=True)
class Arrived:
    """What an import wrote for one account: `fresh` are keys that nobody had reported."""

    keys: set[str] = field(default_factory=set)
    fresh: set[str] = field(default_factory=set)
    exec_ids: set[str] = field(default_factory=set)
    # By instrument the first and the last moment.
    periods: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)

    def note(self, key: str, instrument_id: int, at: datetime, exec_id: str) -> None:
        self.keys.add(key)
        if known_id(exec_id):
            self.exec_ids.add(exec_id)
        first, last = self.periods.get(instrument_id, (at, at))
        self.periods[instrument_id] = (min(first, at), max(last, at))


@dataclass(slots=True)
class Settled:
    """`since` is by instrument the first moment of what belongs together otherwise than before, or got another report;
    `repeated` how many of the fresh keys are fills that were known; `contradicted` from when on the reports of one
    fill, equal in authority, say different things."""

    since: dict[int, datetime] = field(default_factory=dict)
    repeated: int = 0
    contradicted: datetime | None = None

    def touch(self, rows: Iterable[Row], margin: timedelta = timedelta()) -> None:
        for row in rows:
            at = row.at - margin
            self.since[row.instrument_id] = min(self.since.get(row.instrument_id, at), at)


_ROWS = (
    "SELECT r.id, r.instrument_id, r.report, r.side, r.quantity, r.price, r.fill_key, "
    "r.source || ' ' || b.format, r.batch_id, r.executed_at, r.exec_id, r.trade_id, r.authority, r.event_key, "
    "coalesce(r.stated_at, b.received_at), r.source NOT IN ('statement', 'broker_api'), "
    f"r.authority = {HAND_AUTHORITY}, r.order_id FROM {{wanted}} journal_executionreport r {{on}} "
    "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
    f"WHERE r.account_id = %(account)s AND r.authority > {ORDER_AUTHORITY} {{where}}"
)
_IN_PERIODS = _ROWS.format(
    wanted="unnest(%(ids)s::bigint[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[]) "
    "AS wanted (instrument_id, first, last) JOIN",
    on="ON r.instrument_id = wanted.instrument_id AND r.executed_at BETWEEN wanted.first AND wanted.last",
    where="",
)
_BY_EXECUTION = _ROWS.format(
    wanted="", on="", where="AND r.exec_id <> '' AND r.exec_id = ANY(%(exec_ids)s)"
)
_OF_INSTRUMENTS = _ROWS.format(wanted="", on="", where="AND r.instrument_id = ANY(%(ids)s)")


def may_join(account_id: int) -> bool:
    """Whether any report of the account lacks the broker's booking id. Those that have it are all different fills."""
    return bool(
        fetch(
            # In every collation: booking ids ("b:") come first.
            "SELECT 1 FROM journal_executionreport WHERE account_id = %s AND fill_key >= 'v' LIMIT 1",
            [account_id],
        )
    )


def settle_arrived(workspace_id: int, account_id: int, arrived: Arrived) -> Settled:
    """After an import has written its reports, before they are booked."""
    rows = _near(account_id, arrived)
    settled = Settled()
    fills = _Joins(workspace_id, account_id).settle(rows, arrived.keys, settled)
    _tell(fills, rows, arrived, settled)
    return settled


def settle_instruments(
    workspace_id: int, account_id: int, instrument_ids: Collection[int]
) -> Settled:
    """All fills of the instruments: after an undo, and before they are booked from the beginning."""
    settled = Settled()
    if not may_join(account_id) and not JoinedFill.objects.filter(account_id=account_id).exists():
        return settled
    for some in _in_parts(count_reports(account_id, list(instrument_ids))):
        found = fetch(_OF_INSTRUMENTS, {"account": account_id, "ids": some})
        rows = _by_key(map(Row._make, found))
        joins = _Joins(workspace_id, account_id)
        joins.forget(some, rows)
        joins.settle(rows, None, settled)
    return settled


def _in_parts(counts: Mapping[int, int]) -> Iterator[list[int]]:
    """Instruments with their numbers of reports, so many at once as memory is spent on."""
    part: list[int] = []
    size = 0
    for instrument_id, count in sorted(counts.items()):
        if part and size + count > _REPORTS_AT_ONCE:
            yield part
            part, size = [], 0
        part.append(instrument_id)
        size += count
    if part:
        yield part


def _near(account_id: int, arrived: Arrived) -> dict[str, list[Row]]:
    periods = Periods(account_id, arrived.periods).periods
    found = fetch(
        _IN_PERIODS,
        {
            "account": account_id,
            "ids": list(periods),
            "firsts": [first - _AROUND for first, _ in periods.values()],
            "lasts": [last + _AROUND for _, last in periods.values()],
        },
    )
    if arrived.exec_ids:
        values = {"account": account_id, "exec_ids": list(arrived.exec_ids)}
        found += fetch(_BY_EXECUTION, values)
    return _by_key({row[0]: Row._make(row) for row in found}.values())


def _by_key(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.key].append(row)
    return dict(found)


def _tell(
    fills: Iterable[Sequence[str]],
    rows: Mapping[str, list[Row]],
    arrived: Arrived,
    settled: Settled,
) -> None:
    for keys in fills:
        if len(keys) == 1 or arrived.keys.isdisjoint(keys):
            continue
        fresh = arrived.fresh.intersection(keys)
        settled.repeated += len(fresh) if len(fresh) < len(keys) else len(fresh) - 1
        said = [row for key in keys for row in rows[key]]
        settled.touch(said)
        for row in said:
            if row.key in arrived.keys and any(_contradicts(row, other) for other in said):
                known = settled.contradicted or row.said_at
                settled.contradicted = min(known, row.said_at)


def _contradicts(row: Row, other: Row) -> bool:
    return (
        row.key != other.key
        and row.authority == other.authority
        and row.event_key != other.event_key
    )


class _Joins:
    """The stored joins of an account, and what they ought to be."""

    def __init__(self, workspace_id: int, account_id: int) -> None:
        self._workspace_id = workspace_id
        self._account_id = account_id

    def forget(self, instrument_ids: Collection[int], rows: Collection[str]) -> None:
        """The keys of these instruments that nobody reports any more."""
        execute(
            "DELETE FROM journal_joinedfill WHERE account_id = %s AND instrument_id = ANY(%s) "
            "AND key <> ALL(%s)",
            [self._account_id, list(instrument_ids), list(rows)],
        )

    def settle(
        self, rows: Mapping[str, list[Row]], wanted: Collection[str] | None, settled: Settled
    ) -> list[list[str]]:
        """Store the fills of all that has to do with the `wanted` keys (None: of everything); each as its keys."""
        groups = find_fills(rows, wanted, entered_among(self._account_id, rows))
        self._store(groups, rows, settled)
        return groups

    def _store(
        self, groups: Sequence[list[str]], rows: Mapping[str, list[Row]], settled: Settled
    ) -> None:
        keys = [key for group in groups for key in group]
        known = dict(
            fetch(
                "SELECT key, fill_key FROM journal_joinedfill WHERE account_id = %s AND key = ANY(%s)",
                [self._account_id, keys],
            )
        )
        names = self._names(groups, known)
        changed = {
            key: name
            for group, name in zip(groups, names, strict=True)
            for key in group
            if known.get(key, key) != name
        }
        execute(
            "DELETE FROM journal_joinedfill WHERE account_id = %s AND key = ANY(%s)",
            [self._account_id, list(changed)],
        )
        copy_rows(
            JoinedFill,
            ("workspace", "account", "instrument", "key", "fill_key"),
            [
                (self._workspace_id, self._account_id, rows[key][0].instrument_id, key, name)
                for key, name in changed.items()
                if key != name
            ],
        )
        entered = {row.instrument_id for listed in rows.values() for row in listed if row.by_hand}
        for group in groups:
            if not changed.keys().isdisjoint(group):
                own = [row for key in group for row in rows[key]]
                # What a key has left is as near to it as what it came to.
                is_near = entered.isdisjoint(row.instrument_id for row in own)
                settled.touch(own, margin=SPREAD if is_near else ENTERED_SPREAD)

    def _names(self, groups: Sequence[list[str]], known: Mapping[str, str]) -> list[str]:
        """By which key the book knows each fill: the one by which it does already, else the best of its own."""
        members = {key for group in groups for key in group}
        lone = {key for group in groups if not group[1:] and group[0] not in known for key in group}
        reported = self._reported(set(known.values()) - members)
        named = self._named(members - lone)
        taken: set[str] = set()
        names = []
        for group in groups:
            own = set(group)
            former = {known[key] for key in group if key in known}
            choices = [
                *sorted(former & own),
                *sorted(former - members - reported),
                *sorted(own & named),
                *group,
            ]
            names.append(next(name for name in choices if name not in taken))
            taken.add(names[-1])
        return names

    def _reported(self, keys: Collection[str]) -> set[str]:
        """Those of the keys under which effective reports are."""
        if not keys:
            return set()
        rows = fetch(
            "SELECT DISTINCT r.fill_key FROM journal_executionreport r "
            "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
            "WHERE r.account_id = %s AND r.fill_key = ANY(%s)",
            [self._account_id, list(keys)],
        )
        return {key for (key,) in rows}

    def _named(self, keys: Collection[str]) -> set[str]:
        """Those of the keys by which the book knows a fill, or people one that they left out of it."""
        if not keys:
            return set()
        rows = fetch(
            "SELECT fill_key FROM journal_execution WHERE account_id = %(account)s AND fill_key = ANY(%(keys)s) "
            "UNION SELECT fill_key FROM journal_correction WHERE account_id = %(account)s "
            "AND fill_key = ANY(%(keys)s)",
            {"account": self._account_id, "keys": list(keys)},
        )
        return {key for (key,) in rows}
