"""Through which connection an account can be asked what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from common.sql import fetch
from journal.brokers.fetchers import UnknownFetcher, get_fetcher
from journal.models import BrokerAccount, Connection

# Those that come by themselves, and whose accounts they speak of.
_BROKERS = {"mt5": "mt5", "ibkr_tws": "ibkr"}

_BROUGHT = """
SELECT DISTINCT pull.connection_id, document.account_number FROM journal_pulldocument document
JOIN journal_pull pull ON pull.id = document.pull_id
WHERE pull.connection_id = ANY(%(connections)s) AND document.account_number = ANY(%(numbers)s)
"""


def broker_of(connection: Connection) -> str:
    """Whose account numbers it speaks of, "" where this version does not know it."""
    known = _BROKERS.get(connection.fetcher)
    if known is not None:
        return known
    try:
        return get_fetcher(connection.fetcher).broker
    except UnknownFetcher:
        return ""


def connections_of(
    accounts: Sequence[BrokerAccount], *, fits: Callable[[Connection], bool] | None = None
) -> dict[int, Connection]:
    """By account the connection that it is read through, of those of its workspace that were not taken away: one that
    names the account before one that has brought something of it, and those before the only one of its broker."""
    workspaces = {account.workspace_id for account in accounts}
    rows = Connection.objects.filter(workspace_id__in=workspaces, disconnected_at=None)
    usable = [one for one in rows.order_by("pk") if fits is None or fits(one)]
    if not usable:
        return {}
    values: dict[str, Any] = {
        "connections": [one.pk for one in usable], "numbers": [account.broker_id for account in accounts],
    }  # fmt: skip
    brought = set(fetch(_BROUGHT, values))
    named: dict[tuple[int, str, str], Connection] = {}
    whole: dict[tuple[int, str], list[Connection]] = {}
    brokers = {one.pk: broker_of(one) for one in usable}
    for one in usable:
        whose = (one.workspace_id, brokers[one.pk])
        for number in one.account_numbers:
            named.setdefault((*whose, number), one)
        if not one.account_numbers:
            whole.setdefault(whose, []).append(one)
    found = {}
    for account in accounts:
        whose = (account.workspace_id, account.broker)
        chosen = named.get((*whose, account.broker_id)) or _of_all(
            whole.get(whose, []), account.broker_id, brought
        )
        if chosen is not None:
            found[account.pk] = chosen
    return found


def _of_all(
    connections: Iterable[Connection], number: str, brought: set[tuple[Any, ...]]
) -> Connection | None:
    some = list(connections)
    known = [one for one in some if (one.pk, number) in brought]
    if known:
        return known[0]
    return some[0] if len(some) == 1 else None


def is_left_alone(connection: Connection, now: datetime) -> bool:
    """Paused by a person, or wanted so by the broker."""
    return connection.paused_at is not None or (
        connection.not_before is not None and now < connection.not_before
    )
