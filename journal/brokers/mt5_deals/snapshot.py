"""What the bridge beside a terminal pushes: an object of the package's records with these around them, `kind` first.

    {"kind": "mt5 snapshot", "version": 1, "bridge": "…", "sequence": 17, "made_at": "2026-11-18T15:02:11.250Z",
     "window": {"from": 1795305600, "to": 1795392000},
     "ticks": [{"symbol": "EURUSD", "time_msc": …, "seen_at": "…Z", "earlier_time_msc": …, "earlier_seen_at": "…Z"}],
     "account": {…}, "positions": […], "orders": […], "deals": […], "symbols": […]}

`made_at`, `seen_at` are of the computer's clock, all other times of the server's. What could not be read is left out: a
list that is missing is unknown, an empty one is none.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from journal.brokers.base import UnreadableStatement
from journal.brokers.metatrader.clock import Clock, ClockCheck, Sighting, check_clock, written
from journal.brokers.text.faults import BadDate
from journal.brokers.text.moments import read_when

KIND = "mt5 snapshot"
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the server's clock, of which no zone is known yet
_UTC = ZoneInfo("UTC")


class Snapshot(NamedTuple):
    """`since` is from when on its deals are all there, by the server's clock; None where it has none."""

    made_at: datetime
    since: datetime | None
    sightings: tuple[Sighting, ...]

    def check(self, zone: ZoneInfo) -> ClockCheck:
        return check_clock(self.sightings, zone, self.made_at)

    def settled_day(self, zone: ZoneInfo) -> date | None:
        """The server's yesterday, if its deals up to now are all there."""
        midnight = datetime.combine(self.made_at.astimezone(zone).date(), datetime.min.time())
        if self.since is None or self.since > midnight:
            return None
        return midnight.date() - timedelta(days=1)


def read_snapshot(around: dict[str, Any]) -> Snapshot | None:
    """None where it is no snapshot. Raises UnreadableStatement where it is none that the bridge writes."""
    if around.get("kind") != KIND:
        return None
    ticks = around.get("ticks")
    window = around.get("window")
    try:
        return Snapshot(
            made_at=_utc(around["made_at"]),
            since=server_time(f"{window['from']}000") if isinstance(window, dict) else None,
            sightings=tuple(_sighting(one) for one in ticks) if isinstance(ticks, list) else (),
        )
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise UnreadableStatement(
            "broken_snapshot",
            "The file says that it is a snapshot of the MetaTrader bridge, and is none that any version of it writes. "
            "Nothing was imported. Update the bridge.",
        ) from error


def zone_contradicted(check: ClockCheck, zone: ZoneInfo) -> UnreadableStatement:
    assert check.clock is Clock.CONTRADICTS
    assert check.ahead is not None
    return UnreadableStatement(
        "zone_contradicted",
        f"The trading server's clock is at {written(check.ahead)}, as its ticks show, and {zone.key} is at "
        f"{written(check.expected)} then. Nothing was imported, because all times would be shifted by "
        f"{_hours(check.ahead - check.expected)}. Choose the zone that the server runs on, and read it again.",
    )


def server_time(milliseconds: object) -> datetime:
    """Of milliseconds since 1970, as the package gives them. Raises ValueError, OverflowError."""
    return EPOCH + timedelta(milliseconds=int(str(milliseconds)))


def _sighting(tick: dict[str, Any]) -> Sighting:
    has_earlier = "earlier_seen_at" in tick
    return Sighting(
        server_time(tick["time_msc"]),
        _utc(tick["seen_at"]),
        server_time(tick["earlier_time_msc"]) if has_earlier else None,
        _utc(tick["earlier_seen_at"]) if has_earlier else None,
    )


def _utc(text: str) -> datetime:
    when = read_when(text)
    if when.offset is None:
        raise BadDate(text)
    return when.instant(_UTC)


def _hours(shift: timedelta) -> str:
    hours = abs(shift) / timedelta(hours=1)
    return "an hour" if hours == 1 else f"{hours:g} hours"
