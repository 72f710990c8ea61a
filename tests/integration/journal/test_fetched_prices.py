"""Bars for trades at a crypto exchange, asked for in the course of its pulls."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import override_settings

from journal.models import PriceBar, PriceSeries, PullState, Trade
from journal.selectors.excursions import Quality, excursions_of
from tests.pulling import connect, pull
from tests.simulators.bybit import Bybit, execution
from tests.simulators.exchange import API_KEY, API_SECRET, DAY_MS
from tests.simulators.link import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker():
    with (
        Bybit(Clock("2026-11-18T15:00:00+00:00")) as running,
        override_settings(BROKER_ORIGINS={"https://api.bybit.com": running.url}),
    ):
        yield running


@pytest.fixture
def connection(workspace, broker):
    keys = {"api_key": API_KEY, "api_secret": API_SECRET}
    return connect(workspace, broker, "bybit", credentials=keys, history_from=date(2026, 11, 1))


def asked(broker) -> list[dict[str, str]]:
    return [
        one.params
        for one in broker.requests
        if one.path == "/v5/market/kline" and one.params["interval"] == "1"
    ]


def test_the_bars_of_a_trade_come_with_the_pull_after_it_and_once(workspace, broker, connection):
    opened = broker.now - 3 * DAY_MS
    broker.executions.append(execution(opened, "BTCUSDT", "Buy", "62001", "0.1"))
    broker.executions.append(
        execution(opened + 5_400_000, "BTCUSDT", "Sell", "62002", "0.1", closedSize="0.1")
    )
    assert pull(connection, broker).state == PullState.DONE
    assert asked(broker) == []
    assert pull(connection, broker).state == PullState.DONE
    series = PriceSeries.objects.get()
    assert (series.symbol, series.seconds, series.source) == ("BTC/USDT:USDT", 60, "ccxt bybit")
    assert series.bars == PriceBar.objects.count() == 120
    told = excursions_of(Trade.objects.get(), now=datetime.fromtimestamp(broker.now / 1000, UTC))
    assert (told.reason, told.quality) == ("", Quality.INTRADAY)
    assert (told.found.mae.price, told.found.mfe.price) == (61995, 62005)
    before = len(asked(broker))
    assert pull(connection, broker).state == PullState.DONE
    assert len(asked(broker)) == before


def test_bars_that_cannot_be_had_are_no_failure_of_the_pull(workspace, broker, connection):
    opened = broker.now - 3 * DAY_MS
    broker.executions.append(execution(opened, "BTCUSDT", "Buy", "62001", "0.1"))
    broker.executions.append(
        execution(opened + 5_400_000, "BTCUSDT", "Sell", "62002", "0.1", closedSize="0.1")
    )
    assert pull(connection, broker).state == PullState.DONE
    broker.gone.add("BTCUSDT")
    assert pull(connection, broker).state == PullState.DONE
    assert PriceBar.objects.count() == 0
