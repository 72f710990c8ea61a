"""Executions, cancels, corrections, closed lots, and what the words of a row mean."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from journal.brokers.base import (
    ClosedLotRow,
    ExecutionRow,
    OtherRow,
    ProblemRow,
    ReportKind,
    StatementInfo,
)
from journal.domain.values import AssetClass, ExecutionKind, PositionEffect, Right, Severity, Side
from tests.brokers.ibkr_flex.flex import SAMPLES, statement, trade
from tests.brokers.reading import of, parse, problem_codes

D = Decimal


def only(*rows, kind=ExecutionRow, **options):
    (record,) = of(kind, parse(statement(*rows), **options))
    return record


@pytest.fixture(scope="module")
def activity():
    return parse(SAMPLES / "activity.xml")


def test_a_fill_is_read_whole(activity):
    fill = of(ExecutionRow, activity)[0]
    assert fill._replace(raw={}, instrument=None) == ExecutionRow(
        row=8, account_id="U7000001", raw={}, instrument=None, report=ReportKind.FILL,
        kind=ExecutionKind.TRADE, broker_id="80001", exec_id="0000aaaa.00000001.01.01", trade_id="50001",
        order_id="9001", order_reference="bot-17", original_ids=(), side=Side.BUY, quantity=D(40),
        price=D("10.05"), executed_at=datetime(2026, 6, 2, 13, 30, 1, tzinfo=UTC),
        zone="America/New_York", reported_on=date(2026, 6, 2), settled_on=date(2026, 6, 3),
        fee=D("0.35"), tax=D(0), fee_currency="USD", fx_rate=D(1), effect=PositionEffect.OPEN,
        proceeds=D("-402"), net_cash=D("-402.35"), stated_cost=D("402.35"), stated_pnl=D(0),
        order_type="LMT", ordered_at=datetime(2026, 6, 2, 13, 30, tzinfo=UTC), exchange="ARCA",
        notes=("P",), authority=40,
    )  # fmt: skip
    assert fill.raw["description"] == "ACME ANVILS & CO"
    assert "taxes" in fill.raw
    contract = fill.instrument
    assert (contract.broker_id, contract.symbol, contract.isin) == ("7001", "ACME", "US0070010001")
    assert (contract.asset_class, contract.multiplier) == (AssetClass.STOCK, 1)


def test_rows_of_one_contract_share_one_instrument(activity):
    first, second, third = of(ExecutionRow, activity)[:3]
    assert first.instrument is second.instrument is third.instrument


def test_only_executions_count(activity):
    assert [fill.broker_id for fill in of(ExecutionRow, activity)] == [
        "80001", "80002", "80003", "80004", "80005", "80006", "80007",
    ]  # fmt: skip
    assert {row.section for row in of(OtherRow, activity)} >= {"Order", "SymbolSummary", "WashSale"}


def test_a_fill_through_zero_says_so(activity):
    fill = of(ExecutionRow, activity)[2]
    assert (fill.side, fill.quantity, fill.effect) == (Side.SELL, 140, PositionEffect.CLOSE_OPEN)
    assert (fill.fee, fill.tax) == (D("0.7"), D("0.02"))


def test_closed_lots_belong_to_the_fill_before_them(activity):
    lots = of(ClosedLotRow, activity)
    assert [(lot.closing_broker_id, lot.opening_broker_id) for lot in lots] == [
        ("80003", "80001"),
        ("80003", "80002"),
    ]
    assert (lots[0].open_price, lots[0].quantity) == (D("10.05"), 40)
    assert lots[0].opened_at == datetime(2026, 6, 2, 13, 30, 1, tzinfo=UTC)
    assert lots[0].closed_at == datetime(2026, 6, 10, 19, 59, 59, tzinfo=UTC)
    assert sum(lot.realized_pnl for lot in lots) == of(ExecutionRow, activity)[2].stated_pnl


def test_a_closed_lot_of_another_instrument_is_not_tied_to_the_fill():
    lot = only(
        trade(quantity="-10", buySell="SELL"),
        trade("Lot", conid="7999", symbol="ELSE", levelOfDetail="CLOSED_LOT"),
        kind=ClosedLotRow,
    )
    assert lot.closing_broker_id == ""


def test_a_closed_lot_after_a_bad_row_is_not_tied_to_an_older_fill():
    lot = only(
        trade(quantity="-10", buySell="SELL"),
        trade(quantity="many", buySell="SELL"),
        trade("Lot", levelOfDetail="CLOSED_LOT"),
        kind=ClosedLotRow,
    )
    assert lot.closing_broker_id == ""


def test_a_currency_conversion_keeps_its_pair_and_its_fee_currency(activity):
    fill = of(ExecutionRow, activity)[3]
    assert (fill.instrument.asset_class, fill.instrument.symbol) == (AssetClass.FOREX, "EUR.USD")
    assert (fill.quantity, fill.price, fill.side) == (D("1000.50"), D("1.0842"), Side.SELL)
    assert (fill.fee, fill.fee_currency) == (D("1.84"), "CHF")
    assert (fill.exec_id, fill.effect) == ("", PositionEffect.UNKNOWN)


def test_a_cancel_names_the_fill_it_takes_back(activity):
    cancel = of(ExecutionRow, activity)[4]
    assert cancel.report is ReportKind.CANCEL
    assert cancel.original_ids == ("80002", "50002")
    assert (cancel.side, cancel.quantity, cancel.fee) == (Side.BUY, 60, D("-0.35"))
    assert (cancel.broker_id, cancel.trade_id, cancel.exchange) == ("80005", "", "")


def test_a_correction_names_the_fill_it_replaces(activity):
    correction = of(ExecutionRow, activity)[5]
    assert correction.report is ReportKind.CORRECT
    assert correction.original_ids == ("80002", "50002")
    assert correction.price == D("10.06")


@pytest.mark.parametrize(
    "changes",
    [
        {"transactionType": "TradeCancel", "buySell": ""},
        {"transactionType": "FracShareCancel"},
        {"notes": "P;Ca"},
        {"buySell": "BUY (Ca.)"},
    ],
)
def test_each_way_to_say_cancel_is_one(changes):
    cancel = only(trade(**{"quantity": "-10", "origTradeID": "77"} | changes))
    assert (cancel.report, cancel.side, cancel.quantity) == (ReportKind.CANCEL, Side.BUY, 10)
    assert cancel.original_ids == ("77",)


@pytest.mark.parametrize("kind", ["ExchTrade", "BookTrade", "FracShare", "DvpTrade", "--", ""])
def test_each_kind_of_trade_is_a_fill(kind):
    records = parse(statement(trade(transactionType=kind)))
    assert of(ExecutionRow, records)[0].report is ReportKind.FILL
    assert not of(ProblemRow, records)


@pytest.mark.parametrize("no_id", ["", "0", "-", "--", "N/A"])
def test_words_for_no_id_are_no_id(no_id):
    fill = only(trade(transactionID=no_id, ibExecID=no_id, tradeID=no_id, ibOrderID=no_id))
    assert (fill.broker_id, fill.exec_id, fill.trade_id, fill.order_id) == ("", "", "", "")


def test_date_and_time_in_two_attributes_are_one_instant():
    fill = only(trade(dateTime="", tradeDate="20130401", tradeTime="093406"))
    assert fill.executed_at == datetime(2013, 4, 1, 13, 34, 6, tzinfo=UTC)
    fill = only(trade(dateTime="2013-04-01", tradeDate="2013-04-01", tradeTime="09:34:06"))
    assert fill.executed_at == datetime(2013, 4, 1, 13, 34, 6, tzinfo=UTC)


def test_a_fill_without_a_time_stands_at_midnight_and_is_told():
    records = parse(statement(trade(dateTime="20260602")))
    assert of(ExecutionRow, records)[0].executed_at == datetime(2026, 6, 2, 4, tzinfo=UTC)
    assert problem_codes(records) == {"time_missing": 1}


def test_times_are_read_in_the_zone_of_the_account():
    row = trade()
    assert only(row, zone="Europe/Zurich").executed_at == datetime(2026, 6, 2, 7, 30, 1, tzinfo=UTC)
    fill = only(row, zone="Europe/Zurich", zone_by_account={"U7000001": "Asia/Tokyo"})
    assert (fill.executed_at, fill.zone) == (
        datetime(2026, 6, 2, 0, 30, 1, tzinfo=UTC),
        "Asia/Tokyo",
    )


def test_slashed_dates_are_imported_once_their_order_is_known():
    row = trade(dateTime="04/05/2026;093001")
    assert problem_codes(parse(statement(row))) == {"ambiguous_date": 1}
    assert only(row, day_first=True).executed_at == datetime(2026, 5, 4, 13, 30, 1, tzinfo=UTC)
    assert only(row, day_first=False).executed_at == datetime(2026, 4, 5, 13, 30, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({"tradeMoney": "105"}, "10.5"),
        ({"proceeds": "-105"}, "10.5"),
        ({"cost": "106"}, "10.5"),
        ({"cost": "-104", "quantity": "-10", "buySell": "SELL"}, "10.5"),
        ({"tradeMoney": "10500", "assetCategory": "OPT", "multiplier": "100"}, "10.5"),
    ],
)
def test_a_missing_price_is_computed_and_told(changes, price):
    records = parse(statement(trade(tradePrice="", **changes)))
    assert of(ExecutionRow, records)[0].price == D(price)
    assert problem_codes(records) == {"price_derived": 1}


def test_the_cost_of_a_close_is_no_price():
    records = parse(statement(trade(tradePrice="", cost="106", openCloseIndicator="C")))
    assert problem_codes(records) == {"no_price": 1}


def test_money_that_moved_wins_over_a_price_that_contradicts_it():
    records = parse(statement(trade(quantity="23.342", tradePrice="436.98", proceeds="-10000")))
    (fill,) = of(ExecutionRow, records)
    assert abs(fill.price * fill.quantity - 10000) < D("0.0000001")
    assert fill.raw["tradePrice"] == "436.98"
    assert problem_codes(records) == {"price_contradicts_money": 1}
    assert only(trade(quantity="3", tradePrice="3.3333", proceeds="-10")).price == D("3.3333")


@pytest.mark.parametrize(("proceeds", "multiplier"), [("-1000", 100), ("-50", 5), ("--", 1)])
def test_a_missing_multiplier_follows_from_the_money(proceeds, multiplier):
    row = trade(
        assetCategory="OPT", multiplier="", quantity="1", tradePrice="10", proceeds=proceeds
    )
    records = parse(statement(row))
    assert of(ExecutionRow, records)[0].instrument.multiplier == multiplier
    assert problem_codes(records) == ({"multiplier_missing": 1} if multiplier == 1 else {})


def test_bonds_are_quoted_in_percent():
    bond = {"assetCategory": "BOND", "quantity": "2000", "tradePrice": "97.75"}
    assert only(trade(**bond, tradeMoney="1955")).instrument.multiplier == D("0.01")
    assert only(trade(**bond)).instrument.multiplier == D("0.01")
    assert only(trade(**bond, tradeMoney="195500")).instrument.multiplier == 1


def test_an_option_is_described_in_full():
    contract = only(
        trade(
            assetCategory="OPT", symbol="BOLT  260619P00050000", multiplier="100", strike="50",
            expiry="20260619", putCall="P", underlyingSymbol="BOLT", underlyingConid="7002",
        )
    ).instrument  # fmt: skip
    assert (contract.asset_class, contract.right) == (AssetClass.OPTION, Right.PUT)
    assert (contract.strike, contract.expiry_on) == (50, date(2026, 6, 19))
    assert (contract.underlying_symbol, contract.underlying_broker_id) == ("BOLT", "7002")
    assert contract.multiplier == 100


@pytest.mark.parametrize(
    ("category", "asset_class"),
    [
        ("STK", "stock"), ("OPT", "option"), ("FUT", "future"), ("FOP", "future_option"),
        ("CASH", "forex"), ("CFD", "cfd"), ("CRYPTO", "crypto"), ("BOND", "bond"), ("BILL", "bill"),
        ("FUND", "fund"), ("WAR", "warrant"), ("IOPT", "structured"), ("CMDTY", "metal"),
        ("FSFOP", "future_option"), ("FSOPT", "option"), ("FXCFD", "cfd"),
    ],
)  # fmt: skip
def test_every_asset_category_is_known(category, asset_class):
    records = parse(statement(trade(assetCategory=category)))
    assert of(ExecutionRow, records)[0].instrument.asset_class == asset_class
    assert not of(ProblemRow, records)


def test_option_bookings_have_their_kinds():
    fills = of(ExecutionRow, parse(SAMPLES / "options.xml"))
    assert [(fill.trade_id, fill.kind) for fill in fills] == [
        ("51001", "trade"),
        ("51002", "assignment"),
        ("51003", "assignment"),  # the shares that the assignment delivers
        ("51004", "expiry"),
        ("51005", "exercise"),
        ("51006", "cash_settlement"),  # an index option: exercised at a price
        ("51007", "assignment"),  # GEA on the short side
    ]


@pytest.mark.parametrize(
    ("notes", "kind"),
    [("MEx", "exercise"), ("T", "transfer"), ("Adj", "adjustment"), ("LF;P", "liquidation"),
     ("P;PI", "trade"), ("R", "trade")],
)  # fmt: skip
def test_notes_say_why_a_fill_exists(notes, kind):
    assert only(trade(notes=notes)).kind == kind


def test_trade_confirmations_use_other_names_for_the_same():
    records = parse(SAMPLES / "confirms.xml")
    (fill,) = of(ExecutionRow, records)
    assert (fill.price, fill.quantity, fill.fee, fill.tax) == (12, 10, 1, D("0.03"))
    assert (fill.exec_id, fill.order_id, fill.broker_id) == ("0000bbbb.00000001.01.01", "9901", "")
    assert (fill.effect, fill.notes, fill.authority) == (PositionEffect.OPEN, ("O", "P"), 30)
    assert fill.settled_on == date(2026, 6, 23)
    assert len(of(OtherRow, records)) == 2


def test_orders_stand_in_where_there_are_no_executions():
    records = parse(SAMPLES / "orders_only.xml")
    first, second = of(ExecutionRow, records)
    assert (first.quantity, first.price, first.authority) == (100, D("10.062"), 20)
    assert first.broker_id == "order:9001:2026-06-02:7001:buy"
    assert first.notes == ("P", "ORDER")
    assert second.executed_at == datetime(2026, 6, 3, 4, tzinfo=UTC)
    assert of(ClosedLotRow, records)[0].closing_broker_id == second.broker_id
    assert problem_codes(records)["order_rows_booked"] == 1


def test_an_order_of_several_legs_is_a_fill_of_each():
    legs = [("7001", "1"), ("7002", "-1"), ("7003", "-1"), ("7003", "1")]
    rows = [
        trade(
            "Order",
            levelOfDetail="ORDER",
            transactionID="",
            tradeID="",
            ibOrderID="9001",
            conid=conid,
            quantity=quantity,
            buySell="SELL" if quantity.startswith("-") else "BUY",
        )
        for conid, quantity in legs
    ]
    ids = [fill.broker_id for fill in of(ExecutionRow, parse(statement(*rows)))]
    assert len(set(ids)) == len(legs)


@pytest.mark.parametrize("orders", [1, 4_500])
def test_orders_never_count_beside_an_execution(orders):
    order = trade("Order", levelOfDetail="ORDER", quantity="10")
    rows = [order] * orders
    for arranged in ([*rows, trade()], [trade(), *rows]):
        records = parse(statement(*arranged))
        assert len(of(ExecutionRow, records)) == 1
        assert len(of(OtherRow, records)) == orders
        assert not of(ProblemRow, records)


def test_many_orders_without_executions_all_count():
    rows = [trade("Order", levelOfDetail="ORDER", ibOrderID=str(n)) for n in range(1, 4_501)]
    records = parse(statement(*rows))
    fills = of(ExecutionRow, records)
    assert [fill.order_id for fill in fills] == [str(n) for n in range(1, 4_501)]
    assert fills[0].row < fills[-1].row
    assert problem_codes(records) == {"order_rows_booked": 1}


def test_a_missing_level_of_detail_is_an_execution():
    assert only(trade(levelOfDetail="")).broker_id == "100"


def test_levels_on_trade_elements_are_obeyed():
    records = parse(
        statement(
            trade(),
            trade(levelOfDetail="ORDER"),
            trade(levelOfDetail="SYMBOL_SUMMARY"),
            trade(levelOfDetail="CLOSED_LOT"),
        )
    )
    assert len(of(ExecutionRow, records)) == len(of(ClosedLotRow, records)) == 1
    assert len(of(OtherRow, records)) == 2


def test_troubled_rows_are_named_and_the_others_go_on():
    records = parse(SAMPLES / "troubled.xml")
    errors = [one for one in of(ProblemRow, records) if one.severity is Severity.ERROR]
    assert [(one.row, one.code) for one in errors] == [
        (7, "bad_number"), (8, "no_quantity"), (9, "bad_date"), (10, "ambiguous_date"),
        (11, "no_date"), (12, "no_price"),
    ]  # fmt: skip
    assert "quantity “ten” is not a number" in errors[0].message
    assert errors[0].raw["symbol"] == "NUMB"
    assert [fill.broker_id for fill in of(ExecutionRow, records)] == [
        "83001", "83008", "83009", "83010", "83013",
    ]  # fmt: skip


def test_what_is_unknown_is_kept_counted_and_told_once():
    records = parse(SAMPLES / "troubled.xml")
    remarks = [one for one in of(ProblemRow, records) if one.severity is not Severity.ERROR]
    assert {one.code for one in remarks} == {
        "unknown_attribute", "unknown_asset_class", "unknown_transaction_type", "unknown_side",
        "unknown_note", "unknown_effect", "unknown_level", "unknown_section", "zero_quantity",
        "time_missing", "commission_missing",
    }  # fmt: skip
    assert len(remarks) == len({one.code for one in remarks})
    by_code = {one.code: one.message for one in remarks}
    assert "shoeSize" in by_code["unknown_attribute"]
    assert "2 rows" in by_code["unknown_asset_class"]
    assert of(ExecutionRow, records)[1].raw["shoeSize"] == "44"
    assert [row.raw["advice"] for row in of(OtherRow, records)[-2:]] == ["HODL", "SELL"]


def test_a_conflict_of_side_and_sign_is_told():
    records = parse(statement(trade(quantity="10", buySell="SELL")))
    assert of(ExecutionRow, records)[0].side is Side.SELL
    assert problem_codes(records) == {"side_conflict": 1}


def test_a_copy_under_a_second_account_has_no_id_of_its_own():
    records = parse(SAMPLES / "advisor.xml")
    fills = of(ExecutionRow, records)
    assert [(fill.account_id, fill.broker_id) for fill in fills] == [
        ("U7000006", "82001"),
        ("U7000007", ""),
        ("U7000006", "82002"),  # "--" is no account: the statement's own is meant
        ("U7000008", "82003"),  # outside every statement
    ]
    assert fills[0].exec_id == fills[1].exec_id


def test_account_information_may_come_late():
    infos = of(StatementInfo, parse(SAMPLES / "advisor.xml"))
    own = [(one.base_currency, one.account_alias) for one in infos if one.account_id == "U7000006"]
    assert own == [("", ""), ("EUR", "Late")]
    assert [one.base_currency for one in infos if one.account_id == "U7000008"][-1] == "CHF"
