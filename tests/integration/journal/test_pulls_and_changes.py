"""What people change at a connection while its broker is asked, and what the book still lacks after it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django_scopes import scope

from common.errors import AppError, Conflict
from journal.brokers.fetchers import get_fetcher
from journal.brokers.fetching import Document, Rate, Verdict
from journal.models import BrokerAccount, Connection, Execution, PullKind, PullState
from journal.services.pulls import run
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.connections import change_connection, create_connection, disconnect
from journal.services.pulls.credentials import HIDDEN, scrub
from journal.services.pulls.turns import reserve_turn
from tests import people
from tests.pulling import at_its_time, connect, flex_service, go_on, pull, standing, until_over
from tests.simulators.ibkr_flex import CREDENTIALS, SEND, failure
from tests.simulators.wire import Response

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return people.alice().workspace


@pytest.fixture
def flex():
    with flex_service() as running:
        running.fill()
        yield running


@pytest.fixture
def connection(workspace, flex):
    return connect(workspace, flex)


@pytest.fixture
def inside(workspace):
    with scope(workspace=workspace):
        yield


def meanwhile(flex, workspace, change, answer=None):
    """The next request for a statement is answered after somebody has changed the connection."""

    def respond(request):
        with scope(workspace=workspace):
            change(Connection.objects.get())
        connections.close_all()
        return answer or flex._send_request(request)

    flex.on_send.append(respond)


# --- while the broker is asked -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_new_credentials_are_not_blamed_for_what_the_former_ones_were_refused_for(
    workspace, connection, flex, inside
):
    flex.queries.add("8")
    renewed = {**CREDENTIALS, "query_id": "8"}
    meanwhile(
        flex, workspace, lambda one: change_connection(one, credentials=renewed), failure("1012")
    )
    done = until_over(pull(connection, flex), flex)
    assert (done.state, done.error_code) == (PullState.DONE, "")
    assert standing(connection, flex).state == "ok"
    assert flex.asked(SEND)[-1].params["q"] == "8"


@pytest.mark.django_db(transaction=True)
def test_what_the_former_login_had_asked_for_is_not_fetched_with_the_new_one(
    workspace, connection, flex, inside
):
    flex.queries.add("8")
    renewed = {**CREDENTIALS, "query_id": "8"}
    meanwhile(flex, workspace, lambda one: change_connection(one, credentials=renewed))
    one = pull(connection, flex)
    connection.refresh_from_db()
    assert connection.state == {}
    assert until_over(one, flex).state == PullState.DONE
    assert flex.references() != ["4000000001"]


def test_new_credentials_during_the_import_are_not_blamed_either(
    connection, flex, inside, monkeypatch
):
    flex.on_send.append("1012")
    monkeypatch.setattr(run, "_import", lambda pull: False)
    one = pull(connection, flex)
    monkeypatch.undo()
    assert (one.state, one.verdict) == (PullState.IMPORTING, "person")
    with at_its_time(flex):
        change_connection(Connection.objects.get(), credentials={**CREDENTIALS, "query_id": "8"})
    one = go_on(one, flex)
    assert (one.state, one.error_code) == (PullState.FAILED, "credentials_replaced")
    connection.refresh_from_db()
    assert connection.next_at is not None
    assert standing(connection, flex).state == "retrying"


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_taken_away_meanwhile_asks_and_remembers_nothing_more(
    workspace, connection, flex, inside
):
    meanwhile(flex, workspace, disconnect)
    one = pull(connection, flex)
    asked = len(flex.requests)
    connection.refresh_from_db()
    assert (connection.state, connection.credentials) == ({}, "")
    one = go_on(one, flex)
    assert (one.state, one.error_code) == (PullState.FAILED, "disconnected")
    assert len(flex.requests) == asked
    assert Execution.objects.count() == 0


# --- what was not asked for --------------------------------------------------------------------------------------


def test_an_account_that_is_chosen_later_comes_with_its_history(workspace, flex, inside):
    flex.accounts = ["U7000001", "U7000002"]
    flex.add_trade("20260302", "U7000002", transactionID="5", tradeID="5")
    chosen = connect(workspace, flex, account_numbers=["U7000001"])
    pull(chosen, flex)
    assert standing(chosen, flex).state == "ok"
    with at_its_time(flex):
        change_connection(chosen, account_numbers=["U7000001", "U7000002"])
    assert standing(chosen, flex).state == "new"
    flex.clock.advance(minutes=5)
    pull(chosen, flex)
    assert standing(chosen, flex).state == "ok"
    assert Execution.objects.filter(account__broker_id="U7000002").count() == 1


def test_all_accounts_instead_of_one_come_with_their_history(workspace, flex, inside):
    flex.accounts = ["U7000001", "U7000002"]
    flex.add_trade("20260302", "U7000002", transactionID="5", tradeID="5")
    chosen = connect(workspace, flex, account_numbers=["U7000001"])
    pull(chosen, flex)
    with at_its_time(flex):
        change_connection(chosen, account_numbers=[])
    flex.clock.advance(minutes=5)
    pull(chosen, flex)
    assert BrokerAccount.objects.filter(broker_id="U7000002").exists()


def test_fewer_accounts_ask_for_nothing_again(workspace, flex, inside):
    flex.accounts = ["U7000001", "U7000002"]
    chosen = connect(workspace, flex)
    pull(chosen, flex)
    with at_its_time(flex):
        change_connection(chosen, account_numbers=["U7000001"])
    assert standing(chosen, flex).state == "ok"


def test_another_query_is_asked_for_everything_and_a_new_token_is_not(connection, flex, inside):
    pull(connection, flex)
    with at_its_time(flex):
        change_connection(connection, credentials={**CREDENTIALS, "token": "1" * 20})
    assert standing(connection, flex).complete_until is not None
    with at_its_time(flex):
        change_connection(connection, credentials={**CREDENTIALS, "query_id": "8"})
    assert standing(connection, flex).state == "new"


class Accounts:
    """A broker that tells of one account after the other."""

    slug, broker, label = "ibkr_flex", "ibkr", "Accounts"
    overlap, reach, credentials = timedelta(days=1), timedelta(days=365), ()

    def __init__(self):
        self.numbers = ["A1"]
        self.asked = []

    def fetch(self, link, window):
        self.asked.append(window.since)
        for number in self.numbers:
            yield Document("a.json", "ibkr_flex", b"", number, complete_until=link.now())


def test_an_account_that_a_grant_reads_only_later_is_asked_for_from_the_start(
    connection, flex, inside, monkeypatch
):
    broker = Accounts()
    monkeypatch.setattr(run, "get_fetcher", lambda slug: broker)
    monkeypatch.setattr("journal.selectors.connections.get_fetcher", lambda slug: broker)
    pull(connection, flex)
    flex.clock.advance(days=2)
    broker.numbers.append("A2")
    pull(connection, flex)
    assert standing(connection, flex).state == "gaps"
    flex.clock.advance(hours=1)
    pull(connection, flex)
    assert standing(connection, flex).state == "ok"
    assert min(broker.asked) == broker.asked[-1] or broker.asked[-1] <= broker.asked[0] + timedelta(days=3)  # fmt: skip
    count = len(broker.asked)
    flex.clock.advance(hours=1)
    pull(connection, flex)
    assert broker.asked[count] > flex.clock.now() - timedelta(days=2)


# --- when it is asked again --------------------------------------------------------------------------------------


def test_a_test_that_goes_well_does_not_put_off_the_pull_that_failed(connection, flex, inside):
    flex.fail("/", Response.html(503, "Service Unavailable"), times=10**9)
    pull(connection, flex)
    flex.mend()
    flex.clock.advance(minutes=2)
    done = pull(connection, flex, kind=PullKind.CHECK)
    assert done.state == PullState.DONE
    connection.refresh_from_db()
    assert connection.next_at <= flex.clock.now()


def test_a_test_does_not_put_off_a_pull_that_is_due(connection, flex, inside):
    due = connection.next_at
    pull(connection, flex, kind=PullKind.CHECK)
    connection.refresh_from_db()
    assert connection.next_at == due


def test_a_broker_that_wants_peace_has_it_whatever_is_changed_here(connection, flex, inside):
    flex.on_send.append("1001")
    pull(connection, flex)
    connection.refresh_from_db()
    until = connection.not_before
    assert until > flex.clock.now()
    with at_its_time(flex):
        change_connection(connection, credentials=CREDENTIALS)
        change_connection(connection, account_numbers=["U7000001"])
        change_connection(connection, account_numbers=[])
    connection.refresh_from_db()
    assert connection.not_before == until
    assert connection.next_at >= until


@pytest.mark.parametrize("at", ["2026-07-01T23:59:30+00:00", "2026-07-01T01:00:00+00:00"])
def test_a_lockout_late_in_the_day_is_no_lockout_of_seconds(at, workspace, flex, inside):
    flex.clock.advance((datetime.fromisoformat(at) - flex.clock.now()).total_seconds())
    connection = connect(workspace, flex)
    flex.on_send.append("1025")
    pull(connection, flex)
    connection.refresh_from_db()
    assert connection.verdict == Verdict.BLOCKED
    assert connection.not_before - flex.clock.now() >= timedelta(hours=6)
    assert connection.not_before >= datetime(2026, 7, 2, tzinfo=UTC)


def test_turns_of_a_clock_that_was_wrong_hold_nobody_up(db):
    rates = [Rate(1, timedelta(seconds=1)), Rate(10, timedelta(minutes=1))]
    reserve_turn("token", rates, now=datetime(2036, 1, 1, tzinfo=UTC))
    now = datetime(2026, 7, 1, tzinfo=UTC)
    assert reserve_turn("token", rates, now=now) == now
    assert reserve_turn("token", rates, now=now) == now + timedelta(seconds=1)


# --- the same login twice ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_at_once_connects_once(workspace):
    barrier, made = threading.Barrier(2), []

    def send():
        try:
            with scope(workspace=workspace):
                barrier.wait()
                made.append(
                    create_connection(
                        workspace.pk, get_fetcher("ibkr_flex"), CREDENTIALS, user_id=None
                    )
                )
        except Conflict as error:
            made.append(error.code)
        finally:
            connections.close_all()

    both = [threading.Thread(target=send) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert "already_connected" in made
    with scope(workspace=workspace):
        assert Connection.objects.count() == 1


def test_a_connection_is_not_given_the_login_of_another_one(workspace, connection, flex, inside):
    other = connect(workspace, flex, credentials={**CREDENTIALS, "query_id": "8"})
    with pytest.raises(AppError) as refused:
        change_connection(other, credentials=CREDENTIALS)
    assert refused.value.code == "already_connected"
    # Its own again is a retry.
    change_connection(connection, credentials=CREDENTIALS)


def test_asking_is_refused_for_one_that_was_changed_in_another_window(connection, flex, inside):
    stale = Connection.objects.get(pk=connection.pk)
    disconnect(connection)
    with pytest.raises(Conflict):
        ask_pull(Connection.objects.get(pk=stale.pk))


# --- secrets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["{secret}", "t=a%2Fb%2B0123%0Aend", "t=a/b%2B0123%0Aend", "'a/b+0123\\nend'", "t=a%2fb%2b0123%0aend"],
)  # fmt: skip
def test_a_secret_is_hidden_however_it_is_written(written):
    secret = "a/b+0123\nend"
    hidden = scrub(f"before {written.format(secret=secret)} after", [secret])
    assert "0123" not in hidden
    assert HIDDEN in hidden
    assert hidden.startswith("before")
    assert hidden.endswith("after")
