"""Orders as one row, cancels of the broker, and the day by which it trades."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from django_scopes import scope

from journal.models import BrokerAccount
from journal.services.booking.rebook import rebook_account
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import undo
from tests.integration.journal.entered_orders.files import (
    ALONE,
    BOOKED,
    ENTRY,
    PIECES,
    book,
    bot,
    entry,
    flex,
    take,
)
from tests.integration.journal.test_many_sources import new_workspace


def order_row(*, price: str = "10.0502") -> str:
    row = trade(
        "Order", levelOfDetail="ORDER", transactionID="", tradeID="", ibExecID="", ibOrderID="A",
        dateTime="20260602;103340", quantity="10", tradePrice=price,
    )  # fmt: skip
    return statement(row)


@pytest.mark.parametrize("files", list(permutations([ENTRY, PIECES, order_row()])))
def test_the_orders_own_row_doubles_nothing(db, files):
    workspace = new_workspace()
    batches = [take(workspace, one) for one in files]
    assert book(workspace) == BOOKED
    undo(workspace, batches[files.index(PIECES)])
    assert sum(count * int(units) for (_, units, _), count in book(workspace).items()) == 10


@pytest.mark.parametrize("undone", [None, 0, 1, 2])
def test_a_fill_that_the_broker_takes_back(db, undone):
    cancel = statement(
        trade(
            transactionID="7", tradeID="97", ibExecID="e.7", ibOrderID="A", dateTime="20260602;103340", quantity="-6",
            tradePrice="10.057", origTransactionID="2", origTradeID="92", transactionType="TradeCancel",
            buySell="BUY (Ca.)", notes="Ca",
        )
    )  # fmt: skip
    workspace = new_workspace()
    batches = [take(workspace, one) for one in (ENTRY, PIECES, cancel)]
    four = Counter({("buy", "4", "10.04"): 1})
    assert book(workspace) == four
    if undone is not None:
        undo(workspace, batches[undone])
        assert book(workspace) == (four, ALONE, BOOKED)[undone]


def test_the_trading_day_is_the_accounts(db):
    """That of these ends at midnight in New York."""
    workspace = new_workspace()
    take(workspace, entry("+10@10.05 23:30"))
    take(workspace, flex("1:A:+4@10.04 3;001012", "2:A:+6@10.057 3;001040"))
    assert book(workspace) == BOOKED + ALONE
    with scope(workspace=workspace):
        account = BrokerAccount.objects.get()
        account.day_rollover_minutes = 18 * 60
        account.save()
        rebook_account(account)
    assert book(workspace) == BOOKED


OVER_MIDNIGHT_IN_UTC = [
    ENTRY,
    flex("1:A:+4@10.04 103112", "2:A:+6@10.057 200001"),
    bot("1:A:+4@10.04 103112"),
]


@pytest.mark.parametrize("files", list(permutations(OVER_MIDNIGHT_IN_UTC)))
def test_the_day_of_a_new_account_is_its_brokers_whatever_came_first(db, files):
    workspace = new_workspace()
    for content in files:
        take(workspace, content)
    with scope(workspace=workspace):
        assert BrokerAccount.objects.get().zone == "America/New_York"
    assert book(workspace) == BOOKED
