"""Does the book still hold? The invariants of the design, checked on live data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from common.sql import fetch
from journal.models import BrokerAccount
from journal.services.booking.rebook import rebook_account
from journal.services.chain.refresh import differing_chains
from journal.services.orders import differing_orders


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant that does not hold, with the figures that disagree."""

    account: str
    check: str
    detail: str


# Each statement returns rows that disagree: (what, one figure, other figure).
_SUMS = {
    "P&L of matches = legs": """
        SELECT l.id, l.net_pnl, coalesce(m.net, 0) FROM journal_leg l
        LEFT JOIN (SELECT leg_id, sum(net_pnl) AS net FROM journal_lotmatch
                   WHERE account_id = %(account)s GROUP BY 1) m ON m.leg_id = l.id
        WHERE l.account_id = %(account)s AND l.net_pnl <> coalesce(m.net, 0)""",
    "P&L of legs = trades": """
        SELECT t.id, t.net_pnl, coalesce(l.net, 0) FROM journal_trade t
        LEFT JOIN (SELECT trade_id, sum(net_pnl) AS net FROM journal_leg
                   WHERE account_id = %(account)s GROUP BY 1) l ON l.trade_id = t.id
        WHERE t.account_id = %(account)s AND t.net_pnl <> coalesce(l.net, 0)""",
    "legs are in a trade": """
        SELECT l.id, 1, coalesce(t.leg_count, 0) FROM journal_leg l LEFT JOIN journal_trade t ON t.id = l.trade_id
        WHERE l.account_id = %(account)s AND t.id IS NULL
        UNION ALL SELECT t.id, t.leg_count, count(l.id) FROM journal_trade t
        LEFT JOIN journal_leg l ON l.trade_id = t.id
        WHERE t.account_id = %(account)s GROUP BY 1, 2 HAVING t.leg_count <> count(l.id)""",
    "P&L of matches = executions": """
        SELECT e.id, e.net_pnl, coalesce(m.net, 0) FROM journal_execution e
        LEFT JOIN (SELECT closing_id, sum(net_pnl) AS net FROM journal_lotmatch
                   WHERE account_id = %(account)s GROUP BY 1) m ON m.closing_id = e.id
        WHERE e.account_id = %(account)s AND e.net_pnl <> coalesce(m.net, 0)""",
    "P&L of matches = calendar": """
        SELECT coalesce(r.day, m.day)::text, coalesce(r.net, 0), coalesce(m.net, 0) FROM
        (SELECT day, currency, sum(net_pnl) AS net FROM journal_dayrollup
         WHERE account_id = %(account)s GROUP BY 1, 2) r
        FULL JOIN (SELECT closed_on AS day, currency, coalesce(sum(net_pnl), 0) AS net
                   FROM journal_lotmatch WHERE account_id = %(account)s GROUP BY 1, 2) m
        ON m.day = r.day AND m.currency = r.currency
        WHERE coalesce(r.net, 0) <> coalesce(m.net, 0)""",
    "trades closed = calendar": """
        SELECT coalesce(r.day, t.day)::text, coalesce(r.trades, 0), coalesce(t.trades, 0) FROM
        (SELECT day, sum(trades) AS trades FROM journal_dayrollup
         WHERE account_id = %(account)s GROUP BY 1) r
        FULL JOIN (SELECT closed_on AS day, count(*) AS trades FROM journal_trade
                   WHERE account_id = %(account)s AND closed_on IS NOT NULL GROUP BY 1) t
        ON t.day = r.day WHERE coalesce(r.trades, 0) <> coalesce(t.trades, 0)""",
    "calendar = its slices": """
        SELECT coalesce(r.day, s.day)::text, coalesce(r.net, 0), coalesce(s.net, 0) FROM
        (SELECT day, currency, source, sum(net_pnl) AS net FROM journal_dayrollup
         WHERE account_id = %(account)s GROUP BY 1, 2, 3) r
        FULL JOIN (SELECT day, currency, source, sum(net_pnl) AS net FROM journal_slicerollup
                   WHERE account_id = %(account)s GROUP BY 1, 2, 3) s USING (day, currency, source)
        WHERE coalesce(r.net, 0) <> coalesce(s.net, 0)""",
    "P&L of matches = sources": """
        SELECT coalesce(r.source, m.source) || ' ' || coalesce(r.day, m.day)::text, coalesce(r.net, 0),
               coalesce(m.net, 0) FROM
        (SELECT day, currency, source, sum(net_pnl) AS net FROM journal_dayrollup
         WHERE account_id = %(account)s GROUP BY 1, 2, 3) r
        FULL JOIN (SELECT x.closed_on AS day, x.currency, t.source, sum(x.net_pnl) AS net
                   FROM journal_lotmatch x JOIN journal_leg l ON l.id = x.leg_id
                   JOIN journal_trade t ON t.id = l.trade_id
                   WHERE x.account_id = %(account)s GROUP BY 1, 2, 3) m USING (day, currency, source)
        WHERE coalesce(r.net, 0) <> coalesce(m.net, 0)""",
    "fills and their fees = sources": """
        SELECT coalesce(r.source, e.source) || ' ' || coalesce(r.day, e.day)::text,
               coalesce(r.fees, 0), coalesce(e.fees, 0) FROM
        (SELECT day, currency, source, sum(executions) AS number, sum(fees_paid) AS fees
         FROM journal_dayrollup WHERE account_id = %(account)s GROUP BY 1, 2, 3) r
        FULL JOIN (SELECT x.trading_day AS day, i.currency, coalesce(t.source, 'statement') AS source,
                          count(*) AS number, coalesce(sum(x.fee_quoted), 0) AS fees
                   FROM journal_execution x JOIN journal_instrument i ON i.id = x.instrument_id
                   LEFT JOIN journal_leg l ON l.id = coalesce(x.leg_id, x.closed_leg)
                   LEFT JOIN journal_trade t ON t.id = l.trade_id
                   WHERE x.account_id = %(account)s GROUP BY 1, 2, 3) e USING (day, currency, source)
        WHERE coalesce(r.fees, 0) <> coalesce(e.fees, 0) OR coalesce(r.number, 0) <> coalesce(e.number, 0)""",
    "quantity of executions = open lots": """
        SELECT coalesce(e.instrument_id, l.instrument_id), coalesce(e.quantity, 0),
               coalesce(l.quantity, 0) FROM
        (SELECT instrument_id, sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END
                                   - CASE WHEN fee_currency = i.symbol AND i.asset_class = 'crypto'
                                     THEN fee + tax ELSE 0 END) AS quantity
         FROM journal_execution x JOIN journal_instrument i ON i.id = x.instrument_id
         WHERE account_id = %(account)s GROUP BY 1) e
        FULL JOIN (SELECT instrument_id, sum(signed_quantity) AS quantity FROM journal_openlot
                   WHERE account_id = %(account)s GROUP BY 1) l USING (instrument_id)
        WHERE coalesce(e.quantity, 0) <> coalesce(l.quantity, 0)
        AND coalesce(e.instrument_id, l.instrument_id) NOT IN (
            SELECT instrument_id FROM journal_corporateactionreport WHERE account_id = %(account)s)
        AND coalesce(e.instrument_id, l.instrument_id) NOT IN (
            SELECT instrument_id FROM journal_lotmatch
            WHERE account_id = %(account)s AND open_price IS NULL OR opening_id IS NULL)""",
    "open legs have open lots": """
        SELECT l.id, 1, 0 FROM journal_leg l WHERE l.account_id = %(account)s
        AND (l.closed_at IS NULL) <> EXISTS (SELECT FROM journal_openlot o WHERE o.leg_id = l.id)""",
    "executions are in a leg": """
        SELECT e.id, 1, 0 FROM journal_execution e WHERE e.account_id = %(account)s
        AND e.leg_id IS NOT NULL AND NOT EXISTS (SELECT FROM journal_leg l WHERE l.id = e.leg_id)""",
}
_EXAMPLES = 3
_STANDINGS = """
SELECT r.record_id, coalesce(s.status, 'nothing'), coalesce(d.verdict, 'recommended') FROM journal_recommendation r
JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
LEFT JOIN journal_recommendationstanding s ON s.recommendation_id = r.id
LEFT JOIN LATERAL (
    SELECT verdict FROM journal_decision d WHERE d.workspace_id = r.workspace_id AND d.record_id = r.record_id
    ORDER BY d.id DESC LIMIT 1
) d ON true
WHERE r.workspace_id = %(workspace)s AND s.status IS DISTINCT FROM coalesce(d.verdict, 'recommended')
ORDER BY r.id
"""


def verify_account(account: BrokerAccount, *, rebuild: bool = True) -> list[Finding]:
    """Every disagreement found; an empty list is a true book. Nothing is changed."""
    findings = [
        Finding(account.broker_id, check, _in_words(rows))
        for check, statement in _SUMS.items()
        if (rows := _disagreements(statement, account.pk))
    ]
    if rebuild:
        findings += _rebuild_differs(account)
        findings += _orders_differ(account)
        findings += _chains_differ(account)
    return findings


def verify_recommendations(workspace_id: int) -> list[Finding]:
    """Those that do not stand as the latest decision has it, or not at all. What time decides is no finding."""
    rows = fetch(_STANDINGS, {"workspace": workspace_id})
    check = "recommendations stand as was decided"
    return [Finding("", check, _in_words(rows))] if rows else []


def _orders_differ(account: BrokerAccount) -> list[Finding]:
    differing = differing_orders(account)
    if not differing:
        return []
    shown = ", ".join(map(str, differing[:_EXAMPLES]))
    detail = f"{len(differing)} orders would change, such as {shown}"
    return [Finding(account.broker_id, "orders are what was reported of them", detail)]


def _chains_differ(account: BrokerAccount) -> list[Finding]:
    differing = differing_chains(account)
    if not differing:
        return []
    shown = ", ".join(map(str, differing[:_EXAMPLES]))
    detail = f"the links or close reasons of {len(differing)} trades would change, such as {shown}"
    return [Finding(account.broker_id, "links are what orders, fills and people say", detail)]


def _disagreements(statement: str, account_id: int) -> list[tuple[Any, ...]]:
    return fetch(statement, {"account": account_id})


def _in_words(rows: list[tuple[Any, ...]]) -> str:
    shown = "; ".join(f"{what}: {one} ≠ {other}" for what, one, other in rows[:_EXAMPLES])
    more = f" and {len(rows) - _EXAMPLES} more" if len(rows) > _EXAMPLES else ""
    return shown + more


def _rebuild_differs(account: BrokerAccount) -> list[Finding]:
    """Book everything again and look whether anything changed; then take it back."""
    with transaction.atomic():
        changes = rebook_account(account)
        transaction.set_rollback(True)
    if not (changes.legs or changes.executions or changes.trades):
        return []
    detail = f"{changes.legs} legs, {changes.trades} trades of several and {changes.executions} executions would change"
    return [Finding(account.broker_id, "a rebuild changes nothing", detail)]
