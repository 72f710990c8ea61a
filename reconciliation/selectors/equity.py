"""What an account was worth over time: a few hundred points, however often it was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from common.sql import fetch
from journal.models import BrokerAccount
from reconciliation.models import PositionSnapshot

POINTS = 288
_SMALLEST = timedelta(minutes=1)
_STEPS_UNHEARD = 3
# Of each stretch of time its last figures, and the deepest drawdown; a stretch in which every read failed has none.
_CURVE = """
SELECT min(created_at) FILTER (WHERE equity IS NOT NULL OR NOT has_any),
       max(created_at) FILTER (WHERE equity IS NOT NULL OR NOT has_any),
       (array_agg(equity ORDER BY created_at DESC) FILTER (WHERE equity IS NOT NULL))[1],
       (array_agg(peak_equity ORDER BY created_at DESC) FILTER (WHERE equity IS NOT NULL))[1],
       max(drawdown_percent)
FROM (
    SELECT created_at, equity, peak_equity, drawdown_percent, stretch,
           bool_or(equity IS NOT NULL) OVER (PARTITION BY stretch) AS has_any
    FROM (
        SELECT created_at, equity, peak_equity, drawdown_percent,
               floor(extract(epoch FROM created_at) / %(seconds)s) AS stretch
        FROM reconciliation_positionsnapshot
        WHERE account_id = %(account)s AND created_at >= %(since)s AND created_at <= %(until)s
    ) AS read
) AS stretched
GROUP BY stretch ORDER BY stretch
"""


class EquityPoint(NamedTuple):
    """`equity` is None where nothing was known; `drawdown` is in per cent, 0 at the peak."""

    at: datetime
    equity: Decimal | None
    peak: Decimal | None
    drawdown: Decimal | None


class Curve(NamedTuple):
    """`points` have one without figures wherever nobody knows what the account was worth."""

    points: Sequence[EquityPoint]
    step: timedelta

    @property
    def known(self) -> list[EquityPoint]:
        return [one for one in self.points if one.equity is not None]

    @property
    def gaps(self) -> int:
        """How many stretches nothing is known of."""
        unknown = [one.equity is None for one in self.points]
        return sum(now and not before for before, now in pairwise([False, *unknown]))


def equity_curve(
    account: BrokerAccount, since: datetime | None, until: datetime, *, patience: timedelta
) -> Curve:
    """`patience`: how long nothing may be read before the time between is called unknown."""
    start = since or _first_read(account) or until
    step = max(_SMALLEST, (until - start) / POINTS)
    rows = fetch(
        _CURVE,
        {"account": account.pk, "since": start, "until": until, "seconds": step.total_seconds()},
    )
    points = [(begins, EquityPoint(*rest)) for begins, *rest in rows]
    # What is shorter than some steps is no break in a line that has so many of them.
    return Curve(_with_gaps(points, max(patience * 2, step * _STEPS_UNHEARD)), step)


def _first_read(account: BrokerAccount) -> datetime | None:
    rows = PositionSnapshot.objects.filter(account=account).order_by("created_at", "id")
    return rows.values_list("created_at", flat=True).first()


def _with_gaps(
    points: Sequence[tuple[datetime, EquityPoint]], longest: timedelta
) -> list[EquityPoint]:
    """Each with when its stretch was read first: the silence before ends there."""
    found: list[EquityPoint] = []
    for begins, point in points:
        if found and begins - found[-1].at > longest and found[-1].equity is not None:
            middle = found[-1].at + (begins - found[-1].at) / 2
            found.append(EquityPoint(middle, None, None, None))
        found.append(point)
    return found
