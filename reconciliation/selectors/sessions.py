"""Whether the market of an instrument has its session now, by its exchange's calendar. Where nobody knows, and outside
of the time that a calendar covers, that is unknown: never closed, never open."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from journal.brokers.base import InstrumentRow
from journal.domain.values import AssetClass
from reconciliation.domain.guards.market import is_forex_open, is_globex_open

# Brokers' names of exchanges, and the calendar that has their hours.
CALENDARS = {
    "NYSE": "XNYS", "NASDAQ": "XNYS", "ARCA": "XNYS", "AMEX": "XNYS", "BATS": "XNYS", "IEX": "XNYS", "SMART": "XNYS",
    "CME": "CMES", "GLOBEX": "CMES", "CBOT": "CMES", "NYMEX": "CMES", "COMEX": "CMES", "CBOE": "XCBF", "CFE": "XCBF",
    "LSE": "XLON", "IBIS": "XETR", "XETRA": "XETR", "FWB": "XFRA", "SBF": "XPAR", "AEB": "XAMS", "EBS": "XSWX",
    "TSE": "XTSE", "TSEJ": "XTKS", "SEHK": "XHKG", "ASX": "XASX", "BVME": "XMIL", "BM": "XMAD", "EUREX": "XEUR",
}  # fmt: skip
_GLOBEX = "CMES"
# Where a broker trades such a thing at one place only, and does not name it.
_OF_BROKER = {
    ("tastytrade", AssetClass.STOCK): "XNYS",
    ("tastytrade", AssetClass.FUND): "XNYS",
    ("tastytrade", AssetClass.OPTION): "XNYS",
}
_AROUND_THE_CLOCK = frozenset({AssetClass.CRYPTO})
_BY_CLOCK_OF_NEW_YORK = frozenset({AssetClass.FOREX, AssetClass.METAL})
_BACK, _AHEAD = timedelta(days=10), timedelta(days=60)
_STEP, _LONGEST = timedelta(minutes=15), timedelta(days=4)


def is_open(instrument: InstrumentRow, at: datetime, *, broker: str = "") -> bool | None:
    """None where nobody knows. A break at noon is closed, and so is what follows an early close."""
    if instrument.asset_class in _AROUND_THE_CLOCK:
        return True
    if instrument.asset_class in _BY_CLOCK_OF_NEW_YORK:
        return is_forex_open(at)
    name = _calendar_of(instrument, broker)
    return None if not name else _is_open(name, at)


def next_open(instrument: InstrumentRow, at: datetime, *, broker: str = "") -> datetime | None:
    """When it can be traded again, to the quarter of an hour where no calendar says; None where it is open, where
    nobody knows, and where it never closes."""
    if is_open(instrument, at, broker=broker) is not False:
        return None
    moment = at
    if instrument.asset_class not in _BY_CLOCK_OF_NEW_YORK:
        name = _calendar_of(instrument, broker)
        found = _next_minute(name, at)
        if found is None or name != _GLOBEX or is_globex_open(found):
            return found
        moment = found
    return _first(moment, instrument, broker)


def _first(at: datetime, instrument: InstrumentRow, broker: str) -> datetime | None:
    moment = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    while moment < at + _LONGEST:
        moment += _STEP
        if is_open(instrument, moment, broker=broker):
            return moment
    return None


def _calendar_of(instrument: InstrumentRow, broker: str) -> str:
    named = CALENDARS.get(instrument.exchange.strip().upper(), "")
    return named or _OF_BROKER.get((broker, instrument.asset_class), "")


def _is_open(name: str, at: datetime) -> bool | None:
    if name == _GLOBEX and not is_globex_open(at):
        return False
    return _has_session(name, at.replace(second=0, microsecond=0))


@lru_cache(maxsize=1_000)
def _has_session(name: str, minute: datetime) -> bool | None:
    calendar = _calendar(name, minute.year, minute.month)
    try:
        return None if calendar is None else bool(calendar.is_open_at_time(_minute(minute)))
    except ValueError:
        # Outside of what the calendar covers.
        return None


def _next_minute(name: str, at: datetime) -> datetime | None:
    """Of trading: after a break too, which begins no session."""
    calendar = _calendar(name, at.year, at.month)
    try:
        found = None if calendar is None else calendar.next_minute(_minute(at)).to_pydatetime()
    except ValueError:
        return None
    return found if isinstance(found, datetime) else None


@lru_cache(maxsize=64)
def _calendar(name: str, year: int, month: int) -> Any:
    """Covering the month and some weeks to both sides, so that it is read once a month."""
    # Half a second and pandas with it: only for who asks.
    import exchange_calendars  # noqa: PLC0415

    first = datetime(year, month, 1)  # noqa: DTZ001 - calendars count days without a zone
    try:
        return exchange_calendars.get_calendar(name, start=first - _BACK, end=first + _AHEAD)
    except (exchange_calendars.errors.InvalidCalendarName, ValueError):
        return None


def _minute(at: datetime) -> Any:
    import pandas  # noqa: PLC0415

    return pandas.Timestamp(at).floor("min")
