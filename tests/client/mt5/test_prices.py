"""Bars of positions that were closed, from the terminal to the journal."""

from __future__ import annotations

import pytest
from fillbook_client.mt5.bridge import Bridge
from fillbook_client.mt5.settings import Settings

from tests.client.mt5.fake import Clock, FakeMetaTrader5
from tests.client.mt5.journal import SECRET, TOKEN, FakeJournal, refusal

DAY = 86_400


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def mt5(clock):
    found = FakeMetaTrader5(clock)
    found.tick()
    return found


@pytest.fixture
def journal():
    with FakeJournal() as journal:
        yield journal


@pytest.fixture
def bridge(tmp_path, journal, mt5, clock):
    bridge = Bridge(
        Settings(journal.url, TOKEN, SECRET, "12", tmp_path / "mt5.sqlite", 15.0, {}),
        mt5,
        now=clock,
    )
    yield bridge
    bridge.close()


def turn(bridge, clock, times=1):
    for _ in range(times):
        bridge.turn()
        clock.advance(15)


def closed(mt5, clock, *, days_ago: float, hours: float) -> int:
    end = clock.server_msc / 1000 - days_ago * DAY
    opened = mt5.deal(at=end - hours * 3_600)
    mt5.deal(type=1, entry=1, position=opened.position_id, at=end)
    return opened.position_id


def test_bars_around_a_closed_position_are_sent_once(bridge, mt5, clock, journal):
    closed(mt5, clock, days_ago=1, hours=2)
    turn(bridge, clock, 4)
    (push,) = journal.bars
    assert (push["kind"], push["connection"], push["account"]["login"]) == (
        "mt5 bars",
        "12",
        700300,
    )
    (part,) = push["bars"]
    assert (part["symbol"], part["seconds"]) == ("EURUSD", 60)
    end = int(clock.server_msc / 1000) - 60 - DAY
    assert part["rows"][0][0] == end - 7_200 - 900
    assert part["rows"][-1][0] == end + 900
    assert part["rows"][0][1:] == [1.1, 1.102, 1.099, 1.1, 7]


@pytest.mark.parametrize(
    ("hours", "seconds"), [(23, 60), (30, 300), (24 * 10, 3_600), (24 * 100, DAY)]
)
def test_the_longer_a_position_the_longer_its_bars(bridge, mt5, clock, journal, hours, seconds):
    closed(mt5, clock, days_ago=1, hours=hours)
    turn(bridge, clock)
    assert [part["seconds"] for push in journal.bars for part in push["bars"]] == [seconds]


def test_open_and_old_positions_have_none(bridge, mt5, clock, journal):
    closed(mt5, clock, days_ago=40, hours=1)
    position = closed(mt5, clock, days_ago=1, hours=1)
    mt5.hold(ticket=position)
    turn(bridge, clock, 2)
    assert journal.bars == []


def test_deals_do_not_wait_for_bars_that_cannot_be_had(bridge, mt5, clock, journal):
    mt5.failing.add("copy_rates_range")
    closed(mt5, clock, days_ago=1, hours=1)
    turn(bridge, clock)
    assert len(journal.pushes) == 1
    assert journal.bars == []
    mt5.failing.clear()
    turn(bridge, clock)
    assert len(journal.bars) == 1


def test_bars_that_are_refused_are_given_up_after_a_while(bridge, mt5, clock, journal):
    closed(mt5, clock, days_ago=1, hours=1)
    journal.fail("/api/mt5/bars", refusal(404, "not_found"), times=20)
    turn(bridge, clock, 12)
    asked = [one for one in journal.requests if one.path == "/api/mt5/bars"]
    assert 0 < len(asked) <= 5
