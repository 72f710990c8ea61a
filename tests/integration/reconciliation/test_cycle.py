"""From asking brokers to differences that are told, seen again, gone: on PostgreSQL, with a broker that does as told."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from time import monotonic

import pytest
from django.db import connection as database
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from journal.models import Connection, ConversionRate, ImportBatch
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.findings import Finding
from reconciliation.domain.life import State
from reconciliation.models import (
    Divergence,
    DivergenceStep,
    Heard,
    LogEvent,
    PositionSnapshot,
    ReconciliationLog,
    ReconciliationRun,
    RunOutcome,
    Snapshot,
    SnapshotPosition,
)
from reconciliation.services import cycle, lives
from reconciliation.services.lives import Carried, Found
from tests.integration.journal.rows import fill, import_rows, stock
from tests.integration.reconciliation.desks import (
    ACME,
    BOLT,
    NOW,
    Clock,
    accounts_of,
    away,
    connect,
    cover,
)
from tests.people import alice

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(workspace):
    """It holds 100 ACME, bought two days before."""
    account = accounts_of(workspace.pk, 1)[0]
    import_rows(account, [fill(1, 100, "10", account_id=account.broker_id)])
    connect(workspace.pk, account.broker_id)
    return account


def kinds(account, *states):
    rows = Divergence.objects.filter(account=account).order_by("id")
    return [one.kind for one in rows if not states or one.state in states]


def test_sides_that_agree_differ_in_nothing(account, broker, run):
    broker.holds[account.broker_id] = {ACME: "100"}
    (done,) = run(account)
    assert done.outcome == RunOutcome.PARTIAL  # the broker's fills of the time are not known
    assert "positions" in done.compared
    assert not Divergence.objects.exists()
    worth = PositionSnapshot.objects.get()
    assert (worth.equity, worth.position_count, worth.total_volume, worth.error) == (
        1000,
        1,
        100,
        "",
    )
    assert worth.equity_gbp is None
    assert SnapshotPosition.objects.get().instrument.symbol == "ACME"
    assert ReconciliationLog.objects.get().event == LogEvent.SYNC


def test_a_difference_is_told_once_it_was_seen_often_enough_and_goes_by_itself(
    account, broker, run
):
    ImportBatch.objects.update(created_at=NOW - timedelta(days=1))
    broker.holds[account.broker_id] = {ACME: "60"}
    run(account)
    assert kinds(account, State.SEEN) == [Kind.QUANTITY]
    run(account)
    told = Divergence.objects.get()
    assert (told.state, told.expected["quantity"], told.actual["quantity"]) == (
        State.OPEN,
        "100",
        "60",
    )
    assert told.proposal["code"] == "adjusted"
    assert ReconciliationLog.objects.get(event=LogEvent.WARNING).divergence_reason == "quantity"
    broker.holds[account.broker_id] = {ACME: "100"}
    run(account)
    assert Divergence.objects.get().state == State.OPEN
    run(account)
    told.refresh_from_db()
    assert (told.state, told.resolution) == (State.SELF_CLEARED, "cleared")
    steps = DivergenceStep.objects.values_list("from_state", "to_state")
    assert list(steps) == [("", "seen"), ("seen", "open"), ("open", "self_cleared")]


def test_references_may_be_checked_at_once(account, broker, run):
    """As in a transaction in which something was imported before."""
    broker.holds[account.broker_id] = {BOLT: "7"}
    with database.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    (done,) = run(account)
    assert {one.last_run_id for one in Divergence.objects.all()} == {done.pk}


def test_a_difference_that_was_seen_once_is_forgotten(account, broker, run):
    """As of a fill that came a minute late; the next run is as any other."""
    broker.holds[account.broker_id] = {ACME: "60"}
    run(account)
    assert kinds(account, State.SEEN) == [Kind.QUANTITY]
    broker.holds[account.broker_id] = {ACME: "100"}
    (done,) = run(account)
    assert (done.outcome, done.found) == (RunOutcome.PARTIAL, 0)
    assert not Divergence.objects.exists()


def test_fills_of_one_size_that_each_come_a_minute_late_are_no_difference(account, broker, run):
    for number in range(2, 5):
        broker.holds[account.broker_id] = {ACME: str(100 + number)}
        run(account)
        late = NOW - timedelta(hours=number)
        import_rows(account, [fill(number, 1 if number > 2 else 2, "11", account_id=account.broker_id, executed_at=late)])  # fmt: skip
    assert kinds(account, State.OPEN) == []
    run(account)
    assert kinds(account) == []


def test_what_is_off_by_something_else_each_time_is_told_after_five_minutes(account, broker, run):
    for quantity in ("60", "61", "60", "62"):
        broker.holds[account.broker_id] = {ACME: quantity}
        run(account)
    assert kinds(account, State.SEEN) == [Kind.QUANTITY]
    for quantity in ("60", "61", "60"):
        broker.holds[account.broker_id] = {ACME: quantity}
        run(account)
    assert kinds(account, State.OPEN) == [Kind.QUANTITY]


def test_the_same_words_again_make_no_new_difference(account, broker, run):
    broker.holds[account.broker_id] = {BOLT: "7"}
    for _ in range(2):
        run(account)
    before = list(Divergence.objects.values_list("pk", "state", "fingerprint"))
    for _ in range(3):
        (done,) = run(account)
        assert (done.opened, done.cleared) == (0, 0)
    assert list(Divergence.objects.values_list("pk", "state", "fingerprint")) == before


@pytest.mark.parametrize("what", ["fault", "partial", "stale", "other"])
def test_what_was_not_heard_whole_is_unknown_and_never_flat(account, broker, clock, run, what):
    broker.holds[account.broker_id] = {BOLT: "7"}
    run(account), run(account)
    told = set(kinds(account, State.OPEN))
    broker.holds[account.broker_id] = {}
    if what == "fault":
        broker.trouble[account.broker_id] = away()
    elif what == "partial":
        broker.changes[account.broker_id] = {"lacking": ("positions",)}
    elif what == "stale":
        broker.changes[account.broker_id] = {"as_of": clock.at - timedelta(hours=1)}
    else:
        broker.changes[account.broker_id] = {"account_id": "U9999999"}
    for _ in range(3):
        (done,) = run(account)
        assert done.outcome == RunOutcome.UNKNOWN
        assert done.compared == []
        assert done.error_code
    worth = PositionSnapshot.objects.first()
    assert worth.error
    assert (worth.equity, worth.position_count) == (None, None)
    # What was open stays open: nothing is concluded.
    assert set(kinds(account, State.OPEN)) == told
    assert not Divergence.objects.filter(state=State.SELF_CLEARED).exists()


def test_a_broker_that_is_not_heard_for_long_is_a_stale_feed(account, broker, run):
    broker.holds[account.broker_id] = {ACME: "100"}
    run(account)
    broker.trouble[account.broker_id] = away()
    run(account, seconds=300)
    assert kinds(account) == []
    run(account, seconds=400)
    assert kinds(account, State.OPEN) == [Kind.STALE_FEED]
    del broker.trouble[account.broker_id]
    run(account), run(account)
    assert Divergence.objects.get().state == State.SELF_CLEARED


def test_who_gets_statements_is_not_late_because_somebody_asked(account, clock, broker, run):
    """A comparison by hand of an account that nobody can be asked about says so, and no more."""
    broker.holds[account.broker_id] = {ACME: "100"}
    Connection.objects.all().delete()
    said = broker.reading(account.broker_id)
    cycle.take_reading(account, None, said, heard=Heard.STATEMENT, source="test", clock=clock)
    (done,) = run(account, seconds=86_400)
    assert done.outcome == RunOutcome.UNKNOWN
    assert kinds(account) == []
    run(account, seconds=5 * 86_400)
    assert kinds(account, State.OPEN) == [Kind.STALE_FEED]


def test_a_slow_broker_holds_up_nobody(workspace, broker, run):
    some = accounts_of(workspace.pk, 3)
    for number, account in enumerate(some):
        connect(workspace.pk, account.broker_id, name=f"broker {number}")
    broker.slow[some[0].broker_id] = 4
    done = run(*some, seconds=60)
    assert [one.outcome for one in done] == [RunOutcome.PARTIAL] * 3
    broker.slow[some[0].broker_id] = 30
    started = monotonic()
    done = cycle.run_accounts(
        some, source="test", clock=broker.clock, opener=broker.open, seconds=0.2
    )
    assert monotonic() - started < 10
    assert [one.outcome for one in done] == [
        RunOutcome.UNKNOWN,
        RunOutcome.PARTIAL,
        RunOutcome.PARTIAL,
    ]
    assert done[0].error_code == "read_timed_out"


def test_no_connection_is_said(workspace, broker, run):
    (account,) = accounts_of(workspace.pk, 1)
    (done,) = run(account)
    assert (done.outcome, done.error_code) == (RunOutcome.UNKNOWN, "no_connection")


def test_twenty_accounts_take_as_many_queries_as_two(workspace, broker, run):
    some = accounts_of(workspace.pk, 20)
    connect(workspace.pk, *[account.broker_id for account in some])
    for account in some:
        import_rows(account, [fill(1, 100, "10", account_id=account.broker_id)])
        broker.holds[account.broker_id] = {ACME: "90", BOLT: "3"}
    counts = []
    for many in (2, 20):
        # The first sight and the second, which tells.
        run(*some[:many])
        with CaptureQueriesContext(
            database,
        ) as queries:
            run(*some[:many])
        counts.append(len(queries))
    assert counts[1] <= counts[0]


def test_money_is_in_sterling_too_at_the_rate_of_the_day(account, broker, run):
    batch = ImportBatch.objects.first()
    for source, target, rate in (("EUR", "USD", "1.10"), ("GBP", "USD", "1.25")):
        ConversionRate.objects.create(
            workspace_id=account.workspace_id, account=account, batch=batch, row=1, event_key=source,
            from_currency=source, to_currency=target, reported_on=NOW.date(), rate=Decimal(rate),
        )  # fmt: skip
    run(account)
    assert PositionSnapshot.objects.get().equity_gbp == Decimal(1000) * Decimal("1.10") / Decimal(
        "1.25"
    )


def test_a_reading_that_is_pushed_goes_the_same_way(account, broker, clock):
    broker.holds[account.broker_id] = {ACME: "60"}
    for _ in range(2):
        clock.at += timedelta(minutes=1)
        done = cycle.take_reading(
            account,
            None,
            broker.reading(account.broker_id),
            heard=Heard.PUSHED,
            source="push",
            clock=clock,
        )
        assert done.outcome == RunOutcome.PARTIAL
    assert kinds(account, State.OPEN) == [Kind.QUANTITY]
    # An earlier one that comes late says nothing any more.
    late = broker.reading(account.broker_id)._replace(as_of=clock.at - timedelta(minutes=2))
    done = cycle.take_reading(account, None, late, heard=Heard.PUSHED, source="push", clock=clock)
    assert done.error_code == "older_answer"


def test_a_statement_is_held_against_the_book_of_its_moment(account, broker, clock):
    """30 were bought after it was made."""
    import_rows(
        account,
        [fill(2, 30, "11", account_id=account.broker_id, executed_at=NOW - timedelta(hours=1))],
    )
    broker.holds[account.broker_id] = {ACME: "100"}
    statement = broker.reading(account.broker_id)._replace(
        as_of=NOW - timedelta(hours=20), lacking=("orders",)
    )
    for _ in range(2):
        done = cycle.take_reading(
            account, None, statement, heard=Heard.STATEMENT, source="statement", clock=clock
        )
        assert "positions" in done.compared
    assert not Divergence.objects.exists()


def test_a_fill_while_it_was_read_compares_no_positions(account, broker, run, clock):
    at = clock.at + timedelta(seconds=55)
    import_rows(account, [fill(2, 30, "11", account_id=account.broker_id, executed_at=at)])
    broker.holds[account.broker_id] = {ACME: "100"}
    (done,) = run(account)
    assert "positions" in done.skipped
    assert not Divergence.objects.exists()


def test_what_only_we_reported_is_a_phantom_where_the_history_is_known(account, broker, run):
    connection = account_connection(account)
    cover(connection, account.broker_id, NOW - timedelta(days=30), NOW + timedelta(days=1))
    captured(account, "bot-1", at=NOW - timedelta(hours=2))
    broker.holds[account.broker_id] = {ACME: "100"}
    run(account), run(account)
    told = Divergence.objects.get()
    assert (told.kind, told.state, told.key[:5]) == (Kind.PHANTOM, State.OPEN, "fill:")
    assert told.proposal["act"] == "exclude"


def account_connection(account):
    return Connection.objects.get(account_numbers=[account.broker_id])


def captured(account, exec_id, *, at, quantity=5):
    """A bot's word alone."""
    row = fill(
        90, quantity, "10", account_id=account.broker_id, broker_id="", exec_id=exec_id, trade_id="", order_id="",
        executed_at=at, authority=25,
    )  # fmt: skip
    import_rows(account, [row._replace(raw={"x": exec_id})])
    with database.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_executionreport DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE journal_executionreport SET source = 'bot' WHERE exec_id = %s", [exec_id]
        )
        cursor.execute("ALTER TABLE journal_executionreport ENABLE TRIGGER USER")


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_difference():
    workspace = alice().workspace
    with scope(workspace=workspace.pk):
        (account,) = accounts_of(workspace.pk, 1)
    clock = Clock()
    finding = Finding(Kind.SIDE, "position:1:", None, "ACME", {"quantity": "1"}, {"quantity": "-1"})
    together, failures = threading.Barrier(2), []

    def work():
        try:
            with scope(workspace=workspace.pk):
                together.wait(10)
                with transaction.atomic():
                    lives.hold_accounts([account.pk])
                    Carried([Found(account, None, [finding], lambda _: True)], clock.at).store()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []
    with scope(workspace=workspace.pk):
        told = Divergence.objects.get()
    assert told.seen == 2


def test_twice_the_same_run_stores_twice_what_was_heard_and_nothing_else(account, broker, run):
    broker.holds[account.broker_id] = {ACME: "100"}
    run(account), run(account)
    assert Snapshot.objects.count() == ReconciliationRun.objects.count() == 2
    assert not Divergence.objects.exists()
    assert not DivergenceStep.objects.exists()
    assert stock("ACME") == ACME
