"""Zones of trading servers that the zone database lacks. Whoever asks `ZoneInfo` for them by name gets them.

`MetaTrader/EET_with_US_daylight_saving` is two hours ahead of Greenwich, three in summer, and changes on the days on
which New York does: its midnight is New York's five o'clock in the afternoon all year. Most MetaTrader servers run on
it, so that five days make a week; Europe/Athens differs from it for three or four weeks a year.
"""

from __future__ import annotations

import zoneinfo
from pathlib import Path

NEW_YORK_CLOSE = "MetaTrader/EET_with_US_daylight_saving"
_FOLDER = str(Path(__file__).resolve().parent)


def register() -> None:
    if _FOLDER not in zoneinfo.TZPATH:
        zoneinfo.reset_tzpath([*zoneinfo.TZPATH, _FOLDER])
