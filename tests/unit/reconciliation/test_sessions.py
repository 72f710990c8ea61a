"""Sessions by the calendars of exchanges: holidays, half days, breaks, summer time, and what nobody knows."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from journal.brokers.base import InstrumentRow
from journal.domain.values import ONE, AssetClass
from reconciliation.selectors.sessions import CALENDARS, is_open, next_open

STOCK = InstrumentRow("", AssetClass.STOCK, "X", "USD", ONE)
EURO = InstrumentRow("", AssetClass.FOREX, "EURUSD", "USD", ONE)
COIN = InstrumentRow("", AssetClass.CRYPTO, "BTC", "USD", ONE)


def on(exchange: str) -> InstrumentRow:
    return STOCK._replace(exchange=exchange)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("exchange", "at", "expected"),
    [
        ("NASDAQ", "2026-06-01T13:30", True), ("NYSE", "2026-06-01T13:29", False), ("nyse", "2026-06-01T20:00", False),
        # Before summer time; a holiday; after an early close; a weekend.
        ("NYSE", "2026-01-15T14:00", False), ("NYSE", "2026-07-03T15:00", False), ("NYSE", "2026-11-27T18:30", False),
        ("NYSE", "2026-06-06T15:00", False), ("LSE", "2026-06-01T07:30", True), ("NOBODY", "2026-06-01T15:00", None),
        ("", "2026-06-01T15:00", None), ("CME", "2026-06-01T03:00", True),
        # The hour in which Globex rests, and its weekend.
        ("CME", "2026-06-01T21:30", False), ("CME", "2026-06-01T22:00", True), ("CME", "2026-06-05T21:30", False),
        # The break at noon in Hong Kong.
        ("SEHK", "2026-06-01T03:59", True), ("SEHK", "2026-06-01T04:30", False), ("SEHK", "2026-06-01T05:00", True),
        # Later than the calendar knows its holidays.
        ("SEHK", "2055-06-01T03:30", None),
    ],
)  # fmt: skip
def test_an_exchange_s_hours(exchange, at, expected):
    assert is_open(on(exchange), moment(at)) is expected


def test_coins_never_close_and_currencies_by_the_clock_of_new_york():
    saturday = moment("2026-06-06T12:00")
    assert is_open(COIN, saturday) is True
    assert next_open(COIN, saturday) is None
    assert is_open(EURO, saturday) is False
    assert next_open(EURO, saturday) == moment("2026-06-07T21:00")


@pytest.mark.parametrize(
    ("exchange", "at", "expected"),
    [
        ("NYSE", "2026-06-05T21:00", "2026-06-08T13:30"), ("SEHK", "2026-06-01T04:30", "2026-06-01T05:00"),
        ("CME", "2026-06-01T21:30", "2026-06-01T22:00"), ("CME", "2026-06-05T21:30", "2026-06-07T22:00"),
        ("NYSE", "2026-11-27T18:30", "2026-11-30T14:30"),
    ],
)  # fmt: skip
def test_the_next_session_is_told(exchange, at, expected):
    assert next_open(on(exchange), moment(at)) == moment(expected)


@pytest.mark.parametrize("exchange", ["NYSE", "NOBODY"])
def test_there_is_no_next_session_of_what_is_open_or_of_what_nobody_knows(exchange):
    assert next_open(on(exchange), moment("2026-06-05T15:00")) is None


def test_a_broker_that_trades_at_one_place_need_not_name_it():
    night = moment("2026-06-01T03:00")
    assert is_open(STOCK, night, broker="tastytrade") is False
    assert (
        is_open(STOCK._replace(asset_class=AssetClass.FUTURE), night, broker="tastytrade") is None
    )
    assert is_open(STOCK, night, broker="paper") is None


@pytest.mark.parametrize("exchange", sorted(CALENDARS))
def test_every_calendar_is_there(exchange):
    assert is_open(on(exchange), moment("2026-06-03T15:00")) is not None


def test_only_who_asks_pays_for_it():
    """Half a second and a hundred megabytes: not for the web server."""
    words = "import config.wsgi, config.urls, reconciliation.tasks, sys; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0
