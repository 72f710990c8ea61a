"""What is proposed for a table, and what is left open because it would change the money."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from journal.brokers.generic_table.guess import guess
from journal.brokers.generic_table.headings import header_roles
from journal.brokers.generic_table.mapping import (
    Action,
    AmountIs,
    FeeSign,
    Role,
    Shape,
    SideFrom,
    lacks,
)
from journal.brokers.generic_table.sight import is_table, look
from journal.domain.values import AssetClass
from tests.brokers.workbooks import workbook


def guessed(*lines: str):
    return guess(look(io.BytesIO("\n".join(lines).encode())))


def asked(found) -> set[str]:
    return {question.about for question in found.questions}


PLAIN = "Date,Symbol,Side,Qty,Price,Currency"


def test_a_plain_table_leaves_nothing_open():
    found = guessed(
        PLAIN, "2027-03-01 10:00:00,QXA,Buy,10,20.5,USD", "2027-03-02 10:00:00,QXA,Sell,10,21.5,USD"
    )
    assert (asked(found), lacks(found.mapping)) == (set(), [])
    assert found.mapping.sides == {"buy": Action.BUY, "sell": Action.SELL}
    assert set(found.mapping.columns.values()) == {
        Role.DATE, Role.SYMBOL, Role.SIDE, Role.QUANTITY, Role.PRICE, Role.CURRENCY,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "rows", "about"),
    [
        (PLAIN, ["03/04/2027,QXA,Buy,10,20.5,USD", "05/06/2027,QXA,Sell,10,21.5,USD"], "day_first"),
        (PLAIN, ["2027-03-01,QXA,Buy,1,1.234,USD", "2027-03-02,QXA,Sell,1,1.235,USD"], "point"),
        (
            "Date,Symbol,Side,Qty,Trade price,Fill price,Currency",
            ["2027-03-01,QXA,Buy,10,20.5,20.4,USD", "2027-03-02,QXA,Sell,10,21.5,21.6,USD"],
            "price",
        ),
        (
            "Date,Symbol,Side,Qty,Shares,Price,Currency",
            ["2027-03-01,QXA,Buy,10,7,20.5,USD", "2027-03-02,QXA,Sell,10,3,21.6,USD"],
            "quantity",
        ),
        (
            "Date,Symbol,Side,Qty,Price,Fee,Currency",
            ["2027-03-01,QXA,Buy,10,20.5,1,USD", "2027-03-02,QXA,Sell,10,21.6,-0.2,USD"],
            "fee_sign",
        ),
        (
            "Date,Symbol,Qty,Price,Amount,Currency",
            ["2027-03-01,QXA,10,20.5,300,USD", "2027-03-02,QXA,10,21.6,-40,USD"],
            "side_from",
        ),
        (
            "Date,Symbol,Side,Qty,Price,Currency",
            ["2027-03-01,ZZZM27,Buy,1,20.5,USD", "2027-03-02,ZZZM27,Sell,1,21.5,USD"],
            "multipliers",
        ),
        (
            "Date,Symbol,Side,Qty,Fee,Value,Currency",
            ["2027-03-01,QXA,Buy,10,1,200.5,USD", "2027-03-02,QXA,Sell,10,1,210,USD"],
            "amount_is",
        ),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked(header, rows, about):
    found = guessed(header, *rows)
    assert about in asked(found)
    answer = getattr(found.mapping, about, None)
    assert not answer
    if about in ("price", "quantity"):
        assert Role(about) not in found.mapping.columns.values()


@pytest.mark.parametrize(
    ("rows", "amount_is", "sign"),
    [
        (["2027-03-01,QXA,Buy,10,20,1,201,USD", "2027-03-02,QXA,Sell,10,21,1,209,USD"], AmountIs.NET, FeeSign.POSITIVE),
        (["2027-03-01,QXA,Buy,10,20,-1,-201,USD", "2027-03-02,QXA,Sell,10,21,-1,209,USD"], AmountIs.NET, FeeSign.NEGATIVE),
        (["2027-03-01,QXA,Buy,10,20,1,200,USD", "2027-03-02,QXA,Sell,10,21,1,210,USD"], AmountIs.GROSS, FeeSign.POSITIVE),
        # With both signs the money tells which of them costs.
        (["2027-03-01,QXA,Buy,10,20,-1,-201,USD", "2027-03-02,QXA,Sell,10,21,0.5,210.5,USD"], AmountIs.NET, FeeSign.NEGATIVE),
    ],
)  # fmt: skip
def test_what_multiplies_to_what_tells_of_the_fees(rows, amount_is, sign):
    found = guessed("Date,Symbol,Side,Qty,Price,Fee,Amount,Currency", *rows)
    assert (found.mapping.amount_is, found.mapping.fee_sign) == (amount_is, sign)
    assert not asked(found)


def test_money_tells_the_price_from_the_other_prices():
    found = guessed(
        "Date,Symbol,Side,Qty,Trade price,Fill price,Amount,Currency",
        "2027-03-01,QXA,Buy,10,20.5,20.4,204,USD",
        "2027-03-02,QXA,Sell,10,21.5,21.6,216,USD",
    )
    assert found.mapping.columns["Fill price"] is Role.PRICE
    assert "Trade price" not in found.mapping.columns
    assert not asked(found)


def test_the_sum_of_fees_counts_once():
    found = guessed(
        "Date,Symbol,Side,Qty,Price,Commission,SEC fee,Total fees,Currency",
        "2027-03-01,QXA,Buy,10,20.5,1,0.02,1.02,USD",
        "2027-03-02,QXA,Sell,10,21.6,1,0.03,1.03,USD",
    )
    assert found.mapping.names_of(Role.FEE) == ["Total fees"]


def test_money_that_is_of_something_else_is_left_out():
    found = guessed(
        "Date,Symbol,Side,Qty,Price,Amount,Currency",
        "2027-03-01,QXA,Buy,10,20,187.11,USD",
        "2027-03-02,QXA,Sell,10,21,199.02,USD",
    )
    assert not found.mapping.has(Role.AMOUNT)


@pytest.mark.parametrize(
    ("rows", "side_from"),
    [
        (["2027-03-01,QXA,10,20,-200,USD", "2027-03-02,QXA,-10,21,210,USD"], SideFrom.QUANTITY),
        (["2027-03-01,QXA,10,20,-200,USD", "2027-03-02,QXA,10,21,210,USD"], SideFrom.AMOUNT),
    ],
)
def test_signs_tell_the_side_where_no_word_does(rows, side_from):
    found = guessed("Date,Symbol,Qty,Price,Amount,Currency", *rows)
    assert found.mapping.side_from is side_from


def test_whole_trades_are_seen():
    found = guessed(
        "Symbol,Direction,Shares,Entry date,Entry price,Exit date,Exit price,Net P&L,Currency",
        "QXA,Long,10,2027-03-01,20,2027-03-02,21,10,USD",
    )
    assert found.mapping.shape is Shape.TRADES
    assert found.mapping.columns["Exit price"] is Role.EXIT_PRICE
    assert found.mapping.columns["Net P&L"] is Role.PROFIT
    assert lacks(found.mapping) == []


def test_a_table_without_a_header_is_guessed_by_content_and_asks_for_the_rest():
    found = guessed("2027-03-01,QXA,Buy,10,20", "2027-03-02,QXA,Sell,10,21")
    assert not found.mapping.has_header
    assert found.mapping.columns["#1"] is Role.DATE
    assert found.mapping.columns["#3"] is Role.SIDE
    assert lacks(found.mapping)


def test_currency_zone_and_kind_follow_from_what_is_written():
    found = guessed(
        "Date(UTC),Pair,Side,Price,Executed,Amount,Fee",
        "2027-03-01 10:00:00,BTCUSDT,BUY,40000,0.1,4000,0.00004BNB",
        "2027-03-02 10:00:00,ETHUSDT,SELL,2000,0.1,200,0.00004BNB",
    ).mapping
    assert (found.zone, found.currency, found.asset_class) == ("UTC", "USDT", AssetClass.CRYPTO)
    assert found.amount_is is AmountIs.GROSS


def test_points_of_futures_are_known():
    found = guessed(
        "Time,Contract,B/S,Qty,Fill Price",
        "2027-03-01 10:00:00,ESM7,Buy,1,5000.25",
        "2027-03-01 10:05:00,ESM7,Sell,1,5001.25",
    ).mapping
    assert (found.asset_class, found.multipliers, found.currency) == (
        AssetClass.FUTURE,
        {"ES": Decimal(50)},
        "USD",
    )


def test_a_ticker_with_digits_is_no_future():
    found = guessed(PLAIN, "2027-03-01,QX12,Buy,10,20.5,USD", "2027-03-02,QX12,Sell,10,21.5,USD")
    assert found.mapping.asset_class is AssetClass.STOCK


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Ausführungskurs", Role.PRICE), ("Stückzahl", Role.QUANTITY), ("Importo", Role.AMOUNT), ("成交价格", Role.PRICE),
        ("買卖", None), ("売買", Role.SIDE), ("комиссия", Role.FEE), ("Prix unitaire", Role.PRICE), ("Nº", None),
        ("Fill Qty", Role.QUANTITY), ("fillPrice", Role.PRICE), ("avg_fill_price", Role.PRICE), ("Settlement date", None),
        ("Filled Time (EST)", Role.DATE), ("Balance", None), ("Whrg.", Role.CURRENCY), ("Remaining quantity", None),
    ],
)  # fmt: skip
def test_names_of_columns(name, role):
    found = header_roles(name)
    best = max(found, key=found.__getitem__) if found else None
    assert best is role


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"", False),
        (b"Date,Symbol,Quantity\n", False),
        (b"Date,Symbol,Quantity\n2027-03-01,QXA,1\n", True),
        (b"\xef\xbb\xbfa;b;c\n1;2;3\n", True),
        ("a\tb\tc\n1\t2\t3\n".encode("utf-16"), True),
        (b"<html><table><tr><td>a,b,c\nd,e,f\n", False),
        (b'{"a": 1, "b": 2, "c": 3}\n[1,2,3]\n', False),
        (b"Dear broker,\nplease, do, not\n", False),
        (b"%PDF-1.7,a,b\n1,2,3\n", False),
        (b"\x00\xff\x00", False),
        (workbook([["a", "b", "c"], ["1", "2", "3"]]), True),
    ],
)
def test_what_looks_like_a_table(head, expected):
    assert is_table(head) is expected


def test_the_header_is_found_below_whatever_stands_above_it():
    sight = look(
        io.BytesIO(
            b"Account 123,,,\nPeriod 2027-01-01 to 2027-03-31,,,\n,,,\nDate,Symbol,Qty,Price,\n2027-03-01,QXA,1,2,\nTotal,,1,\n"
        )
    )
    assert (sight.header_line, sight.names) == (4, ("Date", "Symbol", "Qty", "Price"))
    assert [row.number for row in sight.rows] == [5, 6]
    assert all(len(row.cells) == 4 for row in sight.rows)
