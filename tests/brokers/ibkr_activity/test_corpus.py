"""Statements that were not written for this journal. The oracle is the profit that each row states."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from journal.brokers.base import ClosedLotRow, ExecutionRow, ProblemRow, StatementInfo
from journal.brokers.registry import detect
from journal.domain.values import ExecutionKind, Side
from tests.brokers.reading import corpus_folder, of, parse

FOLDER = "ibkr_activity_csv"
# Digits that the statement rounds away.
CENT = Decimal("0.01")


def files():
    return sorted(corpus_folder(FOLDER).glob("*.csv"))


def fills_with_lots(records):
    found = []
    for record in records:
        if isinstance(record, ExecutionRow):
            found.append((record, []))
        elif isinstance(record, ClosedLotRow):
            found[-1][1].append(record)
    return found


def test_every_file_is_recognised_and_no_row_is_left_out():
    for path in files():
        data = path.read_bytes()
        assert detect(data[: 64 * 1024], path.name).slug == "ibkr_activity"
        assert not [
            one for one in of(ProblemRow, parse(path, "ibkr_activity")) if one.severity == "error"
        ]


def test_the_profit_of_each_row_follows_from_its_price_its_fee_and_its_basis():
    """The exception is the assignment: its profit holds the premium of the option too, which another row states."""
    seen = 0
    for path in files():
        for one in of(ExecutionRow, parse(path, "ibkr_activity")):
            if one.kind is ExecutionKind.ASSIGNMENT:
                continue
            sign = 1 if one.side is Side.SELL else -1
            money = sign * one.quantity * one.price * one.instrument.multiplier
            assert abs(money - one.fee + one.stated_cost - one.stated_pnl) < CENT
            seen += 1
    assert seen == 18


def test_the_lots_of_each_closing_fill_make_its_quantity_and_profit():
    seen = 0
    for path in files():
        for fill, lots in fills_with_lots(parse(path, "ibkr_activity")):
            if lots:
                assert sum(lot.quantity for lot in lots) == fill.quantity
                assert abs(sum(lot.realized_pnl for lot in lots) - fill.stated_pnl) < CENT
                assert {lot.closed_at for lot in lots} == {fill.executed_at}
                seen += 1
    assert seen == 12


def test_positions_that_the_file_opens_and_closes_make_the_stated_profit():
    """First in, first out over all fills of a contract that ends flat: the sum of money and fees."""
    totals = {}
    for path in files():
        cash, stated, held = (defaultdict(Decimal) for _ in range(3))
        for one in of(ExecutionRow, parse(path, "ibkr_activity")):
            sign = 1 if one.side is Side.SELL else -1
            symbol = one.instrument.symbol
            held[symbol] -= sign * one.quantity
            cash[symbol] += sign * one.quantity * one.price * one.instrument.multiplier - one.fee
            stated[symbol] += one.stated_pnl
        for symbol, quantity in held.items():
            if not quantity:
                totals[symbol] = stated[symbol]
                assert abs(cash[symbol] - stated[symbol]) < CENT, symbol
    assert totals == {
        "CLOV  210716C00020000": Decimal("355.308974"),
        "NOK": Decimal("551.629075"),
        "GH8MB6": Decimal("-12.46"),
    }


@pytest.mark.parametrize(
    ("name", "accounts"),
    [
        ("data_multi_account", ["U12345"]),
        ("data_single_account", [""]),
        ("data_single_account_2022", [""]),
    ],
)
def test_both_layouts_of_accounts(name, accounts):
    records = parse(corpus_folder(FOLDER) / f"{name}.csv", "ibkr_activity")
    assert [one.account_id for one in of(StatementInfo, records)] == accounts


def test_quantities_of_the_wrong_sign_are_read_as_what_was_closed():
    records = parse(corpus_folder(FOLDER) / "data_wrong_quantities.csv", "ibkr_activity")
    assert [one.quantity for one in of(ClosedLotRow, records)] == [50]
    assert "lot_sign" in {one.code for one in of(ProblemRow, records)}
