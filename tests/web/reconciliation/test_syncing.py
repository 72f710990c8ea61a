"""Asking for a run now: a worker does it, and nobody is asked too often."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django_scopes import scope

from accounts.scopes import Scope
from journal.brokers.live import Ability
from reconciliation import tasks
from reconciliation.api import syncing as api
from reconciliation.services import cycle
from tests import people
from tests.integration.reconciliation.desks import connect
from tests.web.reconciliation import rows

pytestmark = pytest.mark.django_db

URL = "/api/reconciliation/sync"


@pytest.fixture(autouse=True)
def nobody_asked_before():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def alice(who):
    return people.bot(who.alice, Scope.RECONCILIATION_READ, Scope.RECONCILIATION_WRITE)


@pytest.fixture
def book(who, monkeypatch):
    """An account whose broker can be asked."""
    monkeypatch.setattr(cycle, "abilities_of", lambda connection: {Ability.READ_POSITIONS})
    with scope(workspace=who.workspace):
        account = rows.account(who.workspace)
        account.connection = connect(who.workspace.pk, account.broker_id)
        yield account


@pytest.fixture
def asked(monkeypatch):
    found = []
    monkeypatch.setattr(api, "enqueue", lambda task, *args: found.append((task, args)))
    return found


def test_a_worker_is_asked_for_the_account(who, alice, book, asked):
    before = rows.run(book)
    answer = alice.post(URL, {"account": book.pk})
    assert answer.status_code == 202
    (told,) = answer.json()["results"]
    assert (told["account"], told["status"], told["latest_run"]) == (book.pk, "asked", before.pk)
    assert asked == [(tasks.reconcile_account, (book.pk, "api", who.alice.user_id))]


def test_an_account_is_not_asked_for_twice_in_a_row(who, alice, book, asked):
    assert alice.post(URL, {"account": book.pk}).status_code == 202
    other = people.bot(who.alice)
    answer = other.post(URL, {"account": book.pk})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 15
    assert answer.json()["code"] == "throttled"
    second = rows.account(who.workspace, "U2")
    connect(who.workspace.pk, second.broker_id, name="second")
    told = {one["account"]: one["status"] for one in alice.post(URL, {}).json()["results"]}
    assert told == {book.pk: "too_soon", second.pk: "asked"}
    assert len(asked) == 2


def test_one_caller_is_not_answered_without_end(alice, book, asked, monkeypatch):
    monkeypatch.setattr(api.SyncThrottle, "THROTTLE_RATES", {"sync": "2/minute"})
    codes = [alice.post(URL, {"account": book.pk}).status_code for _ in range(3)]
    assert codes == [202, 429, 429]
    answer = alice.post(URL, {"account": 0})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 15


def test_the_same_ask_under_the_same_name_is_one(alice, book, asked):
    said = {"data": {"account": book.pk}, "headers": {"Idempotency-Key": "now"}}
    first, again = (alice.post(URL, **said) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json() == again.json()
    assert len(asked) == 1


def test_where_nobody_can_be_asked_that_is_said(who, alice, book, asked):
    silent = rows.account(who.workspace, "U9", broker="robinhood")
    answer = alice.post(URL, {"account": silent.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody_to_ask")
    book.connection.paused_at = book.created_at
    book.connection.save()
    answer = alice.post(URL, {"account": book.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "broker_wants_peace")
    assert asked == []


def test_foreign_accounts_do_not_exist(who, alice, book, asked):
    assert people.bot(who.charlie).post(URL, {"account": book.pk}).status_code == 404
    assert alice.post(URL, {"account": "x"}).status_code == 422
    other = rows.account(who.workspace, "U2")
    bound = people.bot(who.alice, account_id=other.pk)
    assert bound.post(URL, {"account": book.pk}).status_code == 404
    assert asked == []
