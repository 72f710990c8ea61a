"""Cash, corporate actions, option events, transfers, positions, and the broker's own totals."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from journal.brokers.base import (
    CashBalanceRow,
    CashKind,
    CashRow,
    ConversionRateRow,
    CorporateActionRow,
    NavRow,
    OptionEventRow,
    OtherRow,
    PositionRow,
    ProblemRow,
    TransferRow,
)
from journal.domain.values import AssetClass
from tests.brokers.ibkr_flex.flex import SAMPLES, element, statement
from tests.brokers.reading import of, parse, problem_codes

D = Decimal


@pytest.fixture(scope="module")
def activity():
    return parse(SAMPLES / "activity.xml")


@pytest.fixture(scope="module")
def actions():
    records = of(CorporateActionRow, parse(SAMPLES / "corporate.xml"))
    return {record.instrument.symbol: record for record in records}, records


def cash(**changes):
    row = {"currency": "USD", "dateTime": "20260616", "amount": "1", "type": "Other Fees"}
    return parse(statement(element("CashTransaction", row | changes), section="CashTransactions"))


def test_cash_is_read_with_its_kind_and_sign(activity):
    rows = of(CashRow, activity)
    assert [(row.kind, row.amount, row.is_reversal) for row in rows] == [
        ("deposit", 5000, False),
        ("withdrawal", -100, False),
        ("dividend", 4, False),
        ("dividend", -4, True),
        ("withholding_tax", D("-0.6"), False),
        ("commission_adjustment", D("0.15"), False),
        ("other", D("1.11"), False),
    ]
    assert rows[0].occurred_at == datetime(2026, 6, 1, 4, tzinfo=UTC)
    assert rows[2].instrument.symbol == "ACME"
    assert rows[2].instrument.description == ""  # the text is about the dividend
    assert (rows[5].trade_id, rows[5].instrument) == ("50001", None)
    assert problem_codes(activity) == {"unknown_cash_type": 1}


def test_summaries_of_cash_repeat_its_details(activity):
    kept = [row for row in of(OtherRow, activity) if row.section == "CashTransactions"]
    assert [row.raw["levelOfDetail"] for row in kept] == ["SUMMARY"]


@pytest.mark.parametrize(
    ("stated", "kind"),
    [
        ("Deposits & Withdrawals", CashKind.DEPOSIT),
        ("Deposits/Withdrawals", CashKind.DEPOSIT),
        ("Dividends", CashKind.DIVIDEND),
        ("Payment In Lieu Of Dividends", CashKind.PAYMENT_IN_LIEU),
        ("Withholding Tax", CashKind.WITHHOLDING_TAX),
        ("871(m) Withholding", CashKind.WITHHOLDING_TAX),
        ("Broker Interest Paid", CashKind.INTEREST_PAID),
        ("Broker Interest Received", CashKind.INTEREST_RECEIVED),
        ("Bond Interest Paid", CashKind.INTEREST_PAID),
        ("Bond Interest Received", CashKind.INTEREST_RECEIVED),
        ("Other Fees", CashKind.FEE),
        ("Advisor Fees", CashKind.FEE),
        ("Commission Adjustments", CashKind.COMMISSION_ADJUSTMENT),
        ("Price Adjustments", CashKind.ADJUSTMENT),
    ],
)
def test_every_cash_type_is_known(stated, kind):
    records = cash(type=stated)
    assert of(CashRow, records)[0].kind is kind
    assert not of(ProblemRow, records)


@pytest.mark.parametrize(
    ("changes", "is_reversal"),
    [
        ({"type": "Other Fees", "amount": "-9.18"}, False),
        ({"type": "Other Fees", "amount": "9.18"}, True),
        ({"type": "Withholding Tax", "amount": "1.99"}, True),
        (
            {"type": "Payment In Lieu Of Dividends", "amount": "-5"},
            False,
        ),  # paid on a short position
        (
            {"type": "Deposits/Withdrawals", "amount": "-5", "description": "CANCELLATION CANCEL"},
            True,
        ),
        ({"type": "Commission Adjustments", "amount": "-5", "code": "Re;"}, True),
    ],
)
def test_what_takes_something_back_is_a_reversal(changes, is_reversal):
    assert of(CashRow, cash(**changes))[0].is_reversal is is_reversal


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": "--"}, "no_amount"),
        ({"amount": "a lot"}, "bad_number"),
        ({"dateTime": "--"}, "no_date"),
    ],
)
def test_cash_that_cannot_be_understood_is_a_problem(changes, code):
    assert problem_codes(cash(**changes)) == {code: 1}


@pytest.mark.parametrize(
    ("symbol", "kind", "ratio", "other"),
    [
        ("IRON", "reverse_split", "0.04", ("CA0070050001", "IRON")),
        ("IRON.OLD", "reverse_split", "0.04", ("", "")),
        ("ACME", "split", "4", ("", "")),
        ("GOLD", "tender", "1", ("CA00700600T1", "")),
        ("NEWCO", "merger", "0.4", ("US0070070001", "BIGCO")),
        ("BIGCO", "merger", "0.4", ("US0070070009", "")),
        ("BABY", "spin_off", "0.2", ("US0070080001", "MAMA")),
        ("FRSH", "symbol_change", None, ("US0070090001", "STAL")),
        ("STAL", "symbol_change", None, ("US0070090009", "")),
        ("GIFT", "stock_dividend", "0.03", ("", "")),
        ("DUST", "delisting", None, ("", "")),
        ("912796XX1", "maturity", None, ("US912796XX10", "")),
        ("ODD", "other", None, ("", "")),
    ],
)
def test_an_action_says_what_becomes_of_what(actions, symbol, kind, ratio, other):
    row = actions[0][symbol]
    assert row.kind == kind
    assert row.ratio == (None if ratio is None else D(ratio))
    assert (row.other_isin, row.other_symbol) == other


def test_both_rows_of_an_action_share_an_id(actions):
    by_symbol, records = actions
    assert by_symbol["IRON"].action_id == by_symbol["IRON.OLD"].action_id
    assert by_symbol["BIGCO"].action_id == by_symbol["NEWCO"].action_id == "42"
    tendered = [row for row in records if "TENDERED" in row.description]
    assert len({row.action_id for row in tendered}) == 1
    assert by_symbol["IRON"].action_id != tendered[0].action_id


def test_an_action_pays_what_it_states(actions):
    row = actions[1][5]
    assert (row.kind, row.signed_quantity, row.cash) == ("merger", -100, 286)
    assert (row.value, row.stated_pnl, row.code) == (-285, 20, "TC")
    assert row.effective_at == datetime(2026, 6, 24, 0, 25, tzinfo=UTC)
    assert row.reported_on == date(2026, 6, 25)


def test_an_action_names_its_instrument_not_itself(actions):
    assert actions[0]["IRON"].instrument.description == "IRON MINES LTD"
    assert actions[0]["912796XX1"].instrument.asset_class is AssetClass.BILL


def test_each_of_two_new_securities_has_its_own_ratio():
    text = "OLDY(US0080010001) MERGED(Voluntary Offer Allocation)  WITH NEWA 1 FOR 1,US0080010009 562 FOR 10"
    rows = [
        element("CorporateAction", {
            "currency": "USD", "assetCategory": "STK", "symbol": symbol, "isin": isin, "conid": conid,
            "multiplier": "1", "dateTime": "20260610;202500", "quantity": quantity, "type": "TC",
            "description": f"{text} ({symbol}, NAME, {isin})",
        })
        for symbol, isin, conid, quantity in (
            ("NEWA", "US0080010008", "1", "10"), ("NEWB", "US0080010009", "2", "562"),
        )
    ]  # fmt: skip
    first, second = of(CorporateActionRow, parse(statement(*rows, section="CorporateActions")))
    assert (first.ratio, second.ratio) == (1, D("56.2"))


def test_option_events_state_what_happened():
    records = parse(SAMPLES / "options.xml")
    events = of(OptionEventRow, records)
    assert [(one.kind, one.signed_quantity, one.price) for one in events] == [
        ("assignment", 1, 0),
        ("delivery", 100, 50),
        ("delivery", -100, 40),
        ("expiry", 1, 0),
        ("cash_settlement", -1, D("12.5")),
    ]
    assert (events[0].fee, events[0].stated_cost) == (D("1.50"), D("21792.73"))
    assert (events[1].proceeds, events[1].trade_id) == (-5000, "51003")
    assert events[0].happened_on == date(2026, 6, 19)
    assert problem_codes(records) == {"unknown_option_event": 1}


def test_transfers_move_positions_or_cash(activity):
    shares, money = of(TransferRow, activity)
    assert (shares.instrument.symbol, shares.signed_quantity, shares.cash) == ("BOLT", 25, 0)
    assert (shares.price, shares.kind, shares.counterparty) == (None, "ACATS", "OTHER BROKER 123")
    assert (money.instrument, money.signed_quantity, money.cash) == (None, 0, D("-75.5"))
    assert money.occurred_at == datetime(2026, 6, 19, 4, tzinfo=UTC)


def test_positions_come_as_sums_and_as_lots(activity):
    whole, lot = of(PositionRow, activity)
    assert (whole.is_lot, whole.signed_quantity, whole.cost) == (False, D("-40.4"), D("-444.4"))
    assert (lot.is_lot, lot.opening_broker_id) == (True, "80003")
    assert lot.opened_at == datetime(2026, 6, 10, 19, 59, 59, tzinfo=UTC)


def test_totals_are_read(activity):
    assert [
        (one.currency, one.is_base, one.ending_settled_cash) for one in of(CashBalanceRow, activity)
    ] == [
        ("BASE_SUMMARY", True, D("4700.11")),
        ("USD", False, None),
    ]
    assert [(one.reported_on, one.total) for one in of(NavRow, activity)] == [
        (date(2026, 6, 29), D("4250.01")),
        (date(2026, 6, 30), D("4247.63")),
    ]
    (rate,) = of(ConversionRateRow, activity)
    assert (rate.from_currency, rate.to_currency, rate.rate) == ("EUR", "USD", D("1.0842"))


@pytest.mark.parametrize(
    ("changes", "quantity", "cash"),
    [
        ({"quantity": "-10", "positionAmount": "-120"}, -10, 0),
        ({"quantity": "10", "positionAmount": "120"}, -10, 0),
        ({"quantity": "10", "positionAmount": "-120"}, 10, 0),  # a short position
        ({"assetCategory": "CASH", "symbol": "--", "conid": "", "cashTransfer": "75.5"}, 0, D("-75.5")),
    ],
)  # fmt: skip
def test_what_is_transferred_out_leaves_however_it_is_signed(changes, quantity, cash):
    stated = {
        "currency": "USD", "assetCategory": "STK", "symbol": "ACME", "conid": "7001",
        "date": "20260619", "type": "INTERNAL", "direction": "OUT",
    }  # fmt: skip
    element_ = element("Transfer", stated | changes)
    row = of(TransferRow, parse(statement(element_, section="Transfers")))[0]
    assert (row.signed_quantity, row.cash) == (quantity, cash)
