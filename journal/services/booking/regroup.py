"""Legs into trades, after they were booked: a trade is one leg, or the legs of one structure.

Booking writes every leg as a trade of its own. Here those that belong together are put under the first of them. Safe to
run at any time: what is as it ought to be is not written to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from common.sql import execute, fetch
from journal.domain.structures.grouping import Grouping, group_legs
from journal.models import BrokerAccount, Trade
from journal.selectors.named_ties import derived_among, names_ties
from journal.selectors.ties import list_tied_legs
from journal.services.annotations import ANNOTATED_TABLES
from journal.services.booking.compose import TRADE_COLUMNS
from journal.services.booking.contested import store_contested
from journal.services.booking.group_rows import LegSum, TradeRow, trade_row
from journal.services.booking.rollups import refresh_rollups
from journal.services.booking.structures import store_structures
from journal.services.copying import column_of, copy_rows

# Beyond so many legs it is quicker to look at the whole account.
LEGS_MAX = 2_000
_LEGS = """
SELECT l.id, l.workspace_id, l.account_id, l.direction, l.currency, l.opened_at, l.opened_on, l.closed_at, l.closed_on,
    l.quantity, l.average_open, l.average_close, l.cost, l.gross_pnl, l.net_pnl, l.fees, l.gross_base, l.net_base,
    l.fees_base, l.cost_base, l.cost_known, l.execution_count, l.closed_quantity, l.opened_quantity, i.symbol,
    coalesce(u.symbol, nullif(i.underlying_symbol, ''), i.symbol), i.asset_class, i.multiplier, i.is_inverse,
    coalesce(e.source, 'statement'),
    greatest(l.opened_at, l.closed_at, (SELECT max(m.closed_at) FROM journal_lotmatch m WHERE m.leg_id = l.id))
FROM journal_leg l LEFT JOIN journal_execution e ON e.id = l.id JOIN journal_instrument i ON i.id = l.instrument_id
LEFT JOIN journal_instrument u ON u.id = i.underlying_id
WHERE l.id = ANY(%s) ORDER BY l.opened_at, l.id
"""
_MOVE_LEGS = """
UPDATE journal_leg l SET trade_id = told.trade_id FROM unnest(%s::bigint[], %s::bigint[]) AS told (id, trade_id)
WHERE l.id = told.id AND l.trade_id <> told.trade_id RETURNING l.id
"""
_DAYS = """
SELECT closed_on FROM journal_lotmatch WHERE leg_id = ANY(%(legs)s)
UNION SELECT trading_day FROM journal_execution WHERE leg_id = ANY(%(legs)s) OR closed_leg = ANY(%(legs)s)
"""
_MOVE_ANNOTATIONS = """
UPDATE "{table}" a SET trade_id = l.trade_id FROM journal_execution e JOIN journal_leg l ON l.id = e.leg_id
WHERE a.account_id = %(account)s AND e.account_id = a.account_id AND l.id = ANY(%(legs)s)
AND e.fill_key = coalesce(
    (SELECT j.fill_key FROM journal_joinedfill j WHERE j.account_id = a.account_id AND j.key = a.fill_key), a.fill_key)
AND a.trade_id IS DISTINCT FROM l.trade_id
"""


# How many more legs there are than trades, and how many more that are closed.
_MORE_LEGS = """
SELECT coalesce(sum(t.leg_count - 1), 0), coalesce(sum(
    (SELECT count(*) FROM journal_leg l WHERE l.trade_id = t.id AND l.closed_at IS NOT NULL)
    - (t.closed_at IS NOT NULL)::int), 0)
FROM journal_trade t WHERE t.account_id = %s AND t.leg_count > 1
"""


@dataclass(slots=True)
class Regrouped:
    """`trades` are no longer what they were, `days` those whose sums are others, `structures` how many are
    described otherwise."""

    trades: set[int] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    structures: int = 0


def regroup(
    account: BrokerAccount, leg_ids: Collection[int] | None, left: Collection[int] = ()
) -> Regrouped:
    """Put the legs, and all that they are tied to, into their trades; None: all legs of the account.

    `left` are trades that legs were in which are booked anew.
    """
    wanted = None if leg_ids is None or len(leg_ids) > LEGS_MAX else {*leg_ids}
    if wanted is not None:
        wanted |= _mates(account.pk, {*wanted, *left})
    grouping = group_legs(list_tied_legs(account.pk, wanted))
    known = _stored_groups(account.pk) if wanted is None else wanted
    told = _store(account, grouping, known)
    several = {group.trade_id: group for group in grouping.groups if len(group.leg_ids) > 1}
    gone = None if wanted is None else ({*known, *left} | told.trades) - several.keys()
    told.structures = store_structures(account, several, gone)
    seen = {leg for group in grouping.groups for leg in group.leg_ids}
    store_contested(
        account, grouping.contested, None if wanted is None else {*seen, *wanted, *left}
    )
    return told


def regroup_trades(account: BrokerAccount, trade_ids: Collection[int]) -> set[int]:
    """After orders or fills named something else: the trades put together anew, with their sums. Says which changed."""
    if not trade_ids or not names_ties(account.pk):
        return set()
    legs = derived_among(_mates(account.pk, trade_ids))
    if not legs:
        return set()
    regrouped = regroup(account, legs)
    refresh_rollups(account.workspace_id, account.pk, regrouped.days)
    return regrouped.trades


def count_more_legs(account_id: int) -> tuple[int, int]:
    """By how many the account's legs, and its closed ones, are more than its trades."""
    ((legs, closed),) = fetch(_MORE_LEGS, [account_id])
    return int(legs), int(closed)


def _mates(account_id: int, trade_ids: Collection[int]) -> set[int]:
    rows = fetch(
        "SELECT id FROM journal_leg WHERE account_id = %s AND trade_id = ANY(%s)",
        [account_id, list(trade_ids)],
    )
    return {id_ for (id_,) in rows}


def _stored_groups(account_id: int) -> set[int]:
    """Legs of trades that have, or had, several."""
    rows = fetch(
        "SELECT l.id FROM journal_leg l LEFT JOIN journal_trade t ON t.id = l.trade_id WHERE l.account_id = %s "
        "AND (t.id IS NULL OR t.leg_count > 1 OR l.trade_id <> l.id)",
        [account_id],
    )
    return {id_ for (id_,) in rows}


def _store(account: BrokerAccount, grouping: Grouping, known: Collection[int]) -> Regrouped:
    groups = {group.trade_id: group.leg_ids for group in grouping.groups if len(group.leg_ids) > 1}
    together = {leg for ids in groups.values() for leg in ids}
    # What shares a trade with nothing is as booking wrote it, if it never did.
    alone = {id_: (id_,) for id_ in {*known} - together}
    told = Regrouped()
    wanted = {**groups, **alone}
    if not wanted:
        return told
    legs = {row[0]: LegSum._make(row) for row in fetch(_LEGS, [list(together | alone.keys())])}
    rows = {
        trade_id: trade_row([legs[id_] for id_ in ids])
        for trade_id, ids in wanted.items()
        if all(id_ in legs for id_ in ids)
    }
    _move_legs(account.pk, {leg: trade for trade, ids in wanted.items() for leg in ids}, told)
    _write_trades(rows, together - groups.keys(), told)
    return told


def _move_legs(account_id: int, trades: Mapping[int, int], told: Regrouped) -> None:
    moved = [id_ for (id_,) in fetch(_MOVE_LEGS, [list(trades), list(trades.values())])]
    if not moved:
        return
    told.trades.update(trades[id_] for id_ in moved)
    told.days.update(day for (day,) in fetch(_DAYS, {"legs": moved}))
    for table in ANNOTATED_TABLES:
        execute(_MOVE_ANNOTATIONS.format(table=table), {"account": account_id, "legs": moved})


def _write_trades(rows: Mapping[int, TradeRow], gone: Collection[int], told: Regrouped) -> None:
    """`gone` are legs that are no trade of their own."""
    columns = ", ".join(column_of(Trade, name) for name in TRADE_COLUMNS)
    stored: Mapping[int, TradeRow] = {
        row[0]: row
        for row in fetch(
            f"SELECT {columns} FROM journal_trade WHERE id = ANY(%s)", [[*rows, *gone]]
        )
    }
    changed = [row for id_, row in rows.items() if stored.get(id_) != row]
    stale = [id_ for id_ in stored if id_ in gone] + [
        id_ for row in changed if (id_ := row[0]) in stored
    ]
    if stale:
        execute("DELETE FROM journal_trade WHERE id = ANY(%s)", [stale])
    copy_rows(Trade, TRADE_COLUMNS, changed)
    closed_on = TRADE_COLUMNS.index("closed_on")
    for row in (*changed, *(stored[id_] for id_ in stale)):
        told.trades.add(row[0])
        if row[closed_on] is not None:
            told.days.add(row[closed_on])
