"""Which days a report is about."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from learning.domain.seconds import second_within
from learning.models import ReportKind

REPORT_AT = time(6)
"""When a report of the days before is made, in the zone of the workspace."""
_WEEK = timedelta(days=7)


class Period(NamedTuple):
    """From the beginning of `since` to the end of `until`, which counts; in `zone`."""

    since: date
    until: date
    zone: ZoneInfo
    is_scheduled: bool

    @property
    def told_since(self) -> datetime:
        """When the report of the days before was made, or would have been: what was said by then was in that one."""
        return datetime.combine(self.since, REPORT_AT, self.zone)

    @property
    def begins(self) -> int:
        return second_within(datetime.combine(self.since, time(), self.zone))

    @property
    def ends(self) -> int:
        """The first second after it."""
        after = self.until + timedelta(days=1)
        return second_within(datetime.combine(after, time(), self.zone))


def period_of(kind: ReportKind, as_of: datetime, zone: ZoneInfo) -> Period:
    """On Monday (or the first of a month) at six: the week (month) that is over. At any other moment, when somebody
    asks: the seven days up to that day, or the month so far."""
    local = as_of.astimezone(zone)
    today = local.date()
    is_month = kind == ReportKind.MONTHLY
    begins_today = today.day == 1 if is_month else today.weekday() == 0
    if begins_today and local.time() == REPORT_AT:
        last = today - timedelta(days=1)
        first = last.replace(day=1) if is_month else today - _WEEK
        return Period(first, last, zone, is_scheduled=True)
    first = today.replace(day=1) if is_month else today - _WEEK + timedelta(days=1)
    return Period(first, today, zone, is_scheduled=False)
