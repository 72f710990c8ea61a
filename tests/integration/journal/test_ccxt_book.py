"""Crypto exchanges' fills into the book: coins less the fees that were taken in them, hedge mode, inverse contracts."""

from __future__ import annotations

import itertools
from decimal import Decimal as D

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal.models import (
    BrokerAccount,
    CashReport,
    DataIssue,
    Execution,
    Instrument,
    LotMatch,
    OpenLot,
    PositionReport,
)
from journal.services.verification import verify_account
from tests.brokers.ccxt_json.structures import document, dumped, fee, trade
from tests.brokers.reading import SAMPLES
from tests.doors import import_now
from tests.effort import examples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("every_book_holds")]

KRAKEN = b"""txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers
TAAAA-BBBBB-CCCCCC,OAAAA-BBBBB-CCCCCC,XXBTZEUR,2026-09-21 14:13:20.0000,buy,limit,50000.00000,500.00000,0.80000,0.01000000,0.00000,,L1
"""


def book(workspace, *trades, **more):
    batch = import_now(workspace, dumped(document(trades=list(trades), **more)).encode())
    assert batch.state == "done", batch.error
    return batch


def held(symbol):
    return sum(
        (one.signed_quantity for one in OpenLot.objects.filter(instrument__symbol=symbol)), D(0)
    )


def test_a_fee_in_the_coin_never_reaches_the_position(workspace):
    book(
        workspace,
        trade("SOL/USDT", "buy", "2", "150", fees=[fee("0.002", "SOL")]),
        trade("SOL/USDT", "sell", "1.998", "160", minute=1, fees=[fee("0.31968", "USDT")]),
    )
    (match,) = LotMatch.objects.all()
    assert (match.quantity, held("SOL")) == (D("1.998"), 0)
    # Paid 300 in all, 0.30 of it for the fee; received 319.68 less 0.31968.
    assert match.net_pnl == D("319.68") - D("0.31968") - 300
    assert not DataIssue.objects.filter(code="fee_not_converted").exists()


def test_a_fee_in_a_third_coin_is_worth_what_it_was_that_day(workspace):
    rates = [{"from": "BNB", "to": "USDT", "on": "2026-09-21", "rate": "900"}]
    book(
        workspace,
        trade("SOL/USDT", "buy", "2", "150", fees=[fee("0.001", "BNB")]),
        rates=rates,
        base_currency="USDT",
    )
    execution = Execution.objects.get()
    assert (execution.fee, execution.fee_currency, execution.fee_quoted) == (D("0.001"), "BNB", D("0.9"))  # fmt: skip
    assert held("SOL") == 2


def test_a_sale_of_coins_that_nobody_has_seen_bought_is_no_short(workspace):
    book(workspace, trade("SOL/USDT", "sell", "2", "150", fees=[fee("0", "USDT")]))
    assert held("SOL") == 0
    assert [one.net_pnl for one in LotMatch.objects.all()] == [None]


def test_the_sample_is_booked_as_the_exchange_would(workspace):
    batch = import_now(workspace, (SAMPLES / "ccxt_json/samples/document.json").read_bytes())
    assert batch.state == "done"
    account = BrokerAccount.objects.get()
    assert (account.broker, account.broker_id, account.is_hedging) == ("bybit", "24680", True)
    net = {(one.instrument.symbol, one.direction): one.net_pnl for one in LotMatch.objects.all()}
    assert net[("BTC/USDT:USDT", "long")] == D(200) - D("3.3") - D("3.41")
    assert net[("BTC/USDT:USDT", "short")] == D(-200) + D("0.61") - D("3.465")
    # 1000 dollars at 50,000 are 0.02 BTC, at 62,500 they are 0.016.
    assert net[("BTC/USD:BTC", "long")] == D("0.004") - D("0.000011") - D("0.0000088")
    assert CashReport.objects.filter(kind="funding").get().amount == D("-0.615")
    # What is held in the middle of a day says nothing of what was held at the end of any.
    assert PositionReport.objects.get().reported_on is None
    assert not Execution.objects.filter(instrument__symbol="ETH/USDT:USDT").exists()


def test_the_same_trade_dumped_by_a_bot_and_fetched_later_counts_once(workspace):
    """The dump names neither exchange nor account, so a person says whose it is."""
    rows = [trade("SOL/USDT", "buy", "2", "150", id="77", fees=[fee("0.002", "SOL")])]
    book(workspace, *rows)
    account = BrokerAccount.objects.get()
    again = import_now(workspace, dumped(rows).encode(), account=account)
    assert again.state == "done"
    assert again.result["accounts"][0]["executions"]["new"] == 0
    assert Execution.objects.count() == 1


def test_a_file_of_another_exchange_is_not_booked_on_an_account(workspace):
    book(workspace, trade("SOL/USDT", "buy", "2", "150"))
    account = BrokerAccount.objects.get()
    other = dumped(document("okx", "", trades=[trade("SOL/USDT", "buy", "1", "150")]))
    batch = import_now(workspace, other.encode(), account=account)
    assert (batch.state, batch.error_code) == ("failed", "wrong_broker")


def test_the_csv_of_an_exchange_and_what_was_fetched_are_one_account_and_one_coin(workspace):
    batch = import_now(workspace, KRAKEN, account_number="main")
    assert batch.state == "done"
    fetched = trade(
        "BTC/EUR", "buy", "0.01", "50000", id="TAAAA-BBBBB-CCCCCC", fees=[fee("0.8", "EUR")]
    )
    book(workspace, fetched, exchange="kraken", account="main")
    assert BrokerAccount.objects.get().broker == "kraken"
    assert (Execution.objects.count(), Instrument.objects.count()) == (1, 1)


def test_contracts_of_one_name_and_another_size_are_two(workspace):
    one = trade("BTC/USDT:USDT", "buy", "1", "60000", fees=[fee("0", "USDT")])
    book(workspace, one)
    book(workspace, one, exchange="okx", markets={"BTC/USDT:USDT": {"contractSize": "0.01"}})
    sizes = Instrument.objects.filter(symbol="BTC/USDT:USDT").values_list("multiplier", flat=True)
    assert sorted(sizes) == [D("0.01"), 1]


_numbers = itertools.count()
AMOUNTS = st.decimals("0.0001", "50", places=4)
MOVES = st.lists(
    st.tuples(st.sampled_from(["buy", "sell"]), AMOUNTS, st.sampled_from(["SOL", "USDT", "BNB"]),
              st.decimals("-0.001", "0.002", places=6)),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(MOVES)
def test_what_is_booked_is_what_the_balance_is(workspace, moves):
    """Whatever coin a fee is taken in: the open quantity is what the exchange would show. Margin, so that it may be
    below nothing."""
    balance = D(0)
    rows = []
    for minute, (side, amount, currency, rate) in enumerate(moves):
        cost = amount * rate
        balance += amount if side == "buy" else -amount
        balance -= cost if currency == "SOL" else 0
        info = {"isIsolated": "true"}
        rows.append(
            trade("SOL/USDT", side, f"{amount}", "150", minute=minute, info=info, fees=[fee(f"{cost:f}", currency)])
        )  # fmt: skip
    account = f"p{next(_numbers)}"
    book(workspace, *rows, account=account)
    of_account = OpenLot.objects.filter(account__broker_id=account)
    assert sum((one.signed_quantity for one in of_account), D(0)) == balance
    assert verify_account(BrokerAccount.objects.get(broker_id=account)) == []
