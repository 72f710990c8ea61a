"""A terminal read and closed at through its bridge: the bridge itself, over HTTP, with the server behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
import time_machine
from django.utils import timezone
from django_scopes import scope
from fillbook_client.mt5.bridge import Bridge
from fillbook_client.mt5.settings import Settings

from accounts.scopes import Scope
from common.errors import Forbidden, Rejected
from journal.brokers.fetching import PullFault, Verdict
from journal.brokers.live import Ability, ClosingOrder
from journal.domain.fate import Fate
from journal.domain.values import Side
from journal.models import BridgeCommand, CommandKind, CommandState, ImportBatch
from journal.services.bridges.commands import Wish, give_command, read_poll, take_poll
from journal.services.bridges.connecting import connect_bridge
from journal.services.desks.bridge import marks_of, reply_of
from journal.services.desks.opening import abilities_of, open_desk
from journal.services.imports import run_import
from journal.services.readings import Heard, readings_of_batch
from tests import people
from tests.client.mt5.fake import Clock as TerminalClock
from tests.client.mt5.fake import FakeMetaTrader5

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "700300"


class Beside:
    """The clock of whoever waits: while it does, the bridge is at work, if it is there."""

    def __init__(self, time) -> None:
        self.bridge: Bridge | None = None
        self.time = time

    def now(self):
        return timezone.now()

    def sleep(self, seconds: float) -> None:
        self.time.shift(seconds)
        if self.bridge is not None:
            self.bridge.obey()


@pytest.fixture(autouse=True)
def time():
    """Of this process, the server's thread among it: it stands still until somebody waits."""
    with time_machine.travel(datetime(2026, 11, 18, 15, tzinfo=UTC), tick=False) as time:
        yield time


@pytest.fixture
def workspace():
    workspace = people.alice().workspace
    with scope(workspace=workspace.pk):
        yield workspace


@pytest.fixture
def mt5():
    clock = TerminalClock()
    found = FakeMetaTrader5(clock)
    found.tick()
    opened = found.deal(volume=0.3)
    found.hold(ticket=opened.position_id, volume=0.3)
    return found


@pytest.fixture
def connected(workspace):
    return connect_bridge(workspace.pk, user_id=None)


@pytest.fixture
def connection(connected):
    return connected[0]


@pytest.fixture
def beside(time):
    return Beside(time)


@pytest.fixture
def bridge(live_server, tmp_path, connected, mt5, beside):
    connection, secret = connected
    _, token = people.token(people.alice(), Scope.CAPTURE_WRITE)
    settings = Settings(
        live_server.url, token, secret, str(connection.pk), tmp_path / "mt5.sqlite", 15.0, {}, may_close=True
    )  # fmt: skip
    bridge = beside.bridge = Bridge(settings, mt5, now=mt5.clock)
    bridge.turn()
    bridge.obey()
    yield bridge
    bridge.close()


@pytest.fixture
def desk(connection, beside):
    with open_desk(connection, timeout=3, clock=beside) as desk:
        yield desk


def closing(desk, client_id="k-1", quantity="0.3"):
    held = desk.read(NUMBER).holdings[0]
    return ClosingOrder(held.instrument, held.ticket, Side.SELL, D(quantity), client_id)


def test_what_the_bridge_allows_is_what_can_be_done(connection, bridge):
    connection.refresh_from_db()
    assert abilities_of(connection) == set(Ability)
    connection.state = {}
    assert Ability.CLOSE not in abilities_of(connection)


def test_an_account_is_read_by_what_was_just_pushed(desk, bridge, mt5):
    seen = desk.read(NUMBER)
    assert seen.is_complete
    (held,) = seen.holdings
    assert (held.instrument.symbol, held.ticket) == ("EURUSD", str(mt5.positions[0].identifier))
    assert (held.signed_quantity, held.average_price, held.instrument.multiplier) == (
        D("0.3"),
        D("1.1"),
        100_000,
    )
    assert (seen.currency, seen.balance, seen.equity, seen.cash) == (
        "USD",
        1000,
        1000,
        {"USD": 1000},
    )
    assert not BridgeCommand.objects.exists()


def test_prices_are_those_of_the_latest_tick_with_its_time(desk, bridge, beside, mt5):
    (held,) = desk.read(NUMBER).holdings
    assert (held.bid, held.ask, held.size, held.is_halted) == (D("1.1"), D("1.1001"), None, False)
    assert held.price_at == datetime(2026, 11, 18, 15, tzinfo=UTC)
    # The market stands still for an hour, and the terminal goes on showing its last price.
    beside.time.shift(3600)
    mt5.clock.advance(3600)
    mt5.quotes, mt5.trade_mode = {"EURUSD": (0.0, 1.2)}, 0
    bridge.obey()
    (held,) = desk.read(NUMBER).holdings
    assert (held.bid, held.ask, held.is_halted) == (None, D("1.2"), True)
    assert held.price_at == datetime(2026, 11, 18, 15, tzinfo=UTC)


def test_a_symbol_without_a_tick_has_a_price_of_which_nobody_knows_how_old_it_is(
    desk, bridge, beside, mt5
):
    beside.time.shift(30)
    mt5.ticks.clear()
    (held,) = desk.read(NUMBER).holdings
    assert (held.price, held.price_at, held.bid) == (D("1.1"), None, None)


def test_what_is_older_is_looked_at_anew(desk, bridge, beside, mt5):
    beside.time.shift(30)
    mt5.clock.advance(30)
    mt5.positions.clear()
    seen = desk.read(NUMBER)
    assert (seen.holdings, seen.is_complete) == ((), True)
    assert BridgeCommand.objects.get().kind == CommandKind.READ


def test_a_bridge_that_is_gone_leaves_the_account_unknown(desk, bridge, beside):
    beside.bridge = None
    beside.time.shift(600)
    with pytest.raises(PullFault, match="seconds ago") as caught:
        desk.read(NUMBER)
    assert (caught.value.code, caught.value.verdict) == ("push_stale", Verdict.LATER)


def test_an_account_that_was_never_pushed_is_unknown(desk, connection):
    with pytest.raises(PullFault, match="No bridge"):
        desk.read(NUMBER)


@pytest.mark.parametrize("part", ["positions_get", "orders_get"])
def test_what_could_not_be_read_is_lacking(desk, bridge, beside, mt5, part):
    mt5.failing.add(part)
    beside.time.shift(30)
    mt5.clock.advance(30)
    assert desk.read(NUMBER).lacking == (part.partition("_")[0],)


def test_a_terminal_without_its_broker_tells_nothing_sure(desk, bridge, beside, mt5):
    mt5.is_connected = False
    beside.time.shift(30)
    mt5.clock.advance(30)
    assert not desk.read(NUMBER).is_complete


def test_working_orders_are_told(desk, bridge, beside, mt5):
    mt5.place(type=3, price=1.2)
    mt5.place(type=4, price=1.3, volume=0.2, volume_current=0.1)
    beside.time.shift(30)
    mt5.clock.advance(30)
    limit, stop = desk.read(NUMBER).orders
    assert (limit.side, limit.limit_price, limit.stop_price) == (Side.SELL, D("1.2"), None)
    assert (stop.side, stop.stop_price, stop.filled_quantity) == (Side.BUY, D("1.3"), D("0.1"))


def test_a_position_is_closed_once_by_one_name(desk, bridge, beside, mt5):
    order = closing(desk)
    first = desk.send_close(NUMBER, order)
    assert (first.fate, first.filled) == (Fate.FILLED, D("0.3"))
    assert desk.send_close(NUMBER, order) == first
    assert len([one for one in mt5.requests if one["action"] == 1]) == 1
    assert mt5.deals[-1].magic == marks_of("k-1")["magic"]
    assert desk.find_order(NUMBER, "k-1") == first
    beside.time.shift(30)
    assert desk.read(NUMBER).holdings == ()


def test_a_command_that_nobody_fetched_never_was(desk, bridge, beside, mt5):
    order = closing(desk)
    beside.bridge = None
    assert desk.send_close(NUMBER, order).fate is Fate.NEVER
    beside.bridge = bridge
    bridge.obey()
    assert mt5.requests == []
    assert desk.find_order(NUMBER, "k-1").fate is Fate.NEVER


def test_an_answer_that_was_lost_is_unknown_and_then_found(desk, bridge, mt5):
    order = closing(desk)
    mt5.lost = True
    assert desk.send_close(NUMBER, order).fate is Fate.UNKNOWN
    found = desk.find_order(NUMBER, "k-1")
    assert (found.fate, found.filled) == (Fate.FILLED, D("0.3"))
    assert len(mt5.requests) == 1


def test_a_name_that_was_looked_for_first_is_never_sent(desk, bridge, mt5):
    order = closing(desk)
    assert desk.find_order(NUMBER, "k-1").fate is Fate.NEVER
    assert desk.send_close(NUMBER, order).fate is Fate.NEVER
    assert mt5.requests == []


def test_orders_at_work_are_taken_back(desk, bridge, mt5):
    mt5.place()
    held = desk.read(NUMBER).holdings[0]
    assert desk.cancel_orders(NUMBER, held.instrument)
    mt5.place()
    mt5.answers = [10018]
    assert not desk.cancel_orders(NUMBER, held.instrument)


def test_another_bridge_is_not_given_what_one_has_fetched(connection):
    now = timezone.now()
    give_command(
        connection, Wish(CommandKind.CLOSE, NUMBER, {}, "k"), lasts=timedelta(seconds=20), now=now
    )

    def poll(bridge, *answers):
        return read_poll(
            b'{"kind":"mt5 commands","nonce":"n","bridge":"%s","account":{"login":700300},"may":["close"],"answers":[%s]}'
            % (bridge, b",".join(answers))
        )  # fmt: skip

    assert len(take_poll(connection.pk, poll(b"one"), now=now).commands) == 1
    assert take_poll(connection.pk, poll(b"two"), now=now).commands == []
    # Nor may it answer for the other.
    take_poll(connection.pk, poll(b"two", b'{"sequence":1,"answer":{"outcome":"sent"}}'), now=now)
    assert BridgeCommand.objects.get().state == CommandState.FETCHED
    assert len(take_poll(connection.pk, poll(b"one"), now=now).commands) == 1
    assert take_poll(connection.pk, poll(b"one"), now=now + timedelta(seconds=21)).commands == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"kind":"x"}', b'{"kind":"mt5 commands","bridge":"b","nonce":"n","may":1,"answers":[]}',
             b'{"kind":"mt5 commands","bridge":"b","nonce":"n","may":[],"answers":[{"sequence":"1","answer":{}}]}',
             b'{"kind":"mt5 commands","bridge":"b","nonce":"n","may":[],"answers":[{"sequence":1,"answer":{"a":"\\u0000"}}]}'],
)  # fmt: skip
def test_what_is_no_question_is_refused(body):
    with pytest.raises(Rejected):
        read_poll(body)


def test_a_token_for_another_account_gets_nothing(workspace, connection, bridge):
    run_import(ImportBatch.objects.get())
    poll = read_poll(
        b'{"kind":"mt5 commands","nonce":"n","bridge":"b","account":{"login":5},"may":[],"answers":[]}'
    )
    account = ImportBatch.objects.get().result["accounts"][0]
    with pytest.raises(Forbidden):
        take_poll(connection.pk, poll, account_id=account["id"])


@pytest.mark.parametrize(
    ("answer", "fate", "is_final"),
    [
        ({"outcome": "sent", "retcode": 10009, "filled": "0.3"}, Fate.FILLED, False),
        *(({"outcome": "sent", "retcode": code}, Fate.UNKNOWN, False) for code in (10008, 10010, 10012, 10031, 10999, None, "x")),
        *(({"outcome": "sent", "retcode": code}, Fate.REJECTED, False) for code in (10004, 10006, 10024, 10036, 10038, 10039)),
        *(({"outcome": "sent", "retcode": code}, Fate.REJECTED, True) for code in (10013, 10017, 10018, 10019, 10026, 10027, 10045)),
        ({"outcome": "not_sent", "reason": "gone"}, Fate.REJECTED, False),
        ({"outcome": "unknown"}, Fate.UNKNOWN, False),
        ({}, Fate.UNKNOWN, False),
    ],
)  # fmt: skip
def test_what_an_answer_says_of_the_order(answer, fate, is_final):
    reply = reply_of(answer)
    assert (reply.fate, reply.is_final) == (fate, is_final)


def test_a_booked_push_is_handed_up_as_a_reading(workspace, bridge):
    batch = ImportBatch.objects.get()
    assert list(readings_of_batch(batch)) == []
    run_import(batch)
    (told,) = readings_of_batch(ImportBatch.objects.get())
    assert (told.heard, told.account.broker_id) == (Heard.PUSHED, NUMBER)
    assert told.reading.holdings[0].signed_quantity == D("0.3")
