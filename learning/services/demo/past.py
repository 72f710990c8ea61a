"""The Mondays of the demo's past, each learnt from as of itself: claims are raised before they are confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta

from learning.models import RunKind, TradeFact
from learning.selectors.settings import zone_of
from learning.services.learner import learn
from learning.services.measuring import measure
from learning.services.reporting.period import REPORT_AT
from learning.services.steps import ORDER
from learning.services.timing import begin_of_month, begin_of_week

_WEEKS = 26
# Before there are so many closed trades a week has nothing to tell.
_FROM = 15


def list_mondays(workspace_id: int, now: datetime) -> list[datetime]:
    """The latest half year of them, 06:00 in the workspace's zone, from when there was something to learn from."""
    known = TradeFact.objects.filter(workspace_id=workspace_id).order_by("known_at")
    first = known.values_list("known_at", flat=True)[_FROM - 1 : _FROM].first()
    if first is None:
        return []
    zone = zone_of(workspace_id)
    found: list[datetime] = []
    begun = begin_of_week(now, zone)
    while begun > first and len(found) < _WEEKS:
        found.append(begun)
        # By the wall clock: a week in which clocks change has an hour more or less.
        before = begun.astimezone(zone).date() - timedelta(days=7)
        begun = datetime.combine(before, REPORT_AT, zone)
    return found[::-1]


def learn_next(workspace_id: int, now: datetime, after: datetime | None = None) -> datetime | None:
    """Learns from the first Monday after that one, its reports too, and that of a month which began in between; None
    where none is left. To be called within the scope of the workspace."""
    measure(workspace_id)
    left = [one for one in list_mondays(workspace_id, now) if after is None or one > after]
    if not left:
        return None
    as_of = left[0]
    learn(workspace_id, as_of=as_of, kinds=[kind for kind in ORDER if kind is not RunKind.MONTHLY])
    month = begin_of_month(as_of, zone_of(workspace_id))
    if month > as_of - timedelta(days=7):
        learn(workspace_id, as_of=month, kinds=[RunKind.MONTHLY])
    return as_of
