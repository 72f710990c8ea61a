"""A lockout is the token's: no connection, worker or workspace asks with it before it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection as database
from django_scopes import scope

from journal.brokers.fetching import PullFault, Rate, Verdict
from journal.models import Turn
from journal.services.pulls import turns
from journal.services.pulls.connections import change_connection
from journal.services.pulls.turns import forget_turns, lock_out, reserve_turn
from tests import people
from tests.pulling import at_its_time, connect, flex_service, pull, until_over
from tests.simulators.ibkr_flex import QUERY, TOKEN

pytestmark = pytest.mark.django_db

OTHER_QUERY = "2046773"
NOW = datetime(2026, 7, 1, 14, tzinfo=UTC)
A_SECOND = Rate(1, timedelta(seconds=1))


@pytest.fixture
def flex():
    with flex_service() as running:
        running.fill()
        running.queries.add(OTHER_QUERY)
        yield running


@pytest.fixture
def workspace():
    return people.alice().workspace


def with_other_query(workspace, flex, **values):
    return connect(workspace, flex, credentials={"token": TOKEN, "query_id": OTHER_QUERY}, **values)


def locked() -> PullFault:
    return PullFault("flex_1025", "Locked.", Verdict.BLOCKED, until=NOW + timedelta(hours=10))


def test_another_query_of_a_locked_token_asks_nothing(workspace, flex):
    first, second = connect(workspace, flex), with_other_query(workspace, flex)
    flex.script(send=["1025"])
    refused = pull(first, flex)
    asked = len(flex.requests)
    other = pull(second, flex)
    assert len(flex.requests) == asked
    assert (other.verdict, other.error_code) == ("blocked", "flex_1025")
    assert other.blocked_until == refused.blocked_until
    assert "locked the token" in other.error_message


def test_a_locked_token_is_not_asked_with_by_a_connection_made_or_changed_since(workspace, flex):
    first = connect(workspace, flex)
    flex.script(send=["1025"])
    pull(first, flex)
    asked = len(flex.requests)
    made = with_other_query(people.charlie().workspace, flex)
    changed = connect(
        people.charlie().workspace, flex, credentials={"token": "9" * 21, "query_id": QUERY}
    )
    with scope(workspace=changed.workspace_id), at_its_time(flex):
        change_connection(changed, credentials={"token": TOKEN, "query_id": "3046774"})
    assert pull(made, flex).verdict == pull(changed, flex).verdict == "blocked"
    assert len(flex.requests) == asked


def test_a_pull_under_way_stops_when_its_token_is_locked_by_another(workspace, flex, monkeypatch):
    second = with_other_query(workspace, flex)
    sleep = flex.clock.sleep

    def meanwhile(seconds):
        lock_out(f"ibkr_flex:{TOKEN}", locked())
        sleep(seconds)

    monkeypatch.setattr(flex.clock, "sleep", meanwhile)
    one = pull(second, flex)
    assert (one.verdict, one.blocked_until) == ("blocked", locked().until)
    # The statement was begun, and is not asked for any more.
    assert len(flex.requests) == 1


def test_whoever_waits_for_a_turn_while_the_token_is_locked_does_not_call(
    workspace, flex, monkeypatch
):
    second = with_other_query(workspace, flex)
    given = turns.reserve_turn

    def locked_since(whom, rates, *, now):
        at = given(whom, rates, now=now)
        lock_out(whom, locked())
        return at

    monkeypatch.setattr("journal.services.pulls.link.reserve_turn", locked_since)
    assert pull(second, flex).verdict == "blocked"
    assert flex.requests == []


def test_all_of_them_ask_again_when_the_lockout_is_over(workspace, flex):
    first, second = connect(workspace, flex), with_other_query(workspace, flex)
    flex.script(send=["1025"])
    pull(first, flex)
    pull(second, flex)
    flex.clock.advance(days=1)
    assert until_over(pull(first, flex), flex).state == "done"
    assert until_over(pull(second, flex), flex).state == "done"


def test_blanks_around_a_token_are_no_other_token(workspace, flex, settings):
    first = connect(workspace, flex)
    flex.script(send=["1025"])
    pull(first, flex)
    asked = len(flex.requests)
    other = with_other_query(workspace, flex)
    blank = {"token": f" {TOKEN}\n", "query_id": OTHER_QUERY}
    settings.ENVIRONMENT_CONNECTIONS = {"ibkr_flex": blank}
    other.origin = "environment"
    other.save(update_fields=["origin"])
    assert pull(other, flex).verdict == "blocked"
    assert len(flex.requests) == asked


def test_a_lockout_is_not_made_shorter():
    lock_out("ibkr_flex:1", locked())
    sooner = PullFault("flex_1025", "x", Verdict.BLOCKED, until=NOW + timedelta(hours=1))
    lock_out("ibkr_flex:1", sooner)
    with pytest.raises(PullFault) as caught:
        reserve_turn("ibkr_flex:1", [A_SECOND], now=NOW + timedelta(hours=9))
    assert caught.value.until == locked().until


def test_what_is_locked_is_not_tidied_away():
    future = datetime.now(UTC) + timedelta(hours=1)
    lock_out("ibkr_flex:1", PullFault("flex_1025", "x", Verdict.BLOCKED, until=future))
    lock_out("ibkr_flex:2", PullFault("flex_1025", "x", Verdict.BLOCKED, until=NOW))
    Turn.objects.update(updated_at=datetime.now(UTC) - timedelta(days=3))
    Turn.objects.filter(locked_until=NOW).update(locked_until=datetime(2020, 1, 1, tzinfo=UTC))
    assert forget_turns() == 1
    assert Turn.objects.get().locked_until == future


def test_the_token_is_nowhere_in_what_a_lockout_leaves(workspace, flex):
    flex.script(send=["1025"])
    pull(connect(workspace, flex), flex)
    assert Turn.objects.get().locked_until is not None
    with database.cursor() as cursor:
        for table in ("turn", "pull", "connection", "connectionevent"):
            cursor.execute(f"SELECT string_agg(one::text, '') FROM journal_{table} AS one")
            assert TOKEN not in cursor.fetchone()[0]
