"""What a bot keeps of its trades, beside what its exchange says; and what never happened, apart from both."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from django.db.models import Sum

from journal.models import BrokerAccount, Execution, LotMatch, OpenLot, Trade
from tests.brokers.ccxt_json.structures import document, dumped, fee, trade
from tests.brokers.reading import SAMPLES, corpus_folder
from tests.doors import import_now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("every_book_holds")]

DATABASE = (SAMPLES / "freqtrade_db/samples/tradesv3.sqlite").read_bytes()
BACKTEST = (SAMPLES / "freqtrade_json/samples/backtest.json").read_bytes()


def test_a_database_is_booked_less_what_its_fees_took_of_the_coin(workspace):
    batch = import_now(workspace, DATABASE, account_number="bot", name="tradesv3.sqlite")
    assert (batch.state, batch.format) == ("done", "freqtrade_db")
    account = BrokerAccount.objects.get()
    assert (account.broker, account.broker_id) == ("kucoin", "bot")
    (match,) = LotMatch.objects.all()
    assert match.net_pnl == D("1.998") * 160 - D("0.31968") - 301
    (lots,) = OpenLot.objects.values_list("instrument__symbol").annotate(
        held=Sum("signed_quantity")
    )
    assert lots == ("ETH", D("0.2"))
    again = import_now(workspace, DATABASE, account=account)
    assert again.result["accounts"][0]["executions"]["new"] == 0


@pytest.mark.parametrize("is_bot_first", [True, False])
def test_the_exchanges_fills_take_the_place_of_the_bots_orders(workspace, is_bot_first):
    """In either order of imports: the order 67001 was two fills."""
    rows = [
        trade("SOL/USDT", "buy", amount, "150.5", id=f"k{n}", order="67001", fees=[fee("0.001", "SOL")])
        for n, amount in enumerate(["0.5", "1.5"])
    ]  # fmt: skip
    for one in rows:
        one["timestamp"] = 1789999201500  # 21 September, 14:00:01.5 UTC
    fetched = dumped(document("kucoin", "bot", trades=rows)).encode()
    files = [DATABASE, fetched] if is_bot_first else [fetched, DATABASE]
    for content in files:
        assert import_now(workspace, content, account_number="bot").state == "done"
    bought = Execution.objects.filter(instrument__symbol="SOL", side="buy")
    assert sorted(one.quantity for one in bought) == [D("0.5"), D("1.5")]
    assert not OpenLot.objects.filter(instrument__symbol="SOL").exists()


def test_a_backtest_needs_an_account_of_its_own(workspace):
    asked = import_now(workspace, BACKTEST)
    assert (asked.state, asked.error_code) == ("failed", "account_needed")
    import_now(workspace, DATABASE, account_number="bot")
    real = BrokerAccount.objects.get()
    refused = import_now(workspace, BACKTEST, account=real)
    assert (refused.state, refused.error_code) == ("failed", "wrong_broker")
    assert import_now(workspace, BACKTEST, account_number="zigzag").state == "done"
    account = BrokerAccount.objects.get(broker="backtest")
    assert (account.broker_id, account.is_hedging) == ("zigzag", True)
    assert sorted(one.net_pnl for one in Trade.objects.filter(account=account)) == [
        D(-10) - D("0.605"),
        D(12) - D("0.612"),
    ]


def test_a_real_backtest_makes_as_many_trades_as_it_says(workspace):
    data = (corpus_folder("crypto") / "freqtrade_backtest_result.json").read_bytes()
    assert import_now(workspace, data, account_number="v3").state == "done"
    trades = Trade.objects.all()
    assert len(trades) == 179
    assert abs(sum(one.gross_pnl for one in trades) - D("0.0010419029856968845")) < D("1e-15")
