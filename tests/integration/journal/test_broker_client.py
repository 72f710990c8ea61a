"""How brokers are asked: encrypted or not at all, whole or not at all, and silent about secrets."""

from __future__ import annotations

import gzip
import logging

import httpx
import pytest

from journal.brokers.fetching import PullFault, Verdict
from journal.services.pulls.http import BrokerClient
from tests.simulators.wire import HANG_UP, Request, Response, Simulator

SECRET = "s3cr3t-184465839201"
ORIGIN = "https://broker.example"
ADDRESS = f"{ORIGIN}/a?t={SECRET}&v=3"


class Broker(Simulator):
    answer = Response(200, b"<fine/>", "text/xml")

    def respond(self, request: Request) -> Response:
        return self.answer


@pytest.fixture
def broker():
    with Broker() as running:
        yield running


@pytest.fixture
def client(broker):
    with BrokerClient(
        origins={ORIGIN: broker.url}, size_max=10_000, user_agent="Fillbook/9"
    ) as one:
        yield one


def ask(client) -> httpx.Response:
    return client.get(ADDRESS, headers={"Authorization": f"Bearer {SECRET}"})


def test_what_is_sent_is_complete_and_what_is_kept_is_not(broker, client):
    answer = ask(client)
    assert (answer.status_code, answer.content) == (200, b"<fine/>")
    sent = broker.requests[0]
    assert sent.params == {"t": SECRET, "v": "3"}
    assert sent.headers["authorization"] == f"Bearer {SECRET}"
    assert sent.headers["user-agent"] == "Fillbook/9"
    assert str(answer.url) == f"{ORIGIN}/a"
    assert "authorization" not in answer.request.headers


@pytest.mark.parametrize("trouble", [None, HANG_UP, Response(500, b"no"), Response(200, b"x" * 99, cut=9)])  # fmt: skip
def test_no_log_and_no_exception_has_a_secret(broker, client, caplog, trouble):
    caplog.set_level(logging.INFO)
    if trouble is not None:
        broker.fail("/", trouble)
    told = ""
    try:
        ask(client).raise_for_status()
    except httpx.HTTPError as error:
        told = f"{error!r} {error} {error.request.url} {error.request.headers}"
    assert SECRET not in caplog.text
    assert SECRET not in told
    assert bool(told) == (trouble is not None)


@pytest.mark.parametrize("url", ["http://broker.example/a", "http://169.254.169.254/latest", "ftp://broker.example/a"])  # fmt: skip
def test_nothing_is_asked_without_encryption(client, broker, url):
    with pytest.raises(PullFault) as caught:
        client.get(url)
    assert (caught.value.verdict, caught.value.code) == (Verdict.PERSON, "not_https")
    assert broker.requests == []


def test_no_redirect_is_followed(client, broker):
    elsewhere = {"Location": f"{ORIGIN}/b?t={SECRET}"}
    broker.fail("/", Response(302, b"", headers=elsewhere))
    assert ask(client).status_code == 302
    assert len(broker.requests) == 1


def test_an_answer_that_is_too_large_is_not_taken(client, broker):
    broker.answer = Response(200, b"x" * 10_001)
    with pytest.raises(PullFault, match="10,000 bytes") as caught:
        ask(client)
    assert caught.value.code == "answer_too_large"


def test_an_answer_that_unpacks_too_large_is_not_taken(client, broker):
    packed = gzip.compress(b"x" * 50_000_000)
    assert len(packed) < 100_000
    broker.answer = Response(200, packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(PullFault) as caught:
        ask(client)
    assert caught.value.code == "answer_too_large"


def test_a_packed_answer_is_unpacked(client, broker):
    broker.answer = Response(200, gzip.compress(b"<fine/>"), headers={"Content-Encoding": "gzip"})
    assert ask(client).text == "<fine/>"


def test_half_an_answer_is_none(client, broker):
    broker.answer = Response(200, b"x" * 500, cut=100)
    with pytest.raises(httpx.TransportError):
        ask(client)
