"""The client delivers everything, in order, once, whatever the journal and the machine do."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from fillbook_client import AsyncJournal, Journal, delivery
from fillbook_client.spool import Spool

from tests.client.server import FakeJournal, half_an_answer, slow

SOURCE = Path(__file__).parents[2] / "client" / "src"


@pytest.fixture
def server():
    journal = FakeJournal()
    journal.start()
    yield journal
    journal.stop()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(delivery, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(delivery, "_LONGEST_PAUSE", 0.1)


@pytest.fixture
def journal(server, tmp_path):
    with Journal(
        server.url, server.token, account="U1", spool=tmp_path / "spool.db", timeout=1
    ) as one:
        yield one


def fills(journal, numbers):
    for number in numbers:
        journal.execution("ACME", "buy", 1, "10.5", exec_id=str(number))


def delivered(server):
    return [record["exec_id"] for _, record in server.records]


def texts(numbers):
    return [str(number) for number in numbers]


def test_what_is_said_arrives_exactly(server, journal):
    at = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
    said = journal.execution(
        "ACME",
        "buy",
        0.1,
        Decimal("10.50"),
        executed_at=at,
        exec_id="7",
        fee=1,
        fee_currency="USD",
        notes={"a": 0.5},
    )
    assert journal.flush(5)
    ((path, record),) = server.records
    assert path == "/api/executions/batch"
    assert record == {
        "record_id": said, "account": "U1", "source": "bot", "symbol": "ACME", "side": "buy", "quantity": "0.1",
        "price": "10.50", "executed_at": "2026-01-05T14:30:00+00:00", "exec_id": "7", "fee": "1",
        "fee_currency": "USD", "notes": {"a": "0.5"},
    }  # fmt: skip


def test_orders_fills_and_recommendations_keep_their_order(server, journal):
    journal.recommend("ACME", strategy="breakout")
    journal.order("o1", "placed", symbol="ACME", side="buy", quantity=1, limit_price=10)
    fills(journal, [1, 2])
    journal.order("o1", "filled")
    journal.execution("ACME", "sell", 2, 11, exec_id="3", account="U2")
    assert journal.flush(5)
    kinds = [path.split("/")[2] for path, _ in server.records]
    assert kinds == [
        "recommendations",
        "orders",
        "executions",
        "executions",
        "orders",
        "executions",
    ]
    assert server.records[-1][1]["account"] == "U2"


@pytest.mark.parametrize(
    "faults",
    [
        [500],
        [502, 503, 429],
        [half_an_answer],
        [slow(1.5)],
        [401, 403],
        [500, half_an_answer, slow(1.2), 503],
    ],
    ids=["500", "5xx and 429", "half an answer", "time-out", "revoked for a while", "all of them"],
)
def test_faults_delay_and_nothing_more(server, journal, faults):
    server.faults = faults
    fills(journal, range(50))
    assert journal.flush(15)
    assert delivered(server) == texts(range(50))
    assert journal.status()[:3] == (0, 50, 0)


def test_an_answer_that_is_lost_doubles_nothing(server, journal):
    server.lose_answers = 3
    fills(journal, range(20))
    assert journal.flush(10)
    assert delivered(server) == texts(range(20))


def test_a_refused_record_is_put_aside_and_the_others_go_on(server, journal):
    server.refuses = lambda record: record["exec_id"] == "3"
    fills(journal, range(6))
    assert journal.flush(5)
    assert delivered(server) == texts([0, 1, 2, 4, 5])
    (refused,) = journal.list_refused()
    assert (refused.code, refused.message) == ("invalid", "No such side.")
    assert json.loads(refused.body)["exec_id"] == "3"
    server.refuses = lambda record: False
    assert journal.retry_refused() == 1
    assert journal.flush(5)
    assert delivered(server)[-1] == "3"


def test_one_record_that_spoils_its_batch_is_found(server, journal):
    server.faults = [500]  # so that they wait and come in one batch
    fills(journal, range(40))
    journal.execution("POISON", "buy", 1, 1, exec_id="x")
    fills(journal, range(40, 80))
    assert journal.flush(15)
    assert delivered(server) == texts(range(80))
    (refused,) = journal.list_refused()
    assert json.loads(refused.body)["symbol"] == "POISON"


def test_a_batch_that_is_too_large_is_cut(server, journal):
    server.batch_max = 7
    fills(journal, range(100))
    assert journal.flush(15)
    assert delivered(server) == texts(range(100))


def test_retry_after_is_kept(server, journal):
    server.retry_after = "0.4"
    server.faults = [429]
    began = time.monotonic()
    fills(journal, [1])
    while not server.records:
        assert time.monotonic() < began + 5
        time.sleep(0.01)
    assert time.monotonic() - began >= 0.4


def test_a_revoked_token_keeps_everything_for_the_next_one(server, tmp_path):
    spool = tmp_path / "spool.db"
    with Journal(server.url, "revoked", spool=spool) as journal:
        fills(journal, range(5))
        assert not journal.flush(0.3)
        assert "revoked" in journal.status().trouble
    assert not server.records
    with Journal(server.url, server.token, spool=spool) as journal:
        assert journal.flush(5)
    assert delivered(server) == texts(range(5))


def test_without_a_journal_records_stay_and_go_later(server, tmp_path):
    spool = tmp_path / "spool.db"
    with Journal(server.url, server.token, spool=spool, local_only=True) as journal:
        fills(journal, range(5))
        assert journal.status().waiting == 5
        assert not journal.flush(0.1)
    assert server.requests == 0
    with Journal(server.url, server.token, spool=spool) as journal:
        assert journal.flush(5)
    assert delivered(server) == texts(range(5))


def test_local_only_can_be_said_by_the_environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv("FILLBOOK_LOCAL_ONLY", "1")
    with Journal(server.url, server.token, spool=tmp_path / "spool.db") as journal:
        assert journal.local_only


def test_a_journal_that_comes_back_gets_what_waited(server, journal):
    server.stop()
    fills(journal, range(30))
    time.sleep(0.2)
    server.start()
    fills(journal, range(30, 40))
    assert journal.flush(10)
    assert delivered(server) == texts(range(40))


BOT = """
import os, sys
from fillbook_client import Journal
journal = Journal(sys.argv[1], "secret", spool=sys.argv[2])
for number in range(int(sys.argv[3]), int(sys.argv[4])):
    journal.execution("ACME", "buy", 1, 10, exec_id=str(number))
    print(number, flush=True)
"""


def bot(url: str, spool: Path, first: int, last: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", BOT, url, str(spool), str(first), str(last)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(SOURCE)}
    )


def test_a_killed_bot_has_lost_nothing(server, tmp_path):
    spool = tmp_path / "spool.db"
    program = bot(server.url, spool, 0, 100_000)
    while int(program.stdout.readline()) < 700:
        pass
    program.send_signal(signal.SIGKILL)
    last = [700, *map(int, program.stdout.read().split())][-1]
    program.wait()
    with Journal(server.url, server.token, spool=spool) as journal:
        assert journal.flush(20)
    found = delivered(server)
    # The one whose call had not returned may be there or not.
    assert found in (texts(range(last + 1)), texts(range(last + 2)))


def test_several_bots_on_one_spool_lose_and_double_nothing(server, tmp_path):
    spool = tmp_path / "spool.db"
    programs = [bot(server.url, spool, start, start + 200) for start in (0, 1_000, 2_000)]
    for program in programs:
        program.communicate(timeout=30)
    with Journal(server.url, server.token, spool=spool) as journal:
        assert journal.flush(20)
    found = [int(each) for each in delivered(server)]
    for start in (0, 1_000, 2_000):
        assert [each for each in found if start <= each < start + 200] == list(
            range(start, start + 200)
        )
    assert len(found) == 600


def test_a_fork_delivers_too(server, journal):
    fills(journal, [1])
    child = os.fork()
    if child == 0:
        fills(journal, [2])
        os._exit(0)
    os.waitpid(child, 0)
    fills(journal, [3])
    assert journal.flush(5)
    assert delivered(server) == ["1", "2", "3"]


def test_no_child_waits_for_what_another_thread_was_doing(tmp_path):
    """SQLite's own locks are copied as they are: one that is held at the moment of the fork is never given back."""
    spool, other = Spool(tmp_path / "spool.db"), Spool(tmp_path / "other.db")
    done = threading.Event()

    def work():
        while not done.is_set():
            other.count()
            other.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        # Few at once: two hundred that wait for one file take minutes on a busy machine.
        for first in range(0, 200, 20):
            children = [_adding(spool, number) for number in range(first, first + 20)]
            deadline = time.monotonic() + 30
            assert [child for child in children if not _ends(child, deadline)] == []
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert spool.count() == 200


def _adding(spool: Spool, number: int) -> int:
    child = os.fork()
    if child == 0:
        spool.add("execution", str(number), "{}")
        while spool.in_memory:
            spool.write_overflow()
        os._exit(0)
    return child


def _ends(child: int, deadline: float) -> bool:
    while time.monotonic() < deadline:
        if os.waitpid(child, os.WNOHANG)[0]:
            return True
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def test_a_spool_that_is_locked_holds_nobody_up(server, journal, tmp_path):
    fills(journal, [1])
    assert journal.flush(5)
    other = sqlite3.connect(tmp_path / "spool.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    fills(journal, [2, 3])
    assert time.monotonic() - began < 0.2
    other.execute("COMMIT")
    assert journal.flush(5)
    assert delivered(server) == ["1", "2", "3"]


@pytest.mark.parametrize("folder", ["file-in-the-way/spool.db", "."])
def test_a_spool_that_cannot_be_made_raises_nothing(server, tmp_path, folder):
    (tmp_path / "file-in-the-way").write_text("")
    with Journal(server.url, server.token, spool=tmp_path / folder) as journal:
        fills(journal, range(3))
        assert journal.status().trouble
        assert (journal.list_refused(), journal.retry_refused()) == ([], 0)
        # What has no file is delivered from memory.
        assert journal.flush(5)
        until(lambda: journal.status()[:2] == (0, 3))
    assert delivered(server) == texts(range(3))


@pytest.mark.parametrize(
    "fields",
    [
        {"quantity": object(), "price": float("nan")},
        {"quantity": None, "price": "abc"},
        {"quantity": b"1", "price": {1, 2}},
        {"quantity": 10**400, "price": 1, "executed_at": "yesterday"},
        {"quantity": 1, "price": 1, "executed_at": 1e300},
    ],
)
def test_nonsense_raises_nothing_and_reaches_the_journal_as_it_is(server, journal, fields):
    assert journal.execution("ACME", "buy", **fields)
    assert journal.flush(5)
    assert len(server.records) == 1


def test_what_cannot_be_written_as_json_is_logged_and_raises_nothing(server, journal, caplog):
    loop: list[object] = []
    loop.append(loop)
    assert journal.execution("ACME", "buy", 1, 1, notes=loop)
    assert "could not be recorded" in caplog.text


def test_an_address_that_is_none_raises_nothing(tmp_path, caplog):
    with Journal("journal.example.org", "t", spool=tmp_path / "spool.db") as journal:
        fills(journal, [1])
        assert journal.status().waiting == 1
    assert "no address" in caplog.text


def test_asyncio_programs_do_the_same(server, tmp_path):
    async def trade() -> None:
        async with AsyncJournal(server.url, server.token, spool=tmp_path / "spool.db") as journal:
            await journal.order("o1", "placed")
            await journal.execution("ACME", "buy", 1, 10, exec_id="1")
            assert await journal.flush(5)
            assert (await journal.status()).delivered == 2

    asyncio.run(trade())
    assert [path for path, _ in server.records] == ["/api/orders/batch", "/api/executions/batch"]


def test_the_spool_is_for_its_owner_alone(journal, tmp_path):
    fills(journal, [1])
    assert (tmp_path / "spool.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("fault", ["locked", "orphaned"])
def test_a_fork_at_a_bad_moment_neither_hangs_nor_keeps_the_lock(server, tmp_path, fault):
    """A child finds a lock that nobody will ever release, and outlives the one who delivered."""
    parent = os.fork()
    if parent == 0:
        journal = Journal(server.url, server.token, spool=tmp_path / "spool.db")
        fills(journal, [1])
        journal.flush(5)
        if fault == "locked":
            threading.Thread(target=journal._spool._caller.lock.acquire).start()
        if os.fork() == 0:
            signal.alarm(10)
            fills(journal, [2])
            journal.flush(5)
        os._exit(0)
    os.waitpid(parent, 0)
    until(lambda: delivered(server) == ["1", "2"])


def test_an_answer_that_asks_for_eternity_is_asked_again(server, journal, monkeypatch):
    monkeypatch.setattr(delivery, "_LONGEST_WISH", 0.1)
    server.retry_after = "1e999"
    server.faults = [503]
    fills(journal, [1])
    until(lambda: delivered(server) == ["1"])


def test_an_answer_of_nonsense_does_not_end_the_delivery(server, journal, monkeypatch):
    def nonsense(handler) -> bool:
        server._say(handler, 200, {"results": [{"status": "created", "warnings": 5}]})
        return True

    server.faults = [nonsense]
    fills(journal, [1])
    until(lambda: delivered(server) == ["1"])


def test_flush_does_not_wait_for_the_end_of_a_pause(server, journal):
    server.retry_after = "60"
    server.faults = [503]
    fills(journal, [1])
    until(lambda: journal.status().trouble)
    assert journal.flush(5)


@pytest.mark.parametrize("status", [404, 400, 415, 422, 301])
def test_what_is_not_a_journals_answer_refuses_nothing(server, journal, status):
    """A proxy while the journal is put up anew, another program at that address, a host that is not allowed."""

    def page(handler) -> bool:
        handler.send_response(status)
        handler.send_header("Content-Length", "6")
        handler.end_headers()
        handler.wfile.write(b"<html>")
        return True

    server.faults = [page, page, page]
    fills(journal, range(3))
    until(lambda: "address" in journal.status().trouble)
    assert journal.flush(5)
    assert (delivered(server), journal.status().refused) == (texts(range(3)), 0)


def test_a_record_keeps_the_id_that_it_is_given_and_the_account_of_the_journal(server, tmp_path):
    with Journal(
        server.url, f"{server.token}\n", account="U1", spool=tmp_path / "spool.db"
    ) as journal:
        assert (
            journal.execution("ACME", "buy", 1, 1, exec_id="1", record_id="mine", account=None)
            == "mine"
        )
        assert journal.flush(5)
    ((_, record),) = server.records
    assert (record["record_id"], record["account"]) == ("mine", "U1")


def test_a_number_that_would_take_long_to_write_is_sent_as_it_is(server, journal):
    began = time.monotonic()
    journal.execution("ACME", "buy", Decimal("1e999999999"), 1, exec_id="1")
    assert time.monotonic() - began < 0.5
    assert journal.flush(5)
    assert server.records[0][1]["quantity"] == "1E+999999999"


def until(is_so, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
