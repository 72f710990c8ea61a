"""What instruments are called, and what they deliver: by the broker's ids, in any order of files."""

from __future__ import annotations

from itertools import permutations

import pytest
from django_scopes import scope

from journal.filters import TradeFilter
from journal.models import Instrument, LotMatch, Trade
from journal.services.booking.rebook import rebook_account
from tests import people
from tests.brokers.ibkr_flex.flex import element, statement, trade
from tests.doors import book_of, import_now, undo

pytestmark = pytest.mark.django_db

CALL = {
    "assetCategory": "OPT",
    "symbol": "BMW 20260619 100 P",
    "conid": "7501",
    "multiplier": "100",
    "putCall": "P",
    "strike": "100",
    "expiry": "20260619",
    "underlyingSymbol": "BMWd",
    "underlyingConid": "7001",
    "ibCommission": "0",
}
OPTION_SIDE = statement(
    trade(**CALL, transactionID="1", buySell="SELL", quantity="-1", tradePrice="2"),
    trade(
        **CALL, transactionID="2", dateTime="20260619;162000", quantity="1", tradePrice="0", notes="A",
        transactionType="BookTrade",
    ),
)  # fmt: skip
SHARE_SIDE = statement(
    trade(
        symbol="BMW", transactionID="3", dateTime="20260619;162000", quantity="100", tradePrice="100", notes="A",
        transactionType="BookTrade", ibCommission="0",
    ),
    trade(
        symbol="BMW", transactionID="4", dateTime="20260622;100000", quantity="-100", tradePrice="101",
        buySell="SELL", ibCommission="0",
    ),
)  # fmt: skip


@pytest.fixture
def workspace():
    return people.alice().workspace


def shown(workspace) -> list[tuple[str, str]]:
    with scope(workspace=workspace):
        return sorted(Trade.objects.values_list("symbol", "underlying"))


def rebuilt(workspace) -> int:
    with scope(workspace=workspace):
        return sum(
            rebook_account(account).legs
            for account in {trade.account for trade in Trade.objects.select_related("account")}
        )


@pytest.mark.parametrize("files", [*permutations([OPTION_SIDE, SHARE_SIDE])])
def test_an_assignment_finds_shares_that_the_option_spells_otherwise(workspace, files):
    for file in files:
        import_now(workspace, file)
    with scope(workspace=workspace):
        assert sorted(LotMatch.objects.values_list("gross_pnl", flat=True)) == [0, 300]
        option = Instrument.objects.get(asset_class="option")
        assert (option.underlying_symbol, option.underlying.symbol) == ("BMWd", "BMW")
    # The option and the shares that it delivered are one trade.
    assert shown(workspace) == [("BMW", "BMW")]
    assert rebuilt(workspace) == 0


def test_an_underlying_that_nobody_named_is_called_as_the_option_calls_it(workspace):
    import_now(workspace, OPTION_SIDE)
    assert shown(workspace) == [("BMW 20260619 100 P", "BMWd")]


def test_shares_of_that_name_are_not_delivered_where_the_id_says_others(workspace):
    import_now(
        workspace, SHARE_SIDE.replace('symbol="BMW"', 'symbol="BMWd"').replace("7001", "7002")
    )
    import_now(workspace, OPTION_SIDE)
    import_now(
        workspace,
        statement(trade(symbol="BMW", conid="7001", transactionID="9", ibCommission="0")),
    )
    with scope(workspace=workspace):
        assert sorted(LotMatch.objects.values_list("gross_pnl", flat=True)) == [100, 200]


def fb(number: str, day: str, symbol: str, **more: str) -> str:
    row = {"conid": "107113386", "symbol": symbol, "description": f"{symbol} INC"}
    return trade(**row | more, transactionID=number, tradeID=number, dateTime=f"{day};100000")


OLD = statement(fb("1", "20260601", "FB"))
NEW = statement(fb("2", "20260609", "META", quantity="-10", buySell="SELL"))


@pytest.mark.parametrize("files", [*permutations([OLD, NEW])])
def test_the_newest_name_is_shown_whichever_file_came_first(workspace, files):
    for file in files:
        import_now(workspace, file)
    assert shown(workspace) == [("META", "META")]
    with scope(workspace=workspace):
        instrument = Instrument.objects.get()
        assert (instrument.symbol, instrument.description) == ("META", "META INC")
        assert (instrument.key, instrument.former_symbols) == ("stock|META|USD", ["FB"])
    assert rebuilt(workspace) == 0


def test_in_one_file_the_newest_fill_names_it(workspace):
    import_now(
        workspace, statement(fb("2", "20260609", "META", quantity="-10", buySell="SELL"), fb("1", "20260601", "FB"))
    )  # fmt: skip
    assert shown(workspace) == [("META", "META")]


def test_a_later_position_names_what_was_traded_before(workspace):
    import_now(workspace, OLD)
    position = {
        "assetCategory": "STK", "symbol": "META", "conid": "107113386", "currency": "USD", "position": "10",
        "markPrice": "11", "reportDate": "20260630",
    }  # fmt: skip
    import_now(workspace, statement(element("OpenPosition", position), section="OpenPositions"))
    assert shown(workspace) == [("META", "META")]


def test_what_a_corporate_action_calls_the_old_line_is_not_its_name(workspace):
    import_now(workspace, OLD)
    action = {
        "assetCategory": "STK", "symbol": "FB.OLD", "conid": "107113386", "currency": "USD", "quantity": "0",
        "dateTime": "20260610;202500", "reportDate": "20260611", "type": "TC", "transactionID": "77",
        "description": "FB(US1) TENDERED", "actionDescription": "FB(US1) TENDERED", "amount": "0",
    }  # fmt: skip
    import_now(workspace, statement(element("CorporateAction", action), section="CorporateActions"))
    assert shown(workspace) == [("FB", "FB")]


def test_undoing_the_newer_file_brings_the_old_name_back(workspace):
    import_now(workspace, OLD)
    before = book_of(workspace)
    newer = import_now(workspace, NEW)
    undo(workspace, newer)
    assert shown(workspace) == [("FB", "FB")]
    assert book_of(workspace) == before


def test_an_old_name_finds_its_trades(workspace):
    import_now(workspace, OLD)
    import_now(workspace, NEW)
    import_now(workspace, statement(trade(transactionID="5", symbol="OTHER", conid="5")))
    with scope(workspace=workspace):
        for data in ({"symbol": "fb"}, {"symbol": "META"}, {"text": "FB"}):
            found = TradeFilter(data, queryset=Trade.objects.all()).qs
            assert [one.symbol for one in found] == ["META"]


def test_other_accounts_show_the_new_name_too(workspace):
    import_now(workspace, statement(fb("8", "20260601", "FB"), account="U7000002"))
    import_now(workspace, NEW.replace("-10", "10").replace("SELL", "BUY"))
    assert shown(workspace) == [("META", "META"), ("META", "META")]
    assert rebuilt(workspace) == 0


def test_options_follow_the_name_of_their_underlying(workspace):
    option = {**CALL, "underlyingSymbol": "FB", "underlyingConid": "107113386", "symbol": "FB P100"}
    import_now(workspace, statement(trade(**option, transactionID="6"), fb("1", "20260601", "FB")))
    assert ("FB P100", "FB") in shown(workspace)
    import_now(workspace, NEW)
    assert shown(workspace) == [("FB P100", "META"), ("META", "META")]


def test_a_name_that_another_contract_takes_over_stays_apart(workspace):
    import_now(workspace, OLD)
    import_now(workspace, NEW)
    import_now(workspace, statement(trade(symbol="FB", conid="999", transactionID="31")))
    assert shown(workspace) == [("FB", "FB"), ("META", "META")]
