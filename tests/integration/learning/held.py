"""Which advisory locks this connection holds."""

from __future__ import annotations

from common.sql import fetch


def advisory_locks() -> set[tuple[int, int]]:
    """Pairs of what is locked (`learning.services.locks.Locked`) and of which workspace."""
    return set(
        fetch(
            "SELECT classid::bigint, objid::bigint FROM pg_locks "
            "WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted"
        )
    )
