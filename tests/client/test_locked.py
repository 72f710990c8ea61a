"""A journal whose trading is locked: an announcement is refused once, kept, and told; the rest goes on."""

from __future__ import annotations

import asyncio

import pytest
from fillbook_client import AsyncJournal, Journal, TradingLocked

from tests.client.server import FakeJournal


@pytest.fixture
def server():
    one = FakeJournal()
    one.refusal = "trading_locked"
    one.refuses = lambda record: record.get("client_order_id") == "my-1"
    one.start()
    yield one
    one.stop()


def test_a_refused_announcement_is_told_once_and_kept(server, tmp_path):
    told = []

    def on_locked(locked):
        told.append(locked)
        raise RuntimeError("the program's own mistake")

    with Journal(
        server.url, server.token, spool=tmp_path / "spool.db", on_locked=on_locked
    ) as journal:
        refused = journal.order("my-1", "placed", symbol="ACME", side="buy", quantity=1)
        journal.order("my-2", "cancelled")
        assert journal.flush(10)
        asked = server.requests
        journal.order("my-3", "cancelled")
        assert journal.flush(10)
        (kept,) = journal.list_refused()
    assert server.requests == asked + 1
    assert (kept.record_id, kept.code) == (refused, "trading_locked")
    assert [type(one) for one in told] == [TradingLocked]
    assert (told[0].record_id, told[0].record["symbol"]) == (refused, "ACME")
    assert [record["client_order_id"] for _, record in server.records] == ["my-2", "my-3"]


def test_other_refusals_are_no_locks(server, tmp_path):
    server.refusal = "invalid"
    told = []
    with Journal(
        server.url, server.token, spool=tmp_path / "spool.db", on_locked=told.append
    ) as journal:
        journal.order("my-1", "placed", symbol="ACME")
        assert journal.flush(10)
    assert told == []


@pytest.mark.parametrize(("answer", "may"), [({"locked": False, "locks": []}, True), ({"locked": True, "locks": []}, False), (None, False), ([], False)])  # fmt: skip
def test_what_is_not_known_may_not_be_traded(monkeypatch, tmp_path, answer, may):
    async def ask() -> bool:
        async with AsyncJournal("http://127.0.0.1:9", "t", spool=tmp_path / "s.db") as journal:
            status = 200 if answer is not None else 0
            asked = []
            monkeypatch.setattr(
                journal.journal,
                "_ask",
                lambda method, path: (asked.append(path), (status, answer))[1],
            )
            assert await journal.trading_lock() == (answer if isinstance(answer, dict) else None)
            result = await journal.may_trade("BTC/USDT")
            assert asked[-1] == "/api/trading-lock?symbol=BTC%2FUSDT"
            return result

    assert asyncio.run(ask()) is may
