"""Which trade a ticket means: whatever the broker, a bot or we call it.

An MT5 position, deal or order; an IBKR order, execution or trade id; a sender's id of an order or of its plan; our own
number of a trade or an execution. `trade:12` and `execution:34` say which number of ours is meant.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from common.sql import fetch
from common.words import tidy
from journal.brokers.base import POSITION
from journal.models import BrokerAccount, Order, Trade, TradeChain

_OURS = {"trade": "our trade", "execution": "our execution"}
_NUMBER_MAX = 18

# Reports of the same fill under another key are found by way of JoinedFill.
_BY_BROKER = """
WITH reported AS (
    SELECT r.account_id, coalesce(j.fill_key, r.fill_key) AS fill_key,
        CASE WHEN r.exec_id = %(ticket)s THEN 'execution' WHEN r.order_id = %(ticket)s THEN 'order'
             WHEN r.order_reference = %(ticket)s THEN 'client order id'
             WHEN r.trade_id = %(position)s THEN 'position' ELSE 'transaction' END AS what
    FROM journal_executionreport r
    JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
    LEFT JOIN journal_joinedfill j ON j.account_id = r.account_id AND j.key = r.fill_key
    WHERE r.account_id = ANY(%(accounts)s) AND (
        r.exec_id = %(ticket)s OR r.order_id = %(ticket)s OR r.order_reference = %(ticket)s
        OR r.trade_id IN (%(ticket)s, %(position)s) OR r.broker_id = %(ticket)s
        OR %(ticket)s = ANY(r.original_ids))
), ordered AS (
    SELECT o.account_id, o.order_id, o.client_order_id, o.position_id = %(ticket)s AS is_position
    FROM journal_order o WHERE o.account_id = ANY(%(accounts)s)
      AND %(ticket)s IN (o.order_id, o.client_order_id, o.position_id)
), filled AS (
    SELECT e.id, e.leg_id, e.closed_leg, r.what FROM reported r
    JOIN journal_execution e ON e.account_id = r.account_id AND e.fill_key = r.fill_key
    UNION
    SELECT e.id, e.leg_id, e.closed_leg, CASE WHEN e.order_id = %(ticket)s THEN 'order' ELSE 'transaction' END
    FROM journal_execution e
    WHERE e.account_id = ANY(%(accounts)s) AND (e.broker_id = %(ticket)s OR e.order_id = %(ticket)s)
    UNION
    SELECT e.id, e.leg_id, e.closed_leg, CASE WHEN o.is_position THEN 'position' ELSE 'client order id' END
    FROM ordered o JOIN journal_execution e ON e.account_id = o.account_id
     AND o.order_id <> '' AND e.order_id = o.order_id
    UNION
    SELECT e.id, e.leg_id, e.closed_leg, CASE WHEN o.is_position THEN 'position' ELSE 'order' END
    FROM ordered o JOIN journal_executionreport r ON r.account_id = o.account_id
     AND o.client_order_id <> '' AND r.order_reference = o.client_order_id
    JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
    LEFT JOIN journal_joinedfill j ON j.account_id = r.account_id AND j.key = r.fill_key
    JOIN journal_execution e ON e.account_id = r.account_id
     AND e.fill_key = coalesce(j.fill_key, r.fill_key)
)
SELECT DISTINCT l.trade_id, f.what FROM filled f
JOIN journal_leg l ON l.id = f.leg_id OR l.id = f.closed_leg
"""
_BY_EXECUTION = """
SELECT l.trade_id FROM journal_execution e JOIN journal_leg l ON l.id = e.leg_id OR l.id = e.closed_leg
WHERE e.id = %s AND e.account_id = ANY(%s)
"""


def find_by_ticket(ticket: str, *, account_id: int | None = None) -> dict[int, list[str]]:
    """What the ticket is of each trade that it can mean, by the trade's number. Within the open workspace."""
    ticket = tidy(ticket)
    accounts = _accounts(account_id)
    kind, _, rest = ticket.partition(":")
    if kind in _OURS and rest.isdecimal():
        return _by_number(int(rest[:_NUMBER_MAX]), accounts, kinds=(kind,))
    found: dict[int, set[str]] = defaultdict(set)
    if ticket.isascii() and ticket.isdecimal() and len(ticket) <= _NUMBER_MAX:
        for trade_id, words in _by_number(int(ticket), accounts, kinds=tuple(_OURS)).items():
            found[trade_id].update(words)
    values: dict[str, Any] = {
        "ticket": ticket, "position": f"{POSITION}{ticket}", "accounts": accounts
    }  # fmt: skip
    for trade_id, what in fetch(_BY_BROKER, values) if ticket else ():
        found[trade_id].add(f"broker's {what}" if what != "client order id" else what)
    planned = TradeChain.objects.filter(plan__plan_id=ticket, account__in=accounts)
    for trade_id in planned.values_list("pk", flat=True) if ticket else ():
        found[trade_id].add("plan")
    return {trade_id: sorted(words) for trade_id, words in sorted(found.items())}


def _accounts(account_id: int | None) -> list[int]:
    accounts = BrokerAccount.objects.values_list("pk", flat=True)
    return list(accounts if account_id is None else accounts.filter(pk=account_id))


def _by_number(number: int, accounts: list[int], *, kinds: tuple[str, ...]) -> dict[int, list[str]]:
    """A trade has the number of the execution that opened it, so the trade comes first."""
    if "trade" in kinds and Trade.objects.filter(pk=number, account__in=accounts).exists():
        return {number: [_OURS["trade"]]}
    if "execution" not in kinds:
        return {}
    rows = fetch(_BY_EXECUTION, [number, accounts])
    return {trade_id: [_OURS["execution"]] for (trade_id,) in rows}


def find_unfilled(ticket: str, *, account_id: int | None = None) -> Order | None:
    """An order of that name, where no fill belongs to the ticket."""
    ticket = tidy(ticket)
    orders = Order.objects.filter(account__in=_accounts(account_id))
    named = orders.filter(client_order_id=ticket) | orders.filter(order_id=ticket)
    return named.order_by("-last_at", "-pk").first() if ticket else None
