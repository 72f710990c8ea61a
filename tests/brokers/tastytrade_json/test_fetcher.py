"""The fetcher against a simulator that speaks the API: what it downloads, and what becomes of every fault."""

from __future__ import annotations

import io
import json
import logging
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from journal.brokers.base import ExecutionRow, NavRow, ParseOptions, PositionRow, StatementInfo
from journal.brokers.fetching import Fetcher, PullFault, Verdict, Window
from journal.brokers.registry import get_parser
from journal.brokers.tastytrade_json.fetcher import Tastytrade as Pulls
from journal.brokers.tastytrade_json.session import ATTEMPTS
from tests.brokers.reading import of, problem_codes
from tests.simulators.link import Clock, MemoryLink
from tests.simulators.tastytrade import (
    BAD_GATEWAY,
    CLIENT_SECRET,
    NGINX_401,
    REFRESH_TOKEN,
    SLOW_DOWN,
    Tastytrade,
    error,
    order,
    position,
    snapshot,
    trade,
)
from tests.simulators.wire import HANG_UP, SILENCE, Response

# A Wednesday, 10:02 in New York.
NOW = "2026-11-18T15:02:11+00:00"
WINDOW = Window(datetime(2026, 9, 20, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
QUARTER = Window(datetime(2026, 10, 5, tzinfo=UTC), WINDOW.until)
TRANSACTIONS = "/accounts/5WX00001/transactions"


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def broker(clock):
    with Tastytrade(clock) as broker:
        broker.account("5WX00001")
        yield broker


@pytest.fixture
def link(clock, broker):
    link = connect(clock, broker)
    yield link
    link.close()


def connect(clock, broker, **options):
    hosts = {"api.tastyworks.com": broker.url, "api.cert.tastyworks.com": broker.url}
    secrets = {"client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
    credentials = secrets | options.pop("credentials", {})
    return MemoryLink(clock, credentials, hosts, **options)


def pull(link, window=WINDOW):
    return list(Pulls().fetch(link, window))


def fault(link, window=WINDOW):
    with pytest.raises(PullFault) as caught:
        pull(link, window)
    return caught.value


def read(document):
    parser = get_parser(document.format)
    assert parser.recognises(document.content[: 64 * 1024], document.name)
    return list(parser.parse(io.BytesIO(document.content), ParseOptions()))


def fills(*documents):
    return [
        int(one.broker_id) for document in documents for one in of(ExecutionRow, read(document))
    ]


def many(count, *, day="2026-11-10"):
    start = datetime.fromisoformat(f"{day}T14:30:00+00:00")
    return [
        trade(900_000 + n, (start + timedelta(seconds=n)).isoformat(), "Buy to Open", 1, "20.00")
        for n in range(count)
    ]


def test_it_keeps_the_contract():
    assert isinstance(Pulls(), Fetcher)
    assert {one.name for one in Pulls.credentials if one.is_secret} == {
        "client_secret",
        "refresh_token",
    }


def test_a_pull_gives_the_accounts_life_oldest_first(broker, link):
    account = broker.account("5WX00001")
    account.transactions += [
        trade(3, "2026-11-17T15:00:00.000+00:00", "Sell to Close", 40, "22.00"),
        trade(1, "2026-09-24T15:00:00.000+00:00", "Buy to Open", 100, "20.00"),
        trade(2, "2026-11-02T15:00:00.000+00:00", "Buy to Open", 10, "21.00"),
    ]
    account.orders.append(order(700_003, "2026-11-17T14:00:00.000+00:00", **{"order-type": "Stop"}))
    account.positions.append(position("FERN", 70))
    account.snapshots += [
        snapshot("2026-09-30", "8000.00", "10050.00"),
        snapshot("2026-11-17", "8669.70", "10209.70"),
    ]
    old, new = pull(link)
    assert (fills(old), fills(new)) == ([1], [2, 3])
    assert [one.account_id for one in (old, new)] == ["5WX00001"] * 2
    assert old.name == "tastytrade 5WX00001 2026-09-19 to 2026-09-30.json"
    records = read(new)
    (stop,) = [one for one in of(ExecutionRow, records) if one.order_type == "Stop"]
    assert stop.broker_id == "3"
    (held,) = of(PositionRow, records)
    assert (held.signed_quantity, held.reported_on) == (70, date(2026, 11, 17))
    assert [one.total for one in of(NavRow, records)] == [Decimal("10209.70")]
    (info,) = of(StatementInfo, records)
    assert (info.from_on, info.to_on) == (date(2026, 10, 1), date(2026, 11, 18))
    assert not problem_codes(records)


def test_complete_is_what_the_nights_work_is_done_for(clock, broker, link):
    broker.account("5WX00001").transactions += many(1, day="2026-09-25")
    old, new = pull(link)
    assert old.complete_until == datetime(2026, 10, 1, 4, tzinfo=UTC)
    assert new.complete_until == datetime(2026, 11, 18, 5, tzinfo=UTC)  # New York's midnight


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (
            "2026-11-18T13:59:00+00:00",
            "2026-11-17T05:00:00+00:00",
        ),  # before nine: yesterday is not done
        (
            "2026-11-21T18:00:00+00:00",
            "2026-11-20T05:00:00+00:00",
        ),  # Saturday: Friday's expirations may miss
        ("2026-11-23T13:00:00+00:00", "2026-11-20T05:00:00+00:00"),
        ("2026-11-23T14:00:00+00:00", "2026-11-23T05:00:00+00:00"),
    ],
)
def test_a_fridays_expirations_are_waited_for(now, until, broker):
    link = connect(Clock(now), broker)
    broker.clock = link.clock
    (document,) = pull(link, Window(datetime(2026, 11, 2, tzinfo=UTC), link.now()))
    assert document.complete_until == datetime.fromisoformat(until)
    link.close()


def test_all_accounts_of_the_grant_or_the_chosen_one(clock, broker):
    broker.account("5WX00002")
    everything = connect(clock, broker)
    assert [one.account_id for one in pull(everything)] == ["5WX00001", "5WX00002"]
    one = connect(clock, broker, credentials={"account": " 5wx00002 "})
    assert [document.account_id for document in pull(one)] == ["5WX00002"]
    none = connect(clock, broker, credentials={"account": "5WX00009"})
    trouble = fault(none)
    assert (trouble.code, trouble.verdict) == ("account_unknown", Verdict.PERSON)
    assert "5WX00001, 5WX00002" in trouble.message
    for link in (everything, one, none):
        link.close()


def test_a_check_says_which_accounts_can_be_read(broker, link):
    broker.account("5WX00002")
    assert Pulls().check(link) == "The grant is good, and reads: 5WX00001, 5WX00002."
    broker.is_revoked = True
    with pytest.raises(PullFault, match="invalid_grant"):
        Pulls().check(link)


def test_an_account_in_which_nothing_happened_is_complete_all_the_same(broker, link):
    (document,) = pull(link)
    assert document.content == b""
    assert document.complete_until == datetime(2026, 11, 18, 5, tzinfo=UTC)


def test_nothing_is_asked_of_the_time_before_an_account_was_opened(broker, link):
    broker.account("5WX00001").opened_at = "2026-10-20T15:00:00.000+00:00"
    pull(link, Window(datetime(2016, 1, 1, tzinfo=UTC), WINDOW.until))
    assert len(broker.asked(TRANSACTIONS)) == 1


def test_the_same_content_has_the_same_bytes_and_later_words_their_own_moment(clock, broker, link):
    account = broker.account("5WX00001")
    account.transactions += many(2)
    (first,) = pull(link)
    clock.advance(600)
    (again,) = pull(link)
    assert again == first
    clock.advance(600)
    account.transactions[1] |= {"clearing-fees": "0.05", "net-value": "20.07"}
    (settled,) = pull(link)
    spoken = [of(StatementInfo, read(one))[0].generated_at for one in (first, settled)]
    assert spoken[1] - spoken[0] >= timedelta(seconds=1200)


# -- lists in pages


def test_all_pages_are_read(broker, link, monkeypatch):
    monkeypatch.setattr("journal.brokers.tastytrade_json.fetcher._TRANSACTIONS_PER_PAGE", 7)
    broker.account("5WX00001").transactions += many(50)
    (document,) = pull(link, QUARTER)
    assert fills(document) == [900_000 + n for n in range(50)]
    assert [one.params["page-offset"] for one in broker.asked(TRANSACTIONS)] == [
        str(n) for n in range(8)
    ]


def test_a_late_fill_that_moves_the_pages_makes_the_list_be_read_again(broker, link, monkeypatch):
    monkeypatch.setattr("journal.brokers.tastytrade_json.fetcher._TRANSACTIONS_PER_PAGE", 10)
    account = broker.account("5WX00001")
    account.transactions += many(30)
    late = trade(5, "2026-11-09T15:00:00.000+00:00", "Buy to Open", 1, "20.00")
    broker.fail(TRANSACTIONS, lambda _: account.transactions.append(late), after=1)
    (document,) = pull(link, QUARTER)
    assert fills(document) == [5, *(900_000 + n for n in range(30))]


def test_a_row_that_comes_as_another_goes_is_seen_by_what_comes_twice(broker, link, monkeypatch):
    monkeypatch.setattr("journal.brokers.tastytrade_json.fetcher._TRANSACTIONS_PER_PAGE", 10)
    account = broker.account("5WX00001")
    account.transactions += many(30)

    def swap(_):
        account.transactions.append(
            trade(5, "2026-11-09T15:00:00.000+00:00", "Buy to Open", 1, "20.00")
        )
        account.transactions.pop(29)

    broker.fail(TRANSACTIONS, swap, after=1)
    (document,) = pull(link, QUARTER)
    assert fills(document) == [5, *(900_000 + n for n in range(29))]


def test_a_row_that_the_broker_lists_twice_does_no_harm(broker, link):
    broker.account("5WX00001").transactions += [*many(3), *many(1)]
    (document,) = pull(link, QUARTER)
    assert sorted(set(fills(document))) == [900_000, 900_001, 900_002]


def test_fewer_rows_than_the_broker_counts_are_never_taken_for_all(broker, link):
    broker.account("5WX00001").transactions += many(3)

    def withhold(request):
        answer = json.loads(broker.respond(request).body)
        answer["data"]["items"][1:2] = []
        return Response.of(answer)

    broker.fail(TRANSACTIONS, withhold, times=99)
    trouble = fault(link, QUARTER)
    assert (trouble.code, trouble.verdict) == ("list_moves", Verdict.LATER)


def test_a_list_that_never_stands_still_is_left_for_later(broker, link, monkeypatch):
    monkeypatch.setattr("journal.brokers.tastytrade_json.fetcher._TRANSACTIONS_PER_PAGE", 10)
    account = broker.account("5WX00001")
    account.transactions += many(30)

    def grow(_):
        n = 100 + len(broker.requests)
        account.transactions.append(
            trade(n, "2026-11-09T15:00:00.000+00:00", "Buy to Open", 1, "20.00")
        )

    broker.fail(TRANSACTIONS, grow, times=999)
    trouble = fault(link, QUARTER)
    assert (trouble.code, trouble.verdict) == ("list_moves", Verdict.LATER)


def test_rows_are_in_the_order_of_time_whatever_the_broker_does(broker, link):
    broker.account("5WX00001").transactions += many(5)
    shuffled = json.loads(json.dumps(many(5)))
    shuffled = [shuffled[n] for n in (3, 0, 4, 1, 2)]
    broker.fail(TRANSACTIONS, Response.of({"data": {"items": shuffled}, "context": TRANSACTIONS}))
    (document,) = pull(link, QUARTER)
    assert fills(document) == [900_000 + n for n in range(5)]


# -- positions


@pytest.mark.parametrize(
    ("now", "moved_at", "expires_at", "day"),
    [
        (NOW, "2026-11-17T20:00:00.000+00:00", None, date(2026, 11, 17)),
        (
            NOW,
            "2026-11-18T14:31:00.000+00:00",
            None,
            None,
        ),  # today: it is not yesterday's position any more
        (
            NOW,
            "2026-11-10T20:00:00.000+00:00",
            "2026-11-17T21:00:00.000+00:00",
            None,
        ),  # not removed yet
        (NOW, "2026-11-10T20:00:00.000+00:00", "2026-11-18T21:00:00.000+00:00", date(2026, 11, 17)),
        (
            "2026-11-18T13:30:00+00:00",
            "2026-11-10T20:00:00.000+00:00",
            None,
            None,
        ),  # too early in the day
        ("2026-11-21T18:00:00+00:00", "2026-11-10T20:00:00.000+00:00", None, None),  # Saturday
    ],
)
def test_positions_are_those_of_yesterday_only_where_that_is_sure(
    now, moved_at, expires_at, day, broker
):
    link = connect(Clock(now), broker)
    broker.clock = link.clock
    account = broker.account("5WX00001")
    account.transactions.append(trade(1, moved_at, "Buy to Open", 100, "20.00"))
    account.positions.append(position("FERN", 100, **{"expires-at": expires_at}))
    records = read(pull(link)[-1])
    assert [one.reported_on for one in of(PositionRow, records)] == ([day] if day else [])
    link.close()


def test_positions_are_asked_for_before_transactions_and_only_of_now(broker, link):
    pull(link, QUARTER)
    paths = [one.path.rsplit("/", 1)[1] for one in broker.requests]
    assert paths.index("positions") < paths.index("transactions")
    pull(link, Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)))
    assert len(broker.asked("/accounts/5WX00001/positions")) == 1


# -- faults


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (BAD_GATEWAY, "broker_failing"),
        (error(500, "internal_server_error"), "broker_failing"),
        (SLOW_DOWN, "too_many_requests"),
        (HANG_UP, "no_answer"),
        (Response(200, b'{"data":{"items":[{"id":1,"sym', cut=17), "no_answer"),
        (Response(200, b'{"data":{"items":[{"id":1,"sym'), "half_answer"),
        (Response(200, b'{"context":"/x"}'), "half_answer"),
        (Response(200, b'{"data":{"items":{}}}'), "half_answer"),
        (Response(200, b'{"data":{"items":[]},"pagination":{}}'), "half_answer"),
        (Response(302, b"", headers={"Location": "https://elsewhere.example"}), "broker_failing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_passes_is_asked_again_and_then_left_for_later(trouble, code, broker, clock):
    broker.account("5WX00001").transactions += many(3)
    patient, unlucky = connect(clock, broker), connect(clock, broker)
    if code != "half_answer" or b"sym" in trouble.body:
        broker.fail(TRANSACTIONS, trouble, times=ATTEMPTS - 1)
        assert len(fills(*pull(patient))) == 3
    broker.fail(TRANSACTIONS, trouble, times=ATTEMPTS)
    found = fault(unlucky)
    assert (found.code, found.verdict) == (code, Verdict.LATER)
    patient.close()
    unlucky.close()


def test_a_broker_that_is_silent_is_given_up(broker, clock):
    broker.fail("/customers", SILENCE, times=ATTEMPTS)
    link = connect(clock, broker, timeout=0.05)
    found = fault(link)
    assert (found.code, found.verdict) == ("no_answer", Verdict.LATER)
    link.close()


def test_pauses_double_and_differ_between_grants(broker, clock):
    broker.fail("/customers", SLOW_DOWN, times=2 * ATTEMPTS)
    link = connect(clock, broker)
    fault(link)
    assert len(link.pauses) == ATTEMPTS - 1
    for n, pause in enumerate(link.pauses, 1):
        assert 2**n / 2 <= pause <= 2**n
    link.close()


def test_a_stated_wait_is_kept(broker, link):
    slow = Response(429, SLOW_DOWN.body, headers={"Retry-After": "90"})
    broker.fail("/customers", slow)
    pull(link)
    assert link.pauses == [90]


def test_a_pull_that_may_not_wait_ends(broker, clock):
    broker.fail("/customers", SLOW_DOWN, times=99)
    link = connect(clock, broker, patience=5)
    assert fault(link).code == "out_of_time"
    link.close()


def test_tokens_are_renewed_before_they_end(clock, broker, link):
    for path in ("orders", "balance-snapshots", "transactions"):
        broker.fail(f"/accounts/5WX00001/{path}", lambda _: clock.advance(500), times=9)
    pull(link)
    assert len(broker.asked("/oauth/token")) >= 2
    assert all(one.headers["authorization"] for one in broker.asked("/accounts"))


def test_a_token_that_is_withdrawn_early_is_renewed_once(broker, link):
    broker.fail(TRANSACTIONS, lambda _: broker.withdraw_tokens())
    broker.account("5WX00001").transactions += many(3)
    assert len(fills(*pull(link))) == 3
    assert len(broker.asked("/oauth/token")) == 2


def test_a_token_that_is_never_good_needs_a_person(broker, link):
    broker.fail(TRANSACTIONS, error(401, "token_invalid"), times=99)
    found = fault(link)
    assert (found.code, found.verdict) == ("access_refused", Verdict.PERSON)
    assert len(broker.asked(TRANSACTIONS)) == 2


def test_a_revoked_grant_needs_a_person_and_is_not_asked_for_again(broker, link):
    broker.is_revoked = True
    found = fault(link)
    assert (found.code, found.verdict) == ("grant_refused", Verdict.PERSON)
    assert "invalid_grant" in found.message
    assert len(broker.requests) == 1


def test_the_sandbox_refuses_good_grants_for_minutes(broker, clock):
    odd = Response.of({"error_code": "invalid_request", "error_description": "…"}, 400)
    link = connect(clock, broker, credentials={"environment": "sandbox"})
    broker.fail("/oauth/token", odd, times=2)
    assert len(pull(link)) == 1
    broker.fail("/oauth/token", odd, times=ATTEMPTS)
    assert fault(link).verdict is Verdict.LATER
    link.close()
    real = connect(clock, broker)
    broker.fail("/oauth/token", odd)
    assert fault(real).verdict is Verdict.PERSON
    real.close()


@pytest.mark.parametrize("path", ["/oauth/token", "/customers"])
def test_a_front_server_that_turns_us_away_is_left_alone_for_hours(path, clock, broker, link):
    broker.fail(path, NGINX_401, times=99)
    found = fault(link)
    assert (found.code, found.verdict) == ("turned_away", Verdict.BLOCKED)
    assert found.until == clock.now() + timedelta(hours=8)
    assert len(broker.asked(path)) == 1


def test_a_grant_without_the_scope_needs_a_person(broker, link):
    broker.scope = "openid"
    found = fault(link)
    assert (found.code, found.verdict) == ("scope_missing", Verdict.PERSON)


def test_an_account_that_may_not_be_read_does_not_hold_up_the_others(broker, link):
    broker.account("5WX00002")
    broker.fail("/accounts/5WX00001", error(403, "not_permitted"), times=99)
    documents = []
    with pytest.raises(PullFault) as caught:
        documents.extend(Pulls().fetch(link, WINDOW))
    assert [one.account_id for one in documents] == ["5WX00002"]
    assert caught.value.code == "scope_missing"


def test_what_was_downloaded_before_a_fault_is_given(broker, link):
    broker.account("5WX00001").transactions += many(2, day="2026-09-25")
    broker.fail(TRANSACTIONS, BAD_GATEWAY, times=99, after=1)
    documents = []
    with pytest.raises(PullFault):
        documents.extend(Pulls().fetch(link, WINDOW))
    assert fills(*documents) == [900_000, 900_001]


def test_a_version_that_is_gone_is_not_insisted_on(broker, link):
    broker.versions = ("20270101", "20270601")
    assert len(pull(link)) == 1
    broker.fail("/customers", error(406, "406"), times=99)
    assert (fault(link).code, fault(link).verdict) == ("version_refused", Verdict.PERSON)


@pytest.mark.parametrize(
    ("status", "code"), [(400, "request_refused"), (422, "request_refused"), (404, "not_found")]
)
def test_what_only_an_update_helps_is_told(status, code, broker, link):
    broker.fail(TRANSACTIONS, error(status, "validation_error", "<script>"), times=99)
    found = fault(link)
    assert (found.code, found.verdict) == (code, Verdict.PERSON)
    assert "<script>" not in found.message
    assert len(broker.asked(TRANSACTIONS)) == 1


def test_credentials_that_are_missing_are_not_sent(broker, clock):
    link = connect(clock, broker, credentials={"refresh_token": " "})
    assert fault(link).code == "credentials_missing"
    assert not broker.requests
    link.close()


def test_no_secret_is_told_or_remembered(broker, link, caplog):
    caplog.set_level(logging.DEBUG)
    broker.account("5WX00001").transactions += many(3)
    (document,) = pull(link)
    broker.is_revoked = True
    broker.withdraw_tokens()
    found = fault(link)
    said = [
        caplog.text,
        json.dumps(link.state),
        document.content.decode(),
        document.name,
        str(found),
        *link.turns,
    ]
    for text in said:
        assert not any(secret in text for secret in (CLIENT_SECRET, REFRESH_TOKEN, "at-1"))


def test_calls_keep_within_the_rate_and_all_go_by_one_name(broker, link):
    pull(link, Window(datetime(2024, 1, 1, tzinfo=UTC), WINDOW.until))
    assert len(link.turns) == len(broker.requests)
    assert len(set(link.turns)) == 1
