"""Pulls from the schedule to the book: what is asked for, what is kept, and what is said of it."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from django_scopes import scope

from common.errors import Conflict, Rejected
from journal.brokers.fetchers import get_fetcher
from journal.brokers.fetching import Document, Window
from journal.domain.spans import Span
from journal.models import (
    BrokerAccount,
    Connection,
    DataIssue,
    Execution,
    ImportBatch,
    ImportState,
    Pull,
    PullDocument,
    PullState,
    StatementFile,
)
from journal.selectors.connections import counts_of
from journal.selectors.coverage import WHOLE, coverage_of
from journal.services import erasure
from journal.services.issues import dismiss_issue
from journal.services.pulls.asking import ask_pull, list_due
from journal.services.pulls.connections import (
    change_connection,
    disconnect,
    go_on,
    pause_connection,
)
from journal.services.pulls.credentials import credentials_of
from journal.services.pulls.documents import Intake
from journal.services.pulls.environment import ensure_environment_connections
from journal.services.stored_files import open_stored
from tests import people
from tests.doors import import_now, undo
from tests.pulling import at_its_time, connect, flex_service, pull, standing, until_over
from tests.pulling import go_on as run_again
from tests.simulators.ibkr_flex import QUERY, TOKEN, failure
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


def new_york(*day: int) -> datetime:
    """Midnight there, in summer."""
    return datetime(*day, 4, tzinfo=UTC)


# --- the book, and coverage --------------------------------------------------------------------------------------


def test_the_first_pull_brings_the_history_and_says_so(connection, flex, inside):
    assert standing(connection, flex).state == "new"
    done = pull(connection, flex)
    assert (done.state, done.error_code) == (PullState.DONE, "")
    assert Execution.objects.count() == 2
    now = standing(connection, flex)
    assert (now.state, now.gaps) == ("ok", [])
    assert now.complete_until == new_york(2026, 7, 1)
    # The account was opened in January: there is nothing before.
    assert now.complete_since < datetime(2022, 1, 2, tzinfo=UTC)
    batch = ImportBatch.objects.get()
    assert (batch.source, batch.connection_id, batch.state) == ("pull", connection.pk, "done")
    assert counts_of(done)["executions"] == {"read": 2, "new": 2, "duplicate": 0}


def test_a_later_pull_asks_for_the_overlap_and_finds_late_fills(connection, flex, inside):
    pull(connection, flex)
    flex.clock.advance(days=1)
    flex.add_trade("20260624", transactionID="3", tradeID="3", symbol="LATE", conid="9")
    done = pull(connection, flex)
    assert flex.periods()[-1] == ("20260601", "20260701")
    assert counts_of(done)["executions"] == {"read": 3, "new": 1, "duplicate": 2}
    assert Execution.objects.count() == 3
    assert standing(connection, flex).complete_until == new_york(2026, 7, 2)


def test_days_back_asks_for_just_that(connection, flex, inside):
    done = pull(connection, flex, days_back=10)
    assert flex.periods() == [("20260621", "20260630")]
    assert done.state == PullState.DONE
    now = standing(connection, flex)
    assert (now.complete_since, now.complete_until) == (
        new_york(2026, 6, 21),
        new_york(2026, 7, 1),
    )


def test_the_same_bytes_are_no_second_import(connection, flex, inside):
    pull(connection, flex, days_back=10)
    whole = flex.statement
    kept = StatementFile.objects.get()
    with kept_bytes(kept) as content:
        flex.statement = lambda *period: content
        flex.clock.advance(hours=2)
        done = pull(connection, flex, days_back=10)
    flex.statement = whole
    assert ImportBatch.objects.count() == 1
    assert PullDocument.objects.filter(pull=done, is_repeat=True).exists()
    assert counts_of(done)["executions"] == {"read": 2, "new": 0, "duplicate": 2}


def kept_bytes(file):

    @contextlib.contextmanager
    def reading():
        with open_stored(file) as stream:
            yield stream.read().decode()

    return reading()


def test_an_import_that_is_refused_leaves_a_gap_and_stops_for_a_person(connection, flex, inside):
    pull(connection, flex)
    flex.clock.advance(days=1)
    # Of no account at all: downloaded, and of no use.
    flex.accounts = []
    flex.statement = lambda *period: (
        '<FlexQueryResponse queryName="x" type="AF"><FlexStatements count="0"></FlexStatements></FlexQueryResponse>'
    )
    failed = pull(connection, flex)
    assert (failed.state, failed.verdict) == (PullState.FAILED, "person")
    assert failed.error_code == "statement_without_account"
    connection.refresh_from_db()
    assert connection.next_at is None
    now = standing(connection, flex)
    assert (now.state, now.complete_until) == ("stopped", new_york(2026, 7, 1))


def test_a_row_that_cannot_be_read_is_a_gap_until_it_is_dismissed(connection, flex, inside):
    flex.add_trade("20260625", transactionID="9", tradeID="9", quantity="many")
    done = pull(connection, flex)
    assert done.state == PullState.DONE
    now = standing(connection, flex)
    assert now.state == "gaps"
    assert now.complete_until == new_york(2025, 7, 1)
    assert now.gaps == [Span(new_york(2025, 7, 1), new_york(2026, 7, 1))]
    issue = DataIssue.objects.get(severity="error")
    dismiss_issue(issue, reason="seen", author_id=None)
    now = standing(connection, flex)
    assert (now.state, now.complete_until) == ("ok", new_york(2026, 7, 1))


def test_a_late_row_that_cannot_be_read_makes_a_gap_in_what_was_complete(connection, flex, inside):
    pull(connection, flex)
    assert standing(connection, flex).state == "ok"
    flex.clock.advance(days=1)
    whole = list(flex.rows)
    flex.add_trade("20260625", transactionID="9", tradeID="9", quantity="many")
    pull(connection, flex)
    now = standing(connection, flex)
    assert now.state == "gaps"
    assert now.gaps == [Span(new_york(2026, 6, 1), new_york(2026, 7, 2))]
    # The broker's next statement has it right.
    flex.rows = whole
    flex.clock.advance(hours=3)
    pull(connection, flex)
    assert standing(connection, flex).state == "ok"


def test_an_import_that_is_undone_is_a_gap_and_not_fetched_behind_somebody_s_back(
    connection, flex, workspace, inside
):
    pull(connection, flex)
    flex.clock.advance(days=100)
    pull(connection, flex)
    assert standing(connection, flex).state == "ok"
    undo(workspace, ImportBatch.objects.order_by("pk").first())
    now = standing(connection, flex)
    assert now.state == "gaps"
    assert now.gaps == [Span(new_york(2025, 7, 1), new_york(2026, 6, 1))]
    flex.requests.clear()
    pull(connection, flex)
    assert len(flex.periods()) == 1


def test_what_a_failed_backfill_lacks_is_a_gap_that_the_next_pull_fills(connection, flex, inside):
    flex.opened = None
    whole = flex._send_request

    def refuse_old(request):
        return whole(request) if request.params.get("td", "9") > "2025" else failing(request)

    def failing(request):

        return failure("1001")

    flex._send_request = refuse_old
    failed = pull(connection, flex)
    assert (failed.state, failed.verdict, failed.error_code) == ("failed", "later", "flex_1001")
    now = standing(connection, flex)
    assert (now.state, now.complete_until) == ("retrying", new_york(2026, 7, 1))
    assert len(now.gaps) == 1
    assert now.gaps[0].until == now.complete_since
    assert Execution.objects.count() == 2
    flex._send_request = whole
    flex.clock.advance(hours=1)
    flex.requests.clear()
    until_over(pull(connection, flex), flex)
    assert standing(connection, flex).state == "ok"
    # A year that is there is not asked for again, but for the overlap.
    assert ("20250702", "20260630") not in flex.periods()


def test_years_before_the_account_are_no_gap_once_somebody_says_so(connection, flex, inside):
    flex.opened = None
    whole = flex._send_request

    def only_this_year(request):
        is_old = request.params.get("fd", "9") < "20260101"
        return failure("1003") if is_old else whole(request)

    flex._send_request = only_this_year
    with at_its_time(flex):
        change_connection(connection, history_from=date(2026, 1, 1))
    assert pull(connection, flex).state == PullState.DONE
    assert standing(connection, flex).state == "ok"
    with at_its_time(flex):
        change_connection(connection, history_from=None)
    flex.clock.advance(hours=1)
    failed = until_over(pull(connection, flex), flex)
    assert (failed.verdict, failed.error_code) == ("later", "flex_1003")
    now = standing(connection, flex)
    assert (now.state, len(now.gaps)) == ("retrying", 1)
    with at_its_time(flex):
        change_connection(connection, history_from=date(2026, 1, 1))
    flex.clock.advance(hours=1)
    assert pull(connection, flex).state == PullState.DONE
    assert standing(connection, flex).state == "ok"


# --- whose accounts ----------------------------------------------------------------------------------------------


def test_several_accounts_of_one_statement_come_together(workspace, flex, inside):
    flex.accounts = ["U7000001", "U7000002"]
    flex.add_trade("20260624", "U7000002", transactionID="5", tradeID="5")
    pull(connect(workspace, flex), flex)
    assert set(BrokerAccount.objects.values_list("broker_id", flat=True)) == set(flex.accounts)


def test_only_the_chosen_accounts_are_filled(workspace, flex, inside):
    flex.accounts = ["U7000001", "U7000002"]
    flex.add_trade("20260624", "U7000002", transactionID="5", tradeID="5")
    chosen = connect(workspace, flex, account_numbers=["U7000002"])
    done = pull(chosen, flex)
    assert done.state == PullState.DONE
    assert [one.broker_id for one in BrokerAccount.objects.all()] == ["U7000002"]
    assert DataIssue.objects.filter(code="account_not_chosen").exists()


def test_documents_of_accounts_that_are_not_chosen_are_left_out_and_named(workspace, flex, inside):
    chosen = connect(workspace, flex, account_numbers=["U1"])

    class Several:
        slug, broker, label = "ibkr_flex", "ibkr", "Several"
        overlap, reach, credentials = timedelta(days=1), timedelta(days=5 * 365 + 1), ()

        def fetch(self, link, window):
            yield Document("a.json", "ibkr_flex", b"", "U2", complete_until=link.now())
            yield Document("b.json", "ibkr_flex", b"", "U1", complete_until=link.now())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("journal.services.pulls.run.get_fetcher", lambda slug: Several())
        done = pull(chosen, flex)
    assert (done.state, "U2" in done.note, "U1" in done.note) == ("done", True, False)
    now = standing(chosen, flex)
    assert (now.state, list(now.accounts)) == ("ok", ["U1"])


def test_an_erased_account_does_not_come_back_by_a_pull(workspace, flex, inside):
    flex.accounts = ["U7000001", "U7000002"]
    connection = connect(workspace, flex)
    pull(connection, flex)
    account = BrokerAccount.objects.get(broker_id="U7000001")
    erasure.ask_erasure(account, confirm="U7000001", reason="", author_id=None)
    erasure.erase_account(account)
    flex.clock.advance(days=1)
    done = pull(connection, flex)
    assert done.state == PullState.DONE
    assert not BrokerAccount.objects.filter(broker_id="U7000001").exists()
    change_connection(connection, account_numbers=["U7000001", "U7000002"])
    flex.clock.advance(days=1)
    pull(connection, flex)
    assert BrokerAccount.objects.filter(broker_id="U7000001").exists()


def test_a_statement_by_hand_and_a_pull_are_one_book(connection, flex, workspace, inside):
    import_now(workspace, flex.statement(*flex.own_period))
    pull(connection, flex)
    assert Execution.objects.count() == 2


# --- trouble -----------------------------------------------------------------------------------------------------


def test_trouble_is_tried_again_ever_later(connection, flex, inside):
    flex.fail("/", Response.html(503, "Service Unavailable"), times=10**9)
    waits = []
    for _ in range(9):
        failed = pull(connection, flex)
        assert failed.verdict == "later"
        connection.refresh_from_db()
        waits.append(connection.next_at - failed.finished_at)
        flex.clock.advance(hours=7)
    assert timedelta(minutes=4) < waits[0] < timedelta(minutes=6)
    assert waits == sorted(waits) or waits[-1] > timedelta(hours=5)
    assert max(waits) < timedelta(hours=7)
    flex.mend()
    pull(connection, flex)
    connection.refresh_from_db()
    assert (connection.failures, connection.verdict, connection.error_message) == (0, "", "")


def test_a_person_s_trouble_stops_the_schedule_until_something_changes(connection, flex, inside):
    flex.script(send=["1012"])
    failed = pull(connection, flex)
    assert (failed.verdict, failed.error_code) == ("person", "flex_1012")
    flex.clock.advance(days=3)
    assert list_due(now=flex.clock.now()) == []
    with at_its_time(flex):
        change_connection(connection, credentials={"token": TOKEN, "query_id": QUERY})
    assert list_due(now=flex.clock.now()) == [connection]
    assert pull(connection, flex).state == PullState.DONE


def test_a_person_may_press_again_without_changing_anything(connection, flex, inside):
    flex.script(send=["1012"])
    pull(connection, flex)
    assert pull(connection, flex).state == PullState.DONE


def test_a_lockout_is_kept_by_everybody_and_ends_by_itself(connection, flex, workspace, inside):
    flex.script(send=["1025"])
    failed = pull(connection, flex)
    assert (failed.verdict, failed.error_code) == ("blocked", "flex_1025")
    connection.refresh_from_db()
    assert connection.next_at == datetime(2026, 7, 2, tzinfo=UTC)
    asked = len(flex.requests)
    with at_its_time(flex):
        assert list_due(now=flex.clock.now()) == []
        with pytest.raises(Conflict) as caught:
            ask_pull(connection, source="button")
        go_on(connection)
        change_connection(connection, credentials={"token": TOKEN, "query_id": "777"})
        with pytest.raises(Conflict):
            ask_pull(connection, source="button")
    assert caught.value.code == "broker_wants_peace"
    assert "02 Jul 2026" in caught.value.message
    assert len(flex.requests) == asked
    assert standing(connection, flex).state == "blocked"


def test_a_lockout_does_not_end_by_connecting_anew(connection, flex, workspace, inside):
    flex.script(send=["1025"])
    pull(connection, flex)
    with at_its_time(flex):
        connection.refresh_from_db()
        disconnect(connection)
        anew = connect(workspace, flex)
        with pytest.raises(Conflict, match="must not be asked before"):
            ask_pull(anew)


def test_one_pull_at_a_time(connection, flex, inside):
    with at_its_time(flex):
        first = ask_pull(connection)
        with pytest.raises(Conflict) as caught:
            ask_pull(connection)
    assert caught.value.code == "pull_running"
    assert str(first.pk) in caught.value.message


def test_a_worker_that_always_dies_gives_up(connection, flex, inside):
    with at_its_time(flex):
        one = ask_pull(connection)
    Pull.objects.filter(pk=one.pk).update(attempts=5, state=PullState.RUNNING)

    over = run_again(one, flex)
    assert (over.state, over.error_code) == ("failed", "pull_gave_up")
    assert flex.requests == []


# --- credentials -------------------------------------------------------------------------------------------------


def test_credentials_are_encrypted_and_complete(workspace, flex, inside):
    connection = connect(workspace, flex)
    assert TOKEN not in connection.credentials
    assert credentials_of(connection) == {"token": TOKEN, "query_id": QUERY}
    with pytest.raises(Rejected) as caught:
        connect(workspace, flex, credentials={"query_id": "1"})
    assert set(caught.value.fields) == {"token"}
    with pytest.raises(Conflict, match="connected already"):
        connect(workspace, flex)


def test_a_new_key_in_front_still_reads_what_the_old_one_wrote(connection, settings, inside):

    old, new = settings.FIELD_ENCRYPTION_KEY, Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEY = f"{new},{old}"
    assert credentials_of(connection)["token"] == TOKEN


def test_without_the_key_a_person_is_asked(connection, flex, settings, inside):

    settings.FIELD_ENCRYPTION_KEY = Fernet.generate_key().decode()
    failed = pull(connection, flex)
    assert (failed.verdict, failed.error_code) == ("person", "credentials_unreadable")


def test_disconnecting_forgets_the_credentials_and_keeps_the_book(connection, flex, inside):
    pull(connection, flex)
    disconnect(connection)
    connection.refresh_from_db()
    assert (connection.credentials, connection.state) == ("", {})
    assert Execution.objects.count() == 2
    with pytest.raises(Conflict):
        ask_pull(connection)
    flex.clock.advance(days=2)
    assert list_due(now=flex.clock.now()) == []


def test_a_paused_connection_is_left_alone_by_the_schedule(connection, flex, inside):
    pause_connection(connection)
    flex.clock.advance(days=2)
    assert list_due(now=flex.clock.now()) == []
    assert pull(connection, flex).state == PullState.DONE


def test_the_environment_makes_one_connection_in_the_first_workspace(workspace, flex, settings):
    options = {"ibkr_flex": {"token": TOKEN, "query_id": QUERY}}
    settings.ENVIRONMENT_CONNECTIONS = options
    people.charlie()
    for _ in range(2):
        ensure_environment_connections(options)
    with scope(workspace=workspace):
        connection = Connection.objects.get()
        assert (connection.origin, connection.credentials) == ("environment", "")
        assert pull(connection, flex).state == PullState.DONE
        with pytest.raises(Rejected):
            change_connection(connection, credentials={"token": "1", "query_id": "2"})
        settings.ENVIRONMENT_CONNECTIONS = {}
        flex.clock.advance(days=1)
        failed = pull(connection, flex)
        assert (failed.verdict, failed.error_code) == ("person", "environment_unset")
        changed = {"ibkr_flex": {"token": TOKEN, "query_id": QUERY + "1"}}
        settings.ENVIRONMENT_CONNECTIONS = changed
    ensure_environment_connections(changed)
    with scope(workspace=workspace):
        connection.refresh_from_db()
        assert connection.verdict == ""
        with pytest.raises(Rejected):
            disconnect(connection)
        settings.ENVIRONMENT_CONNECTIONS = {}
        disconnect(connection)
        assert connection.disconnected_at is not None
    ensure_environment_connections(options)
    with scope(workspace=workspace):
        connection.refresh_from_db()
        assert connection.disconnected_at is None


def test_spans_of_documents_without_time_join_their_neighbours(connection, flex, inside):
    """A file that cannot be imported makes a hole in what its neighbours of the same stretch claim."""

    with at_its_time(flex):
        one = ask_pull(connection)
    window = Window(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 30, tzinfo=UTC))
    content = [flex.statement(*flex.own_period).replace("Journal", name).encode() for name in "abc"]
    intake = Intake(one, get_fetcher("ibkr_flex"), window, clock=flex.clock)
    intake.take(Document("a.xml", "ibkr_flex", content[0]))
    middle = datetime(2026, 6, 10, tzinfo=UTC)
    intake.take(Document("b.xml", "ibkr_flex", content[1], complete_until=middle))
    intake.take(Document("c.xml", "ibkr_flex", content[2], complete_until=window.until))
    intake.end()
    ImportBatch.objects.update(state=ImportState.DONE)
    assert coverage_of([connection.pk])[connection.pk].held[WHOLE] == [Span(*window)]
    first = ImportBatch.objects.order_by("pk").first()
    ImportBatch.objects.filter(pk=first.pk).update(state=ImportState.FAILED)
    assert coverage_of([connection.pk])[connection.pk].held[WHOLE] == [Span(middle, window.until)]
