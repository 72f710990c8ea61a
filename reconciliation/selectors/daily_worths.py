"""What accounts were worth at the end of each trading day, as brokers were read, and what was paid in and out: for apps
that count returns (`journal.selectors.worths`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime

from common.sql import fetch
from journal.domain.trading_day import trading_day
from journal.models import BrokerAccount
from journal.selectors.worths import MovedMoney, Worth
from reconciliation.selectors.flows import flows_since

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# The trading day is that of `journal.domain.trading_day`. A read that was doubted is left out, as where drawdowns are
# counted.
_READ = """
SELECT DISTINCT ON (p.account_id, day.day) p.account_id, day.day, p.equity, p.currency
FROM reconciliation_positionsnapshot p JOIN journal_brokeraccount a ON a.id = p.account_id
LEFT JOIN reconciliation_snapshot s ON s.id = p.snapshot_id
CROSS JOIN LATERAL (
    SELECT ((p.created_at AT TIME ZONE a.zone) + make_interval(mins => CASE
        WHEN a.day_rollover_minutes * 2 >= 1440 THEN 1440 - a.day_rollover_minutes
        ELSE -a.day_rollover_minutes END))::date AS day
) day
WHERE p.account_id = ANY(%(accounts)s) AND p.created_at <= %(as_of)s AND p.equity IS NOT NULL
    AND s.is_doubted IS NOT TRUE
ORDER BY p.account_id, day.day, p.created_at DESC, p.id DESC
"""


def daily_worths(
    _workspace_id: int, account_ids: Collection[int], as_of: datetime
) -> Iterator[Worth]:
    for row in fetch(_READ, {"accounts": list(account_ids), "as_of": as_of}):
        yield Worth._make(row)


def daily_flows(
    workspace_id: int, account_ids: Collection[int], as_of: datetime
) -> Iterator[MovedMoney]:
    accounts = BrokerAccount.objects.filter(pk__in=account_ids).in_bulk()
    currencies = {id_: account.base_currency for id_, account in accounts.items()}
    found = flows_since(workspace_id, dict.fromkeys(accounts, _BEGINNING), currencies)
    for id_, flows in found.items():
        day = accounts[id_].trading_day
        for flow in flows.known:
            if flow.at <= as_of:
                yield MovedMoney(id_, trading_day(flow.at, day), flow.amount)
        if not flows.is_whole:
            yield MovedMoney(id_, date.min, None)
