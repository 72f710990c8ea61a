"""Which fills of an account are known already, by any of their ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from common.sql import fetch
from journal.domain.identity import known_id
from journal.domain.twins import BY_EXECUTION, BY_VALUE
from journal.reading.lines import ExecutionLine
from journal.selectors.joined_fills import joined_with


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

    @property
    def may_join(self) -> bool:
        """Whether anything is known, or came, that has no booking id: it may be a fill of another key."""
        return self._has_nameless

    def contracts(self, lines: Sequence[ExecutionLine], known: Collection[str]) -> dict[str, int]:
        """Execution id to the instrument of the fill that is known by it, for lines whose own key is new."""
        wanted = [
            line.exec_id
            for line in lines
            if (self._has_nameless or line.key.startswith(BY_EXECUTION))
            and line.key not in known
            and known_id(line.exec_id)
        ]
        self._has_nameless |= any(line.key.startswith((BY_EXECUTION, BY_VALUE)) for line in lines)
        return dict(self._by_execution(wanted)) if wanted else {}

    def _by_execution(self, exec_ids: Collection[str]) -> list[tuple[str, int]]:
        return fetch(
            "SELECT DISTINCT ON (r.exec_id) r.exec_id, r.instrument_id FROM journal_executionreport r "
            "JOIN journal_importbatch b ON b.id = r.batch_id "
            "WHERE r.account_id = %s AND r.exec_id = ANY(%s) AND r.exec_id <> '' "
            "AND b.withdrawn_at IS NULL ORDER BY r.exec_id, r.fill_key, r.id",
            [self._account_id, list(exec_ids)],
        )

    def _read(self, keys: Sequence[str]) -> dict[str, Known]:
        """What is known under the keys themselves, with all that was said of the same fills under others."""
        joined = joined_with(self._account_id, keys) if self._has_nameless else {}
        others = set().union(*joined.values()) if joined else set()
        found = self._read_reports({*keys, *others})
        known = {key: found[key] for key in keys if key in found}
        for key, one in known.items():
            for other in joined.get(key, {key}) - {key}:
                if other in found:
                    one.words.update(found[other].words)
        return known

    def _read_reports(self, keys: Collection[str]) -> dict[str, Known]:
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
