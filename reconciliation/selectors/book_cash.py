"""What the book knows of an account's cash, and what each day realised beside the broker's own figure.

Neither is guessed: cash follows from the broker's latest stated balance and what was booked after it, and is not known
where anything in between moves cash in a way that the book does not tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from common.sql import fetch
from journal.domain.values import ZERO
from journal.models import BrokerAccount
from reconciliation.domain.records import RealizedLine

# Buying one of these costs what it is worth. The others are settled by gains and losses, day by day or at the end.
_PAID = ("stock", "option", "fund", "bond", "bill", "warrant", "structured")
_OLDEST = timedelta(days=14)

_BALANCES = """
SELECT DISTINCT ON (r.account_id, r.currency) r.account_id, r.currency, r.reported_on, r.ending_cash, r.batch_id
FROM journal_cashbalancereport r JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
WHERE r.account_id = ANY(%(accounts)s) AND NOT r.is_base AND r.ending_cash IS NOT NULL AND r.reported_on >= %(oldest)s
ORDER BY r.account_id, r.currency, r.reported_on DESC, r.id DESC
"""
_MOVED = """
SELECT account_id, currency, on_day, adjusted_by, sum(amount), bool_and(is_told) FROM (
    (SELECT DISTINCT ON (r.account_id, r.event_key)
        r.account_id, r.currency, r.occurred_on AS on_day, r.amount, true AS is_told,
        CASE WHEN b.source = 'adjustment' THEN b.id ELSE 0 END AS adjusted_by
    FROM journal_cashreport r JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
    WHERE r.account_id = ANY(%(accounts)s) AND r.occurred_on >= %(oldest)s
    ORDER BY r.account_id, r.event_key, r.id)
    UNION ALL
    SELECT e.account_id, i.currency, e.trading_day,
           CASE e.side WHEN 'buy' THEN -1 ELSE 1 END * e.quantity * e.price * i.multiplier,
           i.asset_class = ANY(%(paid)s) AND e.kind NOT IN ('corporate_action', 'transfer', 'opening'), 0
    FROM journal_execution e JOIN journal_instrument i ON i.id = e.instrument_id
    WHERE e.account_id = ANY(%(accounts)s) AND e.trading_day >= %(oldest)s
    UNION ALL
    SELECT e.account_id, e.fee_currency, e.trading_day, -(e.fee + e.tax), true, 0
    FROM journal_execution e
    WHERE e.account_id = ANY(%(accounts)s) AND e.trading_day >= %(oldest)s AND e.fee + e.tax <> 0
) AS moves GROUP BY 1, 2, 3, 4
"""
# Only of closings that the broker itself tells about, so that both sums are of the same fills.
_REALIZED = """
SELECT e.account_id, e.trading_day, i.currency, sum(e.net_pnl), sum(lots.pnl)
FROM journal_execution e
JOIN journal_instrument i ON i.id = e.instrument_id
CROSS JOIN LATERAL (
    SELECT sum(lot.pnl) AS pnl, sum(lot.quantity) AS quantity, bool_and(lot.pnl IS NOT NULL) AS is_told FROM (
        SELECT DISTINCT ON (r.event_key) r.realized_pnl AS pnl, r.quantity FROM journal_closedlotreport r
        JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
        WHERE r.account_id = e.account_id AND r.instrument_id = e.instrument_id AND r.closing_broker_id = e.broker_id
        ORDER BY r.event_key, r.id
    ) lot
) lots
WHERE e.account_id = ANY(%(accounts)s) AND e.trading_day >= %(day)s AND e.executed_at >= %(since)s
  AND e.broker_id <> '' AND e.net_pnl IS NOT NULL AND lots.is_told AND lots.quantity = e.quantity
GROUP BY 1, 2, 3
"""


class _Stated(NamedTuple):
    on: date
    amount: Decimal
    batch_id: int


class Realized(NamedTuple):
    ours: tuple[RealizedLine, ...]
    theirs: tuple[RealizedLine, ...]


def cash_of(accounts: Sequence[BrokerAccount], *, now: datetime) -> dict[int, dict[str, Decimal]]:
    """Cash by currency; accounts of which it is not known are not in it."""
    values = {
        "accounts": [account.pk for account in accounts], "oldest": (now - _OLDEST).date(), "paid": list(_PAID),
    }  # fmt: skip
    stated: dict[int, dict[str, _Stated]] = defaultdict(dict)
    for account_id, currency, *words in fetch(_BALANCES, values):
        stated[account_id][currency] = _Stated(*words)
    if not stated:
        return {}
    values["accounts"] = list(stated)
    moved = fetch(_MOVED, values)
    found = {
        id_: {currency: balance.amount for currency, balance in balances.items()}
        for id_, balances in stated.items()
    }
    for account_id, currency, on, adjusted_by, amount, is_told in moved:
        balances = stated[account_id]
        # A currency that no balance names had nothing when the others were stated.
        last = balances.get(currency) or max(balances.values())
        # What settled a difference with a balance came after it, though it be of the same day.
        is_after = on > last.on or (on == last.on and adjusted_by > last.batch_id)
        if not is_after or account_id not in found:
            continue
        if not is_told:
            del found[account_id]
            continue
        own = found[account_id]
        own[currency] = own.get(currency, ZERO) + amount
    return found


def realized_since(accounts: Sequence[BrokerAccount], since: datetime) -> dict[int, Realized]:
    """Accounts whose broker states no realised profit of that time are not in it."""
    rows = fetch(
        _REALIZED,
        {
            "accounts": [account.pk for account in accounts],
            "since": since,
            "day": (since - timedelta(days=1)).date(),
        },
    )
    ours: dict[int, list[RealizedLine]] = defaultdict(list)
    theirs: dict[int, list[RealizedLine]] = defaultdict(list)
    for account_id, on, currency, net, pnl in rows:
        ours[account_id].append(RealizedLine(on, currency, net))
        theirs[account_id].append(RealizedLine(on, currency, pnl))
    return {id_: Realized(tuple(ours[id_]), tuple(theirs[id_])) for id_ in ours}
