"""What every fetcher promises, shown against the simulator of its broker."""

from __future__ import annotations

import io
import logging
from datetime import timedelta

import pytest

from journal.brokers.base import ParseOptions, StatementInfo
from journal.brokers.fetchers import UnknownFetcher, get_fetcher, list_fetchers
from journal.brokers.fetching import Fetcher, PullFault, Verdict, Window
from journal.brokers.registry import get_parser
from tests.simulators.wire import HANG_UP, Response
from tests.simulators.worlds import WORLDS

SLUGS = [fetcher.slug for fetcher in list_fetchers()]
each_fetcher = pytest.mark.parametrize("slug", SLUGS)
TROUBLES = {
    "down": Response.html(503, "Service Unavailable"),
    "maintenance": Response.html(200, "We are sorry"),
    "hung up": HANG_UP,
    "empty": Response(200, b""),
    "something else": Response(200, b"%PDF-1.7 not what was asked for", "application/pdf"),
}
# The broker that is inside lets everybody in.
WITHOUT_SECRETS = {"paper"}
FOR_GOOD = 10**9


@pytest.fixture
def world(slug):
    with WORLDS[slug]() as world:
        yield world


@pytest.fixture
def link(world):
    link = world.link()
    yield link
    link.close()


def pull(slug, link, **back) -> list:
    now = link.now()
    window = Window(now - timedelta(**(back or {"days": 30})), now + timedelta(days=1))
    return list(get_fetcher(slug).fetch(link, window))


def test_there_is_a_simulator_of_every_broker():
    assert set(WORLDS) == set(SLUGS)


@each_fetcher
def test_a_fetcher_keeps_the_protocol(slug):
    fetcher = get_fetcher(slug)
    assert isinstance(fetcher, Fetcher)
    names = [one.name for one in fetcher.credentials]
    assert len(set(names)) == len(names) > 0
    assert any(one.is_secret for one in fetcher.credentials) is (slug not in WITHOUT_SECRETS)
    assert all(one.label for one in fetcher.credentials)


def test_an_unknown_fetcher_says_which_are_known():
    with pytest.raises(UnknownFetcher, match="ibkr_flex"):
        get_fetcher("papyrus")


@each_fetcher
def test_documents_are_read_by_the_reader_they_name(slug, link):
    kinds = set()
    for document in pull(slug, link):
        if not document.content:
            continue
        parser = get_parser(document.format)
        assert parser.recognises(document.content[: 64 * 1024], document.name)
        # Documents of many brokers say themselves whose they are.
        assert parser.broker in (get_fetcher(slug).broker, "ccxt")
        for record in parser.parse(io.BytesIO(document.content), ParseOptions()):
            kinds.add(type(record).__name__)
            if isinstance(record, StatementInfo) and record.account_id and document.account_id:
                assert record.account_id == document.account_id
    assert "ExecutionRow" in kinds


@each_fetcher
def test_what_is_complete_lies_in_the_past_and_is_told(slug, link):
    ends = [document.complete_until for document in pull(slug, link)]
    assert any(ends)
    assert all(end.utcoffset() is not None and end <= link.now() for end in ends if end)


@each_fetcher
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_broker_in_trouble_is_asked_later(slug, world, link, trouble):
    world.simulator.fail("/", TROUBLES[trouble], times=FOR_GOOD)
    with pytest.raises(PullFault) as caught:
        pull(slug, link)
    assert caught.value.verdict is Verdict.LATER


@each_fetcher
def test_a_revoked_login_waits_for_a_person(slug, world):
    link = world.link(world.revoked)
    with pytest.raises(PullFault) as caught:
        pull(slug, link)
    link.close()
    assert caught.value.verdict is Verdict.PERSON


@each_fetcher
def test_it_goes_on_after_trouble_with_what_it_remembers(slug, world, link):
    world.simulator.fail("/", TROUBLES["down"], times=FOR_GOOD)
    with pytest.raises(PullFault):
        pull(slug, link)
    world.simulator.mend()
    world.clock.advance(hours=1)
    again = world.link()
    again.state = link.state
    assert pull(slug, again)
    again.close()


@each_fetcher
@pytest.mark.parametrize("trouble", [None, *TROUBLES])
def test_no_secret_is_logged_or_told(slug, world, link, trouble, caplog):
    caplog.set_level(logging.INFO)
    if trouble:
        world.simulator.fail("/", TROUBLES[trouble], times=FOR_GOOD)
    told = ""
    try:
        pull(slug, link)
    except PullFault as fault:
        told = f"{fault.code} {fault.message} {fault!r} {fault.__context__!r} {fault.__cause__!r}"
    kinds = get_fetcher(slug).credentials
    secrets = [link.credentials[one.name] for one in kinds if one.is_secret]
    assert bool(secrets) is (slug not in WITHOUT_SECRETS)
    for secret in secrets:
        assert secret not in caplog.text
        assert secret not in told
