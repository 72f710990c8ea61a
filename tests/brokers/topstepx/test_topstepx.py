"""TopstepX: rows that are round trips, orders that were not filled, offsets in every time."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import ClosedLotRow, ExecutionRow, OtherRow, StatementInfo
from journal.domain.values import AssetClass, LotMethod, PositionEffect, Side
from tests.brokers.reading import of, parse, problem_codes

SAMPLES = Path(__file__).parent / "samples"
OLD = (
    "Id,ContractName,EnteredAt,ExitedAt,EntryPrice,ExitPrice,Fees,PnL,Size,Type,TradeDay\n"
    "37419652,NQM7,05/07/2027 14:24:11 +00:00,05/07/2027 14:24:27 +00:00,18193.750000000,18190.500000000,4.2000,"
    "-195.000000000,3,Long,05/07/2027 05:00:00 +00:00\n"
)


@pytest.fixture(scope="module")
def trades():
    return parse(SAMPLES / "trades.csv", "topstepx")


@pytest.fixture(scope="module")
def orders():
    return parse(SAMPLES / "orders.csv", "topstepx")


def fill(records, broker_id):
    (found,) = [one for one in of(ExecutionRow, records) if one.broker_id == broker_id]
    return found


def test_a_row_is_two_fills_and_their_match(trades):
    entry, exit_ = fill(trades, "910000002:entry"), fill(trades, "910000002:exit")
    assert (entry.side, entry.price, entry.effect) == (
        Side.SELL, Decimal("7004.5"), PositionEffect.OPEN,
    )  # fmt: skip
    assert (exit_.side, exit_.price, exit_.effect) == (Side.BUY, 7006, PositionEffect.CLOSE)
    assert entry.executed_at == datetime(2027, 5, 3, 12, 45, tzinfo=UTC)
    assert exit_.executed_at == datetime(2027, 5, 3, 13, 2, 30, tzinfo=UTC)
    # Fees and commission of the round trip, half on each side.
    assert (entry.fee, exit_.fee) == (Decimal("0.62"), Decimal("0.62"))
    (lot,) = [one for one in of(ClosedLotRow, trades) if one.closing_broker_id == "910000002:exit"]
    assert (lot.opening_broker_id, lot.quantity) == ("910000002:entry", 1)
    assert lot.realized_pnl == exit_.stated_pnl == Decimal("-8.74")


def test_the_profit_is_stated_after_fees_and_commissions(trades):
    stated = {one.broker_id: one.stated_pnl for one in of(ExecutionRow, trades) if one.stated_pnl}
    assert stated == {
        "910000001:exit": Decimal("40.02"),
        "910000002:exit": Decimal("-8.74"),
        "910000003:exit": Decimal("18.26"),
        "910000004:exit": Decimal("-42.48"),
        "910000005:exit": Decimal(-2),
        "910000006:exit": Decimal("33.5"),
        "910000007:exit": Decimal("-1.24"),
    }


def test_a_contract_has_one_name_and_its_own_points(trades, orders):
    contract = fill(trades, "910000001:entry").instrument
    assert (contract.symbol, contract.underlying_symbol, contract.multiplier) == (
        "MESM27",
        "MES",
        5,
    )
    assert (contract.asset_class, contract.currency) == (AssetClass.FUTURE, "USD")
    assert fill(orders, "order:3600000009").instrument == contract


def test_points_that_nobody_lists_follow_from_the_profits_else_the_row_is_a_problem(trades):
    """Also for a row that itself made nothing; a product without any profit is not booked at 1."""
    assert fill(trades, "910000005:entry").instrument.multiplier == Decimal("12.5")
    assert problem_codes(trades) == {
        "multiplier_of_profits": 1, "no_multiplier": 1, "no_direction": 1,
    }  # fmt: skip
    assert not [one for one in of(ExecutionRow, trades) if one.instrument.symbol == "VORN27"]


def test_the_broker_matches_lots_itself(trades, orders):
    assert of(StatementInfo, trades)[0].lot_method is LotMethod.BROKER
    assert of(StatementInfo, orders)[0].lot_method is None


def test_the_older_layout_has_no_commissions():
    entry, exit_ = of(ExecutionRow, parse(OLD, "topstepx"))
    assert (entry.fee, exit_.fee, exit_.stated_pnl) == (
        Decimal("2.1"), Decimal("2.1"), Decimal("-199.2"),
    )  # fmt: skip


def test_orders_are_fills_only_where_they_were_filled(orders):
    assert [(one.order_id, one.side, one.quantity) for one in of(ExecutionRow, orders)] == [
        ("3600000009", Side.BUY, 1),
        ("3600000003", Side.BUY, 1),
        ("3600000002", Side.SELL, 3),
        ("3600000001", Side.BUY, 2),
    ]
    assert {one.fee for one in of(ExecutionRow, orders)} == {None}
    assert [one.section for one in of(OtherRow, orders)] == [
        "Orders: Rejected", "Orders: Cancelled",
    ]  # fmt: skip
    # Cancelled after some of it was filled: the file does not say how much.
    assert problem_codes(orders) == {"no_quantity": 1, "order_rows_booked": 1}
    assert {one.account_id for one in of(StatementInfo, orders)} == {"50KTC-V2-1-77"}


def test_an_order_was_filled_when_it_was_filled(orders):
    order = fill(orders, "order:3600000001")
    assert order.executed_at == datetime(2027, 5, 3, 12, 31, 5, tzinfo=UTC)
    assert order.ordered_at == datetime(2027, 5, 3, 12, 31, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("18190.500000000", "", "no_price"),
        ("18190.500000000", "113'165", "bad_value"),
        ("-195.000000000", "", "no_amount"),
        (",3,Long", ",,Long", "no_quantity"),
        ("NQM7", "", "no_symbol"),
        ("05/07/2027 14:24:11 +00:00", "at noon", "bad_date"),
    ],
)
def test_a_row_that_lacks_something_is_told(old, new, code):
    records = parse(OLD.replace(old, new), "topstepx")
    assert problem_codes(records) == {code: 1}
    assert not of(ExecutionRow, records)


def test_a_profit_that_prices_do_not_make_is_told_and_kept():
    row = OLD.splitlines(keepends=True)[1]
    more = "".join(row.replace("37419652", f"3741966{n}") for n in range(3))
    records = parse(
        OLD + more + row.replace("-195.0", "-150.0").replace("37419652", "9"), "topstepx"
    )
    assert problem_codes(records) == {"profit_without_price": 1}
    assert fill(records, "9:exit").stated_pnl == Decimal("-154.2")
    assert fill(records, "9:exit").instrument.multiplier == 20
