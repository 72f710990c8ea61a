"""The bridge from a terminal to a journal: what is pushed, once, in order, whatever fails in between."""

from __future__ import annotations

import itertools
import json
import logging
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from fillbook_client.mt5 import reader
from fillbook_client.mt5.bridge import AlreadyRunning, Bridge
from fillbook_client.mt5.settings import Settings

from tests.client.mt5.fake import Clock, FakeMetaTrader5
from tests.client.mt5.journal import SECRET, TOKEN, FakeJournal, refusal
from tests.simulators.wire import HANG_UP, Response

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
def settings(tmp_path, journal):
    return Settings(journal.url, TOKEN, SECRET, "12", tmp_path / "mt5.sqlite", 15.0, {})


@pytest.fixture
def bridge(settings, mt5, clock):
    bridge = Bridge(settings, mt5, now=clock)
    yield bridge
    bridge.close()


def turn(bridge, clock, times=1, seconds=15):
    for _ in range(times):
        bridge.turn()
        clock.advance(seconds)


def deals_of(push):
    return [deal["ticket"] for deal in push.get("deals", [])]


# -- what is pushed


def test_all_of_the_history_comes_first_and_then_what_is_new(bridge, mt5, clock, journal):
    old = [mt5.deal(at=clock.server_msc / 1000 - n * DAY).ticket for n in (400, 30, 1)]
    turn(bridge, clock)
    new = mt5.deal().ticket
    turn(bridge, clock)
    assert [deals_of(push) for push in journal.pushes] == [old, [new]]
    assert journal.sequence == [1, 2]
    assert [push["connection"] for push in journal.pushes] == ["12", "12"]


def test_nothing_new_is_a_state_once_a_minute(bridge, mt5, clock, journal):
    turn(bridge, clock, 9)
    assert [("deals" in push, "positions" in push) for push in journal.pushes] == [
        (True, True), (False, True), (False, True),
    ]  # fmt: skip


def test_a_snapshot_is_what_the_reader_reads(bridge, mt5, clock, journal):
    mt5.deal("XBR", price=80.1)
    mt5.hold("XBR")
    mt5.tick("XBR")
    turn(bridge, clock)
    (push,) = journal.pushes
    assert next(iter(push)) == "kind"
    assert push["kind"] == "mt5 snapshot"
    assert push["made_at"] == "2026-11-18T15:00:00Z"
    assert push["window"]["to"] == push["complete_until"] == clock.server_msc // 1000 - 15
    assert (push["account"]["login"], push["account"]["currency"]) == (700300, "USD")
    assert push["symbols"][0]["trade_contract_size"] == 1000.0
    assert push["deals"][0].keys() >= {"ticket", "position_id", "time_msc", "entry"}
    assert "Sample Person" not in json.dumps(push)


def test_a_closing_deal_brings_the_one_that_opened_its_position(bridge, mt5, clock, journal):
    opening = mt5.deal(at=clock.server_msc / 1000 - 200 * DAY)
    mt5.deal(at=clock.server_msc / 1000 - 199 * DAY)
    turn(bridge, clock)
    closing = mt5.deal(type=1, entry=1, position=opening.position_id)
    turn(bridge, clock)
    assert deals_of(journal.pushes[1]) == [opening.ticket, closing.ticket]
    assert journal.pushes[1]["window"]["from"] > opening.time


def test_a_deal_that_the_broker_changes_is_sent_again_with_all_since(bridge, mt5, clock, journal):
    first, second = mt5.deal(), mt5.deal()
    turn(bridge, clock)
    mt5.deals[0] = first._replace(commission=-0.7)
    turn(bridge, clock)
    turn(bridge, clock)
    assert deals_of(journal.pushes[1]) == [first.ticket, second.ticket]
    assert journal.pushes[1]["deals"][0]["commission"] == -0.7
    assert len(journal.pushes) == 2


def test_a_late_deal_of_the_last_days_is_found(bridge, mt5, clock, journal):
    mt5.deal()
    turn(bridge, clock)
    late = mt5.deal(at=clock.server_msc / 1000 - 2 * DAY)
    turn(bridge, clock)
    assert late.ticket in deals_of(journal.pushes[1])
    assert journal.pushes[1]["window"]["from"] == late.time


def test_history_that_the_terminal_learns_late_is_found_by_the_second_look(
    bridge, mt5, clock, journal
):
    mt5.deal()
    turn(bridge, clock)
    late = mt5.deal(at=clock.server_msc / 1000 - 300 * DAY)
    turn(bridge, clock)
    assert late.ticket in deals_of(journal.pushes[-1])


def test_history_that_the_terminal_learns_still_later_is_found_the_next_day(
    bridge, mt5, clock, journal
):
    mt5.deal()
    turn(bridge, clock, 2)
    late = mt5.deal(at=clock.server_msc / 1000 - 300 * DAY)
    turn(bridge, clock)
    assert late.ticket not in journal.tickets
    clock.advance(DAY)
    mt5.tick()
    turn(bridge, clock, 2)
    assert late.ticket in journal.tickets


def test_once_a_servers_day_positions_come_with_all_deals_since_midnight(
    bridge, mt5, clock, journal
):
    mt5.deal()
    turn(bridge, clock)
    clock.advance(8 * 3600)  # past the server's midnight, where UTC is still yesterday
    mt5.tick()
    turn(bridge, clock, 2)
    daily = journal.pushes[1]
    midnight = daily["complete_until"] // DAY * DAY
    assert daily["window"]["from"] <= midnight
    assert (daily["deals"], daily["positions"]) == ([], [])
    assert [("window" in push) for push in journal.pushes[2:]] in ([], [False])


def test_much_history_comes_in_pieces_without_a_gap_between(
    bridge, mt5, clock, journal, monkeypatch
):
    monkeypatch.setattr(reader, "DEALS_MAX", 7)
    start = clock.server_msc / 1000 - 100 * DAY
    all_deals = [mt5.deal(at=start + n * 3600).ticket for n in range(30)]
    turn(bridge, clock)
    assert journal.tickets == all_deals
    windows = [push["window"] for push in journal.pushes]
    assert len(windows) == 5
    assert all(one["to"] == other["from"] for one, other in itertools.pairwise(windows))
    assert ["positions" in push for push in journal.pushes] == [False] * 4 + [True]


def test_ticks_tell_between_which_moments_of_our_clock_they_came(bridge, mt5, clock, journal):
    turn(bridge, clock)
    mt5.tick()
    turn(bridge, clock)
    mt5.deal()
    turn(bridge, clock)
    (tick,) = journal.pushes[-1]["ticks"]
    assert tick["earlier_seen_at"] < tick["seen_at"]
    assert "earlier_seen_at" not in journal.pushes[0]["ticks"][0]


# -- the terminal fails


def test_what_cannot_be_read_is_left_out_and_said(bridge, mt5, clock, journal):
    mt5.hold()
    turn(bridge, clock)
    mt5.failing = {"positions_get", "history_deals_get"}
    clock.advance(60)
    turn(bridge, clock)
    state = journal.pushes[-1]
    assert "positions" not in state
    assert "deals" not in state
    assert {one["call"] for one in state["unread"]} == {"positions_get", "history_deals_get"}
    assert state["complete_until"] == journal.pushes[0]["complete_until"]


def test_a_terminal_that_is_closed_is_told_and_found_again(bridge, mt5, clock, journal, caplog):
    turn(bridge, clock)
    mt5.is_closed = True
    clock.advance(60)
    turn(bridge, clock, 3)
    state = journal.pushes[-1]
    assert (state["account"]["login"], [one["code"] for one in state["unread"]]) == (
        700300,
        [-10004],
    )
    assert "positions" not in state
    assert caplog.text.count("not there") == 1
    mt5.is_closed = False
    deal = mt5.deal()
    turn(bridge, clock)
    assert deals_of(journal.pushes[-1]) == [deal.ticket]


def test_a_terminal_that_was_never_there_is_waited_for(settings, mt5, clock, journal):
    mt5.is_closed = True
    bridge = Bridge(settings, mt5, now=clock)
    turn(bridge, clock, 2)
    assert not journal.pushes
    mt5.is_closed = False
    turn(bridge, clock)
    assert len(journal.pushes) == 1
    bridge.close()


def test_a_terminal_without_its_broker_is_not_believed(bridge, mt5, clock, journal):
    turn(bridge, clock)
    mt5.is_connected = False
    clock.advance(60)
    mt5.tick()
    turn(bridge, clock)
    state = journal.pushes[-1]
    assert "deals" not in state
    assert state["complete_until"] == journal.pushes[0]["complete_until"]
    assert state["unread"][0]["text"] == "No connection to the broker"


def test_nobody_signed_in_is_no_account(bridge, mt5, clock, journal):
    mt5.login = 0
    turn(bridge, clock)
    assert not journal.pushes


def test_another_account_has_a_sequence_of_its_own(bridge, mt5, clock, journal):
    turn(bridge, clock, 2)
    mt5.login = 700301
    turn(bridge, clock)
    assert [(push["account"]["login"], push["sequence"]) for push in journal.pushes] == [
        (700300, 1),
        (700301, 1),
    ]


# -- the journal fails


@pytest.mark.parametrize(
    "trouble",
    [
        HANG_UP,
        Response.html(502, "Bad Gateway"),
        refusal(503, "maintenance"),
        refusal(401, "token_revoked"),
    ],
)
def test_pushes_wait_and_come_in_order_when_the_journal_is_back(
    trouble, bridge, mt5, clock, journal
):
    journal.fail("/api", trouble, times=3)
    for _ in range(3):
        mt5.deal()
        turn(bridge, clock)
    assert not journal.pushes
    for _ in range(8):
        turn(bridge, clock)
    assert journal.sequence[:3] == [1, 2, 3]
    assert journal.tickets == [100, 101, 102]


def test_states_do_not_pile_up_while_the_journal_is_gone(bridge, mt5, clock, journal):
    journal.fail("/api", HANG_UP, times=10_000)
    turn(bridge, clock, 40, seconds=60)
    # One that was tried and must not change, the next day's, and the latest of those that were not.
    assert bridge.store.count() <= 3


def test_an_answer_that_is_lost_does_no_harm(bridge, mt5, clock, journal):
    mt5.deal()

    def lose(request):
        journal.respond(request)
        return HANG_UP

    journal.fail("/api", lose)
    turn(bridge, clock)
    mt5.deal()
    turn(bridge, clock, 3)
    assert journal.tickets == [100, 101]
    assert journal.sequence == [1, 2]


def test_a_journal_that_misses_something_gets_it_again(bridge, mt5, clock, journal):
    first = mt5.deal(at=clock.server_msc / 1000 - 10 * DAY)
    second = mt5.deal(at=clock.server_msc / 1000 - 5 * DAY)
    turn(bridge, clock)
    journal.resend_from = second.time
    mt5.deal()
    turn(bridge, clock, 2)
    again = journal.pushes[2]
    assert again["window"]["from"] == second.time
    assert deals_of(again) == [101, 102]
    journal.resend_from = 0
    clock.advance(60)
    turn(bridge, clock, 2)
    assert deals_of(journal.pushes[-1]) == [100, 101, 102]
    assert first.ticket == 100


def test_a_memory_older_than_the_journals_starts_over(settings, mt5, clock, journal):
    bridge = Bridge(settings, mt5, now=clock)
    turn(bridge, clock)
    bridge.close()
    saved = settings.spool.read_bytes()
    bridge = Bridge(settings, mt5, now=clock)
    mt5.deal()
    turn(bridge, clock)
    bridge.close()
    settings.spool.write_bytes(saved)
    for extra in settings.spool.parent.glob("mt5.sqlite-*"):
        extra.unlink()
    bridge = Bridge(settings, mt5, now=clock)
    mt5.deal()
    turn(bridge, clock, 3)
    assert len({push["bridge"] for push in journal.pushes}) == 2
    assert set(journal.tickets) == {100, 101}
    bridge.close()


def test_a_killed_bridge_goes_on_where_it_was(settings, mt5, clock, journal):
    journal.fail("/api", HANG_UP)
    bridge = Bridge(settings, mt5, now=clock)
    mt5.deal()
    turn(bridge, clock)
    bridge.close()
    clock.advance(600)
    bridge = Bridge(settings, mt5, now=clock)
    mt5.deal()
    turn(bridge, clock)
    bridge.close()
    assert journal.tickets == [100, 101]
    assert journal.sequence == [1, 2]


def test_two_bridges_do_not_share_a_spool(bridge, settings, mt5, clock):
    with pytest.raises(AlreadyRunning):
        Bridge(settings, mt5, now=clock)


def test_a_spool_that_cannot_be_used_is_said_and_ends_nothing(
    bridge, mt5, clock, journal, caplog, monkeypatch
):
    def broken(*_args, **_more):
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(bridge.store, "add", broken)
        turn(bridge, clock)
    assert "disk I/O error" in caplog.text
    turn(bridge, clock)
    assert journal.sequence == [1]


def test_no_secret_is_logged_or_stored(settings, mt5, clock, journal, caplog):
    caplog.set_level(logging.DEBUG)
    journal.fail("/api", refusal(401, "token_revoked"), times=2)
    options = {"login": 700300, "password": "pw-55aa", "server": "Sample-Demo"}
    bridge = Bridge(
        settings.__class__(**{**settings.__dict__, "terminal": options}), mt5, now=clock
    )
    turn(bridge, clock, 4)
    bridge.close()
    assert mt5.initialized_with == [options]
    stored = b"".join(path.read_bytes() for path in Path(settings.spool.parent).iterdir())
    for secret in (TOKEN, SECRET, "pw-55aa"):
        assert secret not in caplog.text
        assert secret.encode() not in stored


def test_a_clock_east_or_west_of_greenwich_finds_all_deals(settings, mt5, journal):
    for number, hours in enumerate((-11, 0, 14)):
        clock = Clock(ahead=timedelta(hours=hours))
        fake = FakeMetaTrader5(clock)
        fake.tick()
        there = Bridge(
            settings.__class__(
                **{**settings.__dict__, "spool": settings.spool.with_name(f"{number}.sqlite")}
            ),
            fake,
            now=clock,
        )
        fake.deal()
        turn(there, clock)
        there.close()
        assert deals_of(journal.pushes[-1]) == [100]


def test_ticks_hold_prices_and_come_of_all_that_is_held(bridge, mt5, clock, journal):
    names = [f"PAIR{number}" for number in range(20)]
    for name in names:
        mt5.ticks[name] = mt5.clock.server_msc
        mt5.hold(symbol=name)
    mt5.quotes["PAIR7"] = (0.0, float("nan"))
    turn(bridge, clock)
    ticks = {one["symbol"]: one for one in journal.pushes[-1]["ticks"]}
    assert ticks.keys() >= set(names)
    assert (ticks["PAIR3"]["bid"], ticks["PAIR3"]["ask"]) == (1.1, 1.1001)
    assert ticks["PAIR7"].keys() & {"bid", "ask"} == set()
