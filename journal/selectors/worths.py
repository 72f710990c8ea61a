"""What accounts were worth, as brokers said: by statements, and by an app above that reads brokers (`offer_worths`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from common.sql import fetch


class Worth(NamedTuple):
    """The equity of an account, open positions at their marks, in `currency`, at the end of the trading day `on`."""

    account_id: int
    on: date
    equity: Decimal
    currency: str


class MovedMoney(NamedTuple):
    """Paid into the account (positive) or out of it on the trading day `on`. An amount of None: some of it has no value
    in the account's currency, so nobody knows what was gained."""

    account_id: int
    on: date
    amount: Decimal | None


Worths = Callable[[int, Collection[int], datetime], Iterable[Worth]]
Flows = Callable[[int, Collection[int], datetime], Iterable[MovedMoney]]
_sources: list[tuple[Worths, Flows]] = []

# A statement that was handed in twice says the same; the one that came last counts. What is of a day before the account
# was kept here is history, as if it had been kept all along.
_STATED = """
SELECT DISTINCT ON (n.account_id, n.reported_on) n.account_id, n.reported_on, n.total, a.base_currency
FROM journal_navreport n JOIN journal_importbatch b ON b.id = n.batch_id
JOIN journal_brokeraccount a ON a.id = n.account_id
WHERE n.account_id = ANY(%(accounts)s) AND b.withdrawn_at IS NULL AND n.reported_on <= %(as_of)s::date
    AND (b.received_at <= %(as_of)s OR n.reported_on < a.created_at::date)
ORDER BY n.account_id, n.reported_on, n.id DESC
"""


def offer_worths(worths: Worths, flows: Flows) -> None:
    """Called once, when the app that reads brokers is ready. Both are given the workspace, accounts, and the moment up
    to which what they say was known."""
    if (worths, flows) not in _sources:
        _sources.append((worths, flows))


def list_worths(
    workspace_id: int, account_ids: Collection[int], as_of: datetime
) -> dict[int, dict[date, Worth]]:
    """By account and day. What the broker states of a day counts before what was read on it."""
    found: dict[int, dict[date, Worth]] = {id_: {} for id_ in account_ids}
    for worths, _ in _sources:
        for one in worths(workspace_id, account_ids, as_of):
            found[one.account_id][one.on] = one
    for row in fetch(_STATED, {"accounts": list(account_ids), "as_of": as_of}):
        stated = Worth._make(row)
        found[stated.account_id][stated.on] = stated
    return found


def list_flows(
    workspace_id: int, account_ids: Collection[int], as_of: datetime
) -> Mapping[int, list[MovedMoney]] | None:
    """By account. None where nobody knows of flows at all: then a deposit cannot be told from a gain."""
    if not _sources:
        return None
    found: dict[int, list[MovedMoney]] = {id_: [] for id_ in account_ids}
    for _, flows in _sources:
        for one in flows(workspace_id, account_ids, as_of):
            found[one.account_id].append(one)
    return found
