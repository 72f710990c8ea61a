"""What a connection to TWS says of itself: live only while it is, complete only as far as anybody knows."""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django_scopes import scope

from journal.brokers.fetching import Verdict
from journal.models import (
    BrokerAccount,
    CapturedRecord,
    Connection,
    Pull,
    PullDocument,
    PullState,
    Schedule,
)
from journal.services.pulls.asking import list_due
from journal.services.pulls.connections import disconnect
from journal.services.pulls.forgetting import forget_account
from journal.services.tws.connecting import ensure_connection, tell_trouble, tell_well
from journal.services.tws.coverage import day_began, hold
from tests import captures, people
from tests.listening import ACME, PUSHED_ONLY, bracket, fill_of, listening, standing_of, until
from tests.simulators import tws as wire
from tests.simulators.tws import Tws

NUMBER = "U7654321"
NOON = datetime(2026, 6, 2, 16, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def workspace(transactional_db):
    return people.alice().workspace


@pytest.fixture
def tws():
    with Tws() as running:
        yield running


@pytest.fixture
def connection(workspace):
    with scope(workspace=workspace):
        return ensure_connection(workspace.pk, "127.0.0.1", 4001, 17, numbers=(), zone="")


def heard(workspace, fills: int) -> None:
    def count():
        with scope(workspace=workspace):
            return CapturedRecord.objects.filter(kind="execution").count()

    until(lambda: count() >= fills)


def is_well(connection) -> bool:
    return standing_of(connection).state == "ok"


def at(moment):
    return time_machine.travel(moment, tick=False)


def test_it_is_live_while_it_is_heard_of_and_no_longer(workspace, tws):
    with listening(workspace, tws) as connection:
        assert standing_of(connection).state in ("new", "ok")
        until(lambda: is_well(connection))
        tws.stop()
        until(lambda: standing_of(connection).state == "retrying")
        with scope(workspace=workspace):
            connection.refresh_from_db()
        assert connection.error_code == "not_connected"
        tws.start()
        until(lambda: is_well(connection))
    with scope(workspace=workspace):
        connection.refresh_from_db()
    assert (connection.error_code, standing_of(connection).state) == ("service_stopped", "retrying")


def test_a_service_that_was_killed_is_late_within_two_minutes(workspace, connection):
    with scope(workspace=workspace), at(NOON):
        hold(connection, [NUMBER], NOON - DAY, NOON)
        tell_well(connection.pk)
        assert standing_of(connection).state == "ok"
    with at(NOON + timedelta(minutes=2, seconds=1)):
        assert standing_of(connection).state == "late"


def test_while_tws_has_no_connection_of_its_own_it_is_not_live(workspace, tws):
    with listening(workspace, tws) as connection:
        until(lambda: is_well(connection))
        tws.error(-1, 1100, "Connectivity between IBKR and Trader Workstation has been lost.")
        until(lambda: standing_of(connection).state == "retrying")
        with scope(workspace=workspace):
            connection.refresh_from_db()
        assert connection.error_code == "broker_unreachable"
        tws.error(-1, 1102, "Connectivity between IBKR and Trader Workstation has been restored")
        until(lambda: is_well(connection))


def test_a_client_id_that_is_taken_is_told(workspace, tws):
    with listening(workspace, tws) as connection:
        until(lambda: is_well(connection))
        tws.error(-1, 326, "Unable to connect as the client id is already in use.")
        tws.hang_up()
        until(lambda: standing_of(connection).state == "retrying" or tws.sessions > 1)


def test_a_time_without_a_zone_needs_a_person_and_comes_in_once_it_is_told(workspace, tws):
    tws.fill(fill_of(bracket()[0], at="20260602  15:30:01", cost="1"))
    with listening(workspace, tws) as connection:
        until(lambda: standing_of(connection).state == "stopped")
        with scope(workspace=workspace):
            connection.refresh_from_db()
            assert "--timezone" in connection.error_message
    with listening(workspace, tws, zone="Europe/Berlin") as connection:
        heard(workspace, 2)
        until(lambda: is_well(connection))


def test_a_fill_that_cannot_be_booked_needs_a_person_and_is_a_gap(workspace, tws):
    """A future without its multiplier: nobody knows its money."""
    future = wire.Contract(99, "ES", "FUT", "ESM6", "20260619")
    today = datetime.now(UTC) - timedelta(seconds=2)
    order = wire.Order(11, 5001, future)
    with listening(workspace, tws) as connection:
        until(lambda: is_well(connection))
        tws.fill(fill_of(order, contract=future, at=f"{today:%Y%m%d-%H:%M:%S}", cost="2"))
        until(lambda: standing_of(connection).state == "stopped")
        with scope(workspace=workspace):
            connection.refresh_from_db()
            assert "multiplier" in connection.error_message
        assert standing_of(connection).complete_until <= today
        tws.fills[0].contract = wire.Contract(99, "ES", "FUT", "ESM6", "20260619", multiplier="50")
        heard(workspace, 2)
        until(lambda: is_well(connection))


def test_a_bond_is_left_to_the_statement_and_the_connection_says_so(workspace, tws):
    bond = wire.Contract(77, "IBCID77", "BOND", "T 4 05/15/34")
    tws.fill(fill_of(wire.Order(11, 5001, bond), cost="2"))
    tws.fill(fill_of(wire.Order(12, 5002, ACME), cost="1"))
    with listening(workspace, tws) as connection:
        until(lambda: standing_of(connection).state == "stopped")
        heard(workspace, 2)
        with scope(workspace=workspace):
            connection.refresh_from_db()
        assert "face value" in connection.error_message


@pytest.mark.parametrize(
    ("moment", "zone", "began"),
    [
        ("2026-06-02T16:00", "America/New_York", "2026-06-02T04:00"),
        # In Berlin the day is older, and whose day TWS means is not known.
        ("2026-06-02T10:00", "Europe/Berlin", "2026-06-02T04:00"),
        ("2026-06-02T02:00", "Europe/Berlin", "2026-06-01T22:00"),
        ("2026-11-01T12:00", "America/New_York", "2026-11-01T04:00"),
    ],
)
def test_the_day_of_tws_begins_at_the_later_midnight(moment, zone, began):
    def utc(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert day_began(utc(moment), zone) == utc(began)


def test_what_touches_is_one_stretch_and_what_does_not_is_a_gap(workspace, connection):
    with scope(workspace=workspace):
        hold(connection, [NUMBER], NOON - DAY, NOON - DAY / 2)
        hold(connection, [NUMBER], NOON - DAY * 3 / 4, NOON - DAY / 4)
        assert Pull.objects.count() == 1
        assert standing_of(connection).gaps == []
        hold(connection, [NUMBER], NOON, NOON + DAY / 4)
    (gap,) = standing_of(connection).gaps
    assert (gap.since, gap.until) == (NOON - DAY / 4, NOON)
    assert standing_of(connection).complete_until == NOON + DAY / 4


def test_a_gap_is_closed_by_a_flex_statement_of_all_its_accounts(workspace, connection):
    with scope(workspace=workspace):
        hold(connection, [NUMBER, "U2"], NOON - DAY, NOON)
        hold(connection, [NUMBER, "U2"], NOON + DAY, NOON + 2 * DAY)
        flex = Connection.objects.create(
            workspace=workspace, fetcher="ibkr_flex", name="Flex", schedule=Schedule.DAILY
        )
        pull = Pull.objects.create(workspace=workspace, connection=flex, state=PullState.DONE)

        def told(number):
            PullDocument.objects.create(
                workspace=workspace, pull=pull, account_number=number, since=NOON - DAY, until=NOON + DAY / 2
            )  # fmt: skip

        told(NUMBER)
        assert [(one.since, one.until) for one in standing_of(connection).gaps] == [
            (NOON, NOON + DAY)
        ]
        told("U2")
        assert [(one.since, one.until) for one in standing_of(connection).gaps] == [
            (NOON + DAY / 2, NOON + DAY)
        ]


def test_it_is_never_pulled_by_schedule(workspace, connection):
    with scope(workspace=workspace):
        tell_trouble(connection.pk, Verdict.LATER, "not_connected", "Gone.")
    assert list_due(now=datetime.now(UTC) + DAY) == []


def test_the_same_place_is_the_same_connection(workspace, connection):
    with scope(workspace=workspace):
        same = ensure_connection(
            workspace.pk, "127.0.0.1", 4001, 17, numbers=["U2"], zone="Europe/Berlin"
        )
        other = ensure_connection(workspace.pk, "127.0.0.1", 4002, 17, numbers=(), zone="")
    assert (same.pk, same.account_numbers, same.zone) == (connection.pk, ["U2"], "Europe/Berlin")
    assert other.pk != connection.pk


def test_an_account_that_is_added_was_not_listened_to_before(workspace):
    with scope(workspace=workspace):
        place = (workspace.pk, "127.0.0.1", 4001, 17)
        one = ensure_connection(*place, numbers=["U1"], zone="")
        hold(one, ["U1"], NOON - DAY, NOON)
        both = ensure_connection(*place, numbers=["U1", "U2"], zone="")
        assert standing_of(both).complete_until is None
        hold(both, ["U1", "U2"], NOON, NOON + DAY)
        assert standing_of(both).complete_since == NOON
        # One less takes nothing away from the others.
        assert (
            standing_of(ensure_connection(*place, numbers=["U2"], zone="")).complete_since == NOON
        )


def test_an_erased_account_does_not_come_back(workspace, tws):
    tws.fill(fill_of(bracket()[0], cost="1"))
    with listening(workspace, tws) as connection, scope(workspace=workspace):
        until(lambda: is_well(connection))
        heard(workspace, 2)
        captures.book(workspace)
        with transaction.atomic():
            forget_account(BrokerAccount.objects.get(broker_id=NUMBER))
        tws.fill(fill_of(bracket()[0], 2, cost="1"))
        asked = len(tws.requests)
        until(lambda: len(tws.requests) > asked + 6)
    with scope(workspace=workspace):
        assert CapturedRecord.objects.filter(kind="execution").count() == 2


def test_the_command_listens_until_it_is_told_to_end(workspace, tws, capsys):
    tws.fill(fill_of(bracket()[0], cost="1"))

    def end() -> None:
        try:
            until(lambda: sum(one[0] == "99" for one in tws.requests) >= 1)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end).start()
    call_command("capture_ibkr", workspace=workspace.slug, port=tws.port, account=[NUMBER])
    assert f"127.0.0.1:{tws.port}" in capsys.readouterr().out
    heard(workspace, 2)
    with scope(workspace=workspace):
        assert Connection.objects.get().error_code == "service_stopped"


def test_the_command_ends_for_good_when_its_connection_is_disconnected(workspace, tws):
    """A supervisor that starts it again would make a new connection."""

    def take_away() -> None:
        try:
            until(lambda: sum(one[0] == "99" for one in tws.requests) >= 1)
            with scope(workspace=workspace):
                disconnect(Connection.objects.get())
        finally:
            connections.close_all()

    helper = threading.Thread(target=take_away)
    helper.start()
    with pytest.raises(CommandError) as ended:
        call_command("capture_ibkr", workspace=workspace.slug, port=tws.port)
    helper.join()
    assert ended.value.returncode == 3


def test_wrong_arguments_are_told_before_anything_begins(workspace):
    for wrong in ({"port": 0}, {"timezone": "Mars/Olympus"}):
        with pytest.raises(CommandError) as refusal:
            call_command("capture_ibkr", workspace=workspace.slug, **wrong)
        assert refusal.value.returncode == 2


def test_orders_of_a_day_are_asked_for_once_they_are_pushed(workspace, tws):
    """What is pushed needs no second question: the rhythm is for what is not."""
    with listening(workspace, tws, rhythm=PUSHED_ONLY) as connection:
        until(lambda: is_well(connection))
        tws.fill(fill_of(tws.place(bracket()[0]), cost="1"))
        heard(workspace, 2)
    assert sum(one[0] == "7" for one in tws.requests) == 1


def test_without_ib_async_it_says_how_to_install_it(workspace, monkeypatch):
    for name in ("service", "session", "client"):
        monkeypatch.delitem(sys.modules, f"journal.services.tws.{name}")
    for name in [one for one in sys.modules if one.split(".")[0] == "ib_async"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(CommandError, match="make ibkr"):
        call_command("capture_ibkr", workspace=workspace.slug)
