"""Quiet hours: of a channel, in the zone of its person. They may go over midnight."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from journal.models import AlertChannel


class QuietHours(NamedTuple):
    """On the person's clock; both None for none."""

    begin: time | None = None
    end: time | None = None


NEVER = QuietHours()


def quiet_end(channel: AlertChannel, now: datetime) -> datetime | None:
    """When the quiet hours that it is in now end; None outside of them. Reads `channel.user`."""
    if channel.quiet_from is None or channel.quiet_until is None:
        return None
    return end_of_quiet(channel.quiet_from, channel.quiet_until, channel.user.zone, now)


def end_of_quiet(begin: time, end: time, zone: str, now: datetime) -> datetime | None:
    """Always after `now`. From a time to the same time is no time at all."""
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time()
    is_quiet = begin <= clock < end if begin < end else begin != end and not end <= clock < begin
    if not is_quiet:
        return None
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    until = datetime.combine(day, end, tzinfo=local.tzinfo)
    if until <= now:
        # The hour that clocks repeat: its second turn is meant.
        until = until.replace(fold=1)
    return until.astimezone(now.tzinfo)
