"""From a terminal over the bridge to the book: the very bridge, the very address, and the functions a worker runs."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from django_scopes import scope
from fillbook_client.mt5.bridge import Bridge
from fillbook_client.mt5.delivery import Reply
from fillbook_client.mt5.settings import Settings
from rest_framework.test import APIClient

from accounts.scopes import Scope
from common.errors import Rejected
from journal.domain.zones import NEW_YORK_CLOSE
from journal.models import (
    BridgePush,
    BridgeSeries,
    BrokerAccount,
    Connection,
    DataIssue,
    Execution,
    ImportBatch,
    LotMatch,
    NavReport,
    OpenLot,
)
from journal.selectors.connections import standings_of
from journal.services import erasure
from journal.services.bridges.connecting import connect_bridge, renew_secret
from journal.services.imports import run_import
from journal.services.pulls.asking import ask_pull, list_due
from journal.services.pulls.connections import (
    change_connection,
    disconnect,
    pause_connection,
    unpause_connection,
)
from journal.services.stored_files import open_stored
from journal.services.verification import verify_account
from tests import people
from tests.brokers.mt5_report.reports import deal as report_row
from tests.brokers.mt5_report.reports import lines_of, page
from tests.captures import account_of
from tests.client.mt5.fake import Clock, FakeMetaTrader5
from tests.doors import import_now

pytestmark = pytest.mark.django_db
HOUR = 3600
DAY = 24 * HOUR


class Doorway:
    """In the place of the bridge's way to the journal: the same request, without a network."""

    def __init__(self, client: APIClient, secret: str, clock: Clock) -> None:
        self.client = client
        self.secret = secret
        self.clock = clock
        self.lost = 0
        self.answers: list[tuple[int, dict]] = []

    def send(self, body: str, key: str) -> Reply:
        if self.lost:
            self.lost -= 1
            return Reply(200, {"status": "taken"})  # swallowed on the way, as by a broken proxy
        signed = hmac.new(self.secret.encode(), body.encode(), hashlib.sha256).hexdigest()
        with time_machine.travel(self.clock(), tick=False):
            answer = self.client.post(
                "/api/mt5/pushes",
                body,
                content_type="application/json",
                headers={"Idempotency-Key": key, "X-Fillbook-Signature": f"sha256={signed}"},
            )
        self.answers.append((answer.status_code, answer.json()))
        return Reply(answer.status_code, answer.json())


class Desk:
    """A person with a connection, a terminal and the bridge between."""

    def __init__(self, membership, folder: Path, **options) -> None:
        self.membership = membership
        self.workspace = membership.workspace
        self.clock = Clock(ahead=timedelta(hours=2))
        self.mt5 = FakeMetaTrader5(self.clock)
        self.mt5.tick("EURUSD", "XBR")
        with scope(workspace=self.workspace):
            self.connection, secret = connect_bridge(self.workspace.pk, user_id=None, **options)
        self.client = people.bot(membership, Scope.CAPTURE_WRITE)
        self.door = Doorway(self.client, secret, self.clock)
        self.folder = folder
        self.bridge = self.new_bridge("first")

    def new_bridge(self, name: str) -> Bridge:
        number = str(self.connection.pk)
        settings = Settings(
            "http://unused.example", "t", "s", number, self.folder / f"{name}.sqlite", 15.0, {}
        )
        bridge = Bridge(settings, self.mt5, now=self.clock)
        bridge.delivery._journal = self.door
        return bridge

    def turn(self, times=1, seconds=15, *, moves=True) -> None:
        for _ in range(times):
            self.clock.advance(seconds)
            if moves:
                self.mt5.tick("EURUSD", "XBR")
            self.bridge.turn()
            self.work()

    def work(self) -> None:
        """What workers do."""
        with scope(workspace=self.workspace), time_machine.travel(self.clock(), tick=False):
            for batch in ImportBatch.objects.filter(state="queued").order_by("pk"):
                with contextlib.suppress(Rejected):
                    run_import(batch)

    @property
    def standing(self):
        self.connection.refresh_from_db()
        return standings_of([self.connection], now=self.clock())[self.connection.pk]


@pytest.fixture
def alice():
    return people.alice()


@pytest.fixture
def desk(alice, tmp_path):
    desk = Desk(alice, tmp_path)
    with scope(workspace=desk.workspace):
        yield desk
        for account in BrokerAccount.objects.all():
            assert verify_account(account) == []
    desk.bridge.close()


def trade(desk, profit=10.0):
    """0.1 lots bought at 1.1, and sold a point higher a minute later."""
    opened = desk.mt5.deal(price=1.1)
    desk.clock.advance(60)
    return opened, desk.mt5.deal(
        type=1, entry=1, price=1.101, position=opened.position_id, profit=profit
    )


def test_a_trade_at_the_terminal_is_in_the_book_at_its_true_time(desk):
    trade(desk)
    desk.turn(2)
    opening, closing = Execution.objects.order_by("executed_at")
    assert opening.executed_at == datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
    assert (closing.quantity, closing.price) == (Decimal("0.1"), Decimal("1.101"))
    assert not OpenLot.objects.exists()
    batch = ImportBatch.objects.get()
    assert (batch.source, batch.state, batch.connection_id, batch.zone) == (
        "bridge",
        "done",
        desk.connection.pk,
        NEW_YORK_CLOSE,
    )
    assert BrokerAccount.objects.get().broker_id == "700300"
    assert NavReport.objects.exists()


def test_it_is_well_and_complete_up_to_the_last_push(desk):
    trade(desk)
    desk.turn(10)
    now = desk.standing
    assert (now.state, now.gaps) == ("ok", [])
    assert desk.clock() - now.complete_until < timedelta(seconds=75)
    assert "700300" in now.accounts
    assert desk.connection.account_numbers == ["700300"]
    assert ImportBatch.objects.count() == 1  # states are no imports


def test_the_next_trade_is_the_next_import_and_nothing_counts_twice(desk):
    trade(desk)
    desk.turn(3)
    trade(desk)
    desk.turn(3)
    assert Execution.objects.count() == 4
    assert ImportBatch.objects.count() == 2
    assert desk.standing.state == "ok"


def test_a_position_that_is_open_shows_and_a_later_day_states_it(desk):
    opened = desk.mt5.deal(price=1.1)
    desk.mt5.hold(ticket=opened.position_id)
    desk.turn(2)
    assert OpenLot.objects.get().signed_quantity == Decimal("0.1")
    desk.turn(2, seconds=10 * HOUR)
    assert OpenLot.objects.get().signed_quantity == Decimal("0.1")
    assert desk.standing.state == "ok"


def test_a_lost_push_is_seen_asked_for_and_made_up_for(desk):
    desk.turn(2)
    desk.door.lost = 1
    trade(desk)
    desk.turn()
    assert not Execution.objects.exists()
    trade(desk)
    desk.bridge.turn()
    now = desk.standing
    assert (now.state, desk.connection.error_code) == ("retrying", "pushes_missing")
    assert "2" in desk.connection.error_message
    assert desk.door.answers[-1][1]["resend_from"] is not None
    desk.turn(3)
    assert Execution.objects.count() == 4
    now = desk.standing
    assert (now.state, now.gaps, desk.connection.error_code) == ("ok", [], "")


def test_a_push_that_comes_twice_is_known(desk):
    trade(desk)
    desk.turn()
    push = BridgePush.objects.get()
    body = push.batch.file
    content = open_stored(body).read().decode()
    again = desk.door.send(content, "another-key")
    assert again.answer == {"status": "known", "sequence": 1, "resend_from": None}
    assert ImportBatch.objects.count() == 1
    changed = desk.door.send(content.replace("1.101", "1.102"), "a-third-key")
    assert (changed.status, changed.answer["code"]) == (409, "sequence_reused")


@pytest.mark.parametrize("report_first", [False, True])
def test_a_history_report_of_the_same_time_states_the_same_fills(report_first, desk):
    """The report knows seconds and no position; the bridge knows milliseconds and every position. One fill each."""
    report = page(
        lines_of(
            [
                report_row(
                    "2026.11.18 17:00:00",
                    "100",
                    "EURUSD",
                    "buy",
                    "in",
                    "0.10",
                    "1.10000",
                    "1100",
                    commission="-0.50",
                ),
                report_row(
                    "2026.11.18 17:01:00",
                    "101",
                    "EURUSD",
                    "sell",
                    "out",
                    "0.10",
                    "1.10100",
                    "1101",
                    "10.00",
                    commission="-0.50",
                ),
            ],
            account="700300 (USD, Sample-Demo, demo, Hedge)",
        )
    )
    if report_first:
        import_now(desk.workspace, report, name="report.html", zone=NEW_YORK_CLOSE)
    trade(desk)
    desk.turn(2)
    if not report_first:
        import_now(desk.workspace, report, name="report.html", zone=NEW_YORK_CLOSE)
    assert Execution.objects.count() == 2
    assert not OpenLot.objects.exists()
    assert LotMatch.objects.get().gross_pnl == Decimal("10.0")


def test_a_bridge_that_forgot_everything_goes_on_without_a_gap(desk):
    trade(desk)
    desk.turn(3)
    desk.bridge.close()
    desk.bridge = desk.new_bridge("second")
    trade(desk)
    desk.turn(3)
    assert Execution.objects.count() == 4
    assert desk.standing.state == "ok"
    assert BridgeSeries.objects.count() == 2


def test_a_bridge_of_an_older_memory_starts_over_and_loses_nothing(desk):
    trade(desk)
    desk.turn(2)
    old = sqlite3.connect(desk.folder / "first.sqlite")
    saved = "\n".join(old.iterdump())
    old.close()
    trade(desk)
    desk.turn(2)
    desk.bridge.close()
    restored = sqlite3.connect(desk.folder / "restored.sqlite")
    restored.executescript(saved)
    restored.close()
    desk.bridge = desk.new_bridge("restored")
    trade(desk)
    desk.turn(6)
    assert Execution.objects.count() == 6
    assert desk.standing.state == "ok"
    assert BridgeSeries.objects.count() == 2


def test_a_wrong_zone_imports_nothing_and_says_so_until_it_is_put_right(desk):
    with time_machine.travel(desk.clock(), tick=False):
        change_connection(desk.connection, zone="Europe/London")
    trade(desk)
    desk.turn(3)
    assert not Execution.objects.exists()
    assert (desk.standing.state, desk.connection.error_code) == ("stopped", "zone_contradicted")
    assert "UTC+2" in desk.connection.error_message
    with time_machine.travel(desk.clock(), tick=False):
        change_connection(desk.connection, zone="Europe/Athens")
    desk.turn(8)
    assert Execution.objects.earliest("executed_at").executed_at == datetime(
        2026, 11, 18, 15, 0, tzinfo=UTC
    )
    assert Execution.objects.count() == 2
    assert (desk.standing.state, desk.standing.gaps) == ("ok", [])


def test_a_zone_that_only_moving_prices_contradict_is_made_good_by_the_right_one(alice, tmp_path):
    """While no price moves the zone is told to be unchecked. When it turns out to be wrong, everything comes again."""
    desk = Desk(alice, tmp_path, zone="Asia/Karachi")
    with scope(workspace=desk.workspace):
        trade(desk)
        desk.turn(2, moves=False)
        first = Execution.objects.earliest("executed_at")
        assert first.executed_at == datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
        assert DataIssue.objects.get().code == "zone_unchecked"
        desk.turn(5)
        assert desk.standing.state == "stopped"
        with time_machine.travel(desk.clock(), tick=False):
            change_connection(desk.connection, zone=NEW_YORK_CLOSE)
        desk.turn(8)
        first = Execution.objects.earliest("executed_at")
        assert first.executed_at == datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
        assert Execution.objects.count() == 2
        assert desk.standing.state == "ok"
    desk.bridge.close()


def test_a_closed_terminal_is_not_well(desk):
    desk.turn(2)
    desk.mt5.is_closed = True
    desk.turn(6)
    assert (desk.standing.state, desk.connection.error_code) == ("retrying", "terminal_unread")
    assert "-10003" in desk.connection.error_message
    assert "positions" not in BridgeSeries.objects.get().snapshot
    desk.mt5.is_closed = False
    desk.turn(6)
    assert desk.standing.state == "ok"


def test_a_bridge_that_is_gone_is_late(desk):
    desk.turn(2)
    desk.clock.advance(2 * HOUR)
    assert desk.standing.state == "late"


def test_the_snapshot_is_the_account_as_it_was_last_seen(desk):
    desk.mt5.hold()
    desk.turn(8)
    series = BridgeSeries.objects.get()
    assert [one["symbol"] for one in series.snapshot["positions"]] == ["EURUSD"]
    assert series.snapshot["account"]["equity"] == 1000.0
    assert desk.clock() - series.made_at < timedelta(seconds=75)


def test_nobody_asks_a_terminal(desk):
    desk.turn(2)
    desk.clock.advance(3 * HOUR)
    assert desk.connection not in list_due(now=desk.clock())
    with pytest.raises(Rejected, match="pushes by itself"):
        ask_pull(desk.connection)


def test_a_pause_and_its_end(desk):
    pause_connection(desk.connection)
    trade(desk)
    desk.turn(2)
    assert desk.door.answers[-1][1]["code"] == "paused"
    desk.connection.refresh_from_db()
    unpause_connection(desk.connection)
    desk.clock.advance(600)
    desk.turn(2)
    assert Execution.objects.count() == 2


def test_an_erased_account_is_forgotten_and_does_not_come_back_by_a_push(desk):
    trade(desk)
    desk.turn(2)
    account = BrokerAccount.objects.get()
    erasure.ask_erasure(account, confirm="700300", reason="", author_id=None)
    erasure.erase_account(account)
    assert not BridgeSeries.objects.exists()
    assert not BridgePush.objects.exists()
    desk.turn(8)
    assert desk.door.answers[-1][1]["code"] == "paused"
    desk.connection.refresh_from_db()
    assert "700300" not in json.dumps([desk.connection.account_numbers, desk.connection.state])
    unpause_connection(desk.connection)
    desk.clock.advance(600)
    desk.turn(2)
    assert desk.door.answers[-1][1]["code"] == "account_erased"
    assert not BrokerAccount.objects.exists()


def test_another_account_is_refused_and_waits(desk):
    desk.turn(2)
    desk.mt5.login = 700301
    desk.turn(2)
    status, answer = desk.door.answers[-1]
    assert (status, answer["code"]) == (409, "other_account")
    assert desk.bridge.store.count() == 1


# -- who may push


def body_of(desk, **changes):
    push = {
        "kind": "mt5 snapshot", "connection": str(desk.connection.pk), "bridge": "b", "sequence": 1,
        "made_at": "2026-11-18T15:00:00Z", "complete_until": 1795000000,
        "account": {"login": 700300, "server": "Sample-Demo", "currency": "USD"},
    }  # fmt: skip
    return json.dumps(push | changes)


def send(desk, body, client=None, secret=None):
    door = Doorway(client or desk.client, secret or desk.door.secret, desk.clock)
    reply = door.send(body, "k")
    return reply.status, reply.answer.get("code")


def test_a_push_needs_its_signature(desk):
    assert send(desk, body_of(desk), secret="wrong") == (403, "signature_wrong")
    assert send(desk, body_of(desk))[0] == 200


def test_a_new_secret_ends_the_former(desk):
    secret = renew_secret(desk.connection)
    assert send(desk, body_of(desk)) == (403, "signature_wrong")
    assert send(desk, body_of(desk), secret=secret)[0] == 200


def test_the_secret_is_nowhere_in_the_clear(desk):
    stored = Connection.objects.get(pk=desk.connection.pk)
    assert desk.door.secret not in stored.credentials
    assert desk.door.secret not in json.dumps(stored.state)


def test_a_token_without_the_scope_or_of_a_stranger_is_turned_away(desk):
    reader = people.bot(desk.membership, Scope.JOURNAL_READ)
    assert send(desk, body_of(desk), client=reader)[0] == 403
    charlie = people.bot(people.charlie(), Scope.CAPTURE_WRITE)
    assert send(desk, body_of(desk), client=charlie)[0] == 404
    assert send(desk, body_of(desk), client=APIClient())[0] == 401


def test_a_token_that_is_bound_to_an_account_pushes_that_only(desk):
    other = people.bot(
        desk.membership,
        Scope.CAPTURE_WRITE,
        account_id=account_of(desk.workspace, "9", broker="mt5").pk,
    )
    assert send(desk, body_of(desk), client=other) == (403, "token_bound")
    own = people.bot(
        desk.membership,
        Scope.CAPTURE_WRITE,
        account_id=account_of(desk.workspace, "700300", broker="mt5").pk,
    )
    assert send(desk, body_of(desk), client=own)[0] == 200


def test_a_connection_that_was_taken_away_takes_nothing(desk):
    disconnect(desk.connection)
    assert send(desk, body_of(desk))[0] in (409, 503)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sequence": 0}, "push_unreadable"),
        ({"sequence": True}, "push_unreadable"),
        ({"sequence": 1.5}, "push_unreadable"),
        ({"sequence": 10**40}, "push_unreadable"),
        ({"bridge": "x" * 65}, "push_unreadable"),
        ({"account": {"login": 0, "server": "x"}}, "push_unreadable"),
        ({"account": 5}, "push_unreadable"),
        ({"kind": "something"}, "push_unreadable"),
        ({"made_at": "soon"}, "broken_snapshot"),
        ({"window": {"from": -1, "to": 5}, "deals": []}, "push_unreadable"),
        ({"complete_until": 2**52}, "push_unreadable"),
        ({"window": {"from": 0, "to": 2**52}, "deals": []}, "push_unreadable"),
        ({"bridge": "a\x00b"}, "push_unreadable"),
        ({"account": {"login": 700300, "server": "a\x00b"}}, "push_unreadable"),
        ({"bridge": "\ud800"}, "push_unreadable"),
    ],
)
def test_what_is_no_push_is_refused(changes, code, desk):
    status, found = send(desk, body_of(desk, **changes))
    assert (status, found) == (422, code)
    assert not BridgePush.objects.exists()


@pytest.mark.parametrize("word", ["a\x00b", "\ud800", 10**400])
def test_what_no_database_keeps_holds_nobody_up(word, desk):
    """A comment may hold anything, and a push that is never taken stops all behind it."""
    positions = [{"ticket": 1, "symbol": "EURUSD", "comment": word}]
    status, _ = send(desk, body_of(desk, positions=positions))
    assert status == 200
    assert BridgeSeries.objects.get().snapshot["positions"][0]["symbol"] == "EURUSD"


@pytest.mark.parametrize(
    "body", ["[]", '{"connection": "x"}', '{"connection": 99999999999999999999}', "{", ""]
)
def test_what_names_no_connection_is_refused(body, desk):
    assert send(desk, body)[0] in (400, 404)


def test_a_connection_of_another_kind_is_none_for_a_bridge(desk):
    other = Connection.objects.create(workspace=desk.workspace, fetcher="ibkr_flex", name="Flex")
    assert send(desk, body_of(desk, connection=str(other.pk)))[0] == 404
