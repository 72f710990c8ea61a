"""The zone of MetaTrader's servers, which the zone database lacks: New York's clock, seven hours ahead."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from journal.domain import zones

NEW_YORK = ZoneInfo("America/New_York")
AHEAD = timedelta(hours=7)
FILE = Path(zones.__file__).parent / zones.NEW_YORK_CLOSE
_RULE = b"EET-2EEST,M3.2.0/9,M11.1.0/9"


def instants(first: int, last: int):
    at = datetime(first, 1, 1, tzinfo=UTC)
    while at.year < last:
        yield at
        at += timedelta(minutes=30)


def test_it_is_seven_hours_ahead_of_new_york_at_any_instant():
    zone = ZoneInfo(zones.NEW_YORK_CLOSE)
    for first, last in ((2004, 2009), (2025, 2028), (2044, 2046)):
        for at in instants(first, last):
            assert at.astimezone(zone).utcoffset() == at.astimezone(NEW_YORK).utcoffset() + AHEAD


def test_it_is_found_by_its_name_beside_all_others():
    assert zones.NEW_YORK_CLOSE in available_timezones()
    assert "Europe/Athens" in available_timezones()
    assert datetime(2026, 3, 10, tzinfo=ZoneInfo("Europe/Athens")).utcoffset() == timedelta(hours=2)
    assert datetime(2026, 3, 10, tzinfo=ZoneInfo(zones.NEW_YORK_CLOSE)).utcoffset() == timedelta(
        hours=3
    )


def test_the_file_is_what_new_yorks_clock_makes_of_it():
    """To make it anew: write `compiled()` to the file."""
    assert FILE.read_bytes() == compiled()


def compiled() -> bytes:
    """A zone file (RFC 8536) of New York's changes from 1970 to 2037, and the rule that holds since."""
    at = datetime(1970, 1, 1, tzinfo=UTC)
    offset = at.astimezone(NEW_YORK).utcoffset()
    changes = []
    while at.year < 2038:
        at += timedelta(hours=1)
        if at.astimezone(NEW_YORK).utcoffset() != offset:
            offset = at.astimezone(NEW_YORK).utcoffset()
            changes.append((int(at.timestamp()), int(offset == timedelta(hours=-4))))
    names = b"EET\0EEST\0"

    def block(width: str, shown: list[tuple[int, int]]) -> bytes:
        head = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, len(shown), 2, len(names))
        times = b"".join(struct.pack(f">{width}", when) for when, _ in shown)
        kinds = bytes(kind for _, kind in shown)
        types = struct.pack(">lbb", 7200, 0, 0) + struct.pack(">lbb", 10800, 1, 4)
        return head + times + kinds + types + names

    return block("l", []) + block("q", changes) + b"\n" + _RULE + b"\n"
