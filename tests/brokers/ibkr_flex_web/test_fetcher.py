"""The Flex Web Service over the wire: requests, addresses, periods, and everything that is no code."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from journal.brokers.base import ParseOptions, StatementInfo
from journal.brokers.fetching import PullFault, Verdict, Window
from journal.brokers.ibkr_flex_web.fetcher import IbkrFlexWeb, days_of, final_day, opened_on
from journal.brokers.ibkr_flex_web.replies import Failure, Receipt, Statement, read_reply
from journal.brokers.registry import get_parser
from tests.brokers.reading import corpus_folder
from tests.simulators import ibkr_flex
from tests.simulators.ibkr_flex import GET, QUERY, SEND, TOKEN, xml
from tests.simulators.link import MemoryLink
from tests.simulators.wire import HANG_UP, Response
from tests.simulators.worlds import WORLDS

HTML_500 = Response.html(500, "We are sorry, our services are temporarily unavailable.")
CSV = Response(200, b'"ClientAccountID","CurrencyPrimary","Symbol"\n"U1","USD","ACME"\n', "text/csv")  # fmt: skip


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


def window(link, **back) -> Window:
    now = link.now()
    return Window(now - timedelta(**back), now + timedelta(days=1))


def fetch(link, **back) -> list:
    return list(IbkrFlexWeb().fetch(link, window(link, **(back or {"days": 30}))))


def fault(link, **back) -> PullFault:
    with pytest.raises(PullFault) as caught:
        fetch(link, **back)
    return caught.value


def midnight(*day: int) -> datetime:
    return datetime(*day, 4, tzinfo=UTC)


def test_both_requests_are_as_documented(flex, link):
    fetch(link)
    send, get = flex.asked(SEND)[0], flex.asked(GET)[0]
    assert send.params == {
        "t": TOKEN, "q": QUERY, "v": "3", "fd": "20260601", "td": "20260630",
    }  # fmt: skip
    assert get.params == {"t": TOKEN, "q": "4000000001", "v": "3"}
    assert send.headers["user-agent"] == "Test/1"
    assert link.pauses[0] == pytest.approx(6, abs=0.5)


def test_a_document_says_what_days_it_holds(flex, link):
    document = fetch(link)[0]
    assert (document.format, document.account_id) == ("ibkr_flex", "")
    assert (document.since, document.complete_until) == (midnight(2026, 6, 1), midnight(2026, 7, 1))
    assert QUERY in document.name
    assert TOKEN not in document.name


@pytest.mark.parametrize(
    ("receipt", "host"),
    [
        (ibkr_flex.RECEIPT_URL, "gdcdyn.interactivebrokers.com"),
        (ibkr_flex.RECEIPT_URL.replace("Url", "url"), "gdcdyn.interactivebrokers.com"),
        ("", "ndcdyn.interactivebrokers.com"),
        ("<Url>https://evil.example/GetStatement</Url>", "ndcdyn.interactivebrokers.com"),
        ("<Url>http://gdcdyn.interactivebrokers.com/x</Url>", "ndcdyn.interactivebrokers.com"),
        ("<Url>https://evilinteractivebrokers.com/x</Url>", "ndcdyn.interactivebrokers.com"),
        ("<Url>https://x.interactivebrokers.com:99999/x</Url>", "ndcdyn.interactivebrokers.com"),
        ("<Url>https://a@x.interactivebrokers.com/x</Url>", "ndcdyn.interactivebrokers.com"),
        ("<Url>https://interactivebrokers.com.evil.example/</Url>", "ndcdyn.interactivebrokers.com"),
    ],
)  # fmt: skip
def test_the_token_goes_to_the_broker_only(flex, link, receipt, host):
    flex.receipt_url = receipt
    asked = []
    plain = link.http._target
    link.http._target = lambda url: asked.append(url.host) or plain(url)
    assert len(fetch(link)) == 1
    assert asked == ["ndcdyn.interactivebrokers.com", host]


def test_it_waits_while_the_statement_is_made(flex, link):
    flex.script(get=["1019"] * 3)
    fetch(link)
    assert len(flex.asked(SEND)) == 1
    assert link.pauses[1:] == [10, 10, 10]


@pytest.mark.parametrize("trouble", [HTML_500, Response(502, b""), HANG_UP, Response.html(200, "Sorry")])  # fmt: skip
def test_trouble_on_the_way_does_not_begin_another_statement(flex, link, trouble):
    flex.fail(GET, trouble, times=3)
    assert len(fetch(link)) == 1
    assert len(flex.asked(SEND)) == 1


def test_trouble_that_lasts_keeps_the_reference(flex, link):
    flex.fail(GET, HTML_500, times=10**6)
    assert fault(link).verdict is Verdict.LATER
    assert link.state["request"]["reference"] == "4000000001"
    flex.mend()
    link.clock.advance(minutes=30)
    assert len(fetch(link)) == 1
    assert len(flex.asked(SEND)) == 1


def test_an_answer_that_does_not_come_begins_no_second_statement(flex, link):
    """The request may have arrived: it is not sent again in this run."""
    flex.fail(SEND, HANG_UP, times=1)
    raised = fault(link)
    assert (raised.verdict, raised.code) == (Verdict.LATER, "flex_unreachable")
    assert len(flex.asked(SEND)) == 1


def test_a_server_error_before_the_receipt_is_tried_again(flex, link):
    flex.fail(SEND, HTML_500, times=2)
    assert len(fetch(link)) == 1
    assert len(flex.asked(SEND)) == 3


def test_half_an_answer_is_fetched_again_and_never_taken(flex, link):
    whole = flex.statement(date(2026, 6, 1), date(2026, 6, 30)).encode()
    half = xml(whole[: len(whole) // 2].decode())
    cut = Response(200, whole, "text/xml", cut=len(whole) // 2)
    flex.script(get=[half, cut])
    content = fetch(link)[0].content
    assert (len(content), content[-30:]) == (len(whole), whole[-30:])
    assert len(flex.references()) == 3


def test_an_answer_that_stays_half_is_told(flex, link):
    flex.script(get=[xml('<FlexQueryResponse queryName="x" type="AF"><FlexStatements>')] * 9)
    raised = fault(link)
    assert (raised.verdict, raised.code) == (Verdict.LATER, "flex_cut_short")


@pytest.mark.parametrize("step", ["send", "get"])
def test_a_query_that_is_saved_as_text_is_told(flex, link, step):
    flex.script(**{step: [CSV] * 2})
    raised = fault(link)
    assert (raised.verdict, raised.code) == (Verdict.PERSON, "flex_text")
    assert "XML" in raised.message


def test_a_long_history_comes_in_years_the_newest_first(flex, link):
    flex.opened = None
    documents = fetch(link, days=5 * 366)
    assert flex.periods() == [
        ("20250701", "20260630"),
        ("20240701", "20250630"),
        ("20230702", "20240630"),
        ("20220702", "20230701"),
        ("20220101", "20220701"),
    ]
    spans = [(document.since, document.complete_until) for document in documents]
    assert all(later[0] == earlier[1] for later, earlier in pairwise(spans))


def test_years_before_the_account_was_opened_are_not_asked_for(flex, link):
    flex.opened = date(2025, 3, 1)
    fetch(link, days=5 * 366)
    assert flex.periods() == [("20250701", "20260630"), ("20250301", "20250630")]


def test_several_accounts_count_from_the_oldest(flex):
    flex.accounts = ["U1", "U2"]
    content = flex.statement(date(2026, 6, 1), date(2026, 6, 2)).encode()
    assert opened_on(content) == date(2026, 1, 5)
    assert opened_on(content.replace(b'"20260105"', b'"20230105"', 1)) == date(2023, 1, 5)
    assert opened_on(content.replace(b'dateOpened="20260105"', b"", 1)) is None


def test_a_statement_of_several_accounts_is_one_document(flex, link):
    flex.accounts = ["U7000001", "U7000002", "U7000003"]
    document = fetch(link)[0]
    records = get_parser("ibkr_flex").parse(io.BytesIO(document.content), ParseOptions())
    named = {record.account_id for record in records if isinstance(record, StatementInfo)}
    assert named == set(flex.accounts)


def test_the_corpus_replies_are_understood(link, flex):
    """Recorded by others; skipped where they are not at hand."""
    folder = corpus_folder("ibkr_flex") / "webservice"
    receipt = read_reply((folder / "RESPONSE_SUCCESS.xml").read_bytes())
    assert isinstance(receipt, Receipt)
    assert (receipt.reference, receipt.url[:32]) == (
        "1234567890",
        "https://gdcdyn.interactivebroker",
    )
    refusal = read_reply((folder / "RESPONSE_FAIL.xml").read_bytes())
    assert refusal == Failure("1012", "Token has expired.")
    statement = read_reply((folder / "FLEX_QUERY_RESPONSE.xml").read_bytes())
    assert isinstance(statement, Statement)
    assert (statement.is_whole, statement.first_day) == (True, date(2007, 1, 1))


# --- a worker that dies, and another one -------------------------------------------------------------------------


def test_a_worker_that_dies_after_send_request_is_followed_by_one_that_polls(flex, world):
    class Killed(BaseException):
        pass

    class Dying(MemoryLink):
        def sleep(self, seconds):
            raise Killed

    first = world.link()
    first.__class__ = Dying
    with pytest.raises(Killed):
        fetch(first)
    assert (len(flex.asked(SEND)), len(flex.asked(GET))) == (1, 0)
    second = world.link()
    second.state = first.state
    second.clock.advance(minutes=3)
    assert len(fetch(second)) == 1
    assert (len(flex.asked(SEND)), flex.references()) == (1, ["4000000001"])


def test_what_was_given_and_not_forgotten_is_given_again(flex, world):
    first = world.link()
    pulling = IbkrFlexWeb().fetch(first, window(first, days=30))
    given = next(pulling)
    pulling.close()
    second = world.link()
    second.state = first.state
    assert [document.content for document in fetch(second)] == [given.content]
    assert len(flex.asked(SEND)) == 1
    assert second.state == {}


def test_a_reference_of_yesterday_does_not_hide_today(flex, world):
    first = world.link()
    flex.script(get=["1019"] * 500)
    fault(first)
    flex.on_get.clear()
    first.clock.advance(hours=20)
    assert len(fetch(first)) == 2
    assert flex.periods() == [("20260601", "20260630"), ("20260602", "20260701")]


def test_a_reference_that_is_too_old_is_forgotten(flex, world):
    first = world.link()
    flex.script(get=["1019"] * 500)
    fault(first)
    flex.on_get.clear()
    flex.forget_statements()
    first.clock.advance(hours=30)
    assert len(fetch(first)) == 1


def test_testing_a_login_wastes_no_statement(flex, link):
    said = IbkrFlexWeb().check(link)
    assert "right" in said
    assert IbkrFlexWeb().check(link)
    assert flex.periods() == [("20260630", "20260630")]
    documents = fetch(link)
    assert flex.periods()[1:] == [("20260601", "20260629")]
    assert [document.since for document in documents] == [midnight(2026, 6, 30), midnight(2026, 6, 1)]  # fmt: skip


def test_testing_a_wrong_login_says_so(flex, world):
    link = world.link(world.revoked)
    with pytest.raises(PullFault) as caught:
        IbkrFlexWeb().check(link)
    assert caught.value.code == "flex_1015"


# --- days --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-07-01T14:00+00:00", date(2026, 6, 30)),
        ("2026-07-01T08:59+00:00", date(2026, 6, 29)),  # before five in the morning there
        ("2026-07-01T09:00+00:00", date(2026, 6, 30)),
        ("2026-06-28T14:00+00:00", date(2026, 6, 26)),  # a Sunday
        ("2026-06-29T14:00+00:00", date(2026, 6, 26)),  # a Monday
        ("2026-01-15T09:30+00:00", date(2026, 1, 13)),  # winter: half past four
    ],
)
def test_the_last_final_day(now, day):
    assert final_day(datetime.fromisoformat(now)) == day


def test_windows_are_days_of_new_york():
    now = datetime(2026, 7, 1, 14, tzinfo=UTC)
    assert days_of(Window(midnight(2026, 6, 10), midnight(2026, 6, 12)), now) == (
        date(2026, 6, 10),
        date(2026, 6, 11),
    )
    assert days_of(Window(midnight(2015, 1, 1), now), now) == (date(2022, 1, 1), date(2026, 6, 30))
    first, last = days_of(Window(midnight(2026, 7, 1), now), now)
    assert first > last


def test_a_window_without_a_final_day_asks_nothing(flex, link):
    assert fetch(link, hours=5) == []
    assert flex.requests == []


def test_days_that_are_not_final_are_not_called_complete(flex, link):
    """The query's own period may reach until today."""
    flex.own_period = (date(2026, 6, 20), date(2026, 7, 1))
    flex.script(send=["1003"] * 3)
    document = fetch(link)[0]
    assert document.complete_until == midnight(2026, 7, 1)
