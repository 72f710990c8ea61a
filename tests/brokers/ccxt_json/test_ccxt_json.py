"""ccxt's structures into records. Figures are worked out from the samples by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal as D
from pathlib import Path

import pytest

from journal.brokers.base import (
    CashBalanceRow,
    CashKind,
    CashRow,
    ConversionRateRow,
    ExecutionRow,
    OrderRole,
    OrderRow,
    OrderStatus,
    PositionRow,
    ProblemRow,
    StatementInfo,
    TransferRow,
    UnreadableStatement,
)
from journal.domain.values import (
    AssetClass,
    ExecutionKind,
    LotMethod,
    PositionEffect,
    Right,
    Side,
)
from tests.brokers.ccxt_json.structures import document, dumped, fee, trade
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"
SLUG = "ccxt_json"


def sample(name):
    return parse(SAMPLES / name, SLUG)


def read(*trades, **sections):
    return parse(dumped(document(trades=list(trades), **sections)), SLUG)


def only(kind, records):
    (one,) = of(kind, records)
    return one


@pytest.fixture(scope="module")
def records():
    return sample("document.json")


def by_id(records):
    return {one.broker_id: one for one in of(ExecutionRow, records)}


def test_a_document_says_whose_it_is_and_when_it_was_made(records):
    info = records[0]
    assert (info.broker, info.account_id, info.base_currency) == ("bybit", "24680", "USDT")
    assert info.generated_at == datetime(2026, 9, 22, 14, 13, 20, tzinfo=UTC)
    assert (str(info.from_on), str(info.to_on)) == ("2026-09-20", "2026-09-22")
    assert info.is_hedging
    assert problem_codes(records) == {"hedged_positions": 1, "pending_movement": 1}


def test_a_coin_is_an_instrument_in_what_it_is_quoted_in(records):
    bought = by_id(records)["a1c0ffee-0001"]
    coin = bought.instrument
    assert (coin.asset_class, coin.symbol, coin.currency) == (AssetClass.CRYPTO, "SOL", "USDT")
    assert (bought.quantity, bought.price, bought.proceeds) == (2, D("150.5"), D(-301))
    assert bought.executed_at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


def test_fees_are_in_the_coin_in_the_quote_or_come_back(records):
    fills = by_id(records)
    assert (fills["a1c0ffee-0001"].fee, fills["a1c0ffee-0001"].fee_currency) == (D("0.002"), "SOL")
    assert (fills["a1c0ffee-0002"].fee, fills["a1c0ffee-0002"].fee_currency) == (
        D("0.31968"),
        "USDT",
    )
    assert fills["a1c0ffee-0004"].fee == D("-0.61")


def test_hedge_mode_names_the_position_of_a_fill(records):
    fills = by_id(records)
    tickets = {key[-1]: (one.trade_id, one.effect) for key, one in fills.items() if one.trade_id}
    long, short = "position:BTC/USDT:USDT:long", "position:BTC/USDT:USDT:short"
    assert tickets == {
        "3": (long, PositionEffect.OPEN),
        "4": (short, PositionEffect.OPEN),
        "5": (long, PositionEffect.CLOSE),
        "6": (short, PositionEffect.CLOSE),
    }
    assert (fills["a1c0ffee-0003"].order_reference, fills["a1c0ffee-0003"].order_type) == (
        "bot-long",
        "limit",
    )


def test_a_liquidation_is_one(records):
    busted = by_id(records)["a1c0ffee-0006"]
    assert (busted.kind, busted.notes) == (ExecutionKind.LIQUIDATION, ("TAKER", "BUSTTRADE"))


def test_funding_is_cash_that_leaves_where_the_row_states_a_fee(records):
    paid = next(one for one in of(CashRow, records) if one.kind is CashKind.FUNDING)
    assert (paid.amount, paid.currency, paid.instrument.symbol) == (
        D("-0.615"),
        "USDT",
        "BTC/USDT:USDT",
    )
    assert "a1c0ffee-0007" not in by_id(records)


def test_an_inverse_contract_is_worth_its_size_in_the_coin(records):
    contract = by_id(records)["a1c0ffee-0008"].instrument
    assert (contract.inverse, contract.currency, contract.multiplier) == (True, "BTC", 1)
    assert contract.asset_class is AssetClass.FUTURE


def test_what_came_and_went(records):
    cash = [(one.kind, one.amount, one.currency) for one in of(CashRow, records)]
    assert cash == [
        (CashKind.FUNDING, D("-0.615"), "USDT"),
        (CashKind.INTEREST_PAID, D("-0.42"), "USDT"),
        (CashKind.DEPOSIT, 1000, "USDT"),
        (CashKind.WITHDRAWAL, -100, "USDT"),
        (CashKind.FEE, -1, "USDT"),
    ]
    coins = [
        (one.instrument.symbol, one.currency, one.signed_quantity)
        for one in of(TransferRow, records)
    ]
    assert coins == [("SOL", "USDT", 5), ("SOL", "USDT", D("-1.01"))]


def test_what_was_held_has_no_day_of_its_own(records):
    position = only(PositionRow, records)
    assert (position.signed_quantity, position.mark_price, position.reported_on) == (3, 2600, None)
    assert [(one.currency, one.ending_cash) for one in of(CashBalanceRow, records)] == [
        ("USDT", D("1234.5")),
        ("SOL", D("3.99")),
    ]
    rate = only(ConversionRateRow, records)
    assert (rate.from_currency, rate.to_currency, rate.rate) == ("BTC", "USDT", 62000)


def test_what_a_bot_dumped_is_read_to_the_digit():
    fills = of(ExecutionRow, sample("trades.json"))
    assert [(one.broker_id, one.price, one.quantity, one.fee) for one in fills] == [
        ("ETH/USDT:811", D("2500.1"), D("0.3"), D("0.0003")),
        ("ETH/USDT:812", D("2499.95"), D("0.7"), D("0.00001")),
        ("ETH/USDT:813", D(2600), D("0.9997"), D("2.59922")),
        ("ADA/USDT:USDT:9001", D("0.45"), D(3), D("0.0675")),
        ("ADA/USDT:USDT:9002", D("0.4"), D(3), D("0.06")),
    ]
    assert [one.fee_currency for one in fills] == ["ETH", "BNB", "USDT", "USDT", "USDT"]
    # 135 = 0.45 x 3 x 100: the size of a contract follows from what the fill cost.
    assert {one.instrument.multiplier for one in fills[3:]} == {100}
    info = sample("trades.json")[0]
    assert (info.account_id, info.broker, info.base_currency) == ("", "", "USDT")


def test_orders_without_trades_are_one_fill_each():
    records = sample("orders.jsonl")
    assert [
        (one.side, one.quantity, one.price, one.order_id, one.authority)
        for one in of(ExecutionRow, records)
    ] == [(Side.BUY, 2, D("79.5"), "o1", 20), (Side.SELL, 1, 90, "o3", 20)]
    assert [(one.order_id, one.status, one.filled_quantity) for one in of(OrderRow, records)] == [
        ("o1", OrderStatus.PLACED, None),
        ("o1", OrderStatus.FILLED, 2),
        ("o2", OrderStatus.PLACED, None),
        ("o2", OrderStatus.CANCELLED, 0),
        ("o3", OrderStatus.PLACED, None),
        ("o3", OrderStatus.CANCELLED, 1),
    ]
    assert problem_codes(records) == {"order_rows_booked": 1}
    first = of(ExecutionRow, records)[0]
    assert first.executed_at == datetime(2026, 9, 21, 14, 14, 20, tzinfo=UTC)


def test_coins_that_are_sold_were_held_unless_they_were_borrowed():
    def effect(**info):
        return only(ExecutionRow, read(trade("SOL/USDT", "sell", "1", "150", info=info))).effect

    assert effect() is PositionEffect.CLOSE
    assert effect(execId="x", isLeverage="1") is PositionEffect.UNKNOWN
    assert effect(instId="SOL-USDT", instType="MARGIN") is PositionEffect.UNKNOWN


def test_a_sale_of_contracts_may_open():
    records = read(trade("SOL/USDT:USDT", "sell", "1", "150"))
    assert only(ExecutionRow, records).effect is PositionEffect.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "expected", "notes"),
    [
        ("Trade", ExecutionKind.TRADE, ()),
        ("BlockTrade", ExecutionKind.TRADE, ()),
        ("BustTrade", ExecutionKind.LIQUIDATION, ("BUSTTRADE",)),
        ("AdlTrade", ExecutionKind.LIQUIDATION, ("ADLTRADE",)),
        ("Settle", ExecutionKind.CASH_SETTLEMENT, ("SETTLE",)),
        ("Delivery", ExecutionKind.CASH_SETTLEMENT, ("DELIVERY",)),
        ("Teleport", ExecutionKind.TRADE, ("TELEPORT",)),
    ],
)
def test_bybit_says_why_a_fill_happened(kind, expected, notes):
    info = {"execId": "e", "execType": kind, "closedSize": "0.5", "createType": "CreateByUser"}
    records = read(trade("BTC/USDT:USDT", "sell", "0.5", "60000", info=info))
    fill = only(ExecutionRow, records)
    assert (fill.kind, fill.notes[1:], fill.effect) == (expected, notes, PositionEffect.CLOSE)
    assert ("unknown_fill_type" in problem_codes(records)) is (kind == "Teleport")


@pytest.mark.parametrize(
    ("closed", "effect"),
    [("0", PositionEffect.OPEN), ("2", PositionEffect.CLOSE), ("0.5", PositionEffect.CLOSE_OPEN)],
)
def test_bybit_says_how_much_a_fill_closed(closed, effect):
    info = {"execId": "e", "execType": "Trade", "closedSize": closed, "createType": "CreateByUser"}
    fill = only(ExecutionRow, read(trade("BTC/USDT:USDT", "sell", "2", "60000", info=info)))
    assert fill.effect is effect


def test_bybit_in_hedge_mode_is_understood_without_the_order():
    """The position says the mode, and what was closed says which of the two it was."""
    info = {"execId": "e", "execType": "Trade", "createType": "CreateByUser"}
    held = {"symbol": "BTC/USDT:USDT", "contracts": "0", "info": {"positionIdx": "2"}}
    fills = of(
        ExecutionRow,
        read(
            trade("BTC/USDT:USDT", "sell", "1", "60000", info={**info, "closedSize": "0"}),
            trade("BTC/USDT:USDT", "sell", "1", "60000", info={**info, "closedSize": "1"}),
            positions=[held],
        ),
    )
    assert [one.trade_id[-5:] for one in fills] == ["short", ":long"]


@pytest.mark.parametrize(
    ("client_id", "kind"),
    [
        ("autoclose-17", ExecutionKind.LIQUIDATION),
        ("adl_autoclose", ExecutionKind.LIQUIDATION),
        ("settlement_autoclose-17", ExecutionKind.CASH_SETTLEMENT),
        ("delivery_autoclose-17", ExecutionKind.CASH_SETTLEMENT),
        ("web_1", ExecutionKind.TRADE),
    ],
)
def test_binance_says_by_the_order_why_a_fill_happened(client_id, kind):
    order = {"id": "7", "symbol": "X/USDT:USDT", "side": "sell", "amount": "1", "filled": "1", "status": "closed",
             "clientOrderId": client_id}  # fmt: skip
    info = {"commissionAsset": "USDT", "realizedPnl": "0", "positionSide": "BOTH"}
    one = trade("X/USDT:USDT", "sell", "1", "5", info=info, order="7")
    fill = only(ExecutionRow, read(one, exchange="binance", orders=[order]))
    assert (fill.kind, fill.order_reference) == (kind, client_id)


def test_binance_states_profits_before_fees():
    info = {"commissionAsset": "USDT", "realizedPnl": "12.5", "positionSide": "BOTH"}
    one = trade("X/USDT:USDT", "sell", "1", "5", info=info, fees=[fee("0.5", "USDT")])
    records = read(one, exchange="binance")
    assert only(ExecutionRow, records).stated_pnl == 12
    assert records[0].lot_method is LotMethod.AVERAGE


def test_binance_in_hedge_mode_names_the_side():
    info = {"commissionAsset": "USDT", "realizedPnl": "0", "positionSide": "SHORT"}
    fill = only(
        ExecutionRow, read(trade("X/USDT:USDT", "sell", "1", "5", info=info), exchange="binance")
    )
    assert (fill.trade_id, fill.effect) == ("position:X/USDT:USDT:short", PositionEffect.OPEN)


@pytest.mark.parametrize(
    ("sub_type", "kind"),
    [
        ("1", ExecutionKind.TRADE),
        ("104", ExecutionKind.LIQUIDATION),
        ("125", ExecutionKind.LIQUIDATION),
        ("112", ExecutionKind.CASH_SETTLEMENT),
        ("172", ExecutionKind.EXPIRY),
    ],
)
def test_okx_says_by_a_number_why_a_fill_happened(sub_type, kind):
    info = {"instId": "BTC-USDT-SWAP", "posSide": "net", "subType": sub_type, "fillPnl": "0"}
    markets = {"BTC/USDT:USDT": {"contractSize": "0.01"}}
    one = trade("BTC/USDT:USDT", "sell", "5", "60000", info=info)
    fill = only(ExecutionRow, read(one, exchange="okx", markets=markets))
    assert (fill.kind, fill.instrument.multiplier) == (kind, D("0.01"))


def test_two_fees_at_once_are_one_of_the_fill_and_one_beside_it():
    one = trade("SOL/USDT", "buy", "1", "150", id="f9", fees=[fee("0.1", "USDT"), fee("0.001", "SOL")])  # fmt: skip
    records = read(one)
    fill, paid = only(ExecutionRow, records), only(CashRow, records)
    assert (fill.fee, fill.fee_currency) == (D("0.001"), "SOL")
    assert (paid.kind, paid.amount, paid.currency, paid.broker_id) == (
        CashKind.FEE,
        D("-0.1"),
        "USDT",
        "f9:fee:USDT",
    )
    assert problem_codes(records) == {"fee_apart": 1}


def test_fees_in_one_currency_add_up():
    one = trade("SOL/USDT", "sell", "1", "150", fees=[fee("0.1", "USDT"), fee("-0.03", "USDT")])
    assert only(ExecutionRow, read(one)).fee == D("0.07")


def test_a_fee_that_is_not_stated_is_not_a_fee_of_nothing():
    silent = read(trade("SOL/USDT", "buy", "1", "150"))
    assert (only(ExecutionRow, silent).fee, problem_codes(silent)) == (None, {"fee_not_stated": 1})
    free = read(trade("SOL/USDT", "buy", "1", "150", fees=[fee("0", "USDT")]))
    assert (only(ExecutionRow, free).fee, problem_codes(free)) == (0, {})


def test_bybit_names_the_coin_of_a_fee_where_ccxt_infers_another():
    info = {"execId": "e", "execType": "Trade", "feeCurrency": "MNT"}
    one = trade("SOL/USDT", "buy", "1", "150", info=info, fees=[fee("0.2", "SOL")])
    assert only(ExecutionRow, read(one)).fee_currency == "MNT"


def test_an_id_that_only_counts_is_one_per_market():
    ids = [
        one.broker_id
        for one in of(
            ExecutionRow,
            read(
                trade("SOL/USDT", "buy", "1", "150", id="12"),
                trade("SOL/USDC", "buy", "1", "150", id="12"),
                trade("SOL/USDC", "buy", "1", "150", id="TX-ABC", minute=1),
            ),
        )
    ]
    assert ids == ["SOL/USDT:12", "SOL/USDC:12", "TX-ABC"]


def test_fills_of_one_instant_come_in_the_exchanges_order():
    rows = [
        trade("SOL/USDT", "buy", "1", "150", id=id_, minute=minute)
        for minute, id_ in [(1, "30"), (0, "9"), (0, "100"), (0, "10")]
    ]
    assert [one.exec_id for one in of(ExecutionRow, read(*rows))] == ["9", "10", "100", "30"]


def test_dated_contracts_and_options_are_whole():
    markets = {
        name: {"contractSize": size}
        for name, size in [
            ("BTC/USDT:USDT-261225", "0.01"),
            ("BTC/USD:BTC-261225-100000-C", "0.1"),
        ]
    }
    future, option = of(
        ExecutionRow,
        read(
            trade("BTC/USDT:USDT-261225", "buy", "1", "70000"),
            trade("BTC/USD:BTC-261225-100000-C", "buy", "2", "0.05"),
            exchange="okx",
            markets=markets,
        ),
    )
    assert (str(future.instrument.expiry_on), future.instrument.underlying_symbol) == (
        "2026-12-25",
        "BTC",
    )
    row = option.instrument
    assert (row.asset_class, row.strike, row.right) == (AssetClass.OPTION, 100000, Right.CALL)
    # Quoted in the coin, and worth its price times its size: nothing is inverse about it.
    assert (row.currency, row.inverse, option.proceeds) == ("BTC", False, D("-0.01"))


def test_a_settlement_ends_a_contract():
    ended = {"id": "S1", "symbol": "BTC/USDC:USDC-261225-100000-C", "side": "sell", "amount": "1", "price": "250",
             "timestamp": "1790000000000"}  # fmt: skip
    worthless = {**ended, "id": "S2", "price": "0"}
    first, second = of(ExecutionRow, read(settlements=[ended, worthless]))
    assert (first.kind, first.effect) == (ExecutionKind.CASH_SETTLEMENT, PositionEffect.CLOSE)
    assert second.kind is ExecutionKind.EXPIRY


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price": None}, "no_price"),
        ({"price": "dear"}, "bad_number"),
        ({"amount": "0"}, "no_quantity"),
        ({"side": None}, "no_direction"),
        ({"symbol": None}, "no_symbol"),
        ({"symbol": "BTCUSDT"}, "bad_value"),
        ({"timestamp": None}, "no_date"),
        ({"timestamp": 1_790_000_000}, "bad_date"),
        ({"symbol": "BTC/USD:BTC"}, "contract_unknown"),
        ({"symbol": "BTC/USDT:USDT-269999"}, "bad_value"),
    ],
)
def test_a_row_that_cannot_be_understood_is_told_and_the_others_are_read(changes, code):
    whole = trade("SOL/USDT", "buy", "1", "150")
    records = read(whole, {**whole, "id": "bad", **changes}, exchange="kucoin")
    problem = next(one for one in of(ProblemRow, records) if one.code == code)
    assert "left out" in problem.message
    assert len(of(ExecutionRow, records)) == 1


def test_a_ledger_states_again_what_fills_state():
    def entry(kind, **more):
        return {"id": kind, "timestamp": 1790000000000, "currency": "USDT", "amount": "-3", "type": kind,
                "direction": None, "info": {}, **more}  # fmt: skip

    records = read(
        ledger=[
            entry("trade"),
            entry("FUNDING_FEE", info={"incomeType": "FUNDING_FEE"}, symbol="X/USDT:USDT"),
            entry("COMMISSION", info={"incomeType": "COMMISSION"}),
            entry("INSURANCE_CLEAR", info={"incomeType": "INSURANCE_CLEAR"}),
            entry("x", info={"billId": "1", "type": "8", "balChg": "1.5"}),
            entry("mystery"),
            entry("rebate", direction="in"),
        ]
    )
    assert [(one.kind, one.amount) for one in of(CashRow, records)] == [
        (CashKind.FUNDING, -3),
        (CashKind.FEE, -3),
        (CashKind.FUNDING, D("1.5")),
        (CashKind.OTHER, -3),
        (CashKind.OTHER, 3),
    ]
    assert problem_codes(records) == {"unknown_cash_type": 1}


def test_funding_of_an_inverse_contract_is_in_the_coin():
    one = {"info": {"execFee": "0.0001", "execId": "f"}, "symbol": "BTC/USD:BTC", "code": "USD", "amount": "0.0001",
           "timestamp": "1790000000000", "id": "f"}  # fmt: skip
    records = read(funding=[one], markets={"BTC/USD:BTC": {"contractSize": "1"}})
    paid = only(CashRow, records)
    assert (paid.amount, paid.currency) == (D("-0.0001"), "BTC")


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], "no_trades"),
        ({"exchange": "bybit"}, "no_trades"),
        ([1, 2], "no_trades"),
        ({"retCode": 0, "result": {"list": [{"symbol": "X", "fundingRate": "1"}]}}, "market_data"),
    ],
)
def test_a_file_without_anything_of_an_account_is_refused(found, code):
    with pytest.raises(UnreadableStatement) as refusal:
        parse(json.dumps(found), SLUG)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"nothing", "no_json"),
        (b'[{"symbol": "SOL/USDT", "side"', "truncated"),
        (b"[" * 100_000, "no_json"),
        (b'{"a":' * 400 + b"[" + b"]" + b"}" * 400, "no_trades"),
    ],
)
def test_what_is_no_json_or_half_of_it_is_refused(data, code):
    with pytest.raises(UnreadableStatement) as refusal:
        parse(data, SLUG)
    assert refusal.value.code == code


def test_documents_of_one_list_are_one():
    records = parse(
        dumped(
            [document(trades=[trade("SOL/USDT", "buy", "1", "1")]), [trade("SOL/USDT", "sell", "1", "2")]]
        ),
        SLUG,
    )  # fmt: skip
    assert len(of(ExecutionRow, records)) == 2
    assert records[0].account_id == "24680"


def test_trades_by_market_are_found():
    records = parse(dumped({"SOL/USDT": [trade("SOL/USDT", "buy", "1", "1")]}), SLUG)
    assert len(of(ExecutionRow, records)) == 1
    assert only(StatementInfo, records).broker == ""


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        ({}, None),
        ({"reduceOnly": True}, OrderRole.EXIT),
        ({"type": "stop_market", "reduceOnly": True}, OrderRole.STOP_LOSS),
        ({"type": "TAKE_PROFIT_MARKET"}, OrderRole.TAKE_PROFIT),
        ({"info": {"stopOrderType": "StopLoss"}}, OrderRole.STOP_LOSS),
        ({"info": {"positionSide": "SHORT"}}, OrderRole.ENTRY),
        ({"info": {"positionIdx": "1"}}, OrderRole.EXIT),
    ],
)
def test_an_order_says_what_it_is_for(changes, role):
    order = {"id": "7", "symbol": "X/USDT:USDT", "side": "sell", "amount": "3", "filled": "0", "status": "open",
             "timestamp": 1790000000000, "price": "5", "triggerPrice": "4.9", "clientOrderId": "bot", **changes}  # fmt: skip
    (placed,) = of(OrderRow, read(exchange="bybit", orders=[order]))
    assert (placed.role, placed.status, placed.quantity) == (role, OrderStatus.PLACED, 3)
    assert (placed.limit_price, placed.stop_price, placed.client_order_id) == (5, D("4.9"), "bot")


def test_an_order_that_was_filled_in_part_and_cancelled_is_not_filled():
    """ccxt calls it closed."""
    order = {"id": "7", "symbol": "X/USDT:USDT", "side": "sell", "amount": "3", "filled": "1", "average": "5",
             "status": "closed", "timestamp": 1790000000000, "lastTradeTimestamp": 1790000060000}  # fmt: skip
    placed, ended = of(OrderRow, read(exchange="bybit", orders=[order]))
    assert (ended.status, ended.filled_quantity, ended.average_price) == (
        OrderStatus.CANCELLED,
        1,
        5,
    )
    assert (ended.happened_at - placed.happened_at).total_seconds() == 60


def test_half_a_character_is_replaced_and_a_whole_one_kept():
    """Nothing behind the reader takes text that is none."""
    row = dumped([trade("SOL/USDT", "buy", "1", "150", id="NAME")])
    (fill,) = of(ExecutionRow, parse(row.replace("NAME", "a\\ud83d\\ude00\\ud800b"), SLUG))
    assert fill.exec_id == "a\U0001f600\ufffdb"
