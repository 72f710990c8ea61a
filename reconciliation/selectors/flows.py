"""Money and positions that reached accounts or left them, as the book has it: what is neither a gain nor a loss."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from common.sql import fetch
from journal.brokers.base import CashKind
from journal.domain.values import ONE
from reconciliation.domain.nav import Flow
from reconciliation.selectors.rates import rates_into

KINDS = (CashKind.DEPOSIT, CashKind.WITHDRAWAL, CashKind.TRANSFER)

# The same movement is told by several files; what it came to in the account's base currency is the broker's own rate.
_FLOWS = """
SELECT DISTINCT ON (c.account_id, c.event_key)
    c.account_id, c.event_key, c.occurred_at, c.amount, c.currency, c.fx_rate, a.base_currency
FROM journal_cashreport c
    JOIN journal_importbatch b ON b.id = c.batch_id
    JOIN journal_brokeraccount a ON a.id = c.account_id
    JOIN unnest(%(accounts)s::bigint[], %(since)s::timestamptz[]) AS wanted (account_id, since)
        ON wanted.account_id = c.account_id
WHERE b.withdrawn_at IS NULL AND c.kind = ANY(%(kinds)s) AND c.occurred_at > wanted.since
ORDER BY c.account_id, c.event_key, c.id
"""
_MOVED = """
SELECT DISTINCT ON (t.account_id, t.event_key)
    t.account_id, t.event_key, t.occurred_at,
    t.cash + CASE WHEN t.signed_quantity = 0 THEN 0 ELSE t.signed_quantity * t.price * i.multiplier END,
    t.currency, t.fx_rate, a.base_currency
FROM journal_transferreport t
    JOIN journal_importbatch b ON b.id = t.batch_id
    JOIN journal_brokeraccount a ON a.id = t.account_id
    LEFT JOIN journal_instrument i ON i.id = t.instrument_id
    JOIN unnest(%(accounts)s::bigint[], %(since)s::timestamptz[]) AS wanted (account_id, since)
        ON wanted.account_id = t.account_id
WHERE b.withdrawn_at IS NULL AND t.occurred_at > wanted.since
ORDER BY t.account_id, t.event_key, t.id
"""


class Flows(NamedTuple):
    """Of one account, in order of time. Not `is_whole`: one of them has no value in the account's currency, so nobody
    knows what was gained or lost since."""

    known: tuple[Flow, ...] = ()
    is_whole: bool = True


def flows_since(
    workspace_id: int, since: Mapping[int, datetime], currencies: Mapping[int, str]
) -> dict[int, Flows]:
    """By account, what moved after `since`, in the currency that is told of it. Accounts without flows are left out."""
    if not since:
        return {}
    values = {"accounts": list(since), "since": list(since.values()), "kinds": list(KINDS)}

    @cache
    def rate_on(currency: str, wanted: str, on: date) -> Decimal | None:
        return rates_into(workspace_id, wanted, [currency], on).get(currency)

    found: dict[int, list[tuple[datetime, Decimal | None]]] = defaultdict(list)
    for account_id, _, at, amount, currency, fx_rate, base in (
        *fetch(_FLOWS, values),
        *fetch(_MOVED, values),
    ):
        wanted = currencies[account_id]
        stated = fx_rate if fx_rate and base == wanted else None
        rate = ONE if currency == wanted else stated or rate_on(currency, wanted, at.date())
        known = None if amount is None or rate is None else amount * rate
        found[account_id].append((at, known))
    return {account_id: _flows(rows) for account_id, rows in found.items()}


def _flows(rows: list[tuple[datetime, Decimal | None]]) -> Flows:
    known = (Flow(at, amount) for at, amount in rows if amount)
    return Flows(tuple(sorted(known)), all(amount is not None for _, amount in rows))
