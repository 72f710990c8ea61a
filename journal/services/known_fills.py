"""Which fills of an account are known already, by any of their ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from common.sql import fetch
from journal.brokers.base import ExecutionRow
from journal.domain.identity import known_id

# Keys of fills whose source stated no booking id, only the execution's (journal.domain.identity.fill_key).
BY_EXECUTION = "x:"


class Known(NamedTuple):
    event_keys: set[str]
    executed_at: datetime
    instrument_id: int


class KnownFills:
    """Looks up the fills of one account, for one import. The rows of the import itself count once written.

    A first import asks the database next to nothing: what it has written itself it remembers by hash, and only
    where a hash comes again does it look.
    """

    def __init__(self, account_id: int) -> None:
        self._account_id = account_id
        self._is_new = not fetch(
            "SELECT 1 FROM journal_executionreport WHERE account_id = %s LIMIT 1", [account_id]
        )
        self._has_nameless = bool(
            fetch(
                "SELECT 1 FROM journal_executionreport WHERE account_id = %s "
                "AND fill_key >= %s AND fill_key < %s LIMIT 1",
                [account_id, BY_EXECUTION, "x;"],
            )
        )
        self._written: set[int] = set()

    def look_up(self, keys: Sequence[str]) -> dict[str, Known]:
        """What is known under these keys, before this chunk is written."""
        wanted = keys
        if self._is_new:
            wanted = [key for key in keys if hash(key) in self._written]
            self._written.update(map(hash, keys))
        return self._read(wanted) if wanted else {}

    def aliases(
        self, rows: Sequence[ExecutionRow], keys: Sequence[str], known: dict[str, Known]
    ) -> dict[str, str]:
        """Execution id to the key that the fill is known by, for rows whose own key is new.

        Needed where one of two sources states no booking id; adds what it finds to `known`.
        """
        wanted = [
            row.exec_id
            for row, key in zip(rows, keys, strict=True)
            if known_id(row.exec_id)
            and key not in known
            and (self._has_nameless or key.startswith(BY_EXECUTION))
        ]
        self._has_nameless |= any(key.startswith(BY_EXECUTION) for key in keys)
        if not wanted:
            return {}
        found: dict[str, str] = {}
        for exec_id, key, executed_at, instrument_id in self._by_execution(wanted):
            found[exec_id] = key
            known.setdefault(key, Known(set(), executed_at, instrument_id))
        return found

    def _by_execution(self, exec_ids: Collection[str]) -> list[tuple[str, str, datetime, int]]:
        return fetch(
            "SELECT r.exec_id, min(r.fill_key), min(r.executed_at), min(r.instrument_id) "
            "FROM journal_executionreport r "
            "JOIN journal_importbatch b ON b.id = r.batch_id "
            "WHERE r.account_id = %s AND r.exec_id = ANY(%s) AND r.exec_id <> '' "
            "AND b.withdrawn_at IS NULL GROUP BY r.exec_id",
            [self._account_id, list(exec_ids)],
        )

    def _read(self, keys: Sequence[str]) -> dict[str, Known]:
        known: dict[str, Known] = {}
        rows = fetch(
            "SELECT r.fill_key, r.event_key, r.executed_at, r.instrument_id FROM journal_executionreport r "
            "JOIN journal_importbatch b ON b.id = r.batch_id "
            "WHERE r.account_id = %s AND r.fill_key = ANY(%s) AND b.withdrawn_at IS NULL",
            [self._account_id, list(keys)],
        )
        for key, event, executed_at, instrument_id in rows:
            entry = known.get(key)
            if entry is None:
                known[key] = Known({event}, executed_at, instrument_id)
            else:
                entry.event_keys.add(event)
                known[key] = entry._replace(executed_at=min(entry.executed_at, executed_at))
        return known
