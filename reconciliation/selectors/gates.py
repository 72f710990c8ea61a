"""Locks as the journal asks for them."""

from __future__ import annotations

from journal.services.gates import Closed
from reconciliation.selectors.locks import locks_in_force


def closed_by_locks(workspace_id: int) -> list[Closed]:
    return [
        Closed(lock.account_id, lock.symbol, _sentence(lock.reason), lock.began_at, lock.until)
        for lock in locks_in_force(workspace_id)
    ]


def _sentence(words: str) -> str:
    return words if words.endswith(".") else f"{words}."
