"""What is summed of a symbol is what the rollups hold of it."""

from __future__ import annotations

from dataclasses import astuple
from decimal import Decimal

import pytest
from django_scopes import scope

from journal.models import Trade
from journal.selectors.performance import Basis, Slice, Unit, View, sum_days
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now
from tests.web.journal.books import import_small

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    workspace = people.alice().workspace
    import_small(workspace)
    spread = {
        "assetCategory": "OPT",
        "multiplier": "100",
        "underlyingSymbol": "ACME",
        "expiry": "20260717",
    }
    import_now(workspace, statement(
        trade(symbol="ACME C30", conid="701", transactionID="701", strike="30", putCall="C", **spread),
        trade(symbol="ACME C30", conid="701", transactionID="702", strike="30", putCall="C", quantity="-10",
              buySell="SELL", dateTime="20260604;100000", tradePrice="9", **spread),
    ))  # fmt: skip
    return workspace


@pytest.mark.parametrize("unit", [Unit.BASE, Unit.CURRENCY])
@pytest.mark.parametrize("basis", Basis)
def test_all_symbols_together_are_the_whole(workspace, unit, basis):
    view = View(unit, basis)
    with scope(workspace=workspace):
        symbols = sorted(set(Trade.objects.values_list("symbol", flat=True)))
        every = sum_days(Slice(workspace.pk, symbols=symbols), view)
        whole = sum_days(Slice(workspace.pk), view)
    told = {one.currency: _without_fills(one.total) for one in every}
    assert all(isinstance(one.total.trades, int) for one in every)
    assert told == {one.currency: _without_fills(one.total) for one in whole}


def test_a_symbol_has_its_options_with_it(workspace):
    with scope(workspace=workspace):
        # What was realised of trades that are still open counts too.
        own = list(Trade.objects.filter(underlying="ACME"))
        assert {one.asset_class for one in own} == {"stock", "option"}
        (sums,) = sum_days(Slice(workspace.pk, symbols=["ACME"]), View(Unit.CURRENCY))
    assert sums.total.net == sum((one.net_pnl for one in own), Decimal())
    assert sums.total.trades == sum(1 for one in own if one.closed_at)


def _without_fills(sums):
    return astuple(sums)[:-2]
