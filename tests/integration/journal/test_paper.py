"""The paper broker in the database: from orders to the book, with two workers at one account, and by command."""

from __future__ import annotations

import io
import threading
from datetime import datetime, timedelta
from decimal import Decimal as D

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django_scopes import scope

from common.errors import Rejected, Unavailable
from journal.brokers.live import ClosingOrder
from journal.brokers.paper.document import share
from journal.brokers.paper.fetcher import Paper
from journal.domain.fate import Fate
from journal.domain.values import Side
from journal.models import (
    BrokerAccount,
    CashReport,
    Execution,
    OpenLot,
    Order,
    PaperLedger,
    Pull,
    PullState,
)
from journal.selectors.coverage import WHOLE, coverage_of
from journal.services.erasure import ask_erasure, erase_account
from journal.services.paper import trading
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.connections import create_connection
from journal.services.pulls.run import run_pull
from tests.people import alice, charlie

pytestmark = pytest.mark.django_db
TERMS = {"account": "PAPER-1", "money": "20000", "seed": "5"}


def connect(workspace, **terms):
    return create_connection(workspace.pk, Paper(), {**TERMS, **terms}, user_id=None)


def order(connection, client_id, symbol="ACME", side=Side.BUY, quantity="10", **more):
    return trading.place_order(
        connection, trading.Wish(client_id, symbol, side, D(quantity), **more)
    )


def pull(connection) -> Pull:
    connection.refresh_from_db()
    done = run_pull(ask_pull(connection))
    assert (done.state, done.error_message) == (PullState.DONE, "")
    return done


def cash_of_the_book(account) -> D:
    """Deposits, and what every fill moved."""
    moved = sum(one.amount for one in CashReport.objects.filter(account=account))
    for fill in Execution.objects.filter(account=account):
        moved -= fill.quantity * fill.price * (1 if fill.side == Side.BUY else -1) + fill.fee
    return moved


@pytest.mark.usefixtures("every_book_holds")
def test_the_book_is_the_account_to_the_cent(workspace):
    connection = connect(workspace, in_parts="50")
    order(connection, "a", quantity="11")
    order(connection, "b", "BETA", Side.SELL, "7")
    pull(connection)
    order(connection, "c", side=Side.SELL, quantity="4")
    order(connection, "stop", side=Side.SELL, stop_price=D(20), is_reduce_only=True, quantity="7")
    trading.pay(connection, D("-1234.56"), "Rent")
    pull(connection)
    seen = trading.look(connection)
    account = BrokerAccount.objects.get()
    assert (account.broker, account.broker_id, account.base_currency) == ("paper", "PAPER-1", "USD")
    lots = {one.instrument.symbol: one for one in OpenLot.objects.select_related("instrument")}
    for held in seen.holdings:
        booked = sum(
            one.signed_quantity
            for one in OpenLot.objects.filter(instrument__symbol=held.instrument.symbol)
        )
        assert booked == held.signed_quantity
    assert set(lots) == {one.instrument.symbol for one in seen.holdings}
    assert cash_of_the_book(account) == seen.cash["USD"]
    assert Order.objects.get(client_order_id="stop").status == "placed"


def test_pulls_again_bring_nothing_twice_and_say_how_far_it_is_complete(workspace):
    connection = connect(workspace)
    order(connection, "a")
    first = pull(connection)
    second = pull(connection)
    assert Execution.objects.count() == 1
    assert CashReport.objects.count() == 1
    (span,) = coverage_of([connection.pk])[connection.pk].held[WHOLE]
    assert span.until >= second.until > first.until


def test_two_logins_to_one_account_are_at_one_account(workspace):
    connection, other = connect(workspace), connect(workspace, refuses="100")
    order(connection, "a")
    assert trading.look(other).holdings[0].signed_quantity == 10
    assert order(other, "b").reason == "The order was refused."
    assert PaperLedger.objects.count() == 1


def test_the_same_number_of_others_is_another_account():
    mine, theirs = alice().workspace, charlie().workspace
    with scope(workspace=mine.pk):
        order(connect(mine), "a")
    with scope(workspace=theirs.pk):
        assert trading.look(connect(theirs)).holdings == ()


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_have_one_account_at_the_same_time():
    workspace = alice().workspace
    with scope(workspace=workspace.pk):
        connection = connect(workspace, fee="1")
    start = threading.Barrier(2)

    def trade(worker):
        try:
            with scope(workspace=workspace.pk):
                start.wait()
                for number in range(15):
                    order(connection, f"{worker}-{number}", quantity="1")
        finally:
            database.close()

    threads = [threading.Thread(target=trade, args=(worker,)) for worker in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with scope(workspace=workspace.pk):
        assert trading.look(connection).holdings[0].signed_quantity == 30
        state = PaperLedger.objects.get().state
    assert len({one[0] for one in state["fills"]}) == 30


def test_an_outage_on_demand_ends_on_demand(workspace):
    connection = connect(workspace)
    trading.go_away(connection, 3600)
    with pytest.raises(Unavailable, match="no answer"):
        trading.look(connection)
    failed = run_pull(ask_pull(connection))
    assert (failed.state, failed.verdict, failed.error_code) == ("failed", "later", "broker_away")
    trading.come_back(connection)
    assert trading.look(connection).equity == 20_000


def test_a_close_that_got_no_answer_is_read_and_not_resent(workspace):
    connection = connect(workspace)
    order(connection, "a")
    link = trading._link(connection, trading.SYSTEM)
    link.credentials = {**link.credentials, "goes_missing": "100"}
    closing = ClosingOrder(share("ACME", "USD"), "", Side.SELL, D(10), "x")
    assert Paper().send_close(link, "PAPER-1", closing).fate is Fate.UNKNOWN
    found = Paper().find_order(link, "PAPER-1", "x")
    assert found.fate in (Fate.FILLED, Fate.NEVER)
    held = sum(one.signed_quantity for one in trading.look(connection).holdings)
    assert held == (0 if found.fate is Fate.FILLED else 10)


def test_an_erased_account_is_gone_from_the_broker_too(workspace):
    connection = connect(workspace)
    order(connection, "a")
    pull(connection)
    account = BrokerAccount.objects.get()
    ask_erasure(account, confirm="PAPER-1", reason="", author_id=None)
    erase_account(account)
    assert not PaperLedger.objects.exists()


def test_only_a_paper_account_can_be_traded_at(workspace):
    connection = connect(workspace)
    connection.fetcher = "ibkr_flex"
    with pytest.raises(Rejected, match="no paper account"):
        order(connection, "a")


def command(workspace, *words: str) -> str:
    out = io.StringIO()
    call_command("paper", *words, "--workspace", workspace.slug, stdout=out)
    return out.getvalue()


def test_everything_by_command(workspace):
    connection = connect(workspace)
    assert ": filled, filled 10 of 10" in command(workspace, "buy", "acme", "10")
    told = command(workspace, "sell", "ACME", "10", "--stop", "50", "--reduce-only")
    name = told.partition(":")[0]
    assert f"  {name}: sell 10 ACME at work" in command(workspace, "show")
    assert command(workspace, "cancel", name) == "Cancelled.\n"
    before = trading.look(connection).equity
    command(workspace, "move", "-40", "--symbol", "acme")
    assert trading.look(connection).equity < before - 350
    assert command(workspace, "pay", "500") == "C2: 500\n"
    command(workspace, "away", "5m")
    with pytest.raises(CommandError, match="no answer"):
        command(workspace, "show")
    command(workspace, "back")
    assert command(workspace, "show").startswith("PAPER-1: equity ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["buy", "ACME"], "SYMBOL QUANTITY"), (["buy", "ACME", "many"], "no number"), (["away", "soon"], "no time"),
        (["pay", "-90000"], "not so much money"), (["move", "-100"], "less than all"),
        (["show", "--connection", "Other"], "known: "),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_says_why(workspace, words, said):
    connect(workspace)
    with pytest.raises(CommandError, match=said):
        command(workspace, *words)


def test_a_fall_takes_its_time(workspace):
    connection = connect(workspace)
    order(connection, "a", quantity="100")
    trading.move_market(connection, D("-0.5"), seconds=3600)
    (shock,) = PaperLedger.objects.get().state["shocks"]
    assert shock[1:] == ["-0.5", 3600, ""]
    row = PaperLedger.objects.get()
    begun = row.state["shocks"][0][0]
    # An hour has passed.
    row.state["shocks"][0][0] = (datetime.fromisoformat(begun) - timedelta(hours=1)).isoformat()
    row.save()
    assert trading.look(connection).holdings[0].price < 60
