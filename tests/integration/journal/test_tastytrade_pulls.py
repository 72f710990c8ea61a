"""tastytrade from its API to the book: days of an account, with what its broker adds and corrects late."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import override_settings
from django_scopes import scope

from journal.models import (
    BrokerAccount,
    CashBalanceReport,
    DataIssue,
    Execution,
    ImportBatch,
    NavReport,
    OpenLot,
    Order,
    PullState,
)
from journal.services.verification import verify_account
from tests import people
from tests.pulling import connect, pull, standing
from tests.simulators import tastytrade
from tests.simulators.link import Clock
from tests.simulators.tastytrade import BAD_GATEWAY, Tastytrade, order, position, snapshot, trade

pytestmark = pytest.mark.django_db
TRANSACTIONS = "/accounts/5WX00001/transactions"
LOGIN = {
    "client_secret": tastytrade.CLIENT_SECRET,
    "refresh_token": tastytrade.REFRESH_TOKEN,
    "environment": "production",
}
PUT = {
    "symbol": "FERN  261120P00019000",
    "instrument-type": "Equity Option",
    "underlying-symbol": "FERN",
}


@pytest.fixture
def workspace():
    return people.alice().workspace


@pytest.fixture
def broker():
    # A Wednesday morning in New York.
    with Tastytrade(Clock("2026-11-18T15:02:11+00:00")) as running:
        account = running.account("5WX00001", opened_at="2026-08-20T14:00:00.000+00:00")
        account.transactions += [
            trade(1, "2026-09-24T15:00:00.000+00:00", "Buy to Open", 100, "20.00"),
            trade(2, "2026-11-17T15:00:00.000+00:00", "Sell to Close", 40, "22.00"),
            option(3, "2026-11-17T16:00:00.000+00:00"),
        ]
        account.orders.append(
            order(700_002, "2026-11-17T14:59:00.000+00:00", **{"order-type": "Stop"})
        )
        account.positions += [position("FERN", 60), short_put()]
        account.snapshots.append(snapshot("2026-11-17", "-1119.30", "200.70"))
        with override_settings(BROKER_ORIGINS={"https://api.tastyworks.com": running.url}):
            yield running


@pytest.fixture
def connection(workspace, broker):
    return connect(workspace, broker, "tastytrade", credentials=LOGIN)


@pytest.fixture
def inside(workspace):
    with scope(workspace=workspace):
        yield
        for account in BrokerAccount.objects.all():
            assert verify_account(account) == []


def option(id, at, **more):
    return trade(
        id, at, "Sell to Open", 1, "0.50",
        **PUT, **{"value": "50.00", "net-value": "49.90", "description": "Sold 1 FERN 11/20/26 Put 19.00 @ 0.50"} | more,
    )  # fmt: skip


def short_put():
    terms = {
        "multiplier": 100,
        "expires-at": "2026-11-20T21:00:00.000+00:00",
        "average-open-price": "0.50",
    }
    return position("", -1) | PUT | terms


def expiration(id):
    row = trade(id, "2026-11-20T21:00:00.000+00:00", "Buy to Close", 1, "0", **PUT)
    kept = (
        "id",
        "account-number",
        "symbol",
        "instrument-type",
        "underlying-symbol",
        "executed-at",
        "transaction-date",
    )
    return {name: row[name] for name in kept} | {
        "transaction-type": "Receive Deliver", "transaction-sub-type": "Expiration", "quantity": "1.0",
        "description": "Removal of 1.0 FERN 11/20/26 Put 19.00 due to expiration.", "value": "0.0",
        "value-effect": "None", "net-value": "0.0", "net-value-effect": "None",
    }  # fmt: skip


def held():
    lots = OpenLot.objects.select_related("instrument")
    return {one.instrument.symbol: one.signed_quantity for one in lots}


def test_a_first_pull_brings_the_whole_account(connection, broker, inside):
    done = pull(connection, broker)
    assert (done.state, done.error_code) == (PullState.DONE, "")
    assert held() == {"FERN": 60, PUT["symbol"]: -1}
    assert BrokerAccount.objects.get().broker_id == "5WX00001"
    assert [(one.reported_on, one.total) for one in NavReport.objects.all()] == [
        (date(2026, 11, 17), Decimal("200.70"))
    ]
    assert CashBalanceReport.objects.get().ending_cash == Decimal("-1119.30")
    assert Execution.objects.get(side="sell", instrument__symbol="FERN").report.order_type == "Stop"
    stop = Order.objects.get()
    assert (stop.order_id, stop.order_type, stop.status) == ("700002", "stop", "filled")
    now = standing(connection, broker)
    assert (now.state, now.gaps) == ("ok", [])
    assert now.complete_until == datetime(2026, 11, 18, 5, tzinfo=UTC)
    assert not DataIssue.objects.exists()


def test_nothing_new_is_no_second_import(connection, broker, inside):
    """The first pull asks for the history, the second for the last days, and every other of that day for the same."""
    pull(connection, broker)
    pull(connection, broker)
    before = ImportBatch.objects.count()
    broker.clock.advance(minutes=10)
    done = pull(connection, broker)
    assert done.state == PullState.DONE
    assert ImportBatch.objects.count() == before


def test_days_go_by_with_late_fills_final_fees_and_an_expiration(connection, broker, inside):
    account = broker.account("5WX00001")
    # Ten more were sold yesterday, which the transactions do not say yet.
    account.positions[0] |= {"quantity": 50}
    pull(connection, broker)
    # The next morning: they do, and yesterday's fees are final.
    broker.clock.advance(days=1)
    account.transactions[1] |= {"clearing-fees": "0.05", "net-value": "879.93"}
    account.transactions.append(
        trade(4, "2026-11-17T15:00:00.000+00:00", "Sell to Close", 10, "22.00")
    )
    pull(connection, broker)
    assert held()["FERN"] == 50
    assert Execution.objects.get(report__broker_id="2").fee == Decimal("0.07")
    # Monday: the put has expired on Friday.
    broker.clock.advance(days=4)
    account.transactions.append(expiration(5))
    account.positions.pop()
    done = pull(connection, broker)
    assert done.state == PullState.DONE
    assert held() == {"FERN": 50}
    assert not DataIssue.objects.exists()
    assert standing(connection, broker).complete_until == datetime(2026, 11, 23, 5, tzinfo=UTC)


def test_a_position_that_was_opened_before_the_account_was_moved_here_is_told_not_guessed(
    connection, broker, inside
):
    """60 held by the book, 70 by the broker: the ten that no transaction explains are an issue."""
    broker.account("5WX00001").positions[0] |= {"quantity": 70}
    pull(connection, broker)
    assert DataIssue.objects.exists()


def test_what_came_before_a_fault_is_in_the_book_and_the_rest_is_a_gap_until_the_next_pull(
    connection, broker, inside
):
    broker.fail(TRANSACTIONS, BAD_GATEWAY, times=99, after=1)
    failed = pull(connection, broker)
    assert (failed.state, failed.error_code) == (PullState.FAILED, "broker_failing")
    assert held() == {"FERN": 100}
    assert standing(connection, broker).state != "ok"
    broker.mend()
    broker.clock.advance(hours=1)
    done = pull(connection, broker)
    assert done.state == PullState.DONE
    assert held() == {"FERN": 60, PUT["symbol"]: -1}
    assert standing(connection, broker).state == "ok"


def test_a_revoked_grant_stops_and_says_so(connection, broker, inside):
    pull(connection, broker)
    broker.is_revoked = True
    failed = pull(connection, broker)
    assert (failed.error_code, failed.verdict) == ("grant_refused", "person")
    now = standing(connection, broker)
    assert now.state != "ok"
    connection.refresh_from_db()
    assert connection.next_at is None
    assert held() == {"FERN": 60, PUT["symbol"]: -1}
