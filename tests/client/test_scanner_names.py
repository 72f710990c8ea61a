"""The names that scanners of options know, and what a dead bot has missed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

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


@dataclass
class Opportunity:
    symbol: str
    strategy: str
    short_strike: float
    long_strike: float
    expiration: datetime
    iv_rank: float
    pop: float
    max_profit: float
    max_loss: float
    chain: object


def opportunity(**more):
    values = {
        "symbol": "SPY", "strategy": "Bull Put Spread", "short_strike": 480.0, "long_strike": 475.0,
        "expiration": datetime(2027, 3, 19), "iv_rank": 68.5, "pop": 68, "max_profit": 190.0, "max_loss": -310.0,
        "chain": object(),
    }  # fmt: skip
    return Opportunity(**{**values, **more})


def test_the_story_of_a_spread_under_the_old_names(server, journal):
    sizing = {"contracts": 7, "risk": 0.02}
    rec_id = journal.log_recommendation(opportunity(), sizing, reason="Scanner auto-generated")
    trade_id = journal.log_trade_entry(
        rec_id=rec_id,
        actual_contracts=7,
        entry_credit=1.90,
        iv_rank=68.5,
        notes="Better than expected",
    )
    journal.log_trade_exit(trade_id=trade_id, exit_debit=0.95, close_reason="50% profit rule")
    assert journal.flush(5)
    (path, proposal), (_, entry), (_, closing) = server.records
    assert path == "/api/recommendations/batch"
    assert proposal["record_id"] == rec_id
    assert (proposal["symbol"], proposal["strategy"], proposal["source"]) == (
        "SPY",
        "Bull Put Spread",
        "scanner",
    )
    assert (proposal["quantity"], proposal["probability"]) == ("7", "0.68")
    assert [leg["strike"] for leg in proposal["legs"]] == ["480.0", "475.0"]
    assert {leg["right"] for leg in proposal["legs"]} == {"put"}
    assert proposal["features"]["iv_rank"] == "68.5"
    assert proposal["features"]["sizing_risk"] == "0.02"
    assert "chain" not in proposal["features"]
    assert (entry["recommendation_id"], entry["client_order_id"], entry["side"]) == (
        rec_id,
        trade_id,
        "sell",
    )
    assert (entry["average_price"], entry["filled_quantity"], entry["status"]) == (
        "1.9",
        "7",
        "filled",
    )
    assert (closing["parent_id"], closing["reason"], closing["side"]) == (
        trade_id,
        "50% profit rule",
        "buy",
    )


@pytest.mark.parametrize(
    "opp", [None, "SPY", {}, {"symbol": None}, object(), {"legs": [None, 5]}, 7]
)
def test_nothing_that_is_logged_raises(journal, opp):
    assert journal.log_recommendation(opp, opp)
    assert journal.log_trade_entry(opp, opp, opp)
    assert journal.log_trade_exit(opp, opp)


def ccxt_trade(number):
    return {
        "id": f"t-{number}", "order": "o-1", "timestamp": 1780407001000 + number, "symbol": "BTC/USDT", "side": "buy",
        "amount": "0.5", "price": "64000.5", "fee": {"cost": "0.0005", "currency": "BTC"}, "info": {},
    }  # fmt: skip


def ib_fill():
    return SimpleNamespace(
        contract=SimpleNamespace(symbol="SPY", localSymbol="SPY   270319C00480000", secType="OPT", currency="USD",
                                 multiplier="100", conId=77, strike=480.0, right="C",
                                 lastTradeDateOrContractMonth="20270319"),
        execution=SimpleNamespace(side="SLD", shares=2.0, price=1.25, execId="0001.01", permId=9, orderRef="my-1",
                                  time=datetime(2026, 6, 2, 13, 30, tzinfo=UTC), acctNumber="U7"),
        commissionReport=SimpleNamespace(commission=1.3, currency="USD"),
    )  # fmt: skip


def test_what_a_dead_bot_missed_is_reported_again(server, journal):
    assert journal.backfill(lambda since: [ccxt_trade(1), ib_fill()]) == 2
    assert journal.flush(5)
    (_, coin), (_, option) = server.records
    assert (coin["exec_id"], coin["quantity"], coin["fee_currency"]) == ("t-1", "0.5", "BTC")
    assert coin["executed_at"].startswith("2026-06-02T13:30:01.001")
    assert (option["account"], option["instrument_id"], option["side"]) == ("U7", "77", "sell")
    assert (option["expiry_on"], option["right"], option["fee"]) == ("2027-03-19", "call", "1.3")


def test_a_backfill_begins_before_the_last_fill_that_was_seen(server, journal):
    asked = []

    def fetch(since):
        asked.append(since)
        return []

    journal.backfill(fetch)
    assert timedelta(days=8) - (datetime.now(UTC) - asked[0]) < timedelta(minutes=1)
    at = datetime(2026, 6, 2, 13, 30, tzinfo=UTC)
    journal.execution("ACME", "buy", 1, 10, executed_at=at)
    assert journal.flush(5)
    journal.backfill(fetch, overlap=timedelta(hours=2))
    assert asked[1] == at - timedelta(hours=2)


def test_a_broker_that_does_not_answer_stops_no_bot(journal, caplog):
    def fetch(since):
        raise ConnectionError("gone")

    assert journal.backfill(fetch) == -1
    assert journal.backfill(lambda since: [{"what": "is this"}]) == -1
    assert "could not be reported again" in caplog.text


async def _story(url, token, spool):
    async with AsyncJournal(url, token, spool=spool) as journal:
        rec_id = await journal.log_recommendation({"symbol": "SPY"})
        trade_id = await journal.log_trade_entry(rec_id, 1, "1.90")
        await journal.log_trade_exit(trade_id, "0.95")
        assert await journal.backfill(lambda since: [ccxt_trade(1)]) == 1
        assert await journal.flush(5)


def test_the_same_names_await(server, tmp_path):

    asyncio.run(_story(server.url, server.token, tmp_path / "spool.db"))
    assert len(server.records) == 4
