"""Which fills of an account are known already, by any of their ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from common.sql import fetch
from journal.domain.identity import known_id
from journal.reading.lines import ExecutionLine, is_fill, said
from journal.services.twin_fills import BY_VALUE, find_twins

# How the keys of fills begin (journal.domain.identity.fill_key).
BY_BOOKING = "b:"
# Keys of fills whose source stated no booking id, only the execution's (journal.domain.identity.fill_key).
BY_EXECUTION = "x:"


class Word(NamedTuple):
    """When somebody last said something of a fill. Authorities speak for themselves."""

    authority: int
    said_at: datetime


class Known(NamedTuple):
    """`words`: what was said of the fill (event key), and when last; a line of this import speaks for itself."""

    words: dict[str, Word | ExecutionLine]
    executed_at: datetime
    instrument_id: int


class KnownFills:
    """Looks up the fills of one account, for one import. The rows of the import itself count once written.

    A first import asks the database next to nothing: what it has written itself it remembers by hash, and only
    where a hash comes again does it look.
    """

    def __init__(self, account_id: int, batch_id: int) -> None:
        self._account_id = account_id
        self._batch_id = batch_id
        self.is_new = not fetch(
            "SELECT 1 FROM journal_executionreport WHERE account_id = %s LIMIT 1", [account_id]
        )
        self._has_nameless = bool(
            fetch(
                "SELECT 1 FROM journal_executionreport WHERE account_id = %s "
                # In every collation: booking ids ("b:") come first.
                "AND fill_key >= 'v' LIMIT 1",
                [account_id],
            )
        )
        self._written: set[int] = set()

    def look_up(self, keys: Sequence[str]) -> dict[str, Known]:
        """What is known under these keys, before this chunk is written."""
        wanted = keys
        if self.is_new:
            wanted = [key for key in keys if hash(key) in self._written]
            self._written.update(map(hash, keys))
        return self._read(wanted) if wanted else {}

    def aliases(self, lines: Sequence[ExecutionLine], known: dict[str, Known]) -> dict[str, str]:
        """Execution id to the key that the fill is known by, for lines whose own key is new.

        Needed where one of two sources states no booking id; adds what it finds to `known`.
        """
        wanted = [
            line.exec_id
            for line in lines
            if (self._has_nameless or line.key.startswith(BY_EXECUTION))
            and line.key not in known
            and known_id(line.exec_id)
        ]
        self._has_nameless |= any(line.key.startswith((BY_EXECUTION, BY_VALUE)) for line in lines)
        if not wanted:
            return {}
        found = dict(self._by_execution(wanted))
        known |= self._read([key for key in found.values() if key not in known])
        return found

    def bookings(
        self,
        lines: Sequence[ExecutionLine],
        known: dict[str, Known],
        resolve: Callable[[ExecutionLine], int],
    ) -> dict[str, str]:
        """Key of a new line to the key of the fill that has the same trade id, and is the same in all that counts.

        Needed where two sources state no other id in common; adds what it finds to `known`.
        """
        if self.is_new:
            return {}
        wanted: dict[str, tuple[Any, ...]] = {}
        for line in lines:
            if line.key in known or not is_fill(line) or self._is_found_by_ids(line):
                continue
            words = said(line)
            if known_id(words.trade_id):
                wanted[line.key] = (
                    resolve(line), words.trade_id, words.side, words.quantity, words.price,
                    words.executed_at,
                )  # fmt: skip
        return self._join(wanted, known) if wanted else {}

    def twins(
        self,
        lines: Sequence[ExecutionLine],
        known: dict[str, Known],
        resolve: Callable[[ExecutionLine], int],
    ) -> dict[str, str]:
        """Key of a line to the key of the fill that another source reports with an id where this one has none, or the
        other way round. `lines` are those that no id finds; adds what it finds to `known`."""
        if self.is_new:
            return {}
        unsure = [line for line in lines if self._has_nameless or line.key.startswith(BY_VALUE)]
        found = find_twins(self._account_id, self._batch_id, unsure, resolve) if unsure else {}
        known.update(self._read([key for key, _ in found.values()]) if found else {})
        return {line_key: key for line_key, (key, _) in found.items()}

    def _join(self, wanted: dict[str, tuple[Any, ...]], known: dict[str, Known]) -> dict[str, str]:
        candidates = self._by_trade(set(wanted.values()))
        found: dict[str, str] = {}
        taken: set[str] = set()
        for key, values in wanted.items():
            others = candidates.get(values, [])
            while others and key not in found:
                other = others.pop(0)
                if key[:2] != other[:2] and other not in known and other not in taken:
                    found[key] = other
                    taken.add(other)
        known |= self._read(list(taken))
        return found

    def _is_found_by_ids(self, line: ExecutionLine) -> bool:
        """It states both ids, and so does every fill that is known."""
        return bool(line.exec_id) and line.key.startswith(BY_BOOKING) and not self._has_nameless

    def _by_trade(self, wanted: Collection[tuple[Any, ...]]) -> dict[tuple[Any, ...], list[str]]:
        rows = fetch(
            "SELECT DISTINCT r.instrument_id, r.trade_id, r.side, r.quantity, r.price, r.executed_at, r.fill_key "
            "FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted (instrument_id, executed_at) "
            "JOIN journal_executionreport r ON r.account_id = %s "
            "AND r.instrument_id = wanted.instrument_id AND r.executed_at = wanted.executed_at "
            "JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL "
            "WHERE r.report = 'fill' ORDER BY r.fill_key",
            [[one[0] for one in wanted], [one[-1] for one in wanted], self._account_id],
        )
        found: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for *values, key in rows:
            found[tuple(values)].append(key)
        return found

    def _by_execution(self, exec_ids: Collection[str]) -> list[tuple[str, str]]:
        return fetch(
            "SELECT r.exec_id, min(r.fill_key) FROM journal_executionreport r "
            "JOIN journal_importbatch b ON b.id = r.batch_id "
            "WHERE r.account_id = %s AND r.exec_id = ANY(%s) AND r.exec_id <> '' "
            "AND b.withdrawn_at IS NULL GROUP BY r.exec_id",
            [self._account_id, list(exec_ids)],
        )

    def _read(self, keys: Sequence[str]) -> dict[str, Known]:
        known: dict[str, Known] = {}
        rows = fetch(
            "SELECT r.fill_key, r.event_key, r.executed_at, r.instrument_id, r.authority, "
            "coalesce(r.stated_at, b.received_at) AS said_at FROM journal_executionreport r "
            "JOIN journal_importbatch b ON b.id = r.batch_id "
            "WHERE r.account_id = %s AND r.fill_key = ANY(%s) AND b.withdrawn_at IS NULL "
            "ORDER BY said_at",
            [self._account_id, list(keys)],
        )
        for key, event, executed_at, instrument_id, authority, said_at in rows:
            entry = known.get(key)
            if entry is None:
                entry = known[key] = Known({}, executed_at, instrument_id)
            elif executed_at < entry.executed_at:
                entry = known[key] = entry._replace(executed_at=executed_at)
            entry.words[event] = Word(authority, said_at)
        return known
