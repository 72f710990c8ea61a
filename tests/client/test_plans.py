"""Plans go the way of everything else: by the spool, once, and never in the way of the program."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from fillbook_client import AsyncJournal, Journal

from tests.client.server import FakeJournal


@pytest.fixture
def server():
    journal = FakeJournal()
    journal.start()
    yield journal
    journal.stop()


@pytest.fixture
def journal(server, tmp_path):
    with Journal(server.url, server.token, account="U1", spool=tmp_path / "spool.db") as one:
        yield one


def test_a_plan_arrives_exactly_and_has_no_other_name_than_its_own(server, journal):
    until = datetime(2026, 6, 2, 20, tzinfo=UTC)
    said = journal.plan(
        "ACME", "buy", entry_price=25.5, stop_price=Decimal("24.0"), target_price="28", quantity=10,
        conditions={"rsi": 0.3}, expires_at=until,
    )  # fmt: skip
    assert journal.flush(5)
    assert server.records == [("/api/plans/batch", {
        "plan_id": said, "account": "U1", "source": "bot", "symbol": "ACME", "side": "buy", "entry_price": "25.5",
        "stop_price": "24.0", "target_price": "28", "quantity": "10", "conditions": {"rsi": "0.3"},
        "expires_at": "2026-06-02T20:00:00+00:00",
    })]  # fmt: skip


def test_it_is_there_before_the_order_that_names_it(server, journal):
    rec = journal.recommend("ACME")
    plan = journal.plan("ACME", plan_id="breakout-7", recommendation_id=rec)
    journal.order("my-1", "placed", symbol="ACME", plan_id=plan)
    assert journal.flush(5)
    assert plan == "breakout-7"
    assert [path.split("/")[2] for path, _ in server.records] == [
        "recommendations",
        "plans",
        "orders",
    ]
    assert server.records[2][1]["plan_id"] == server.records[1][1]["plan_id"] == plan


def test_an_answer_that_is_lost_makes_no_second_plan(server, journal):
    server.lose_answers = 1
    journal.plan("ACME", "buy")
    assert journal.flush(10)
    assert len(server.records) == 1
    assert server.requests == 2


def test_what_the_journal_refuses_is_put_aside_under_its_id(server, journal):
    server.refuses = lambda record: record.get("stop_price") == "30"
    bad = journal.plan("ACME", "buy", entry_price=25, stop_price=30)
    journal.plan("ACME", "buy", entry_price=25, stop_price=24)
    assert journal.flush(5)
    (refused,) = journal.list_refused()
    assert (refused.kind, refused.record_id) == ("plan", bad)
    assert len(server.records) == 1


@pytest.mark.parametrize("nonsense", [float("nan"), object(), "1e999999999", []])
def test_nonsense_raises_nothing(server, journal, nonsense):
    assert journal.plan("ACME", "buy", entry_price=nonsense)


def test_programs_on_asyncio_make_plans_too(server, tmp_path):
    async def bot():
        async with AsyncJournal(server.url, server.token, spool=tmp_path / "spool.db") as journal:
            plan_id = await journal.plan("ACME", "sell", plan_id="short-1")
            assert await journal.flush(5)
            return plan_id

    assert asyncio.run(bot()) == "short-1"
    assert server.records[0][1]["side"] == "sell"
