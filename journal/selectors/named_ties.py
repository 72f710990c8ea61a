"""Legs whose orders or fills name the same plan or recommendation.

Only options and futures are looked at, and what they are derived from: of nothing else do several make one trade.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from common.sql import fetch
from journal.domain.structures.grouping import Tie, TieKind
from journal.selectors.joined_fills import known_keys

# By so much an order may be reported after its fills.
_REPORTED_LATE = "30 days"
_ANY = """
SELECT EXISTS (SELECT FROM journal_order WHERE account_id = %(account)s AND (plan_id <> '' OR recommendation_id <> ''))
    OR EXISTS (SELECT FROM journal_namedfill WHERE account_id = %(account)s)
"""
# Of these legs, those that could be one with another.
_DERIVED = """
SELECT l.id FROM journal_leg l JOIN journal_instrument i ON i.id = l.instrument_id
WHERE l.id = ANY(%(legs)s) AND (i.asset_class IN ('option', 'future', 'future_option', 'warrant') OR EXISTS (
    SELECT FROM journal_instrument d WHERE d.workspace_id = i.workspace_id AND d.id <> i.id
    AND (d.underlying_id = i.id OR d.underlying_symbol = i.symbol)))
"""
_FILLS = f"""
fills AS (
    SELECT l.id AS leg_id, e.fill_key, e.order_id FROM unnest(%(legs)s::bigint[]) AS l (id)
    JOIN journal_execution e ON e.leg_id = l.id
    UNION ALL
    SELECT l.id, e.fill_key, e.order_id FROM unnest(%(legs)s::bigint[]) AS l (id)
    JOIN journal_execution e ON e.closed_leg = l.id
), known AS ({known_keys("fills", "leg_id")})"""
_NAMES = f"""
WITH {_FILLS}, words AS (
    SELECT leg_id, order_id AS word FROM fills WHERE order_id <> ''
    UNION
    SELECT k.leg_id, word.id FROM known k
    JOIN journal_executionreport r ON r.account_id = %(account)s AND r.fill_key = k.key
    JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
    CROSS JOIN LATERAL (VALUES (r.order_id), (r.order_reference)) AS word (id) WHERE word.id <> ''
)
SELECT w.leg_id, o.plan_id, o.recommendation_id FROM words w
JOIN journal_order o ON o.account_id = %(account)s AND o.order_id <> '' AND o.order_id = w.word
UNION
SELECT w.leg_id, o.plan_id, o.recommendation_id FROM words w
JOIN journal_order o ON o.account_id = %(account)s AND o.client_order_id <> '' AND o.client_order_id = w.word
UNION
SELECT k.leg_id, n.plan_id, n.recommendation_id FROM known k
JOIN journal_namedfill n ON n.account_id = %(account)s AND n.key = k.key
JOIN journal_importbatch b ON b.id = n.batch_id AND b.withdrawn_at IS NULL
"""
# Fills by what names their plan or recommendation; the ids of executions have no index, their instruments and times do.
_LEGS = f"""
WITH named AS (
    SELECT o.client_order_id, o.order_id, o.instrument_id, o.placed_at FROM journal_order o
    WHERE o.account_id = %(account)s AND ((o.plan_id <> '' AND o.plan_id = ANY(%(plans)s))
        OR (o.recommendation_id <> '' AND o.recommendation_id = ANY(%(recommendations)s)))
), told AS (
    SELECT r.fill_key AS key FROM named
    JOIN journal_executionreport r ON r.account_id = %(account)s AND r.order_reference <> ''
        AND r.order_reference = named.client_order_id
    UNION
    SELECT n.key FROM journal_namedfill n WHERE n.account_id = %(account)s
    AND ((n.plan_id <> '' AND n.plan_id = ANY(%(plans)s))
        OR (n.recommendation_id <> '' AND n.recommendation_id = ANY(%(recommendations)s)))
), filled AS (
    SELECT e.leg_id, e.closed_leg FROM told
    LEFT JOIN journal_joinedfill j ON j.account_id = %(account)s AND j.key = told.key
    JOIN journal_execution e ON e.account_id = %(account)s AND e.fill_key = coalesce(j.fill_key, told.key)
    UNION
    SELECT e.leg_id, e.closed_leg FROM named
    JOIN journal_execution e ON e.account_id = %(account)s AND e.instrument_id = named.instrument_id
        AND e.executed_at >= named.placed_at - interval '{_REPORTED_LATE}' AND e.order_id = named.order_id
    WHERE named.order_id <> ''
)
SELECT leg_id FROM filled WHERE leg_id IS NOT NULL UNION SELECT closed_leg FROM filled WHERE closed_leg IS NOT NULL
"""
_ALL_NAMES = """
SELECT plan_id, recommendation_id FROM journal_order
WHERE account_id = %(account)s AND (plan_id <> '' OR recommendation_id <> '')
UNION SELECT plan_id, recommendation_id FROM journal_namedfill WHERE account_id = %(account)s
"""


class _Names(NamedTuple):
    plans: set[str]
    recommendations: set[str]

    @property
    def is_empty(self) -> bool:
        return not (self.plans or self.recommendations)


def names_ties(account_id: int) -> bool:
    """Whether anything in the account names a plan or a recommendation."""
    return bool(fetch(_ANY, {"account": account_id})[0][0])


def list_named_ties(account_id: int, leg_ids: Collection[int] | None) -> dict[int, set[Tie]]:
    """By leg: of these legs, and of the others that name the same; None: of all in the account."""
    if leg_ids is None:
        names = _split(fetch(_ALL_NAMES, {"account": account_id}))
    else:
        names = _split(row[1:] for row in _names_of(account_id, derived_among(leg_ids)))
    if names.is_empty:
        return {}
    values = {
        "account": account_id,
        "plans": list(names.plans),
        "recommendations": list(names.recommendations),
    }
    legs = derived_among([leg for (leg,) in fetch(_LEGS, values)])
    ties: dict[int, set[Tie]] = defaultdict(set)
    for leg_id, plan, recommendation in _names_of(account_id, legs):
        if plan:
            ties[leg_id].add(Tie(TieKind.PLAN, plan))
        if recommendation:
            ties[leg_id].add(Tie(TieKind.RECOMMENDATION, recommendation))
    return ties


def derived_among(leg_ids: Collection[int]) -> list[int]:
    """Of these legs, those in options and futures, and in what those are derived from."""
    return [id_ for (id_,) in fetch(_DERIVED, {"legs": list(leg_ids)})]


def _names_of(account_id: int, leg_ids: Collection[int]) -> list[tuple[int, str, str]]:
    if not leg_ids:
        return []
    return fetch(_NAMES, {"account": account_id, "legs": list(leg_ids)})


def _split(rows: Iterable[tuple[str, ...]]) -> _Names:
    found = list(rows)
    return _Names({plan for plan, _ in found} - {""}, {one for _, one in found} - {""})
