"""Flex statements into the book: quantities and P&L as the broker states them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from journal.models import CashReport, DataIssue, Execution, OpenLot
from tests.brokers.ibkr_flex.flex import element, trade
from tests.doors import import_now

pytestmark = pytest.mark.usefixtures("every_book_holds")

PUT = {
    "assetCategory": "OPT",
    "symbol": "ACME  260619P00100000",
    "conid": "7501",
    "multiplier": "100",
    "putCall": "P",
    "strike": "100",
    "expiry": "20260619",
    "underlyingSymbol": "ACME",
    "underlyingConid": "7001",
}
NO_IDS = {"transactionID": "", "tradeID": ""}


def flex(**sections: list[str]) -> str:
    body = "".join(f"<{name}>{''.join(rows)}</{name}>" for name, rows in sections.items())
    return (
        '<FlexQueryResponse queryName="Test" type="AF"><FlexStatements count="1">'
        '<FlexStatement accountId="U7000001" fromDate="20260601" toDate="20260630">'
        f'<AccountInformation accountId="U7000001" currency="USD" />{body}'
        "</FlexStatement></FlexStatements></FlexQueryResponse>"
    )


def sale(**changes: str) -> str:
    return trade(**{"buySell": "SELL", "quantity": "-10", "transactionID": "101"} | changes)


def action(**changes: str) -> str:
    row = {
        "currency": "USD",
        "fxRateToBase": "1",
        "assetCategory": "STK",
        "symbol": "ACME",
        "conid": "7001",
        "isin": "US0000000001",
        "dateTime": "20260610;202500",
        "reportDate": "20260611",
        "quantity": "30",
        "proceeds": "0",
        "value": "0",
        "type": "FS",
        "description": "ACME(US0000000001) SPLIT 4 FOR 1 (ACME, ACME INC, US0000000001)",
    }
    return element("CorporateAction", row | changes)


def realised() -> list[Decimal | None]:
    rows = Execution.objects.order_by("executed_at", "sequence")
    return [row.net_pnl for row in rows if row.net_pnl != 0]


def codes() -> set[str]:
    return set(DataIssue.objects.filter(batch=None).values_list("code", flat=True))


def test_an_assignment_that_only_its_own_section_states_moves_the_premium(workspace):
    row = {"currency": "USD", "date": "20260619", "tradePrice": "0", "quantity": "1"}
    assignment = element("OptionEAE", {**PUT, **row, "transactionType": "Assignment"})
    delivery = {
        "assetCategory": "STK", "symbol": "ACME", "conid": "7001", "transactionType": "Buy",
        "quantity": "100", "tradePrice": "100", "realizedPnl": "0",
    }  # fmt: skip
    bought = element("OptionEAE", row | delivery)
    written = sale(**PUT, quantity="-1", tradePrice="3")
    sold = sale(quantity="-100", tradePrice="105", dateTime="20260622;100000", transactionID="102")
    import_now(workspace, flex(Trades=[written, sold], OptionEAE=[assignment, bought]))
    assert realised() == [Decimal(10500 - 10000 + 299 - 1)]
    assert codes() == set()


def test_a_fill_of_stated_profit_closes_though_nothing_says_so(workspace):
    import_now(workspace, flex(Trades=[sale(fifoPnlRealized="199", cost="-1000")]))
    assert realised() == [Decimal(199)]
    assert not OpenLot.objects.exists()


def test_money_paid_for_new_shares_becomes_their_cost(workspace):
    """Rights that are exercised: they go, the shares come, and the subscription price is paid."""
    text = "ACME.RTS(US0000000002) SUBSCRIBES TO US0000000003 1 FOR 1 ({}, ACME, {})"
    rights = {"symbol": "ACME.RTS", "conid": "7002", "isin": "US0000000002"}
    new = {"symbol": "ACME.N", "conid": "7003", "isin": "US0000000003"}
    actions = [
        action(
            **rights, type="SR", quantity="-10",
            description=text.format("ACME.RTS", "US0000000002"),
        ),
        action(
            **new, type="SR", quantity="10", proceeds="-60",
            description=text.format("ACME.N", "US0000000003"),
        ),
    ]  # fmt: skip
    import_now(workspace, flex(Trades=[trade(**rights, tradePrice="1")], CorporateActions=actions))
    assert realised() == []
    lot = OpenLot.objects.get()
    assert (lot.signed_quantity, lot.price, lot.fee) == (10, 7, 1)


def test_units_that_were_paid_for_are_bought(workspace):
    text = "ACME.N(US0000000003) PURCHASE OF RIGHTS (ACME.N, ACME, US0000000003)"
    bought = action(type="PI", quantity="10", proceeds="-60", description=text, conid="7003")
    import_now(workspace, flex(CorporateActions=[bought]))
    assert [(lot.signed_quantity, lot.price) for lot in OpenLot.objects.all()] == [(10, 6)]


def test_a_corporate_action_that_was_taken_back_leaves_no_trace(workspace):
    actions = [
        action(transactionID="1"),
        action(transactionID="2", quantity="-30", code="Ca", dateTime="20260612;202500"),
    ]
    import_now(workspace, flex(Trades=[trade()], CorporateActions=actions))
    assert [(lot.signed_quantity, lot.price) for lot in OpenLot.objects.all()] == [(10, 10)]


def test_two_bookings_of_one_exchange_execution_are_two_fills(workspace):
    fills = [trade(transactionID=id_, ibExecID="e.1") for id_ in ("100", "101")]
    import_now(workspace, flex(Trades=fills))
    assert OpenLot.objects.count() == 2


def test_a_fill_whose_contract_is_written_otherwise_counts_once(workspace):
    import_now(workspace, flex(Trades=[trade(conid="", symbol="ACM")]))
    import_now(workspace, flex(Trades=[trade()]))
    assert Execution.objects.get().instrument.symbol == "ACM"
    assert OpenLot.objects.get().signed_quantity == 10


def test_fills_say_what_a_contract_is_called_and_how_much_it_moves(workspace):
    """A position without its multiplier, and a split that calls the old line "….OLD", came first."""
    position = element(
        "OpenPosition", {**PUT, "multiplier": "", "currency": "USD", "position": "1"}
    )
    old = action(symbol="ACME.OLD", quantity="-10", type="TC", proceeds="100")
    import_now(workspace, flex(OpenPositions=[position], CorporateActions=[old]))
    bought = trade(**PUT, quantity="1", tradePrice="3", transactionID="103")
    import_now(workspace, flex(Trades=[bought, trade()]))
    instruments = {row.instrument.symbol: row.instrument for row in Execution.objects.all()}
    assert instruments.keys() == {PUT["symbol"], "ACME"}
    assert instruments[PUT["symbol"]].multiplier == 100


def test_the_old_and_the_new_line_of_a_split_may_have_one_name(workspace):
    import_now(workspace, flex(CorporateActions=[action(symbol="ACME.OLD", quantity="-10")]))
    import_now(workspace, flex(Trades=[trade(), sale(conid="7009")]))
    assert {row.instrument.symbol for row in Execution.objects.exclude(report=None)} == {"ACME"}
    assert Execution.objects.values("instrument").distinct().count() == 2


def test_a_cost_that_nobody_knows_gives_way_to_the_profit_that_the_broker_states(workspace):
    moved = element(
        "Transfer",
        {
            "currency": "USD", "assetCategory": "STK", "symbol": "ACME", "conid": "7001",
            "dateTime": "20260602;080000", "type": "ACATS", "direction": "IN", "quantity": "10",
            "transactionID": "9",
        },
    )  # fmt: skip
    sold = sale(quantity="-4", tradePrice="12", fifoPnlRealized="7", openCloseIndicator="C")
    import_now(workspace, flex(Transfers=[moved], Trades=[sold]))
    assert realised() == [Decimal(7)]
    assert OpenLot.objects.get().signed_quantity == 6


ANONYMOUS = {"transactionID": "", "ibExecID": ""}
CONFIRMED = {"transactionID": "", "ibExecID": "", "execID": "e.1", "ibCommission": "-0.99"}


@pytest.mark.parametrize(
    "files",
    [
        [("Trade", {"ibExecID": ""}), ("TradeConfirm", CONFIRMED)],
        [("TradeConfirm", CONFIRMED), ("Trade", {"ibExecID": ""})],
        [("Trade", ANONYMOUS), ("Trade", {"ibExecID": "e.1"})],
        [("Trade", {"ibExecID": "e.1"}), ("Trade", ANONYMOUS)],
    ],
)
def test_the_trade_id_joins_reports_that_share_no_other_id(workspace, files):
    others = trade(tradeID="2", transactionID="200", ibExecID="e.2")
    for name, changes in [*files, *files]:
        import_now(workspace, flex(Trades=[trade(name, **changes), others]))
    assert Execution.objects.count() == 2


def test_what_two_statements_of_one_file_repeat_counts_once(workspace):
    cash = {"currency": "USD", "type": "Dividends", "amount": "5", "dateTime": "20260602"}
    rows = {
        "Trades": [trade(**NO_IDS), trade(**NO_IDS)],
        "CashTransactions": [element("CashTransaction", cash | {"transactionID": "7"})],
    }
    one = flex(**rows)
    statement = one[one.index("<FlexStatement ") : one.index("</FlexStatements>")]
    import_now(workspace, one.replace(statement, statement * 2).replace('count="1"', 'count="2"'))
    assert (Execution.objects.count(), CashReport.objects.count()) == (2, 1)


def test_a_profit_that_the_broker_states_otherwise_is_told(workspace):
    """The broker sold shares that were bought before the statement, the book those that it knows."""
    sold = {"tradePrice": "12", "openCloseIndicator": "C", "dateTime": "20260603;100000"}
    import_now(workspace, flex(Trades=[trade(), sale(**sold, fifoPnlRealized="58.5")]))
    issue = DataIssue.objects.get(code="profit_differs")
    assert issue.execution_id == Execution.objects.get(side="sell").pk
    assert "58.50 USD" in issue.message
    assert "18.00" in issue.message


def test_a_profit_that_the_broker_rounds_is_no_difference(workspace):
    sold = {"tradePrice": "12", "openCloseIndicator": "C", "dateTime": "20260603;100000"}
    import_now(workspace, flex(Trades=[trade(), sale(**sold, fifoPnlRealized="18.004")]))
    assert codes() == set()
