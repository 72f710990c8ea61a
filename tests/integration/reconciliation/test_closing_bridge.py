"""Closing in a terminal through its bridge, the whole loop: two tickets of one symbol, a netting account, the bridge and
the worker killed at every step, and commands that get lost."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from fillbook_client.address import Address
from fillbook_client.mt5.bridge import Bridge
from fillbook_client.mt5.settings import Settings

from accounts.scopes import Scope
from journal.models import BridgeCommand, BrokerAccount, CommandKind, CommandState
from journal.services.bridges.connecting import connect_bridge
from reconciliation.domain.closing import Phase
from reconciliation.services.closing.beginning import begin_closing
from tests import people
from tests.client.mt5.fake import Clock as TerminalClock
from tests.client.mt5.fake import FakeMetaTrader5
from tests.closings import MINUTE, Killed, Reaper, drive, fire, orders_sent, told
from tests.effort import EXHAUSTIVE

pytestmark = pytest.mark.django_db
NUMBER = "700300"
LOOK_SECONDS = 15
# Of a bridge that is killed: how long until somebody starts it again.
AWAY_SECONDS = 5


class Wire:
    """The journal's API without a socket between."""

    def request(self, method, path, *, body, headers):
        self._answer = Client().generic(
            method, path, body, headers["Content-Type"], headers=headers
        )

    def getresponse(self):
        answer = self._answer
        self.status, self.headers = answer.status_code, answer.headers
        self.read = lambda _most: answer.content
        return self

    def close(self):
        pass


class Steps:
    """Ends the bridge at the `at`-th thing that it does, before and after each."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.has_killed = False

    def pass_by(self) -> None:
        if self.left == 0 and not self.has_killed:
            self.has_killed = True
            raise Killed
        self.left -= 1

    def watch(self, owner, name) -> None:
        method = getattr(owner, name)

        def call(*arguments, **named):
            self.pass_by()
            answer = method(*arguments, **named)
            self.pass_by()
            return answer

        setattr(owner, name, call)


class Desk:
    """The trader's machine: its terminal and the bridge, which go on while the journal waits."""

    def __init__(self, time, workspace, spool) -> None:
        self._time, self._spool = time, spool
        self.mt5 = FakeMetaTrader5(TerminalClock())
        self.mt5.tick()
        self.connection, secret = connect_bridge(workspace.pk, user_id=None)
        _, token = people.token(people.alice(), Scope.CAPTURE_WRITE)
        self._settings = Settings(
            "http://localhost", token, secret, str(self.connection.pk), spool, LOOK_SECONDS, {}, may_close=True
        )  # fmt: skip
        self.account = BrokerAccount.objects.create(
            workspace=workspace, broker="mt5", broker_id=NUMBER, base_currency="USD"
        )
        self.steps: Steps | None = None
        self.bridge: Bridge | None = None
        self.comes_back = True
        self._back_at = timezone.now()
        self._looked_at = self._asked_at = timezone.now() - timedelta(hours=1)

    def now(self):
        return timezone.now()

    def sleep(self, seconds: float) -> None:
        self._time.shift(seconds)
        self.mt5.clock.at = timezone.now()
        self.go_on()

    advance = sleep

    def hold(self, *volumes: float, side: int = 0) -> None:
        for volume in volumes:
            deal = self.mt5.deal(volume=volume, type=side)
            self.mt5.hold(ticket=deal.position_id, volume=volume, type=side)

    def go_on(self) -> None:
        now = timezone.now()
        if self.bridge is None:
            if not self.comes_back or now < self._back_at:
                return
            self._start()
        try:
            if now - self._looked_at >= timedelta(seconds=LOOK_SECONDS):
                self._looked_at = now
                self.bridge.turn()
            if now - self._asked_at >= timedelta(seconds=1):
                self._asked_at = now
                self.bridge.obey()
        except Killed:
            self.end()

    def _start(self) -> None:
        bridge = self.bridge = Bridge(self._settings, self.mt5, now=self.mt5.clock)
        if self.steps is not None:
            self.steps.watch(bridge.delivery._journal, "send")
            self.steps.watch(bridge.store, "begin_command")
            self.steps.watch(bridge.store, "answer_command")
            self.steps.watch(bridge.terminal, "send")

    def end(self) -> None:
        assert self.bridge is not None
        self.bridge.close()
        self.bridge = None
        self._back_at = timezone.now() + timedelta(seconds=AWAY_SECONDS)

    def close(self):
        self.sleep(1)
        now = timezone.now()
        (root,) = begin_closing(
            fire(self.account.workspace, self.account, now), [self.account.pk], now=now
        )
        drive(root, self)
        return root


@pytest.fixture
def desk(workspace, tmp_path):
    with (
        time_machine.travel(datetime(2026, 11, 18, 15, tzinfo=UTC), tick=False) as time,
        mock.patch.object(Address, "connect", return_value=Wire()),
    ):
        made = Desk(time, workspace, tmp_path / "mt5.sqlite")
        yield made
        if made.bridge is not None:
            made.bridge.close()


def check(desk, root, news) -> None:
    assert root.ended_at - root.began_at <= MINUTE
    opened = {one.position_id: one.volume for one in desk.mt5.deals if one.entry == 0}
    closed = Counter()
    for one in desk.mt5.deals:
        if one.entry == 1:
            closed[one.position_id] += one.volume
    assert all(closed[ticket] <= volume + 1e-9 for ticket, volume in opened.items())
    marks = Counter(one.magic for one in desk.mt5.deals if one.entry == 1)
    assert set(marks.values()) <= {1}, "an order was sent twice"
    events = [one["event"] for one in news]
    if root.phase == Phase.CLOSED:
        assert (desk.mt5.positions, desk.mt5.orders, events) == ([], [], ["closing.flat"])
    else:
        assert (root.phase, events) == (Phase.ESCALATED, ["closing.escalated"])


def test_two_tickets_of_one_symbol_are_closed_each_by_its_own(desk):
    desk.go_on()
    desk.hold(0.3, 0.1)
    desk.hold(0.2, side=1)
    desk.mt5.place()
    with told() as heard:
        root = desk.close()
    check(desk, root, heard.news)
    assert (root.phase, orders_sent(root)) == (Phase.CLOSED, 3)
    sent = [one for one in desk.mt5.requests if one["action"] == 1]
    assert {one["position"]: one["volume"] for one in sent} == {
        one.position_id: one.volume for one in desk.mt5.deals if one.entry == 0
    }


def test_flat_is_what_was_seen_flat_by_two_looks(desk):
    """A push that is some seconds old is one look, however often it is read."""
    desk.go_on()
    desk.hold(0.3)
    with told() as heard:
        root = desk.close()
    check(desk, root, heard.news)
    closed_at = next(one for one in desk.mt5.deals if one.entry == 1).time_msc
    answered = BridgeCommand.objects.filter(
        kind=CommandKind.READ, state=CommandState.ANSWERED, answered_at__isnull=False
    )
    ahead = desk.mt5.clock.ahead
    since = datetime.fromtimestamp(closed_at / 1000, UTC) - ahead
    assert len({one.answered_at for one in answered if one.answered_at > since}) >= 3


def test_a_netting_account_is_closed_by_its_symbol(desk):
    desk.mt5.margin_mode = 0
    desk.go_on()
    desk.hold(0.3, side=1)
    with told() as heard:
        root = desk.close()
    check(desk, root, heard.news)
    assert root.phase == Phase.CLOSED
    (sent,) = BridgeCommand.objects.filter(kind=CommandKind.CLOSE)
    assert (sent.body["ticket"], sent.body["side"]) == ("", "buy")


@pytest.mark.parametrize("margin_mode", [2, 0])
def test_a_lost_answer_is_looked_for(desk, margin_mode):
    desk.mt5.margin_mode = margin_mode
    desk.go_on()
    desk.hold(0.3)
    desk.mt5.lost = True
    with told() as heard:
        root = desk.close()
    check(desk, root, heard.news)
    assert (root.phase, orders_sent(root)) == (Phase.CLOSED, 1)


def some(count: int, every: int):
    return [pytest.param(at, marks=() if at % every == 0 else EXHAUSTIVE) for at in range(count)]


@pytest.mark.parametrize("at", some(64, 16))
def test_the_bridge_is_killed_at_every_step(desk, at):
    desk.steps = Steps(at)
    desk.go_on()
    desk.hold(0.3, 0.1)
    with told() as heard:
        root = desk.close()
    check(desk, root, heard.news)
    assert desk.steps.has_killed
    # Only of an order that was begun and not sent nobody knows: it is the one that the terminal never saw.
    sends = [one for one in desk.mt5.requests if one["action"] == 1]
    is_begun_only = len(sends) < BridgeCommand.objects.filter(kind=CommandKind.CLOSE).count()
    assert (root.phase == Phase.ESCALATED) is is_begun_only


@pytest.mark.parametrize("at", some(64, 21))
def test_the_bridge_is_killed_and_does_not_come_back(desk, at):
    desk.steps = Steps(at)
    desk.go_on()
    desk.comes_back = False
    desk.hold(0.3, 0.1)
    with told() as heard:
        root = desk.close()
    check(desk, root, heard.news)


@pytest.mark.parametrize("at", some(40, 13))
def test_the_worker_is_killed_at_every_step(desk, at):
    desk.go_on()
    desk.hold(0.3)
    with told() as heard, Reaper(at).at_work():
        root = desk.close()
    check(desk, root, heard.news)


def test_a_command_that_was_not_fetched_never_is(desk):
    """The bridge goes away before it asks, and comes back when the command is over: another one closes."""
    desk.go_on()
    desk.hold(0.3)
    desk.sleep(LOOK_SECONDS)
    desk.end()
    desk._back_at += timedelta(seconds=10)
    with told() as heard:
        root = desk.close()
    check(desk, root, heard.news)
    assert root.phase == Phase.CLOSED


def test_a_bridge_that_is_gone_is_a_persons_within_a_minute_once(desk):
    desk.go_on()
    desk.hold(0.3)
    desk.sleep(LOOK_SECONDS)
    desk.end()
    desk.comes_back = False
    with told() as heard:
        root = desk.close()
    check(desk, root, heard.news)
    assert root.phase == Phase.ESCALATED
    (news,) = heard.of("closing.escalated")
    assert any("seconds ago" in line for line in news["lines"])
    desk.comes_back = True
    desk.sleep(30)
    assert desk.mt5.requests == []
