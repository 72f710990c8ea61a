"""What the journal wants done in the terminal: once each, whatever dies in between, and nothing that it has not signed."""

from __future__ import annotations

import dataclasses

import pytest
from fillbook_client.mt5.bridge import Bridge
from fillbook_client.mt5.settings import Settings, SettingsMissing, parse, read_settings

from tests.client.mt5.fake import Clock, FakeMetaTrader5
from tests.client.mt5.journal import SECRET, TOKEN, FakeJournal
from tests.simulators.wire import HANG_UP

MARKS = {"magic": 4711, "comment": "FBabcdefgh"}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def mt5(clock):
    found = FakeMetaTrader5(clock)
    found.tick()
    found.deal()
    found.hold(ticket=1100, volume=0.3)
    return found


@pytest.fixture
def journal():
    with FakeJournal() as journal:
        yield journal


@pytest.fixture
def settings(tmp_path, journal):
    return Settings(
        journal.url, TOKEN, SECRET, "12", tmp_path / "mt5.sqlite", 15.0, {}, may_close=True
    )


@pytest.fixture
def bridge(settings, mt5, clock):
    bridge = Bridge(settings, mt5, now=clock)
    yield bridge
    bridge.close()


def close(journal, **more):
    body = {"ticket": "1100", "symbol": "EURUSD", "side": "sell", "volume": "0.3", **MARKS, **more}
    return journal.command("close", **body)


def find(journal, sequence, ticket="1100"):
    return journal.command("find", sequence=sequence, ticket=ticket, symbol="EURUSD", **MARKS)


def sends(mt5):
    return [one for one in mt5.requests if one["action"] == 1]


def test_a_position_is_closed_by_its_ticket(bridge, mt5, journal):
    sequence = close(journal)
    bridge.obey()
    assert mt5.positions == []
    (request,) = mt5.requests
    assert (request["position"], request["type"], request["price"]) == (1100, 1, 1.1)
    assert (request["magic"], request["comment"], request["type_filling"]) == (
        4711,
        "FBabcdefgh",
        1,
    )
    answer = journal.answers[sequence]
    assert (answer["outcome"], answer["retcode"], answer["filled"]) == ("sent", 10009, "0.3")


def test_it_is_told_in_the_same_breath_and_told_once(bridge, journal):
    close(journal)
    bridge.obey()
    assert [len(one["answers"]) for one in journal.polls] == [0, 1]
    bridge.obey()
    assert len(journal.polls[-1]["answers"]) == 0


def test_a_command_that_comes_again_is_not_done_again(bridge, mt5, journal):
    sequence = close(journal, volume="0.1")
    journal.fail(
        "/api/mt5/commands",
        lambda request: None if b'"answers": []' in request.body else HANG_UP,
        times=9,
    )
    for _ in range(3):
        bridge.obey()
    assert len(sends(mt5)) == 1
    journal.mend()
    bridge.obey()
    assert journal.answers[sequence]["retcode"] == 10009
    assert mt5.positions[0].volume == pytest.approx(0.2)


def test_of_one_that_was_begun_when_the_bridge_died_nobody_knows(settings, mt5, clock, journal, monkeypatch):  # fmt: skip
    sequence = close(journal)
    first = Bridge(settings, mt5, now=clock)
    monkeypatch.setattr(first.commands, "_do", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        first.obey()
    first.close()
    second = Bridge(settings, mt5, now=clock)
    second.obey()
    second.close()
    assert sends(mt5) == []
    assert journal.answers[sequence]["outcome"] == "unknown"


def test_starting_over_forgets_no_command(settings, mt5, clock, journal):
    close(journal, volume="0.1")
    first = Bridge(settings, mt5, now=clock)
    first.obey()
    first.store.start_over()
    journal.answers.clear()
    first.obey()
    first.close()
    assert len(sends(mt5)) == 1


@pytest.mark.parametrize("seconds", [0, -1])
def test_one_whose_time_is_over_is_never_begun(bridge, mt5, journal, seconds):
    sequence = close(journal)
    journal.commands[0]["expires_in"] = seconds
    bridge.obey()
    assert (mt5.requests, sequence in journal.answers) == ([], False)


def test_the_time_that_the_answer_took_counts(bridge, mt5, journal, monkeypatch):
    close(journal, expires_in=5)
    times = iter([100.0, 105.0, 200.0])
    monkeypatch.setattr(bridge.commands, "_monotonic", lambda: next(times))
    bridge.obey()
    assert mt5.requests == []


@pytest.mark.parametrize("changed", [{"signs_with": "another"}, {"nonce": "of-yesterday"}])
def test_what_the_journal_has_not_signed_for_this_question_is_not_done(
    bridge, mt5, journal, changed
):
    close(journal)
    for name, value in changed.items():
        setattr(journal, name, value)
    bridge.obey()
    assert mt5.requests == []


def test_a_bridge_that_may_not_close_says_so_and_does_not(settings, mt5, clock, journal):
    close(journal)
    bridge = Bridge(dataclasses.replace(settings, may_close=False), mt5, now=clock)
    bridge.obey()
    bridge.close()
    assert journal.polls[0]["may"] == ["read"]
    assert mt5.requests == []


def test_leave_to_close_is_no_word_by_accident():
    given = {"FILLBOOK_URL": "http://a", "FILLBOOK_TOKEN": "t", "FILLBOOK_MT5_SECRET": "s", "FILLBOOK_MT5_CONNECTION": "1"}  # fmt: skip
    assert not read_settings(parse([]), given).may_close
    assert read_settings(parse(["--closing", "Yes"]), given).may_close
    with pytest.raises(SettingsMissing, match="closing"):
        read_settings(parse(["--closing", "true"]), given)


def test_another_account_in_the_terminal_is_left_alone(bridge, mt5, journal):
    close(journal)
    mt5.login = 700301
    bridge.obey()
    assert mt5.requests == []


def test_a_closed_terminal_is_told_and_nothing_is_done(bridge, mt5, journal):
    close(journal)
    mt5.is_closed = True
    bridge.obey()
    assert journal.polls[0]["account"] is None
    assert journal.answers == {}


def test_never_more_than_is_held_and_never_the_other_way(bridge, mt5, journal):
    more, turned = close(journal, volume="5"), close(journal, side="buy")
    bridge.obey()
    assert [one["volume"] for one in sends(mt5)] == [0.3]
    assert journal.answers[more]["retcode"] == 10009
    assert journal.answers[turned]["outcome"] == "not_sent"


def test_a_position_that_is_gone_and_one_that_is_not_named(bridge, mt5, journal):
    gone, only = close(journal, ticket="9"), close(journal, ticket="")
    bridge.obey()
    assert journal.answers[gone]["outcome"] == "not_sent"
    assert journal.answers[only]["retcode"] == 10009
    mt5.hold(ticket=1), mt5.hold(ticket=2)
    several = close(journal, ticket="")
    bridge.obey()
    assert journal.answers[several]["outcome"] == "not_sent"
    assert "several" in journal.answers[several]["reason"]


def test_an_identifier_stays_when_the_ticket_changes(bridge, mt5, journal):
    mt5.positions[0] = mt5.positions[0]._replace(ticket=2200)
    close(journal)
    bridge.obey()
    assert sends(mt5)[0]["position"] == 2200


@pytest.mark.parametrize(("answers", "count"), [([10004, 10021], 3), ([10006], 1), ([10012], 1), ([10018], 1)])  # fmt: skip
def test_only_a_price_that_moved_is_tried_again(bridge, mt5, journal, answers, count):
    mt5.answers = list(answers)
    sequence = close(journal)
    bridge.obey()
    assert len(sends(mt5)) == count
    assert journal.answers[sequence]["retcode"] == (10009 if count > 1 else answers[0])


def test_another_filling_is_tried_once(bridge, mt5, journal):
    mt5.answers, mt5.filling_mode = [10030], 1
    close(journal)
    bridge.obey()
    assert [one["type_filling"] for one in sends(mt5)] == [0, 2]


def test_no_answer_of_the_terminal_is_unknown_and_is_found(bridge, mt5, journal):
    mt5.lost = True
    sequence = close(journal)
    bridge.obey()
    assert journal.answers[sequence]["outcome"] == "unknown"
    looked = find(journal, sequence)
    bridge.obey()
    found = journal.answers[looked]
    assert (found["begun"], found["outcome"], found["filled"]) == (True, "over", "0.3")


def test_what_is_looked_for_before_it_was_begun_never_is(bridge, mt5, journal):
    sequence = close(journal, expires_in=0)
    looked = find(journal, sequence)
    bridge.obey()
    assert (journal.answers[looked]["begun"], journal.answers[looked]["outcome"]) == (False, "none")
    journal.commands[0]["expires_in"] = 20
    bridge.obey()
    assert mt5.requests == []
    assert journal.answers[sequence]["outcome"] == "not_sent"


def test_an_order_at_work_and_one_that_came_to_nothing(bridge, mt5, journal):
    order = mt5.place(volume=0.3, magic=4711, position_id=1100, volume_current=0.2)
    working = find(journal, 1)
    bridge.obey()
    assert journal.answers[working]["outcome"] == "working"
    assert journal.answers[working]["filled"] == "0.1"
    mt5.orders.clear()
    mt5.past_orders.append(order._replace(state=5))
    over = find(journal, 1)
    bridge.obey()
    assert (journal.answers[over]["outcome"], journal.answers[over]["filled"]) == ("over", "0")


def test_history_that_cannot_be_read_says_nothing(bridge, mt5, journal):
    mt5.failing.add("history_deals_get")
    looked = find(journal, 1)
    bridge.obey()
    assert journal.answers[looked]["outcome"] == "unread"


def test_pending_orders_of_the_symbol_are_taken_back(bridge, mt5, journal):
    mt5.place(), mt5.place(type=5)
    mt5.place("XBR")
    sequence = journal.command("cancel", symbol="EURUSD")
    bridge.obey()
    assert journal.answers[sequence]["left"] == 0
    assert [one.symbol for one in mt5.orders] == ["XBR"]


def test_a_fresh_look_is_pushed_before_it_is_answered(bridge, mt5, journal, clock):
    bridge.turn()
    clock.advance(3)
    sequence = journal.command("read")
    bridge.obey()
    assert journal.answers[sequence]["outcome"] == "looked"
    assert journal.pushes[-1]["made_at"] == "2026-11-18T15:00:03Z"
    assert "positions" in journal.pushes[-1]


def test_a_look_that_did_not_reach_the_journal_is_none(bridge, mt5, journal):
    bridge.turn()
    journal.fail("/api/mt5/pushes", HANG_UP, times=9)
    sequence = journal.command("read")
    bridge.obey()
    assert journal.answers[sequence]["outcome"] == "unread"


def test_while_it_runs_it_asks_between_two_looks(bridge, journal):
    waits = iter([False] * 20 + [True])
    bridge.run(lambda seconds: next(waits))
    assert len(journal.polls) == 21
    assert len(journal.pushes) >= 1
