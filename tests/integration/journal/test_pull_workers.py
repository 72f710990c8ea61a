"""Pulls and the workers that run them: two at once, killed ones, limits that all of them share."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connections
from django_scopes import scope, scopes_disabled

from common.errors import Conflict
from journal import tasks
from journal.brokers.fetching import PullFault, Rate, Verdict
from journal.models import Connection, Execution, ImportBatch, ImportState, Pull, PullState
from journal.services.locks import hold_connection
from journal.services.pulls import documents, run
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.run import run_pull
from journal.services.pulls.turns import reserve_turn
from tests import people
from tests.doors import import_now
from tests.pulling import at_its_time, connect, flex_service, go_on, pull, standing, until_over
from tests.simulators.ibkr_flex import GET, SEND

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """As kill -9 ends a worker: nothing of ours runs any more."""


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


def asked(connection, flex) -> Pull:
    with scope(workspace=connection.workspace_id), at_its_time(flex):
        return ask_pull(connection)


def fills(connection) -> int:
    with scope(workspace=connection.workspace_id):
        return Execution.objects.count()


def test_a_worker_that_is_killed_while_it_waits_is_followed_by_one_that_polls(
    connection, flex, monkeypatch
):
    one = asked(connection, flex)

    def killed(seconds):
        raise Killed

    monkeypatch.setattr(flex.clock, "sleep", killed)
    with pytest.raises(Killed):
        go_on(one, flex)
    monkeypatch.undo()
    assert (len(flex.asked(SEND)), len(flex.asked(GET))) == (1, 0)
    with scopes_disabled():
        assert Pull.objects.get().state == PullState.RUNNING
        assert Connection.objects.get().state["request"]["reference"] == "4000000001"
    one = until_over(one, flex)
    assert one.state == PullState.DONE
    assert (len(flex.asked(SEND)), flex.references()) == (1, ["4000000001"])
    assert fills(connection) == 2


def test_a_worker_that_is_killed_after_the_download_asks_for_nothing_again(
    connection, flex, monkeypatch
):
    one = asked(connection, flex)

    def killed(batch):
        raise Killed

    monkeypatch.setattr(run, "run_import", killed)
    with pytest.raises(Killed):
        go_on(one, flex)
    monkeypatch.undo()
    requests = len(flex.requests)
    with scopes_disabled():
        assert ImportBatch.objects.get().state == ImportState.QUEUED
    one = until_over(one, flex)
    assert (one.state, len(flex.requests), fills(connection)) == (PullState.DONE, requests, 2)
    assert standing(connection, flex).state == "ok"


@pytest.mark.parametrize("trouble", [OperationalError, InterfaceError])
def test_a_database_that_goes_away_in_the_middle_loses_nothing(
    connection, flex, monkeypatch, trouble
):
    one = asked(connection, flex)
    take = documents.Intake.take

    def lost(self, document):
        raise trouble("server closed the connection unexpectedly")

    monkeypatch.setattr(documents.Intake, "take", lost)
    with pytest.raises(trouble):
        go_on(one, flex)
    monkeypatch.setattr(documents.Intake, "take", take)
    assert until_over(one, flex).state == PullState.DONE
    assert len(flex.asked(SEND)) == 1
    assert fills(connection) == 2


def test_a_pull_whose_lock_is_lost_stops_and_is_taken_up(connection, flex, monkeypatch):
    one = asked(connection, flex)
    monkeypatch.setattr("journal.services.locks.HeldConnection.is_held", lambda self: False)
    assert go_on(one, flex).state == PullState.RUNNING
    assert flex.requests == []
    monkeypatch.undo()
    assert until_over(one, flex).state == PullState.DONE


def test_a_worker_that_was_overtaken_does_not_write_how_the_pull_ended(
    connection, flex, monkeypatch
):
    one = asked(connection, flex)
    ask = run._ask

    def cut_off(pull, clock, held):
        # The network breaks, another worker takes the pull up and ends it, and this one comes to itself.
        monkeypatch.setattr(run, "_ask", ask)
        held._database.close()
        assert until_over(pull, flex).state == PullState.DONE
        return PullFault("broker_unreachable", "No answer.", Verdict.LATER)

    monkeypatch.setattr(run, "_ask", cut_off)
    over = go_on(one, flex)
    assert (over.state, over.verdict, over.error_code) == (PullState.DONE, "", "")
    assert standing(connection, flex).state == "ok"
    assert fills(connection) == 2


@pytest.mark.parametrize("fault", [None, PullFault("flex_1012", "Expired.", Verdict.PERSON)])
def test_a_worker_without_its_lock_leaves_the_end_to_the_next_one(
    connection, flex, monkeypatch, fault
):
    one = asked(connection, flex)

    def cut_off(pull, clock, held):
        monkeypatch.setattr("journal.services.locks.HeldConnection.is_held", lambda self: False)
        return fault

    monkeypatch.setattr(run, "_ask", cut_off)
    left = go_on(one, flex)
    assert (left.state, left.verdict, left.finished_at) == (PullState.RUNNING, "", None)
    monkeypatch.undo()
    assert until_over(left, flex).state == PullState.DONE
    assert fills(connection) == 2


def test_a_pull_that_is_imported_twice_at_once_ends_once(connection, flex, monkeypatch):
    one = asked(connection, flex)
    imported = run._import

    def overtaken(pull):
        monkeypatch.setattr(run, "_import", imported)
        imported(pull)
        with scope(workspace=pull.workspace_id):
            Pull.objects.filter(pk=pull.pk).update(
                state=PullState.FAILED, error_code="by_the_other"
            )
        return True

    monkeypatch.setattr(run, "_import", overtaken)
    over = go_on(one, flex)
    assert (over.state, over.error_code) == (PullState.FAILED, "by_the_other")
    with scopes_disabled():
        assert Connection.objects.get().tried_at is None


def test_a_broker_that_takes_its_time_does_not_hold_a_worker(connection, flex):
    flex.script(get=["1019"] * 30)
    one = go_on(asked(connection, flex), flex)
    assert one.state == PullState.WAITING
    assert one.resume_at > flex.clock.now()
    with scope(workspace=connection.workspace_id):
        # Too early: nothing is asked.
        requests = len(flex.requests)
        assert go_on(one, flex).state == PullState.WAITING
        assert len(flex.requests) == requests
    one = until_over(one, flex)
    assert (one.state, len(flex.asked(SEND))) == (PullState.DONE, 1)


def test_two_workers_with_one_connection_pull_once(connection, flex):
    one = asked(connection, flex)
    with hold_connection(connection.pk) as held, scope(workspace=connection.workspace_id):
        assert held.is_held()
        with pytest.raises(Conflict):
            run_pull(one, clock=flex.clock)
        # The task leaves it to the other one.
        tasks.pull_connection(one.pk)
    assert flex.requests == []
    assert until_over(one, flex).state == PullState.DONE


def test_many_workers_that_start_the_same_pull_ask_once(connection, flex):
    one = asked(connection, flex)
    outcomes = []

    def work():
        try:
            with scope(workspace=connection.workspace_id):
                outcomes.append(run_pull(one, clock=flex.clock).state)
        except Conflict:
            outcomes.append("held")
        finally:
            connections.close_all()

    with at_its_time(flex):
        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert outcomes.count("done") >= 1
    assert set(outcomes) <= {"done", "held"}
    assert len(flex.asked(SEND)) == 1
    assert fills(connection) == 2


def test_the_lock_goes_with_its_worker(connection):
    with hold_connection(connection.pk) as first:
        assert first is not None
        with hold_connection(connection.pk) as second:
            assert second is None
    with hold_connection(connection.pk) as third:
        assert third is not None


def test_turns_of_one_token_are_shared_by_all_workers(flex):
    rates = (Rate(1, timedelta(seconds=1.1)), Rate(10, timedelta(seconds=61)))
    now = flex.clock.now()
    given = []

    def work():
        try:
            given.extend(reserve_turn("ibkr_flex:1", rates, now=now) for _ in range(5))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    given.sort()
    assert len(given) == 20
    for n, at in enumerate(given):
        assert n < 1 or at - given[n - 1] >= timedelta(seconds=1.09)
        assert n < 10 or at - given[n - 10] >= timedelta(seconds=60.99)
    # Another token does not wait.
    assert reserve_turn("ibkr_flex:2", rates, now=now) == now


def test_the_schedule_starts_what_is_due_and_takes_up_what_was_left(connection, flex, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.pull_connection, "delay", sent.append)
    with at_its_time(flex):
        tasks.start_pulls()
    with scopes_disabled():
        first = Pull.objects.get()
    assert first.source == "schedule"
    # Left by a worker that died, or never enqueued: sent again, and no second pull is made.
    flex.clock.advance(minutes=5)
    with at_its_time(flex):
        tasks.start_pulls()
    assert sent == [first.pk, first.pk]
    go_on(first, flex)
    sent.clear()
    with at_its_time(flex):
        tasks.start_pulls()
    assert sent == []
    flex.clock.advance(days=1)
    with at_its_time(flex):
        tasks.start_pulls()
    assert len(sent) == 1


def test_a_pull_and_an_import_of_the_same_statement_at_once_are_one_book(
    connection, flex, workspace
):
    content = flex.statement(*flex.own_period)
    failures = []

    def upload():
        try:
            import_now(workspace, content)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    other = threading.Thread(target=upload)
    other.start()
    one = pull(connection, flex)
    other.join()
    assert failures == []
    assert until_over(one, flex).state == PullState.DONE
    assert fills(connection) == 2
