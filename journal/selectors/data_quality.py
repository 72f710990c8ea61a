"""How far what the book says can be relied on: until when it is complete, and what is known to be wrong with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from common.sql import fetch
from journal.models import BrokerAccount, DataIssue
from journal.selectors.accounts import NO_ACTIVITY, activity_by_account
from journal.selectors.connections import Standing, list_connections, standings_of
from journal.selectors.issues import list_issues

# Booking or an import found that book and broker do not say the same: of a profit, a position, a cost, an order.
DIVERGENT = frozenset(
    {
        "profit_differs", "position_unexplained", "opening_unknown", "opening_stated", "stated_cost_differs",
        "effect_contradicts", "reversal_without_position", "order_incomplete", "order_differs",
        "stated_lots_not_found", "split_quantity_differs", "net_value_differs", "price_contradicts_money",
        "event_without_execution", "delivery_incomplete", "delivery_missing", "basis_unknown",
    }
)  # fmt: skip

_STATED = """
SELECT said ->> 'broker_id', max(nullif(said ->> 'to_on', '')::date)
FROM journal_importbatch b CROSS JOIN LATERAL jsonb_array_elements(b.result -> 'accounts') said
WHERE b.workspace_id = %s AND b.state = 'done' GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class AccountQuality:
    """`stated_until`: the last day that an imported statement covers. `connected_until`: until when a connection has
    brought everything. None where neither says. `has_gaps`: a connection knows of times that the book lacks."""

    account: BrokerAccount
    last_fill_on: date | None
    stated_until: date | None
    connected_until: datetime | None
    has_gaps: bool


@dataclass(frozen=True, slots=True)
class Quality:
    accounts: list[AccountQuality]
    errors: int
    warnings: int


def build_quality(
    workspace_id: int, account_ids: Collection[int] | None, *, now: datetime
) -> Quality:
    """Of these accounts, None for all."""
    accounts = BrokerAccount.objects.order_by("pk")
    issues = list_issues().filter(severity__in=["error", "warning"])
    if account_ids is not None:
        accounts = accounts.filter(pk__in=account_ids)
        issues = issues.filter(Q(account__in=account_ids) | Q(account=None))
    severities = list(issues.order_by().values_list("severity", flat=True))
    activity = activity_by_account()
    stated = dict(fetch(_STATED, [workspace_id]))
    standings = list(standings_of(list_connections(), now=now).values())
    return Quality(
        accounts=[
            AccountQuality(
                account=one,
                last_fill_on=activity.get(one.pk, NO_ACTIVITY).last_on,
                stated_until=stated.get(one.broker_id),
                connected_until=_until(standings, one.broker_id),
                has_gaps=any(s.gaps for s in standings if one.broker_id in s.accounts),
            )
            for one in accounts
        ],
        errors=severities.count("error"),
        warnings=severities.count("warning"),
    )


def _until(standings: list[Standing], number: str) -> datetime | None:
    found = [one.accounts[number].until for one in standings if number in one.accounts]
    return max(found, default=None)


def issues_around(account_id: int, instrument_ids: Collection[int]) -> list[DataIssue]:
    """Open issues of these instruments in the account, and of the account as a whole; the most severe first."""
    issues = list_issues().filter(account=account_id)
    return list(issues.filter(Q(instrument__in=instrument_ids) | Q(instrument=None))[:10])
