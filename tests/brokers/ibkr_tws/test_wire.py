"""The simulator speaks what ib_async reads, and our client sends nothing but questions."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ib_async import Client, LimitOrder, Stock
from ib_async.decoder import Decoder

from journal.services.tws.client import READS, ReadOnly, ReadOnlyClient
from journal.services.tws.inbox import Event, Inbox, Said
from journal.services.tws.listener import Listener, TimeWithoutZone
from tests.brokers.ibkr_tws.api import NOW
from tests.listening import ACME, bracket, fill_of
from tests.simulators import tws as wire


def decoded(message: list[object]) -> list[tuple]:
    """What ib_async makes of it, and that it is read to its last field."""
    heard = []

    class Wrapper:
        ib = SimpleNamespace(TimezoneTWS="")
        defaultTimezone = None  # noqa: N815

        def __getattr__(self, name):
            return lambda *said: heard.append((name, *said))

    decoder = Decoder(Wrapper(), wire.VERSION)
    decoder.handlers[int(str(message[0]))]([str(one) for one in message])
    return heard


def test_an_open_order_is_read_as_it_was_meant():
    order = bracket(reference="my-1")[1]
    ((name, number, contract, read, state),) = decoded(wire.open_order(order))
    assert (name, number, contract.conId, contract.localSymbol) == ("openOrder", 12, 4711, "ACME")
    assert (read.permId, read.parentId, read.clientId, read.orderRef, read.ocaGroup) == (
        5002,
        11,
        5,
        "my-1",
        "5001",
    )
    assert (read.action, read.orderType, read.auxPrice, read.totalQuantity) == (
        "SELL",
        "STP",
        24.0,
        100.0,
    )
    assert (read.account, read.tif, read.whatIf, state.status) == (
        "U7654321",
        "GTC",
        False,
        "PreSubmitted",
    )


def test_a_trailing_stop_of_several_legs_is_read_to_the_last_field():
    bag = wire.Contract(1, "SPX", "BAG", legs=((90, 1, "SELL"), (91, 2, "BUY")))
    order = wire.Order(21, 7001, bag, kind="TRAIL", trail="24.4")
    ((_, _, contract, read, _),) = decoded(wire.open_order(order))
    assert (read.trailStopPrice, [(leg.conId, leg.ratio) for leg in contract.comboLegs]) == (
        24.4,
        [(90, 1), (91, 2)],
    )


def test_a_completed_order_is_read_as_it_was_meant():
    order = wire.Order(
        12,
        5002,
        ACME,
        status="Cancelled",
        filled="40",
        ended="Cancelled by Trader",
        parent_permanent=9,
    )
    ((name, contract, read, state),) = decoded(wire.completed_order(order))
    assert (name, contract.conId, read.permId, read.parentPermId, read.filledQuantity) == (
        "completedOrder", 4711, 5002, 9, 40.0,
    )  # fmt: skip
    assert (state.status, state.completedStatus) == ("Cancelled", "Cancelled by Trader")


def test_a_status_and_a_commission_are_read_as_they_were_meant():
    order = wire.Order(12, 5002, ACME, filled="40", average="25.4", held="trigger")
    ((_, number, status, filled, left, average, permanent, *_, client, held, _),) = decoded(
        wire.order_status(order)
    )
    assert (number, status, filled, left, average, permanent, client, held) == (
        12, "Submitted", 40.0, 60.0, 25.4, 5002, 5, "trigger",
    )  # fmt: skip
    ((_, report),) = decoded(wire.commission(fill_of(order, cost="1.05")))
    assert (report.commission, report.currency) == (1.05, "USD")


def heard(zone: str, at: str) -> Event:
    inbox = Inbox()
    client = ReadOnlyClient(Listener(inbox, zone))
    client.decoder.serverVersion = wire.VERSION
    client.decoder.interpret([str(one) for one in wire.execution(fill_of(bracket()[0], at=at))])
    events = inbox.take(2)
    return events[0] if events else Event(Said.TROUBLED, (client.wrapper.unread_words,), NOW)


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("", "20260602 09:30:00 America/New_York"),
        ("", "20260602 15:30:00 Europe/Berlin"),
        ("Asia/Tokyo", "20260602 09:30:00 US/Eastern"),
        ("", "20260602-13:30:00"),
        ("Europe/Berlin", "20260602  15:30:00"),
    ],
)
def test_a_time_is_the_same_moment_however_tws_is_set(zone, at):
    event = heard(zone, at)
    assert (event.said, event.what[1].time) == (Said.FILLED, NOW)


def test_a_time_without_a_zone_is_refused_and_says_what_to_do():
    (words,) = heard("", "20260602  15:30:00").what
    assert str(TimeWithoutZone()) in words


def test_a_message_that_cannot_be_read_is_told():
    listener = Listener(Inbox(), "")
    ReadOnlyClient(listener).decoder.interpret(["5", "12"])
    assert "could not be read" in listener.unread_words


def test_messages_of_other_kinds_are_nothing_to_us():
    listener = Listener(Inbox(), "")
    ReadOnlyClient(listener).decoder.interpret(["9999", "1"])
    assert listener.unread_words == ""


def test_nothing_that_is_no_question_can_be_sent():
    client = ReadOnlyClient(Listener(Inbox(), ""))
    client.connState = Client.CONNECTED
    client._serverVersion = wire.VERSION
    with pytest.raises(ReadOnly):
        client.placeOrder(1, Stock("ACME", "SMART", "USD"), LimitOrder("BUY", 1, 1))
    for number in range(120):
        if number not in READS:
            with pytest.raises(ReadOnly):
                client.send(number, 1)


def test_what_is_not_pushed_in_time_was_asked_for():
    listener = Listener(Inbox(), "")
    (event,) = [heard("", "20260602-13:30:00")]
    contract, execution = event.what
    execution.time = listener.connected_at
    listener.execDetails(3, contract, execution)
    assert listener.is_pushed_to


def test_an_inbox_that_is_full_counts_what_it_loses_and_takes_all_of_an_answer():
    inbox = Inbox(2)
    events = [Event(Said.CHARGED, (n,), NOW) for n in range(5)]
    for one in events[:4]:
        inbox.put(one)
    inbox.put(events[4], is_asked=True)
    assert (inbox.lost, len(inbox)) == (2, 3)
    first = inbox.take(2)
    inbox.put_back(first)
    assert [one.what[0] for one in inbox.take(9)] == [0, 1, 4]
