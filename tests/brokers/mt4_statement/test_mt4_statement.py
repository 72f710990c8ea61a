"""The statement of MetaTrader 4: one row is an opening and a closing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from journal.brokers.base import (
    CashBalanceRow,
    CashRow,
    ExecutionRow,
    NavRow,
    OtherRow,
    ProblemRow,
    StatementInfo,
    UnreadableStatement,
)
from journal.domain.values import PositionEffect, Side
from tests.brokers import reading
from tests.brokers.reading import of, problem_codes

SAMPLE = reading.SAMPLES / "mt4_statement" / "samples" / "statement.htm"


def parse(data, **options):
    return reading.parse(data, "mt4_statement", **options)


def fills(records) -> dict[str, ExecutionRow]:
    return {one.broker_id: one for one in of(ExecutionRow, records)}


def test_the_head_names_the_account_and_no_person():
    records = parse(SAMPLE)
    (info,) = of(StatementInfo, records)
    assert (info.account_id, info.base_currency, info.is_hedging) == ("880011", "USD", True)
    assert info.generated_at == datetime(2026, 3, 6, 20, 10, tzinfo=UTC)
    assert "Sample Person" not in str(records)


def test_a_row_is_two_fills_of_one_position_and_the_second_pays():
    opening, closing = (fills(parse(SAMPLE))[one] for one in ("10020", "10021"))
    assert opening.trade_id == closing.trade_id == "position:1002"
    assert (opening.side, closing.side) == (Side.BUY, Side.SELL)
    assert (opening.effect, closing.effect) == (PositionEffect.OPEN, PositionEffect.CLOSE)
    assert (opening.fee, closing.fee, closing.stated_pnl) == (0, Decimal("1.50"), Decimal("98.50"))
    assert (closing.price - opening.price) * closing.quantity * closing.instrument.multiplier == 100
    assert opening.order_reference == "scalper[tp]"
    assert (opening.instrument.symbol, opening.row) == ("EURUSD", 5)


def test_opened_and_closed_in_one_second_stay_in_order():
    opening, closing = (fills(parse(SAMPLE))[one] for one in ("10030", "10031"))
    assert opening.executed_at == closing.executed_at
    assert int(opening.broker_id) < int(closing.broker_id)
    # 0.5 yen on 40,000 dollars are 20,000 yen.
    assert round(20_000 * closing.fx_rate, 10) == Decimal("133.78")


def test_what_is_still_open_is_an_opening_alone():
    found = fills(parse(SAMPLE))
    assert found["10040"].quantity == Decimal("0.60")
    assert "10041" not in found


def test_what_was_never_filled_is_kept_and_not_booked():
    kept = [one.raw.get("Ticket") for one in of(OtherRow, parse(SAMPLE))]
    assert {"1005", "1006"} <= set(kept)
    assert not of(ProblemRow, parse(SAMPLE))


def test_cash_and_balances():
    records = parse(SAMPLE)
    (cash,) = of(CashRow, records)
    assert (cash.amount, cash.description) == (3000, "balance: Deposit")
    profits = sum(
        round(one.stated_pnl * one.fx_rate, 2)
        for one in of(ExecutionRow, records)
        if one.stated_pnl
    )
    (balance,) = of(CashBalanceRow, records)
    assert cash.amount + profits == balance.ending_cash == Decimal("3232.28")
    assert of(NavRow, records)[0].total == Decimal("3311.99")


def test_the_zone_is_the_chosen_one():
    assert fills(parse(SAMPLE, zone="UTC"))["10020"].executed_at.hour == 10


@pytest.mark.parametrize(
    ("written", "instead", "code"),
    [
        (">0.20<", ">some<", "bad_number"),
        ("2026.03.02 12:00:00", "2026.03.01 12:00:00", "bad_date"),
        ("2026.03.02 10:00:00", "long ago", "bad_date"),
        (">100.00<", "><", "no_amount"),
        (">eurusd</td><td>1.10000</td><td>0.00000</td><td>1.10500<", "><", "no_symbol"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_the_others_are_read(written, instead, code):
    text = SAMPLE.read_text()
    assert written in text
    if code == "no_symbol":
        instead = "></td><td>1.10000</td><td>0.00000</td><td>1.10500<"
    records = parse(text.replace(written, instead, 1))
    assert problem_codes(records) == {code: 1}
    assert {"10030", "10031", "10040"} == fills(records).keys()


def test_another_language_is_refused_with_what_to_do():
    with pytest.raises(UnreadableStatement, match="English") as refusal:
        parse(SAMPLE.read_text().replace("Ticket", "Ордер"))
    assert refusal.value.code == "no_orders"


def test_half_a_statement_is_refused():
    with pytest.raises(UnreadableStatement, match="half a file"):
        parse(SAMPLE.read_bytes()[:-30])
