"""A crypto exchange from the connection to the book, over HTTP to a simulator of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.test import override_settings

from journal.models import (
    BrokerAccount,
    CashReport,
    Execution,
    ImportBatch,
    LotMatch,
    OpenLot,
    PullState,
)
from journal.selectors.coverage import WHOLE, coverage_of
from tests.pulling import connect, pull, standing
from tests.simulators.bybit import UID, Bybit, error, execution
from tests.simulators.exchange import API_KEY, API_SECRET, DAY_MS
from tests.simulators.link import Clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("every_book_holds")]


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
    return connect(workspace, broker, "bybit", credentials=keys, history_from=date(2026, 10, 1))


def add(broker, days_ago, *what, **more):
    broker.executions.append(execution(broker.now - int(days_ago * DAY_MS), *what, **more))


def test_two_pulls_make_one_book(workspace, broker, connection):
    add(broker, 20, "BTCUSDT", "Buy", "60000", "0.1", execFee="3.3")
    add(broker, 15, "BTCUSDT", "Sell", "61000", "0.1", execType="Funding", execFee="0.5")
    add(broker, 10, "BTCUSDT", "Sell", "62000", "0.1", execFee="3.41", closedSize="0.1")
    add(broker, 3, "SOLUSDT", "Buy", "150", "2", category="spot", execFee="0.002", feeCurrency="SOL",
        createType="", closedSize="")  # fmt: skip
    first = pull(connection, broker, days_back=30)
    assert (first.state, first.error_message) == (PullState.DONE, "")
    account = BrokerAccount.objects.get()
    assert (account.broker, account.broker_id, account.base_currency) == ("bybit", str(UID), "USDT")
    (match,) = LotMatch.objects.all()
    assert match.net_pnl == 200 - D("3.3") - D("3.41")
    assert CashReport.objects.get(kind="funding").amount == D("-0.5")
    assert OpenLot.objects.get().signed_quantity == D("1.998")
    # An hour later: one more fill, and all others once more.
    broker.clock.advance(hours=1)
    add(broker, 0.01, "SOLUSDT", "Sell", "160", "1.998", category="spot", execFee="0.3", feeCurrency="USDT",
        createType="", closedSize="")  # fmt: skip
    again = pull(connection, broker)
    assert again.state == PullState.DONE
    assert Execution.objects.count() == 4
    assert not OpenLot.objects.exists()
    (span,) = coverage_of([connection.pk])[connection.pk].settled[WHOLE]
    assert span.until > broker.clock.now() - timedelta(minutes=10)
    assert standing(connection, broker)


def test_an_hour_in_which_nothing_happened_is_no_import(workspace, broker, connection):
    add(broker, 1, "BTCUSDT", "Buy", "60000", "0.1")
    pull(connection, broker)
    imports = ImportBatch.objects.count()
    broker.clock.advance(hours=1)
    pull(connection, broker)
    broker.clock.advance(hours=1)
    pull(connection, broker)
    assert ImportBatch.objects.count() <= imports + 1


def test_a_key_that_expired_waits_for_a_person_and_loses_nothing(workspace, broker, connection):
    add(broker, 40, "BTCUSDT", "Buy", "60000", "0.1")
    add(broker, 2, "BTCUSDT", "Buy", "60000", "0.1")
    # After the first documents.
    broker.fail("/v5/execution/list", error(33004, "Your api key has expired."), times=99, after=16)
    failed = pull(connection, broker, days_back=45)
    assert (failed.state, failed.error_code, failed.verdict) == ("failed", "key_refused", "person")
    assert Execution.objects.count() == 1
    broker.mend()
    assert pull(connection, broker, days_back=45).state == PullState.DONE
    assert Execution.objects.count() == 2
