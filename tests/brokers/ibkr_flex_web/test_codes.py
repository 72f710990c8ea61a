"""Every code of the Flex Web Service at either step: what is asked after it, and what a person is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from journal.brokers.fetching import PullFault, Verdict, Window
from journal.brokers.ibkr_flex_web.fetcher import IbkrFlexWeb
from journal.brokers.ibkr_flex_web.service import DEADLINE
from tests.simulators import ibkr_flex
from tests.simulators.ibkr_flex import GET, SEND
from tests.simulators.worlds import WORLDS

# As the documentation lists them, what follows from each at SendRequest and at GetStatement.
AT_SEND = {
    "1001": ("later", 1), "1003": ("later", 4), "1004": ("later", 1), "1005": ("later", 1), "1006": ("later", 1),
    "1007": ("later", 1), "1008": ("later", 1), "1009": ("later", 1), "1010": ("person", 1), "1011": ("person", 1),
    "1012": ("person", 1), "1013": ("person", 1), "1014": ("person", 1), "1015": ("person", 1), "1016": ("person", 1),
    "1017": ("person", 1), "1018": ("later", 2), "1019": ("later", 1), "1020": ("person", 1), "1021": ("later", 1),
    "1025": ("blocked", 1), "1002": ("person", 1), "1022": ("person", 1), "9999": ("person", 1),
}  # fmt: skip
POLLED = ("1001", "1004", "1005", "1006", "1007", "1008", "1009", "1018", "1019", "1021")
STOPPED = ("1010", "1011", "1012", "1013", "1014", "1015", "1016", "1020", "1002", "1022", "9999")


@pytest.fixture
def world():
    with WORLDS["ibkr_flex"]() as world:
        yield world


@pytest.fixture
def flex(world):
    return world.simulator


@pytest.fixture
def link(world):
    link = world.link()
    yield link
    link.close()


def fetch(link, days: int = 30) -> list:
    now = link.now()
    window = Window(now - timedelta(days=days), now + timedelta(days=1))
    return list(IbkrFlexWeb().fetch(link, window))


def fault(link, **asked) -> PullFault:
    with pytest.raises(PullFault) as caught:
        fetch(link, **asked)
    return caught.value


@pytest.mark.parametrize("code", AT_SEND)
def test_at_send_request(flex, link, code):
    verdict, requests = AT_SEND[code]
    flex.script(send=[code] * 20)
    raised = fault(link)
    assert (raised.verdict, raised.code) == (Verdict(verdict), f"flex_{code}")
    assert len(flex.asked(SEND)) == requests
    assert flex.asked(GET) == []
    assert code in raised.message
    assert link.state.get("request") is None


@pytest.mark.parametrize("code", POLLED)
def test_at_get_statement_the_same_one_is_asked_for_again(flex, link, code):
    flex.script(get=[code] * 3)
    documents = fetch(link)
    assert len(documents) == 1
    assert len(flex.asked(SEND)) == 1
    assert len(set(flex.references())) == 1
    assert len(flex.references()) == 4


@pytest.mark.parametrize("code", POLLED)
def test_at_get_statement_it_is_not_asked_for_for_ever(flex, link, code):
    flex.script(get=[code] * 500)
    began = link.now()
    raised = fault(link)
    assert (raised.verdict, raised.code) == (Verdict.LATER, "flex_not_ready")
    assert DEADLINE <= link.now() - began < DEADLINE + timedelta(minutes=3)
    # The reference stays: the next run asks for the same statement.
    assert link.state["request"]["reference"] == flex.references()[0]
    flex.on_get.clear()
    link.clock.advance(hours=1)
    assert len(fetch(link)) == 1
    assert len(flex.asked(SEND)) == 1


@pytest.mark.parametrize("code", STOPPED)
def test_at_get_statement_what_a_person_must_change_stops(flex, link, code):
    flex.script(get=[code])
    raised = fault(link)
    assert (raised.verdict, raised.code) == (Verdict.PERSON, f"flex_{code}")
    assert len(flex.references()) == 1
    assert link.state.get("request") is None


@pytest.mark.parametrize("code", ["1003", "1017"])
def test_at_get_statement_a_lost_one_is_asked_for_anew_once(flex, link, code):
    flex.script(get=[code])
    assert len(fetch(link)) == 1
    assert len(flex.asked(SEND)) == 2
    assert flex.periods()[0] == flex.periods()[1]
    assert len(set(flex.references())) == 2


@pytest.mark.parametrize("code", ["1003", "1017"])
def test_at_get_statement_not_a_third_time(flex, link, code):
    flex.script(get=[code] * 9)
    raised = fault(link)
    assert (raised.verdict, raised.code) == (Verdict.LATER, f"flex_{code}")
    assert raised.wait == timedelta(minutes=30)
    assert len(flex.asked(SEND)) == 2


def test_a_lockout_at_either_step_ends_the_next_utc_day(flex, link):
    flex.script(get=["1025"])
    raised = fault(link)
    assert (raised.verdict, raised.until) == (Verdict.BLOCKED, datetime(2026, 7, 2, tzinfo=UTC))
    assert (len(flex.asked(SEND)), len(flex.asked(GET))) == (1, 1)


def test_1018_is_followed_by_a_minute_of_silence(flex, link):
    flex.script(send=["1018"])
    began = link.now()
    assert len(fetch(link)) == 1
    assert link.pauses[0] >= 60
    assert link.now() - began > timedelta(seconds=60)


def test_1003_is_asked_around_each_way_once(flex, link):
    flex.script(send=["1003"] * 3)
    document = fetch(link, days=60)[0]
    assert flex.periods()[:4] == [
        ("20260502", "20260630"),
        ("20260502", "20260629"),
        ("20260531", "20260629"),
        ("", ""),
    ]
    # What the query itself says, by the statement's own dates; what is before it is asked for as usual.
    assert document.since == datetime(2026, 6, 1, 4, tzinfo=UTC)
    assert document.complete_until == datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert flex.periods()[4:] == [("20260502", "20260531")]


def test_1003_for_a_day_that_is_not_final_leaves_it_to_the_next_pull(flex, link):
    flex.script(send=["1003"])
    documents = fetch(link)
    assert flex.periods() == [("20260601", "20260630"), ("20260601", "20260629")]
    assert documents[0].complete_until == datetime(2026, 6, 30, 4, tzinfo=UTC)


def test_1003_for_half_of_a_period_asks_for_the_other_half_too(flex, link):
    flex.script(send=["1003", "1003"])
    documents = fetch(link)
    assert flex.periods()[2:] == [("20260615", "20260629"), ("20260601", "20260614")]
    assert [document.since for document in documents] == [
        datetime(2026, 6, 15, 4, tzinfo=UTC),
        datetime(2026, 6, 1, 4, tzinfo=UTC),
    ]


def test_old_years_without_a_statement_are_said_and_not_asked_for_soon(flex, link):
    flex.opened = None
    old = ["1003"] * 9
    flex.script(send=[flex._send_request, *old])
    now = link.now()
    pulling = IbkrFlexWeb().fetch(link, Window(now - timedelta(days=700), now))
    assert next(pulling).content
    with pytest.raises(PullFault, match="History from") as caught:
        next(pulling)
    assert caught.value.wait == timedelta(hours=20)
    # A year, half a year; neither a day less nor the query's own period, which are of no use for old years.
    assert len(flex.asked(SEND)) == 3


def test_the_limits_of_the_token_are_kept(flex, link):
    flex.script(get=["1019"] * 30)
    fetch(link)
    assert set(link.turns) == {f"ibkr_flex:{ibkr_flex.TOKEN}"}
    assert len(flex.references()) == 31  # and never a 1018, which would have asked once more
