"""A bot asks before it acts: what is not known is not approved, and nothing raises."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fillbook_client import AsyncJournal, Journal, asking


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(asking, "_PAUSE", 0.01)


@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer()

        def do_POST(self):
            self.answer()

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            one.asked.append((self.command, self.path, self.headers["Authorization"], body))
            status, said = one.answers.pop(0) if len(one.answers) > 1 else one.answers[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(said if isinstance(said, bytes) else json.dumps(said).encode())

        def log_message(self, *_):
            pass

    one = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.asked, one.answers = [], [(200, {"status": "recommended"})]
    threading.Thread(target=one.serve_forever, args=(0.02,), daemon=True).start()
    yield one
    one.shutdown()
    one.server_close()


@pytest.fixture
def journal(server, tmp_path):
    url = f"http://127.0.0.1:{server.server_port}/book"
    with Journal(url, "fb_x", spool=tmp_path / "spool.db", timeout=1) as one:
        yield one


def test_what_is_approved_may_be_acted_on(server, journal):
    server.answers = [(200, {"status": "approved"})]
    assert journal.is_approved("rec/1 ü")
    assert server.asked[0][:3] == (
        "GET",
        "/book/api/recommendations/rec%2F1%20%C3%BC",
        "Bearer fb_x",
    )


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"status": "recommended"}), (200, {"status": "expired"}), (200, []), (200, b"<html>"), (200, b""),
        (404, {"code": "recommendation_not_found"}), (503, {"code": "recommendation_waits"}), (500, b"down"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_not_approved(server, journal, answer):
    server.answers = [answer]
    assert journal.is_approved("rec-1") is False


def test_it_waits_until_somebody_has_decided(server, journal):
    waits = (200, {"status": "recommended"})
    server.answers = [(503, {}), waits, waits, (200, {"status": "rejected"})]
    assert journal.wait_for_decision("rec-1", timeout=5) == "rejected"
    assert len(server.asked) == 4


def test_it_does_not_wait_for_ever(server, journal):
    assert journal.wait_for_decision("rec-1", timeout=0.05) == "recommended"
    server.answers = [(500, b"")]
    assert journal.wait_for_decision("rec-1", timeout=0.05) == ""


def test_a_journal_that_is_away_or_unnamed_raises_nothing(tmp_path):
    for url in ("http://127.0.0.1:9", "nonsense", ""):
        with Journal(url, "t", spool=tmp_path / "spool.db", timeout=0.2, local_only=True) as one:
            assert one.recommendation("rec-1") is None
            assert one.tell_outcome("rec-1", "eod_mid", r_multiple=1.5) is False


def test_an_outcome_is_told_with_exact_numbers(server, journal):
    server.answers = [(201, {})]
    assert journal.tell_outcome("rec-1", "eod_mid", result_per_unit=0.1, note=None)
    method, path, _, body = server.asked[0]
    assert (method, path) == ("POST", "/book/api/recommendations/rec-1/outcomes")
    assert json.loads(body) == {"mark_quality": "eod_mid", "result_per_unit": "0.1"}
    server.answers = [(422, {"code": "invalid"})]
    assert journal.tell_outcome("rec-1", "guess", r_multiple=1) is False


def test_programs_on_asyncio_await_the_same(server, tmp_path):
    server.answers = [(200, {"status": "approved"})]

    async def ask():
        url = f"http://127.0.0.1:{server.server_port}"
        async with AsyncJournal(url, "t", spool=tmp_path / "spool.db") as journal:
            return await journal.is_approved("r"), await journal.wait_for_decision("r", 1)

    assert asyncio.run(ask()) == (True, "approved")
