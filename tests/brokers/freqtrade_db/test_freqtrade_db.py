"""The bot's database: its orders as fills, and files that want to do harm."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from decimal import Decimal as D
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashKind,
    CashRow,
    ExecutionRow,
    OrderRole,
    OrderRow,
    OrderStatus,
    UnreadableStatement,
)
from journal.brokers.freqtrade_db import database
from journal.brokers.registry import detect
from journal.domain.values import ExecutionKind, PositionEffect, Side
from tests.brokers.freqtrade_db.bot import Bot, order
from tests.brokers.reading import of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples/tradesv3.sqlite"
SLUG = "freqtrade_db"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tradesv3.sqlite"


def refused(data):
    with pytest.raises(UnreadableStatement) as refusal:
        parse(data, SLUG)
    return refusal.value.code


def test_each_filled_order_is_a_fill(path):
    with Bot(path) as bot:
        bot.trade("SOL/USDT", order("a1", "buy", 2.0, 150.5, ft_fee_base=0.002),
                  order("a2", "stoploss", 1.998, 140.1, order_type="stop_loss_limit"),
                  fee_close_cost=0.28, fee_close_currency="USDT", exit_reason="stop_loss")  # fmt: skip
    records = parse(path, SLUG)
    assert (records[0].broker, records[0].account_id, records[0].base_currency) == (
        "kucoin",
        "",
        "USDT",
    )
    bought, sold = of(ExecutionRow, records)
    assert (bought.side, bought.quantity, bought.price, bought.effect) == (
        Side.BUY, 2, D("150.5"), PositionEffect.OPEN,
    )  # fmt: skip
    assert (bought.fee, bought.fee_currency, bought.order_id) == (D("0.002"), "SOL", "a1")
    assert bought.executed_at.isoformat() == "2026-09-21T14:00:01.500000+00:00"
    assert (bought.notes, bought.order_reference, bought.authority) == (("dip",), "Sample", 20)
    assert (sold.side, sold.quantity, sold.fee, sold.fee_currency) == (
        Side.SELL, D("1.998"), D("0.28"), "USDT",
    )  # fmt: skip
    assert (sold.effect, sold.notes) == (PositionEffect.CLOSE, ("stop_loss",))
    assert sold.raw["trade.stop_loss"] == "90.0"
    assert problem_codes(records) == {"order_rows_booked": 1}


def test_a_short_opens_by_selling_and_a_liquidation_is_one(path):
    with Bot(path) as bot:
        bot.trade("BTC/USDT:USDT", order("a1", "sell", 0.03, 60000.0), order("a2", "buy", 0.03, 66000.0),
                  is_short=1, exit_reason="liquidation", contract_size=0.01, funding_fees=-1.25)  # fmt: skip
    records = parse(path, SLUG)
    opened, closed = of(ExecutionRow, records)
    assert (opened.side, opened.effect) == (Side.SELL, PositionEffect.OPEN)
    assert closed.kind is ExecutionKind.LIQUIDATION
    # 0.03 BTC are three contracts of a hundredth.
    assert (opened.quantity, opened.instrument.multiplier) == (3, D("0.01"))
    (paid,) = of(CashRow, records)
    assert (paid.kind, paid.amount, paid.currency) == (CashKind.FUNDING, D("-1.25"), "USDT")
    assert "funding_summed" in problem_codes(records)


def test_several_orders_of_one_side_cost_their_rate(path):
    with Bot(path) as bot:
        bot.trade("SOL/USDT", order("a1", "buy", 1.0, 100.0), order("a2", "buy", 2.0, 90.0),
                  is_open=1, close_date=None, fee_open_cost=0.1, fee_open_currency="USDT")  # fmt: skip
    records = parse(path, SLUG)
    assert [one.fee for one in of(ExecutionRow, records)] == [D("0.1"), D("0.18")]
    assert problem_codes(records) == {"order_rows_booked": 1, "fee_estimated": 1}


def test_a_fee_in_the_coin_that_did_not_lower_the_amount_is_counted_in_money(path):
    with Bot(path) as bot:
        bot.trade("SOL/USDT", order("a1", "buy", 2.0, 150.0), is_open=1, fee_open_cost=0.002,
                  fee_open_currency="SOL")  # fmt: skip
    (bought,) = of(ExecutionRow, parse(path, SLUG))
    assert (bought.fee, bought.fee_currency) == (D("0.3"), "USDT")


def test_orders_that_are_open_or_were_not_filled_are_no_fills(path):
    with Bot(path) as bot:
        bot.trade("SOL/USDT", order("a1", "buy", 1.0, 100.0, status="canceled"),
                  order("a2", "buy", 0.0, 100.0, status="canceled", amount=3.0),
                  order("a3", "sell", 0.4, 100.0, status="open", ft_is_open=1), is_open=1)  # fmt: skip
    assert [one.order_id for one in of(ExecutionRow, parse(path, SLUG))] == ["a1"]


def test_orders_keep_their_lives_and_what_they_are_for(path):
    with Bot(path) as bot:
        bot.trade("SOL/USDT", order("a1", "buy", 1.0, 100.0),
                  order("a2", "stoploss", 0.0, 90.0, amount=1.0, status="canceled"),
                  order("a3", "sell", 0.0, 120.0, amount=1.0, status="open", ft_is_open=1), is_open=1)  # fmt: skip
    lives = of(OrderRow, parse(path, SLUG))
    assert [(one.order_id, one.role, one.status) for one in lives] == [
        ("a1", OrderRole.ENTRY, OrderStatus.PLACED),
        ("a1", OrderRole.ENTRY, OrderStatus.FILLED),
        ("a2", OrderRole.STOP_LOSS, OrderStatus.PLACED),
        ("a2", OrderRole.STOP_LOSS, OrderStatus.CANCELLED),
        ("a3", OrderRole.EXIT, OrderStatus.PLACED),
    ]
    assert {one.strategy for one in lives} == {"Sample"}
    assert (lives[2].side, lives[2].quantity, lives[2].limit_price) == (Side.SELL, 1, 90)


def test_a_dry_run_says_so_and_is_no_account_of_the_exchange(path):
    with Bot(path) as bot:
        for n in range(2):
            bot.trade("SOL/USDT", order(f"dry_run_buy_{n}a", "buy", 1.0, 100.0),
                      order(f"dry_run_sell_{n}b", "sell", 1.0, 110.0))  # fmt: skip
    records = parse(path, SLUG)
    assert (records[0].broker, records[0].is_hedging) == ("dryrun", True)
    assert {one.trade_id for one in of(ExecutionRow, records)} == {"position:1", "position:2"}
    assert problem_codes(records)["simulated"] == 1


def test_a_dry_run_among_real_trades_is_left_out(path):
    with Bot(path) as bot:
        bot.trade("SOL/USDT", order("dry_run_buy_a", "buy", 1.0, 100.0))
        bot.trade("SOL/USDT", order("a1", "buy", 1.0, 100.0), is_open=1)
    records = parse(path, SLUG)
    assert [one.order_id for one in of(ExecutionRow, records)] == ["a1"]
    assert problem_codes(records)["dry_run_left_out"] == 1


def test_an_old_database_without_orders_has_two_fills_a_trade(path):
    with Bot(path, orders=False) as bot:
        bot.trade("SOL/USDT")
    records = parse(path, SLUG)
    assert [(one.side, one.price, one.fee) for one in of(ExecutionRow, records)] == [
        (Side.BUY, 100, D("0.1")),
        (Side.SELL, 110, D("0.11")),
    ]
    assert "trade_without_orders" in problem_codes(records)


def test_two_exchanges_are_two_accounts(path):
    with Bot(path) as bot:
        bot.trade("SOL/USDT", order("a1", "buy", 1.0, 100.0))
        bot.trade("SOL/USDT", order("a2", "buy", 1.0, 100.0), exchange="okx")
    assert refused(path) == "several_accounts"


def test_a_row_that_cannot_be_understood_is_told(path):
    with Bot(path) as bot:
        bot.trade("SOLUSDT", order("a1", "buy", 1.0, 100.0))
        bot.trade("SOL/USDT", order("a2", "buy", 1.0, 0.0))
        bot.trade("SOL/USDT", order("a3", "buy", 1.0, 100.0, order_filled_date="soon"))
        bot.trade("SOL/USDT", order("a4", "buy", 1.0, 100.0))
    records = parse(path, SLUG)
    assert [one.order_id for one in of(ExecutionRow, records)] == ["a4"]
    assert {"bad_value": 1, "no_price": 1, "bad_date": 1}.items() <= problem_codes(records).items()


def test_a_copy_of_a_running_bot_says_that_the_latest_may_be_missing(path):
    with Bot(path) as bot:
        bot.trade("SOL/USDT", order("a1", "buy", 1.0, 100.0))
    wal = sqlite3.connect(path)
    wal.execute("PRAGMA journal_mode=wal")
    wal.close()
    records = parse(path, SLUG)
    assert len(of(ExecutionRow, records)) == 1
    assert "database_unfinished" in problem_codes(records)


# -- files that want to do harm


def script(path, *statements):
    made = sqlite3.connect(path)
    made.executescript(";".join(statements))
    made.commit()
    made.close()
    return path


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n"


@pytest.mark.parametrize(
    "statements",
    [
        [f"CREATE VIEW trades AS {ENDLESS}", "CREATE TABLE stake_amount (x)"],
        ["CREATE TABLE t (x)", "CREATE VIEW trades AS SELECT load_extension('evil') AS id FROM t"],
        ["CREATE VIRTUAL TABLE trades USING fts5(id, pair)"],
        ["CREATE TABLE unrelated (trades, stake_amount)"],
    ],
    ids=["endless view", "view with a function", "virtual table", "another database"],
)
def test_only_plain_tables_are_read(path, statements):
    assert refused(script(path, *statements)) == "other_format"


def test_columns_that_compute_are_not_computed(path):
    script(path, "CREATE TABLE trades (id INTEGER PRIMARY KEY, pair, x AS (zeroblob(100000000)))",
           "INSERT INTO trades (id, pair) VALUES (1, 'SOL/USDT')")  # fmt: skip
    assert refused(path) == "broken_database"


def test_work_without_end_is_ended(path, monkeypatch):
    with Bot(path) as bot:
        for _ in range(300):
            bot.trade("SOL/USDT")
    monkeypatch.setattr(database, "_STEPS", 10)
    monkeypatch.setattr(database, "_STEPS_MAX", 5)
    assert refused(path) == "broken_database"


def test_a_value_longer_than_any_is_refused(path):
    with Bot(path) as bot:
        bot.trade("SOL/USDT", enter_tag="x" * 3_000_000)
    assert refused(path) == "broken_database"


@pytest.mark.parametrize("place", range(100, 20_000, 613))
def test_a_damaged_database_is_refused_or_read(place):
    data = bytearray(SAMPLE.read_bytes())
    data[place : place + 40] = b"\xff" * 40
    with suppress(UnreadableStatement):
        parse(bytes(data), SLUG)


def test_nothing_but_sqlite_is_opened():
    assert refused(b"PK\x03\x04 trades stake_amount") == "other_format"
    assert refused(b"") == "other_format"


def test_the_sample_is_found_by_its_content():
    assert detect(SAMPLE.read_bytes()[: 64 * 1024], "upload").slug == SLUG
